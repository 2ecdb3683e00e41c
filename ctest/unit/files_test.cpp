#include "output/files.hpp"
#include "output/profile_file.hpp"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "output/metadata.hpp"
#include "output/plots.hpp"
#include "sample_profile.hpp"

namespace tim {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using sample::builder;

std::string contents(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// Names in a folder, sorted, hidden ones too.
std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
        names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

using names = std::vector<std::string>;

/// What one call of write_outputs() did.
struct outcome {
    int failed = 0;
    std::string announced;
    std::string errors;
};

class files : public testing::Test {
protected:
    files() {
        std::string pattern = fs::temp_directory_path() / "timemory-files-XXXXXX";
        if (mkdtemp(pattern.data()) == nullptr) std::abort();
        folder_ = pattern;
        settings_.output_path = folder_ / "out";
        settings_.cout_output = false;
        settings_.flamegraph_output = false;
        settings_.hdf5_output = false;
        set_write_metadata(-1);
    }
    ~files() override {
        set_write_metadata(0);
        fs::remove_all(folder_);
    }

    [[nodiscard]] outcome write(const result& r) const {
        std::FILE* const announce = std::tmpfile();
        outcome o;
        testing::internal::CaptureStderr();
        o.failed = write_outputs(r, settings_, announce);
        o.errors = testing::internal::GetCapturedStderr();
        std::rewind(announce);
        for (int c; (c = std::fgetc(announce)) != EOF;) o.announced += static_cast<char>(c);
        std::fclose(announce);
        return o;
    }

    [[nodiscard]] std::string out(const std::string& name) const {
        return settings_.output_path + "/" + name;
    }

    fs::path folder_;
    settings settings_;
};

result two_components() {
    builder b;
    const auto run = b.path(0, "run");
    b.row(sample::wall(), run, {27000});
    b.row(sample::page_rss(), run, {1000000});
    return sample::serial(b.build());
}

result one_component() {
    builder b;
    b.row(sample::wall(), b.path(0, "run"), {27000});
    return sample::serial(b.build());
}

constexpr const char* table =
    "|---------------------------------------------------------------------------------------------"
    "----------------|\n";

TEST_F(files, are_announced_as_in_the_walkthrough) {
    const outcome o = write(two_components());
    EXPECT_EQ(o.failed, 0);
    EXPECT_EQ(o.errors, "");
    const std::string path = settings_.output_path;
    EXPECT_EQ(o.announced, "[wall]|0> Outputting '" + path + "/wall.json'...\n" +
                               "[wall]|0> Outputting '" + path + "/wall.tree.json'...\n" +
                               "[wall]|0> Outputting '" + path + "/wall.txt'...\n\n" +
                               "[page_rss]|0> Outputting '" + path + "/page_rss.json'...\n" +
                               "[page_rss]|0> Outputting '" + path + "/page_rss.tree.json'...\n" +
                               "[page_rss]|0> Outputting '" + path + "/page_rss.txt'...\n\n");
    EXPECT_EQ(names_in(path), (names{"page_rss.json", "page_rss.tree.json", "page_rss.txt",
                                     "wall.json", "wall.tree.json", "wall.txt"}));
    EXPECT_EQ(json::parse(contents(
                  out("wall.json")))["timemory"]["wall_clock"]["ranks"][0]["graph"][0]["prefix"],
              ">>> run");
    EXPECT_EQ(json::parse(contents(
                  out("wall.tree.json")))["timemory"]["wall_clock"]["graph"][0][0]["node"]["hash"],
              0);
    std::string text;
    write_text(two_components(), "wall_clock", settings_, true,
               [&](std::string_view piece) { text += piece; });
    EXPECT_EQ(contents(out("wall.txt")), text);
    EXPECT_EQ(text.substr(0, text.find('\n') + 1), table);
}

TEST_F(files, table_follows_after_an_empty_line) {
    settings_.cout_output = true;
    settings_.json_output = false;
    settings_.tree_output = false;
    const outcome o = write(one_component());
    EXPECT_EQ(o.announced, "[wall]|0> Outputting '" + settings_.output_path + "/wall.txt'...\n\n" +
                               contents(out("wall.txt")) + "\n");
    EXPECT_EQ(names_in(settings_.output_path), names{"wall.txt"});
}

TEST_F(files, file_output_off_writes_no_file_and_makes_no_folder) {
    settings_.cout_output = true;
    settings_.file_output = false;
    const outcome o = write(one_component());
    EXPECT_EQ(o.failed, 0);
    EXPECT_EQ(o.announced.substr(0, o.announced.find('\n') + 1), table);
    EXPECT_EQ(o.announced.substr(o.announced.size() - 3), "|\n\n");
    EXPECT_FALSE(fs::exists(settings_.output_path));
}

TEST_F(files, nothing_measured_writes_nothing) {
    const outcome o = write({});
    EXPECT_EQ(o.failed, 0);
    EXPECT_EQ(o.announced, "");
    EXPECT_FALSE(fs::exists(settings_.output_path));
}

TEST_F(files, nowhere_to_announce) {
    EXPECT_EQ(write_outputs(one_component(), settings_, nullptr), 0);
    EXPECT_TRUE(fs::exists(out("wall.txt")));
}

TEST_F(files, prefix_is_joined_as_timemory_does) {
    settings_.json_output = false;
    settings_.tree_output = false;
    settings_.output_path += "/deep/er/";
    for (const char* prefix : {"run", "run_", "sub/", "sub/run7", ""}) {
        settings_.output_prefix = prefix;
        EXPECT_EQ(write(one_component()).failed, 0) << prefix;
    }
    EXPECT_EQ(names_in(settings_.output_path),
              (names{"run-wall.txt", "run_wall.txt", "sub", "wall.txt"}));
    EXPECT_EQ(names_in(settings_.output_path + "sub"), (names{"run7-wall.txt", "wall.txt"}));
}

TEST_F(files, replace_older_ones) {
    EXPECT_EQ(write(one_component()).failed, 0);
    std::ofstream{out("wall.txt")} << "older and longer" << std::string(100000, '.');
    EXPECT_EQ(write(one_component()).failed, 0);
    EXPECT_EQ(contents(out("wall.txt")).size(), 7 * std::string{table}.size());
}

TEST_F(files, label_cannot_leave_the_folder) {
    component_description what = sample::wall();
    what.label = "../wall";
    builder b;
    b.row(what, b.path(0, "run"), {1});
    EXPECT_EQ(write(sample::serial(b.build())).failed, 0);
    EXPECT_EQ(names_in(settings_.output_path),
              (names{".._wall.json", ".._wall.tree.json", ".._wall.txt"}));
    EXPECT_EQ(names_in(folder_), names{"out"});
}

TEST_F(files, folder_below_a_file_is_one_line) {
    std::ofstream{folder_ / "file"} << "not a folder";
    settings_.output_path = folder_ / "file" / "out";
    settings_.cout_output = true;
    const outcome o = write(two_components());
    EXPECT_EQ(o.failed, 6);
    EXPECT_EQ(o.errors,
              "timemory: cannot make the output folder '" + settings_.output_path +
                  "': Not a directory; set TIMEMORY_OUTPUT_PATH to a folder that can be written\n");
    // The tables are printed all the same.
    EXPECT_NE(o.announced.find("| >>> run |"), std::string::npos);
    EXPECT_EQ(o.announced.find("Outputting"), std::string::npos);
}

TEST_F(files, folder_that_is_a_file_is_one_line) {
    settings_.output_path = folder_ / "file";
    std::ofstream{settings_.output_path} << "not a folder";
    const outcome o = write(one_component());
    EXPECT_EQ(o.failed, 3);
    EXPECT_NE(o.errors.find("'" + settings_.output_path + "': Not a directory"), std::string::npos)
        << o.errors;
    EXPECT_EQ(std::count(o.errors.begin(), o.errors.end(), '\n'), 1);
    EXPECT_EQ(contents(settings_.output_path), "not a folder");
}

TEST_F(files, folder_that_takes_no_files_is_one_line) {
    settings_.output_path = "/proc/self";
    const outcome o = write(two_components());
    EXPECT_EQ(o.failed, 6);
    EXPECT_EQ(o.announced, "");
    const std::string begin = "timemory: cannot write '/proc/self/wall.json' and 5 more files: ";
    EXPECT_EQ(o.errors.substr(0, begin.size()), begin);
    EXPECT_EQ(std::count(o.errors.begin(), o.errors.end(), '\n'), 1);
}

TEST_F(files, a_file_that_fails_leaves_the_others) {
    fs::create_directories(fs::path{out("wall.json")} / "occupied");
    const outcome o = write(one_component());
    EXPECT_EQ(o.failed, 1);
    EXPECT_EQ(o.errors,
              "timemory: cannot write '" + out("wall.json") +
                  "': Is a directory; set TIMEMORY_OUTPUT_PATH to a folder that can be written\n");
    EXPECT_EQ(names_in(settings_.output_path), (names{"wall.json", "wall.tree.json", "wall.txt"}));
    EXPECT_EQ(o.announced.find("wall.json'"), std::string::npos);
}

result large() {
    builder b;
    const auto main = b.path(0, "main");
    b.row(sample::wall(), main, {1});
    for (int i = 0; i < 500; ++i)
        b.row(sample::wall(), b.path(main, "region " + std::to_string(i)), {i});
    return sample::serial(b.build());
}

TEST_F(files, full_disk) {
    const fs::path disk = folder_ / "disk";
    fs::create_directory(disk);
    // The text table fits, the others do not.
    if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=96k") != 0)
        GTEST_SKIP() << "a small tmpfs cannot be mounted here (" << std::strerror(errno)
                     << "), so a full disk is not tested";
    settings_.output_path = disk;
    const outcome o = write(large());
    const names left = names_in(disk);
    const std::string text = contents(disk / "wall.txt");
    umount(disk.c_str());
    EXPECT_EQ(o.failed, 2);
    EXPECT_EQ(o.errors, "timemory: cannot write '" + out("wall.json") +
                            "' and 1 more file: No space left on device; free space there or set "
                            "TIMEMORY_OUTPUT_PATH "
                            "to another folder\n");
    EXPECT_EQ(left, names{"wall.txt"});  // no temporary file either
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 507);
}

/// Runs `body` in a child process and returns how it ended, as from waitpid().
int in_child(const std::function<int()>& body) {
    const pid_t child = fork();
    if (child == 0) std::exit(body());
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

TEST_F(files, limit_on_the_size_of_files_does_not_end_the_program) {
    const int status = in_child([this] {
        const rlimit limit{65536, 65536};
        setrlimit(RLIMIT_FSIZE, &limit);
        const int failed = write_outputs(large(), settings_, nullptr);
        return failed == 2 ? 17 : 1;
    });
    ASSERT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 17);
    EXPECT_EQ(names_in(settings_.output_path), names{"wall.txt"});
}

TEST_F(files, closed_pipe_behind_stdout_does_not_end_the_program) {
    settings_.cout_output = true;
    const int status = in_child([this] {
        int ends[2];
        if (pipe(ends) != 0) return 1;
        close(ends[0]);
        dup2(ends[1], STDOUT_FILENO);
        std::signal(SIGPIPE, SIG_DFL);
        return write_outputs(large(), settings_, stdout) == 0 && std::ferror(stdout) == 0 ? 17 : 2;
    });
    ASSERT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 17);
    EXPECT_EQ(names_in(settings_.output_path), (names{"wall.json", "wall.tree.json", "wall.txt"}));
}

