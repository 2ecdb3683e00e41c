// Tests of what a process reads once: each in a process of its own.

#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace tim {

using environment_variables = std::vector<std::pair<std::string, std::string>>;

/// Runs `check` in a process whose environment holds just these TIMEMORY_ variables, in which no
/// setting was read or assigned yet.
inline void in_child_process(const environment_variables& environment,
                             const std::function<void()>& check) {
    const auto in_child = [&] {
        std::vector<std::string> foreign;
        for (char** entry = environ; *entry != nullptr; ++entry) {
            const std::string assignment(*entry);
            if (assignment.starts_with("TIMEMORY_"))
                foreign.push_back(assignment.substr(0, assignment.find('=')));
        }
        for (const auto& name : foreign) unsetenv(name.c_str());
        for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"})
            unsetenv(name);
        for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
        check();
        // What fails here is shown by the parent, with what the child said on stderr.
        const auto* result = testing::UnitTest::GetInstance()->current_test_info()->result();
        for (int i = 0; i < result->total_part_count(); ++i)
            if (const auto& part = result->GetTestPartResult(i); part.failed())
                std::fprintf(stderr, "%s:%d: %s\n", part.file_name(), part.line_number(),
                             part.message());
        std::fflush(nullptr);
        _exit(testing::Test::HasFailure() ? 1 : 0);
    };
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "");
}

}  // namespace tim
