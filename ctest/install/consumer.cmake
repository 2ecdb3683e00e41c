# Configures and builds the project `source` against the installation in `prefix`, runs its program,
# and checks what the program printed and what its results say.
cmake_minimum_required(VERSION 3.25)

set(ENV{LD_LIBRARY_PATH} "")
file(REMOVE_RECURSE ${build})
execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${source} -B ${build} -G ${generator} -D CMAKE_PREFIX_PATH=${prefix}
        -D CMAKE_C_COMPILER=${c_compiler} -D CMAKE_CXX_COMPILER=${cxx_compiler} --no-warn-unused-cli
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${build} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${build}/my_program WORKING_DIRECTORY ${build}
    OUTPUT_VARIABLE output ERROR_VARIABLE errors COMMAND_ERROR_IS_FATAL ANY)
message("${output}")

if(NOT errors STREQUAL "")
    message(SEND_ERROR "on stderr: ${errors}")
endif()
set(results timemory-my-program-output)
foreach(text "measured with 4.0.0" "|0> Outputting '${results}/wall.txt'..." ">>> outer" "|_inner")
    string(FIND "${output}" "${text}" position)
    if(position EQUAL -1)
        message(SEND_ERROR "the output lacks: ${text}")
    endif()
endforeach()

file(READ ${build}/${results}/wall.json json)
string(JSON graph GET "${json}" timemory wall_clock ranks 0 graph)
string(JSON count LENGTH "${graph}")
set(found "")
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
    string(JSON prefix GET "${graph}" ${i} prefix)
    string(JSON laps GET "${graph}" ${i} entry laps)
    list(APPEND found "${prefix} ${laps}")
endforeach()
if(NOT found STREQUAL ">>> outer 3;>>> |_inner 6")
    message(SEND_ERROR "wall.json says: ${found}")
endif()
