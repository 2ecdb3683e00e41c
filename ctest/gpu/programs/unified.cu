// Unified memory that the host has written and a kernel reads, and the host again.

#include "work.cuh"

__global__ void increment(unsigned char* bytes, std::size_t count) {
    for (std::size_t i = blockIdx.x * blockDim.x + threadIdx.x; i < count;
         i += std::size_t{gridDim.x} * blockDim.x)
        ++bytes[i];
}

int main(int argc, char** argv) {
    constexpr std::size_t bytes = 1 << 24;
    timemory_init(argc, argv);
    CHECK(cudaFree(nullptr));
    unsigned char* memory = nullptr;
    CHECK(cudaMallocManaged(&memory, bytes));
    for (std::size_t i = 0; i < bytes; ++i) memory[i] = 1;
    {
        const region r{"on the device"};
        increment<<<64, 256>>>(memory, bytes);
        CHECK(cudaDeviceSynchronize());
    }
    unsigned long long sum = 0;
    for (std::size_t i = 0; i < bytes; ++i) sum += memory[i];
    std::printf("{\"bytes\": %zu, \"sum\": %llu}\n", bytes, sum);
    CHECK(cudaFree(memory));
    timemory_finalize();
}
