// A graph of 20 kernels, launched 50 times: its kernels stand where it is launched, not where it was
// captured.

#include "work.cuh"

int main(int argc, char** argv) {
    timemory_init(argc, argv);
    cudaStream_t stream;
    CHECK(cudaStreamCreate(&stream));
    cudaGraph_t graph;
    cudaGraphExec_t executable;
    {
        const region r{"capturing"};
        CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
        for (int i = 0; i < 20; ++i) nothing<<<1, 1, 0, stream>>>();
        CHECK(cudaStreamEndCapture(stream, &graph));
        CHECK(cudaGraphInstantiate(&executable, graph, 0));
    }
    for (int i = 0; i < 50; ++i) {
        const region r{"launching"};
        CHECK(cudaGraphLaunch(executable, stream));
    }
    {
        const region r{"waiting"};
        CHECK(cudaStreamSynchronize(stream));
    }
    std::printf("{\"kernels\": 1000}\n");
    timemory_finalize();
}
