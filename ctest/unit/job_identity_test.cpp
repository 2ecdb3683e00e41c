// Names of the jobs that MPI_Comm_spawn starts, which come from what launchers put into the
// environment.

#include "library/job_identity.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

using namespace tim;

namespace {

/// Sets a variable for a while.
class variable {
public:
    variable(const char* name, const char* value) : name_{name} {
        const char* before = std::getenv(name);
        was_set_ = before != nullptr;
        if (was_set_) before_ = before;
        setenv(name, value, 1);
    }
    ~variable() { was_set_ ? setenv(name_, before_.c_str(), 1) : unsetenv(name_); }
    variable(const variable&) = delete;
    variable& operator=(const variable&) = delete;

private:
    const char* name_;
    std::string before_;
    bool was_set_ = false;
};

std::string named(const char* space) {
    const variable v{"PMIX_NAMESPACE", space};
    return spawned_job_from_environment();
}

TEST(job_identity, numbers_of_spawned_jobs) {
    EXPECT_EQ(named("1521483778"), "1");  // Open MPI 4: 0x5ab00002
    EXPECT_EQ(named("1521483789"), "12");
    EXPECT_EQ(named("prterun-host-4711@3"), "2");  // PRRTE
}

TEST(job_identity, spawned_jobs_without_number) {
    const std::string one = named("slurm.pmix.4711.0");
    EXPECT_EQ(one, named("slurm.pmix.4711.0"));
    EXPECT_NE(one, named("slurm.pmix.4711.1"));
    EXPECT_EQ(one.find_first_not_of("0123456789abcdef"), std::string::npos) << one;
    EXPECT_FALSE(one.empty());
}

}  // namespace
