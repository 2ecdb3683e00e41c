// The command `timemory`: one grammar for everything that is done outside the measured program.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/grammar.hpp"
#include "library/lifecycle.hpp"
#include "output/place.hpp"
#include "settings/command_line.hpp"
#include "settings/nearest.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim::cli {

namespace {

/// One paragraph of `--help`.
std::string examples(std::initializer_list<std::string_view> lines) {
    std::string text = "Examples:";
    for (const std::string_view line : lines) text.append("\n  ").append(line);
    return text;
}

// Each adds one sub-command. Where it is the one that was asked for, parsing the command line runs
// it and puts its exit code into `status`, which must live as long as `app`. The settings are in
// force by then, the options of the command line included.

void add_merge(CLI::App& app, int& status) {
    CLI::App* command = app.add_subcommand(
        "merge", "Join the profiles that ranks and processes left into the result of the job");
    const auto request = std::make_shared<merge_request>();
    command->add_option("input", request->inputs, "Files, or folders with *.timemory files")
        ->required()
        ->type_name("DIR|FILE");
    command
        ->add_option("-o,--output", request->output, "Folder of the results (default: the input)")
        ->type_name("DIR");
    command->add_option("-c,--components", request->components, "Only these components")
        ->type_name("COMPONENT,...");
    command->add_option("-j,--job", request->job, "Which job, if the profiles are of several")
        ->type_name("ID");
    command->add_option("--profile", request->profile, "Write the merged profile to this file too")
        ->type_name("FILE");
    command->footer(examples({
        "timemory merge timemory-heat-output",
        "timemory merge out --output merged --timemory-collapse-processes=off",
        "timemory merge node1/out node2/out --output out --profile all.timemory",
    }));
    command->callback([request, &status] { status = merge_profiles(*request); });
}

void add_recover(CLI::App& app, int& status) {
    CLI::App* command = app.add_subcommand(
        "recover",
        "Results of a job that died: what it had measured, what it was in, how it ended");
    const auto request = std::make_shared<recover_request>();
    command
        ->add_option("job", request->inputs,
                     "The folder of the job's results, files it left, or its number (see --list); "
                     "default: the only job that left any")
        ->type_name("JOB|DIR|FILE");
    command
        ->add_option("-o,--output", request->output, "Folder of the results (default: the job's)")
        ->type_name("DIR");
    command
        ->add_option("--arenas", request->folders,
                     "Where programs leave what they record (default: the setting arena_path, and "
                     "the temporary folder)")
        ->type_name("DIR");
    command->add_flag("--completed", request->completed,
                      "Leave out the regions that were open; otherwise their time counts up to the "
                      "end");
    command->add_flag("--running", request->running, "Processes that are running too");
    command->add_flag("--keep", request->keep, "Keep the files that the job left");
    command->add_flag("-l,--list", request->list, "Only show which jobs left files");
    command->footer(examples({
        "timemory recover",
        "timemory recover --list",
        "timemory recover timemory-heat-output --output recovered",
    }));
    command->callback([request, &status] { status = recover(*request); });
}

/// `command` is filled before the parsing, which does not see it.
void add_run(CLI::App& app, int& status, const std::vector<std::string>& command) {
    CLI::App* sub = app.add_subcommand(
        "run",
        "Run a command, and show on stderr what it took; its input, output and exit code are as "
        "without timemory");
    const auto request = std::make_shared<run_request>();
    sub->add_flag("-m,--merge", request->merge,
                  "Merge what its processes measured into one result, when it has ended");
    sub->add_flag("-q,--quiet", request->quiet, "Don't show what it took");
    sub->add_flag("--mpi", request->mpi,
                  "Measure its MPI calls too, with libtimemory-mpip preloaded");
    sub->add_flag("--gpu", request->gpu,
                  "Measure what runs on NVIDIA GPUs, and NVTX ranges, in the call tree");
    sub->add_option("-o,--output", request->output, "Folder of the results")->type_name("DIR");
    sub->prefix_command();
    sub->add_option("command", request->command, "The command and its arguments, behind --")
        ->type_name("");
    sub->footer(examples({
                    "timemory run -- ./heat",
                    "mpirun -n 4 timemory run -- ./heat",
                    "mpirun -n 4 timemory run --mpi -- ./heat",
                    "timemory run --merge -- torchrun --nproc-per-node 4 train.py",
                    "timemory run --merge --output out -- python pool.py",
                    "timemory run --gpu -- python train.py",
                    "timemory run --timemory-flat-profile=on -- mpirun -n 4 ./heat",
                }) +
                "\nWhere the command can't be run it exits with 127 (not found) or 126, else as "
                "the command.");
    sub->callback([request, &status, &command, sub] {
        if (!sub->remaining().empty()) throw CLI::ExtrasError("run", sub->remaining());
        request->command = command;
        status = run(*request);
    });
}

void add_selection(CLI::App& command, selection& shown) {
    command.add_option("-c,--components", shown.components, "Only these components")
        ->type_name("COMPONENT,...");
    command
        .add_option("-e,--filter", shown.filter,
                    "Only regions whose name matches this regular expression, what is below them "
                    "and what they are called from")
        ->type_name("REGEX");
    command.add_option("-d,--depth", shown.depth, "Only so many levels")->type_name("N");
    command
        .add_option("-r,--ranks", shown.ranks,
                    "Only these ranks (0,2-3), where they were kept apart")
        ->type_name("LIST");
    command.add_option("-t,--threads", shown.threads, "Only these threads, in the same way")
        ->type_name("LIST");
}

void add_report(CLI::App& app, int& status) {
    CLI::App* command =
        app.add_subcommand("report", "Show a result again, or parts of it, in any format");
    const auto request = std::make_shared<report_request>();
    command
        ->add_option("input", request->inputs,
                     "Results (timemory.h5, *.timemory, arenas, LABEL.json), or their folders")
        ->required()
        ->type_name("FILE|DIR");
    add_selection(*command, request->shown);
    command->add_option("-f,--format", request->format, "What is written")
        ->check(CLI::IsMember(report_formats()))
        ->capture_default_str();
    command->add_flag("--mpi", request->mpi,
                      "Only the summary of MPI calls; as text, json, or svg (who sends to whom)");
    command->add_flag("--gpu", request->gpu, "Only the summary of GPU activity; as text, or json")
        ->excludes("--mpi");
    command
        ->add_option("-p,--param", request->parameters,
                     "With --format extrap: a parameter of the job beside p, its number of ranks")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    command
        ->add_option("-s,--sort", request->sort,
                     "Order of siblings; otherwise as they were first called")
        ->check(CLI::IsMember({"name", "count", "sum", "mean", "min", "max"}));
    command
        ->add_option("-o,--output", request->output,
                     "Write all files that the settings ask for to this folder, as at the end of a "
                     "job")
        ->type_name("DIR");
    command->footer(examples({
        "timemory report timemory-heat-output",
        "timemory report timemory-heat-output -c wall_clock --sort sum --depth 2",
        "timemory report out/timemory.h5 --filter 'exchange|reduce' --format json",
        "timemory report out/timemory.h5 --format html > report.html",
        "timemory report out/timemory.h5 --format speedscope > out.speedscope.json",
        "timemory report out/timemory.h5 --format pprof > out.pb.gz",
        "timemory report timemory-heat-output --mpi",
        "timemory report timemory-train-output --gpu",
        "timemory report p2 p4 p8 p16 --format extrap > scaling.jsonl",
        "timemory report out/timemory.h5 --output again --timemory-timing-units=msec",
    }));
    command->callback([request, &status] { status = report(*request); });
}

void add_diff(CLI::App& app, int& status) {
    CLI::App* command = app.add_subcommand(
        "diff", "Compare two results: every row of the second less that of the first");
    const auto request = std::make_shared<diff_request>();
    command->add_option("before", request->before, "A result, or a <label>.json")
        ->required()
        ->type_name("FILE|DIR");
    command->add_option("now", request->now, "The result that is compared with it")
        ->required()
        ->type_name("FILE|DIR");
    add_selection(*command, request->shown);
    command->add_option("-f,--format", request->format, "What is written")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command->footer(examples({
        "timemory diff before/timemory.h5 after/timemory.h5",
        "timemory diff before/wall.json after/wall.json",
    }));
    command->callback([request, &status] { status = diff(*request); });
}

void add_avail(CLI::App& app, int& status) {
    CLI::App* command = app.add_subcommand(
        "avail", "Which components can be measured here, and which settings there are");
    const auto request = std::make_shared<avail_request>();
    command
        ->add_option("pattern", request->pattern,
                     "Only what has this regular expression in its names or description")
        ->type_name("COMPONENT|SETTING|REGEX");
    command->add_flag("-c,--components", request->components, "Only components");
    command->add_flag("-s,--settings", request->settings, "Only settings");
    command->add_flag("--json", request->json, "As JSON");
    command->footer(examples({
        "timemory avail",
        "timemory avail --components 'rss|page'",
        "timemory avail --settings output --json",
    }));
    command->callback([request, &status] { status = avail(*request); });
}

void add_settings(CLI::App& app, int& status) {
    CLI::App* command = app.add_subcommand(
        "settings", "Show every setting, its value in force and where that came from");
    const auto name = std::make_shared<std::string>();
    command->add_option("name", *name, "Only this setting, with its description")
        ->type_name("SETTING");
    command->footer(examples({
        "timemory settings                        all of them, here and now",
        "timemory settings flat_profile           one, with what it does",
        "TIMEMORY_CONFIG_FILE=job.cfg timemory settings | grep -v default",
    }));
    command->callback([name, &status] { status = show_settings(*name); });
}

void add_top(CLI::App& app, int& status) {
    CLI::App* command = app.add_subcommand(
        "top", "What a running job is in, and which call paths take its time, refreshed");
    const auto request = std::make_shared<top_request>();
    command
        ->add_option("job", request->what,
                     "A process, the folder of the job's results, or its number; default: the only "
                     "job that is running")
        ->type_name("PID|DIR|JOB");
    command->add_option("--arenas", request->folders, "Where programs leave what they record")
        ->type_name("DIR");
    command->add_option("-c,--component", request->component, "What is shown")
        ->type_name("COMPONENT")
        ->capture_default_str();
    command->add_option("-d,--interval", request->interval, "Seconds between two looks")
        ->check(CLI::Range(0.01, 3600.0))
        ->capture_default_str();
    command->add_option("-n,--rows", request->rows, "Call paths that are shown")
        ->capture_default_str();
    command->add_flag("-1,--once", request->once, "Look once");
    command->add_flag("--json", request->json, "Look once, and write everything as JSON");
    command->footer(examples({
        "timemory top",
        "timemory top 4711 --once",
        "timemory top timemory-heat-output --json",
    }));
    command->callback([request, &status] { status = top(*request); });
}

/// Not for people, so `--help` does not have it. `arguments` is filled before the parsing.
void add_completion(CLI::App& app, int& status, const std::vector<std::string>& arguments) {
    CLI::App* sub = app.add_subcommand("completion", "The completion of command lines for a shell");
    sub->group("");
    sub->prefix_command();
    sub->callback([&app, &status, &arguments] { status = completion(app, arguments); });
}

/// Assigns what `--timemory-<option>` words say and takes them out of the command line. False after
/// a line for each that is wrong.
bool assign_settings(std::vector<char*>& words) {
    int argc = static_cast<int>(words.size());
    const arguments taken = take_arguments(argc, words.data());
    words.resize(static_cast<std::size_t>(argc));
    std::vector<std::string> wrong = taken.wrong;
    for (const auto& [name, value] : taken.assignments)
        if (std::string line = set_setting(name, value, setting_origin::command_line);
            !line.empty())
            wrong.push_back(std::move(line));
    read_config_files();
    for (const std::string& line : wrong) say(line);
    return wrong.empty();
}

/// CLI11 only says that a sub-command is missing, also where the word for it is not known.
std::string what_is_wrong(const CLI::App& app, const std::vector<char*>& words,
                          const CLI::ParseError& e) {
    if (!app.get_subcommands().empty() || words.size() < 2 || words[1][0] == '-') return e.what();
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    const std::vector<std::string_view> known{names.begin(), names.end()};
    return fmt::format("there is no sub-command '{}'; the nearest is '{}'", shown(words[1]),
                       nearest(words[1], known));
}

int run_command_line(int argc, char** argv) {
    int status = ok;
    CLI::App app{"Measurement of programs: joins and shows results, and runs programs.",
                 "timemory"};
    app.set_version_flag("--version", "timemory " TIMEMORY_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Every setting can be given as --timemory-<setting>=<value> behind the sub-command, as in\n"
        "the environment: see 'timemory settings'.\n"
        "Exit codes: 0 done; 1 nothing was found, or something that was found is broken; 2 wrong\n"
        "usage; 'timemory run' has that of its command.");
    std::vector<std::string> command;
    add_avail(app, status);
    add_completion(app, status, command);
    add_diff(app, status);
    add_merge(app, status);
    add_recover(app, status);
    add_report(app, status);
    add_run(app, status, command);
    add_settings(app, status);
    add_top(app, status);

    note_command_line({argv, argv + argc});
    const int program = std::min(argc, 1);
    command.assign(argv + program, argv + argc);
    const auto own = static_cast<std::ptrdiff_t>(own_words(app, command));
    std::vector<char*> words{argv, argv + program + own};
    command.erase(command.begin(), command.begin() + own);
    if (!command.empty() && command.front() == "--") command.erase(command.begin());
    read_environment();
    if (!assign_settings(words)) return wrong_usage;
    apply_settings();
    try {
        app.parse(static_cast<int>(words.size()), words.data());
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) return app.exit(e);  // --help and --version
        say(fmt::format("{}; see 'timemory --help'", what_is_wrong(app, words, e)));
        return wrong_usage;
    }
    return status;
}

}  // namespace
}  // namespace tim::cli

int main(int argc, char** argv) {
    try {
        const int status = tim::cli::run_command_line(argc, argv);
        if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
        tim::say(fmt::format("cannot write the standard output: {}", std::strerror(errno)));
        return status == tim::cli::ok ? tim::cli::failed : status;
    } catch (const std::exception& e) {
        tim::say(e.what());
        return tim::cli::failed;
    }
}
