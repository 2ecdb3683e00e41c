#include "system/program_name.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tim {
namespace {

using words = std::vector<std::string>;

TEST(program_name, is_that_of_the_program_or_of_the_script_that_python_runs) {
    const struct {
        std::string program;
        words arguments;
        std::string name;
    } cases[] = {
        {"/opt/bin/solver", {"/opt/bin/solver", "mesh.py"}, "solver"},
        {"pythonic", {"pythonic", "mesh.py"}, "pythonic"},
        {"python3", {"python3"}, "python3"},
        {"python3", {}, "python3"},
        {"python3.11",
         {"python3.11", "-X", "dev", "src/train.py", "--config", "other.py"},
         "train.py"},
        {"python3", {"python3", "-m", "mpi4py", "heat.py"}, "heat.py"},
        {"python3", {"python3", "-m", "torch.distributed.run"}, "torch.distributed.run"},
        {"python3", {"python3", "-m"}, "python3"},
        {"python3", {"python3", "-c", "import x", "y.py"}, "python3"},
        {"python3", {"python3", ".py"}, "python3"},
    };
    for (const auto& c : cases) EXPECT_EQ(program_name(c.program, c.arguments), c.name);
}

}  // namespace
}  // namespace tim
