# Installs `build` into `prefix`, by way of another folder: an installation can be moved.
# Then the rules for the library: only the C ABI is visible, and it needs neither MPI nor libstdc++.
cmake_minimum_required(VERSION 3.25)

file(REMOVE_RECURSE ${prefix} ${prefix}-first)
execute_process(COMMAND ${CMAKE_COMMAND} --install ${build} --prefix ${prefix}-first
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${prefix}-first ${prefix})

foreach(file include/timemory/timemory.h include/timemory/timemory.hpp include/timemory/timemory.f90
        bin/timemory ${libdir}/libtimemory.so ${libdir}/cmake/timemory/timemory-config.cmake
        ${libdir}/cmake/timemory/timemory-config-version.cmake
        share/bash-completion/completions/timemory share/zsh/site-functions/_timemory
        share/fish/vendor_completions.d/timemory.fish)
    if(NOT EXISTS ${prefix}/${file})
        message(SEND_ERROR "not installed: ${file}")
    endif()
endforeach()

set(library ${prefix}/${libdir}/libtimemory.so)
execute_process(COMMAND ${nm} --dynamic --defined-only --format=posix ${library}
    OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" symbols "${symbols}")
list(TRANSFORM symbols REPLACE " .*" "")
file(STRINGS ${prefix}/include/timemory/timemory.h declarations REGEX "^TIMEMORY_API ")
foreach(declaration ${declarations})
    string(REGEX MATCH "timemory_[a-z_]+[(;]" name "${declaration}")
    string(REGEX REPLACE ".$" "" name "${name}")
    if(NOT name IN_LIST symbols)
        message(SEND_ERROR "declared but not visible: ${name} (${declaration})")
    endif()
endforeach()
if(NOT declarations)
    message(SEND_ERROR "timemory.h declares nothing")
endif()
list(FILTER symbols EXCLUDE REGEX "^timemory_")
if(symbols)
    message(SEND_ERROR "visible besides the C ABI: ${symbols}")
endif()

execute_process(COMMAND ${readelf} --dynamic --wide ${library}
    OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
if(NOT dynamic MATCHES "NEEDED.*libc\\.so")
    message(SEND_ERROR "readelf names no needed libraries:\n${dynamic}")
endif()
if(dynamic MATCHES "NEEDED[^\n]*(libmpi|libstdc|libgcc_s|python|cuda|hdf5)")
    message(SEND_ERROR "needs a library that it must not need:\n${dynamic}")
endif()
if(NOT dynamic MATCHES "NODELETE")
    message(SEND_ERROR "is not marked nodelete:\n${dynamic}")
endif()

set(ENV{LD_LIBRARY_PATH} "")
execute_process(COMMAND ${prefix}/bin/timemory --version OUTPUT_VARIABLE version COMMAND_ERROR_IS_FATAL ANY)
if(NOT version MATCHES "^timemory 4\\.")
    message(SEND_ERROR "the command says: ${version}")
endif()
execute_process(COMMAND ${readelf} --dynamic --wide ${prefix}/bin/timemory
    OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
if(dynamic MATCHES "NEEDED[^\n]*(timemory|libmpi|libstdc|libgcc_s|python|cuda|hdf5|protobuf|libz)")
    message(SEND_ERROR "the command needs a library that it must not need:\n${dynamic}")
endif()
