# Configures and builds the project `source` against the installation in `prefix`, and checks its program.
cmake_minimum_required(VERSION 3.25)

set(ENV{LD_LIBRARY_PATH} "")
file(REMOVE_RECURSE ${build})
execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${source} -B ${build} -G ${generator} -D CMAKE_PREFIX_PATH=${prefix}
        -D CMAKE_C_COMPILER=${c_compiler} -D CMAKE_CXX_COMPILER=${cxx_compiler} --no-warn-unused-cli
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${build} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

set(command ${build}/my_program)
set(folder ${build})
include(${CMAKE_CURRENT_LIST_DIR}/check.cmake)
