#include <iostream>
#include <timemory/timemory.hpp>

int main(int argc, char** argv) {
    timemory_init(argc, argv);
    for (int i = 0; i < 3; ++i) {
        TIMEMORY_MARKER("outer");
        for (int j = 0; j < 2; ++j) {
            TIMEMORY_MARKER("inner");
        }
    }
    timemory_finalize();
    std::cout << "measured with " << timemory_version() << '\n';
}
