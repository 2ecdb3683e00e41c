# Runs `command`, a program that enters `outer` three times and `inner` twice in each, in `folder`, and
# checks what it printed and what its results say.
cmake_minimum_required(VERSION 3.25)

set(results timemory-my-program-output)
file(REMOVE_RECURSE ${folder}/${results})
file(MAKE_DIRECTORY ${folder})
execute_process(COMMAND ${command} WORKING_DIRECTORY ${folder}
    OUTPUT_VARIABLE output ERROR_VARIABLE errors COMMAND_ERROR_IS_FATAL ANY)
message("${output}")

if(NOT errors STREQUAL "")
    message(SEND_ERROR "on stderr: ${errors}")
endif()
foreach(text "measured with 4.0.0" "|0> Outputting '${results}/wall.txt'..." ">>> outer" "|_inner")
    string(FIND "${output}" "${text}" position)
    if(position EQUAL -1)
        message(SEND_ERROR "the output lacks: ${text}")
    endif()
endforeach()

file(READ ${folder}/${results}/wall.json json)
string(JSON graph GET "${json}" timemory wall_clock ranks 0 graph)
string(JSON count LENGTH "${graph}")
math(EXPR last "${count} - 1")
set(found "")
foreach(i RANGE ${last})
    string(JSON prefix GET "${graph}" ${i} prefix)
    string(JSON laps GET "${graph}" ${i} entry laps)
    list(APPEND found "${prefix} ${laps}")
endforeach()
if(NOT found STREQUAL ">>> outer 3;>>> |_inner 6")
    message(SEND_ERROR "wall.json says: ${found}")
endif()
