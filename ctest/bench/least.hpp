// What benchmarks keep of their repetitions.

#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

/// Keeps the least time of each benchmark's repetitions, in ns per iteration and thread: other work
/// on the machine only adds.
class least : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            if (run.run_type != Run::RT_Iteration) continue;
            const std::string name =
                run.run_name.function_name + (run.threads > 1 ? "/2 threads" : "");
            // CPU time: as wall time but for the noise of others.
            const double ns = run.cpu_accumulated_time * 1e9 / static_cast<double>(run.iterations);
            const auto [place, fresh] = times.emplace(name, ns);
            if (!fresh) place->second = std::min(place->second, ns);
        }
    }
    std::map<std::string, double> times;
};
