/* Three laps of a region, a line on stdout, one on stderr, and the exit code 7. */

#include <stdio.h>
#include <timemory/timemory.h>

int main(int argc, char** argv) {
    timemory_init(argc, argv);
    for (int i = 0; i < 3; ++i) {
        timemory_push_region("step");
        timemory_pop_region("step");
    }
    puts("the program's own output");
    fputs("the program's own errors\n", stderr);
    timemory_finalize();
    return 7;
}
