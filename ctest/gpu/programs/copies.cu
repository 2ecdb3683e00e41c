// Copies and sets of a known size in each direction, allocations and frees.

#include "work.cuh"

int main(int argc, char** argv) {
    constexpr std::size_t bytes = 1 << 24;
    constexpr int count = 10;
    timemory_init(argc, argv);
    void *host, *device, *other;
    CHECK(cudaMallocHost(&host, bytes));
    {
        const region r{"allocating"};
        CHECK(cudaMalloc(&device, bytes));
        CHECK(cudaMalloc(&other, bytes / 2));
    }
    for (int i = 0; i < count; ++i) {
        const region r{"copying"};
        CHECK(cudaMemcpy(device, host, bytes, cudaMemcpyHostToDevice));
        CHECK(cudaMemcpy(other, device, bytes / 2, cudaMemcpyDeviceToDevice));
        CHECK(cudaMemcpy(host, device, bytes / 4, cudaMemcpyDeviceToHost));
        CHECK(cudaMemset(device, 1, bytes));
        CHECK(cudaDeviceSynchronize());
    }
    {
        const region r{"freeing"};
        CHECK(cudaFree(other));
        CHECK(cudaFree(device));
    }
    std::printf("{\"count\": %d, \"bytes\": %zu}\n", count, bytes);
    timemory_finalize();
}