TEST_F(files, the_programs_own_text_to_a_closed_pipe_ends_it_as_before_but_with_results) {
    const int status = in_child([this] {
        int ends[2];
        if (pipe(ends) != 0) return 1;
        close(ends[0]);
        dup2(ends[1], STDOUT_FILENO);
        std::signal(SIGPIPE, SIG_DFL);
        std::printf("the program's own text");
        return write_outputs(one_component(), settings_, stdout) == 0 ? 17 : 2;
    });
    ASSERT_TRUE(WIFSIGNALED(status)) << "ended with status " << WEXITSTATUS(status);
    EXPECT_EQ(WTERMSIG(status), SIGPIPE);
    EXPECT_EQ(names_in(settings_.output_path), (names{"wall.json", "wall.tree.json", "wall.txt"}));
}

TEST_F(files, difference_is_read_before_it_is_overwritten) {
    EXPECT_EQ(write(one_component()).failed, 0);
    settings_.diff_output = true;
    settings_.flamegraph_output = true;
    builder b;
    b.row(sample::wall(), b.path(0, "run"), {30000});
    const outcome o = write(sample::serial(b.build()));
    const std::string in = settings_.output_path + "/wall.";
    EXPECT_EQ(o.announced,
              "Checking for existing input at " + in + "json...\n" + "[wall]|0> Reading '" + in +
                  "json'...\n" + "[wall]|0> Outputting '" + in + "flamegraph.json'...\n" +
                  "[wall]|0> Outputting '" + in + "json'...\n" + "[wall]|0> Outputting '" + in +
                  "tree.json'...\n" + "[wall]|0> Outputting '" + in + "txt'...\n\n" +
                  "[wall]|0> Outputting '" + in + "diff.json'...\n" + "[wall]|0> Outputting '" +
                  in + "diff.txt'...\n\n");
    EXPECT_EQ(o.errors, "");
    const json d = json::parse(contents(out("wall.diff.json")));
    EXPECT_EQ(d["timemory"]["wall_clock"]["ranks"][0]["graph"][0]["entry"]["value"], 3000);
}

