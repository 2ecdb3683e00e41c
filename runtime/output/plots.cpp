#include "output/plots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

#include "system/child_process.hpp"

namespace tim {
namespace {

// What the child prints around each file name.
constexpr std::string_view before_name = "[plot]|0> Outputting '";
constexpr std::string_view behind_name = "'...";

std::vector<std::string> pictures_in(std::string_view text) {
    std::vector<std::string> files;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.starts_with(before_name) && line.ends_with(behind_name))
            files.emplace_back(line.substr(before_name.size(),
                                           line.size() - before_name.size() - behind_name.size()));
    }
    return files;
}

plot_outcome run(const std::string& python, const std::vector<std::string>& json_files,
                 std::chrono::milliseconds limit) {
    std::vector<std::string> command{python, "-m", "timemory.plotting", "-f"};
    command.insert(command.end(), json_files.begin(), json_files.end());
    pipe_ends output;
    if (!output.write) return {{}, std::strerror(errno)};
    const auto deadline = child_process::clock::now() + limit;
    const child_process::streams streams{.output = output.write.get(),
                                         .errors = output.write.get()};
    child_process child{command, streams};
    if (child.error() == ENOENT && python == "python") {
        // The default's name; many systems have only the other.
        command[0] = "python3";
        child = child_process{command, streams};
    }
    if (child.error() != 0)
        return {{}, fmt::format("cannot run '{}': {}", python, std::strerror(child.error()))};
    output.write.reset();
    const auto text = read_until(output.read.get(), deadline);
    const auto status = child.wait(text ? deadline : child_process::clock::time_point::min());
    if (!status)
        return {pictures_in(text.value_or("")),
                fmt::format("not ready within {} s", limit.count() / 1000)};
    plot_outcome done{pictures_in(text.value_or("")), {}};
    if (*status != 0 || done.files.empty()) {
        done.problem = last_line(text.value_or(""));
        if (done.problem.empty()) done.problem = fmt::format("'{}' failed", command[0]);
    }
    return done;
}

}  // namespace

plot_outcome make_plots(const std::string& python, const std::vector<std::string>& json_files,
                        std::chrono::milliseconds limit) noexcept {
    try {
        return run(python, json_files, limit);
    } catch (const std::exception& e) {
        return {};
    }
}

}  // namespace tim
