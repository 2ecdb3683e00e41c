# Puts the page together, and makes a source file of it: ${html_page_source}. It is empty without d3.
#
# d3 (version 5) is that of Debian's node-d3, of Python's mpld3, or what TIMEMORY_D3 names.
find_file(TIMEMORY_D3 d3.min.js PATHS /usr/share/nodejs/d3/dist /usr/share/javascript/d3 NO_DEFAULT_PATH
    DOC "d3.min.js of version 5, for timemory report --format html")
if(NOT TIMEMORY_D3)
    find_program(html_python NAMES ${Python_EXECUTABLE} python3 NO_CACHE)
    if(html_python)
        execute_process(
            COMMAND ${html_python} -c "from importlib.util import find_spec; print(find_spec('mpld3').submodule_search_locations[0])"
            OUTPUT_VARIABLE mpld3 OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        find_file(TIMEMORY_D3 d3.v5.min.js PATHS ${mpld3}/js NO_DEFAULT_PATH)
    endif()
endif()

set(page "")
if(TIMEMORY_D3)
    foreach(part page.css data.js icicle.js cells.js ranks.js mpi.js table.js page.js page.html)
        file(READ ${CMAKE_CURRENT_LIST_DIR}/${part} ${part})
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/${part})
    endforeach()
    file(READ ${TIMEMORY_D3} d3.js)
    string(CONFIGURE "${page.html}" page @ONLY)
else()
    message(STATUS "No d3 found: building without timemory report --format html")
endif()
set(html_page_source ${CMAKE_CURRENT_BINARY_DIR}/html/page.cpp)
configure_file(${CMAKE_CURRENT_LIST_DIR}/page.cpp.in ${html_page_source} @ONLY)