TEST_F(files, difference_to_what_is_no_result_is_one_line) {
    settings_.diff_output = true;
    settings_.input_path = folder_;
    settings_.input_extensions = "txt";
    outcome o = write(one_component());
    EXPECT_EQ(o.errors, "timemory: no earlier result of wall in '" + folder_.string() +
                            "' to compare with; TIMEMORY_INPUT_PATH names the folder\n");
    std::ofstream{folder_ / "wall.txt"} << "no\nJSON";
    o = write(one_component());
    EXPECT_EQ(o.failed, 0);
    EXPECT_EQ(std::count(o.errors.begin(), o.errors.end(), '\n'), 1) << o.errors;
    EXPECT_NE(o.errors.find("no difference to '" + (folder_ / "wall.txt").string() + "': not JSON"),
              std::string::npos);
    EXPECT_FALSE(fs::exists(out("wall.diff.txt")));
    EXPECT_TRUE(fs::exists(out("wall.txt")));
}

TEST_F(files, metadata_stands_beside_them) {
    set_write_metadata(0);
    add_metadata("case", "\"seven\"");
    add_metadata("plain", "not JSON");
    settings_.output_prefix = "p_";
    EXPECT_EQ(write(one_component()).failed, 0);
    const json info = json::parse(contents(out("p_metadata.json")))["timemory"]["metadata"];
    EXPECT_EQ(info["info"]["case"], "seven");
    EXPECT_EQ(info["info"]["plain"], "not JSON");
    EXPECT_EQ(info["output"]["text"]["wall"][0], out("p_wall.txt"));
    EXPECT_EQ(info["settings"]["TIMEMORY_MAX_DEPTH"]["value"], 65535);
    const json functions = json::parse(contents(out("p_functions.json")))["timemory"]["functions"];
    EXPECT_EQ(functions["run"][0], path_hash(0, path_kind::region, "run"));
}

