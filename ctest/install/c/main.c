#include <stdio.h>
#include <timemory/timemory.h>

int main(int argc, char** argv) {
    timemory_init(argc, argv);
    for (int i = 0; i < 3; ++i) {
        timemory_push_region("outer");
        for (int j = 0; j < 2; ++j) {
            timemory_push_region("inner");
            timemory_pop_region("inner");
        }
        timemory_pop_region("outer");
    }
    timemory_finalize();
    printf("measured with %s\n", timemory_version());
    return 0;
}