// Observed in timemory 3 (timemory-observed.md, 17): file_output off still writes metadata.
TEST_F(files, observed_17_file_output_off_writes_nothing_at_all) {
    set_write_metadata(1);
    settings_.file_output = false;
    settings_.ctest_notes = settings_.diff_output = settings_.flamegraph_output = true;
    const outcome o = write(one_component());
    EXPECT_EQ(o.announced, "");
    EXPECT_EQ(names_in(folder_), names{});
}

TEST_F(files, suffix_tells_processes_apart) {
    setenv("TIMEMORY_USE_OUTPUT_SUFFIX", "on", 1);
    settings_.json_output = settings_.tree_output = false;
    EXPECT_EQ(write(one_component()).failed, 0);
    unsetenv("TIMEMORY_USE_OUTPUT_SUFFIX");
    EXPECT_EQ(names_in(settings_.output_path), names{"wall-" + std::to_string(getpid()) + ".txt"});
}

TEST_F(files, notes_list_the_text_tables) {
    settings_.ctest_notes = true;
    for (int run = 0; run < 2; ++run) EXPECT_EQ(write(two_components()).failed, 0);
    const std::string path = fs::canonical(settings_.output_path);
    EXPECT_EQ(contents(out("CTestNotes.txt")),
              "LIST(APPEND CTEST_NOTES_FILES \"" + path + "/page_rss.txt\")\n" +
                  "LIST(APPEND CTEST_NOTES_FILES \"" + path + "/wall.txt\")\n" +
                  "LIST(REMOVE_DUPLICATES CTEST_NOTES_FILES)\n");
}

TEST_F(files, a_plot_that_hangs_or_fails_is_one_line) {
    const auto python = [&](const std::string& script) {
        const fs::path file = folder_ / "python";
        std::ofstream{file} << "#!/bin/sh\n" << script << "\n";
        fs::permissions(file, fs::perms::owner_all);
        return file.string();
    };
    const auto made = make_plots(python("echo \"[plot]|0> Outputting 'x.png'...\"; "
                                        "test -z \"$OMPI_COMM_WORLD_RANK\""),
                                 {"a.json"}, std::chrono::seconds{20});
    EXPECT_EQ(made.files, names{"x.png"});
    EXPECT_EQ(made.problem, "");
    EXPECT_EQ(make_plots(python("echo trace >&2; echo 'timemory: no matplotlib' >&2; exit 1"), {},
                         std::chrono::seconds{20})
                  .problem,
              "no matplotlib");
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(make_plots(python("sleep 100 & sleep 100"), {}, std::chrono::seconds{1}).problem,
              "not ready within 1 s");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{30});
    EXPECT_NE(make_plots(folder_ / "none", {}, std::chrono::seconds{1}).problem, "");
}

TEST_F(files, fallback_is_the_serialised_profile) {
    settings_.output_prefix = "job";
    profile p = two_components().profiles[0];
    p.ranks = {{12, 12}};
    testing::internal::CaptureStderr();
    const bool written = write_fallback(p, settings_, 12, "rank 8 did not ask for it within 60 s");
    const std::string errors = testing::internal::GetCapturedStderr();
    EXPECT_TRUE(written);
    EXPECT_EQ(errors, "timemory: rank 12 wrote its own profile to '" +
                          out("job-profile-12.timemory") +
                          "': rank 8 did not ask for it within 60 s\n");
    EXPECT_EQ(names_in(settings_.output_path), names{"job-profile-12.timemory"});
    const std::string bytes = contents(out("job-profile-12.timemory"));
    EXPECT_EQ(deserialise(std::as_bytes(std::span{bytes})), p);
}

TEST_F(files, fallback_that_fails_says_so) {
    std::ofstream{folder_ / "file"} << "not a folder";
    settings_.output_path = folder_ / "file" / "out";
    profile p = one_component().profiles[0];
    p.ranks = {{2, 3}, {5, 5}};
    testing::internal::CaptureStderr();
    const bool written = write_fallback(p, settings_, 3, "MPI is gone");
    const std::string errors = testing::internal::GetCapturedStderr();
    EXPECT_FALSE(written);
    EXPECT_EQ(errors,
              "timemory: cannot write the profile of rank 3 (MPI is gone) to '" +
                  out("profile-2-3+5.timemory") +
                  "': Not a directory; set TIMEMORY_OUTPUT_PATH to a folder that can be written\n");
}

}  // namespace
}  // namespace tim
