#include "output/files.hpp"

#include <fmt/format.h>
#include <stdio_ext.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "output/diff.hpp"
#include "output/file.hpp"
#include "output/gpu_writers.hpp"
#include "output/hdf5_file.hpp"
#include "output/metadata.hpp"
#include "output/mpi_summary.hpp"
#include "output/mpi_writers.hpp"
#include "output/notes.hpp"
#include "output/plots.hpp"
#include "output/profile_file.hpp"
#include "output/timeline.hpp"
#include "settings/say.hpp"

namespace tim {
namespace {

/// Writes to a stream of the program's without leaving a trace if that fails: neither text that
/// exit() would try to write again, nor an error indicator. What the program itself has in the
/// buffer is flushed first; if that fails, the program gets the error or the signal that it would
/// have got at exit.
class announcer {
public:
    announcer(std::FILE* stream, blocked_signals& signals) : stream_(stream) {
        if (stream_ == nullptr || std::ferror(stream_) != 0) stream_ = nullptr;
        if (stream_ == nullptr || __fpending(stream_) == 0 || std::fflush(stream_) == 0) return;
        signals.pending_is_the_programs();
        stream_ = nullptr;
    }

    void write(std::string_view text) {
        if (stream_ == nullptr) return;
        if (std::fwrite(text.data(), 1, text.size(), stream_) != text.size()) give_up();
    }

    void finish() {
        if (stream_ != nullptr && std::fflush(stream_) != 0) give_up();
    }

private:
    void give_up() {
        __fpurge(stream_);
        std::clearerr(stream_);
        stream_ = nullptr;
    }

    std::FILE* stream_;
};

}  // namespace

std::string path_without_extension(const settings& s, std::string_view label) {
    std::string path = s.output_path.empty() ? "." : s.output_path;
    if (path.back() != '/') path += '/';
    path += s.output_prefix;
    if (!s.output_prefix.empty()) {
        const char last = s.output_prefix.back();
        const bool alphanumeric = (last >= '0' && last <= '9') || (last >= 'a' && last <= 'z') ||
                                  (last >= 'A' && last <= 'Z');
        if (alphanumeric) path += '-';
    }
    for (const char c : label) path += c == '/' ? '_' : c;
    return path;
}

namespace {

/// What could not be written: one line for each cause.
class failures {
public:
    void add(int error, const std::string& path) {
        auto& [first, count] = by_error_[error];
        if (count++ == 0) first = path;
        ++count_;
    }
    [[nodiscard]] int count() const { return count_; }

    void report() const {
        for (const auto& [error, what] : by_error_) {
            const auto& [first, count] = what;
            const std::string more =
                count == 1 ? ""
                           : fmt::format(" and {} more file{}", count - 1, count == 2 ? "" : "s");
            const std::string line = fmt::format("timemory: cannot write '{}'{}: {}; {}\n", first,
                                                 more, std::strerror(error), advice(error));
            std::fputs(line.c_str(), stderr);
        }
    }

private:
    std::map<int, std::pair<std::string, int>> by_error_;
    int count_ = 0;
};

using writer = void (*)(const result&, std::string_view, const settings&, const sink&);

struct output_kind {
    std::string_view extension;
    bool settings::*wanted;
    writer write;
};

constexpr std::array<output_kind, 3> kinds{{
    {".flamegraph.json", &settings::flamegraph_output, write_flamegraph},
    {".json", &settings::json_output,
     [](const result& r, std::string_view id, const settings& s, const sink& out) {
         write_json(r, id, s, true, out);
     }},
    {".tree.json", &settings::tree_output,
     [](const result& r, std::string_view id, const settings& s, const sink& out) {
         write_tree(r, id, s, true, out);
     }},
}};

bool wants_files(const settings& s) {
    return s.file_output && (s.diff_output || s.text_output || (s.hdf5_output && has_hdf5()) ||
                             std::any_of(kinds.begin(), kinds.end(),
                                         [&](const output_kind& kind) { return s.*kind.wanted; }));
}

const component_description& description_of(const result& r, std::string_view id) {
    for (const profile& p : r.profiles)
        if (const component_columns* c = p.find(id)) return c->what;
    static const component_description none;  // components_of() lists only what is there
    return none;
}

/// `TIMEMORY_USE_OUTPUT_SUFFIX` puts the rank, or without MPI the process, behind the label.
std::string suffix_of(const result& r) {
    const char* wanted = std::getenv("TIMEMORY_USE_OUTPUT_SUFFIX");
    if (wanted == nullptr || !parse_boolean(wanted).value_or(true)) return "";
    return r.mpi ? "-0" : fmt::format("-{}", getpid());
}

/// The file of that name in the folder of earlier results, or the same with another extension.
std::optional<std::string> find_input(const settings& s, const std::string& label,
                                      announcer& announce) {
    settings where = s;
    where.output_path = s.input_path.empty() ? s.output_path : s.input_path;
    where.output_prefix = s.input_prefix.empty() ? s.output_prefix : s.input_prefix;
    const std::string base = path_without_extension(where, label);
    std::vector<std::string> tried;
    const std::string extensions = "json," + s.input_extensions;
    for (std::string_view rest = extensions; !rest.empty();) {
        constexpr std::string_view separators = ",;: ";
        std::string extension{rest.substr(0, rest.find_first_of(separators))};
        rest.remove_prefix(std::min(rest.size(), extension.size() + 1));
        extension.erase(0, extension.find_first_not_of('.'));
        if (extension.empty() || std::count(tried.begin(), tried.end(), extension) > 0) continue;
        tried.push_back(extension);
        std::string path = fmt::format("{}.{}", base, extension);
        announce.write(fmt::format("Checking for existing input at {}...\n", path));
        struct stat about;
        if (stat(path.c_str(), &about) == 0) return path;
    }
    return std::nullopt;
}

std::mutex last_lock;

written_files& last_files() {
    static auto* const files = new written_files;  // never destroyed: outputs are written at exit
    return *files;
}

/// Writes the outputs of a result, one component after the other.
class output_writer {
public:
    output_writer(const result& r, const settings& s, announcer& announce)
        : result_(r), settings_(s), announce_(announce), suffix_(suffix_of(r)) {
        for (const profile& p : r.profiles) files_.own_cost += p.measuring;
    }

    void write(const std::vector<std::string>& ids) {
        const std::string folder = folder_of(path_without_extension(settings_, ""));
        if (wants_files(settings_)) folder_error_ = make_folder(folder);
        start_hdf5();
        start_functions();
        if (wants_summaries() && has_mpi(result_)) write_mpi();
        if (wants_summaries() && has_gpu(result_)) write_gpu();
        for (const std::string& id : ids) write_component(id);
        if (settings_.plot_output) plot();
        if (settings_.ctest_notes) write_notes();
        write_metadata();
        finish_hdf5();
        report(folder);
        const std::lock_guard guard{last_lock};
        last_files() = files_;
    }
    [[nodiscard]] int failed() const { return failures_.count(); }

private:
    void start_hdf5() {
        if (!settings_.file_output || !settings_.hdf5_output || folder_error_ != 0) return;
        if (!has_hdf5()) {
            if (setting_origin_of("hdf5_output") != "default")
                say("no timemory.h5: this timemory was built without HDF5");
            return;
        }
        try {
            hdf5_.emplace(result_, std::chrono::seconds{settings_.finalize_timeout});
            hdf5_file_ = start_file(hdf5_path(), [this](const sink& out) { hdf5_->finish(out); });
        } catch (const std::exception& e) {
            keep_profiles(e.what());
        }
    }

    void finish_hdf5() {
        if (!hdf5_file_.valid()) return;
        try {
            const int error = hdf5_file_.get();
            if (error != 0)
                keep_profiles(std::strerror(error), error);
            else if (settings_.verbose > 0)
                announce_.write(fmt::format("[hdf5]|0> Outputting '{}'...\n", hdf5_path()));
        } catch (const std::exception& e) {
            keep_profiles(e.what());
        }
    }

    /// What can't be written as HDF5 stays in the serialised form. `error`: why the file could not
    /// be written, if it was that.
    void keep_profiles(const char* problem, int error = 0) {
        std::string kept;
        for (const profile& p : result_.profiles) {
            const std::string path =
                path_without_extension(settings_, "profile-" + name_of_ranks(p)) + ".timemory";
            const int not_kept =
                write_file(path, [&p](const sink& out) { write_serialised(p, out); });
            if (not_kept != 0) return failures_.add(error != 0 ? error : not_kept, hdf5_path());
            kept += fmt::format("{}'{}'", kept.empty() ? "" : ", ", path);
        }
        say(fmt::format("cannot write '{}': {}; what was measured is in {}", hdf5_path(), problem,
                        kept));
    }

    [[nodiscard]] std::string hdf5_path() const {
        return path_without_extension(settings_, "timemory") + suffix_ + ".h5";
    }

    using content = std::function<void(const sink&)>;

    /// Whether somebody sees summaries: what there is to know first, before the tables.
    [[nodiscard]] bool wants_summaries() const {
        return settings_.cout_output ||
               (settings_.file_output && (settings_.text_output || settings_.json_output));
    }

    void write_mpi() {
        const mpi_summary s = summarise_mpi(result_);
        const content svg = [&](const sink& out) { write_mpi_svg(s, out); };
        write_summary(
            "mpi", [&](const sink& out) { write_mpi_text(s, out); },
            [&](const sink& out) { write_mpi_json(s, out); }, s.matrix.empty() ? content{} : svg);
    }

    void write_gpu() {
        const gpu_summary s = summarise_gpu(result_);
        write_summary(
            "gpu", [&](const sink& out) { write_gpu_text(s, out); },
            [&](const sink& out) { write_gpu_json(s, out); });
    }

    void write_summary(const std::string& name, const content& text, const content& json,
                       const content& svg = {}) {
        const std::string base = path_without_extension(settings_, name) + suffix_;
        bool announced = false;
        if (settings_.file_output && settings_.json_output)
            announced |= put(base + ".json", name, json);
        if (settings_.file_output && settings_.text_output) {
            if (svg) announced |= put(base + ".svg", name, svg);
            announced |= put(base + ".txt", name, text);
        }
        if (announced) announce_.write("\n");
        if (settings_.cout_output) text([this](std::string_view piece) { announce_.write(piece); });
    }

    void write_component(const std::string& id) {
        const component_description& what = description_of(result_, id);
        const std::string base = path_without_extension(settings_, what.label) + suffix_;
        // What is read is the earlier result, also where ours takes its place.
        const std::optional<flat_document> before = read_earlier(what);

        std::vector<started_file> started = start_files(id, what, base);
        const std::vector<std::string> table = table_of(id);
        bool announced = false;
        for (started_file& file : started)
            announced |= finish(file.path, what.label, file.error.get());
        if (settings_.file_output && settings_.text_output)
            announced |= put(base + ".txt", what.label, [&](const sink& out) {
                for (const std::string& piece : table) out(piece);
            });
        if (announced) announce_.write("\n");
        if (settings_.cout_output) {
            for (const std::string& piece : table) announce_.write(piece);
            announce_.write("\n");
        }
        const sink print = [this](std::string_view piece) { announce_.write(piece); };
        if (settings_.dart_output) write_dart(result_, id, settings_, print);
        if (before) write_difference(id, what, *before, base);
    }

    /// The text table, in pieces, where a file or the standard output wants it: it is made once for
    /// both.
    [[nodiscard]] std::vector<std::string> table_of(const std::string& id) const {
        std::vector<std::string> pieces;
        if (settings_.cout_output || (settings_.file_output && settings_.text_output))
            write_text(result_, id, settings_, true,
                       [&](std::string_view piece) { pieces.emplace_back(piece); });
        return pieces;
    }

    struct started_file {
        std::string path;
        std::future<int> error;
    };

    /// Begins to write the JSON files, which take longest, beside each other.
    std::vector<started_file> start_files(const std::string& id, const component_description& what,
                                          const std::string& base) {
        std::vector<started_file> started;
        for (const output_kind& kind : kinds) {
            if (!settings_.file_output || !(settings_.*kind.wanted)) continue;
            if (kind.write == write_flamegraph && !has_flamegraph(what)) continue;
            std::string path = base + std::string{kind.extension};
            if (folder_error_ != 0) {
                failures_.add(folder_error_, path);
                continue;
            }
            std::future<int> error = start_file(path, [this, &kind, &id](const sink& out) {
                kind.write(result_, id, settings_, out);
            });
            started.push_back({std::move(path), std::move(error)});
        }
        return started;
    }

    /// Writes and announces one file.
    bool put(const std::string& path, const std::string& label, const content& produce) {
        return finish(path, label, folder_error_ != 0 ? 0 : write_file(path, produce));
    }

    /// Announces a file that was written, or keeps why it was not.
    bool finish(const std::string& path, const std::string& label, int error) {
        if (folder_error_ != 0 || error != 0) {
            failures_.add(error, path);
            return false;
        }
        announce_.write(fmt::format("[{}]|0> Outputting '{}'...\n", label, path));
        (path.ends_with(".txt") ? files_.text : files_.json)[label].push_back(path);
        return true;
    }

    std::optional<flat_document> read_earlier(const component_description& what) {
        if (!settings_.diff_output || !settings_.file_output) return std::nullopt;
        const auto path = find_input(settings_, what.label + suffix_, announce_);
        if (!path) {
            without_input_ += (without_input_.empty() ? "" : ", ") + what.label;
            return std::nullopt;
        }
        announce_.write(fmt::format("[{}]|0> Reading '{}'...\n", what.label, *path));
        try {
            input_ = *path;
            return read_flat_file(*path);
        } catch (const std::exception& e) {
            say_unusable(e.what());
            return std::nullopt;
        }
    }

    void say_unusable(const char* why) const {
        say(
            fmt::format("no difference to '{}': {}; diff_output needs a <label>.json that timemory "
                        "wrote",
                        input_, why));
    }

    void write_difference(const std::string& id, const component_description& what,
                          const flat_document& before, const std::string& base) {
        try {
            std::string now;
            write_json(result_, id, settings_, true,
                       [&now](std::string_view piece) { now += piece; });
            const comparison c =
                compare(before, read_flat(now), what.over_laps != combine::maximum);
            bool announced = put(base + ".diff.json", what.label,
                                 [&](const sink& out) { write_diff_json(c, out); });
            announced |= put(base + ".diff.txt", what.label, [&](const sink& out) {
                write_diff_text(c, what, settings_, input_, out);
            });
            if (announced) announce_.write("\n");
        } catch (const std::exception& e) {
            say_unusable(e.what());
        }
    }

    void plot() {
        std::vector<std::string> inputs;
        for (const auto& [label, paths] : files_.json)
            for (const std::string& path : paths)
                if (path == path_without_extension(settings_, label) + suffix_ + ".json")
                    inputs.push_back(path);
        if (inputs.empty()) {
            say("no plots: they are made from the JSON files, which were not written");
            return;
        }
        constexpr std::chrono::seconds limit{60};
        const plot_outcome made = make_plots(settings_.python_exe, inputs, limit);
        for (const std::string& picture : made.files) {
            const std::string name = picture.substr(picture.rfind('/') + 1);
            announce_.write(fmt::format("[plot]|0> Outputting '{}'...\n", picture));
            if (settings_.dart_output)
                announce_.write(fmt::format(
                    R"(<DartMeasurementFile name="{}" type="image/png">{}</DartMeasurementFile>)"
                    "\n",
                    xml_escaped(name), xml_escaped(absolute_path(picture))));
        }
        if (!made.files.empty()) announce_.write("\n");
        if (!made.problem.empty())
            say(fmt::format(
                "no plots: {}; TIMEMORY_PYTHON_EXE names a Python that has timemory and "
                "matplotlib",
                made.problem));
    }

    void write_notes() {
        const std::string path =
            folder_of(path_without_extension(settings_, "")) + "/CTestNotes.txt";
        std::ifstream file{path, std::ios::binary};
        std::string notes{std::istreambuf_iterator<char>{file}, {}};
        if (files_.text.empty()) return;
        for (const auto& [label, paths] : files_.text)
            for (const std::string& table : paths) notes = with_note(notes, table);
        const int error = write_file(path, [&](const sink& out) { out(notes); });
        if (error != 0)
            failures_.add(error, path);
        else
            announce_.write(fmt::format("[ctest_notes]|0> Outputting '{}'...\n\n", path));
    }

    /// The names of the regions, beside the other files.
    void start_functions() {
        const int mode = write_metadata_mode();
        const bool others = settings_.text_output || settings_.json_output ||
                            settings_.tree_output || settings_.flamegraph_output;
        if (!settings_.file_output || mode < 0 || (mode == 0 && !others)) return;
        if (folder_error_ == 0) folder_error_ = make_folder(folder_of(functions_path()));
        if (folder_error_ == 0)
            functions_file_ = start_file(
                functions_path(), [this](const sink& out) { write_functions(result_, out); });
    }

    [[nodiscard]] std::string functions_path() const {
        return path_without_extension(settings_, "functions") + ".json";
    }

    /// What ran, and the names of the regions. Not announced, but with `verbose`.
    void write_metadata() {
        if (!functions_file_.valid()) return;
        const std::string path = path_without_extension(settings_, "metadata") + ".json";
        const int before = failures_.count();
        int error = write_file(path, [&](const sink& out) { out(metadata_document(files_)); });
        if (error != 0) failures_.add(error, path);
        error = functions_file_.get();
        if (error != 0) failures_.add(error, functions_path());
        if (failures_.count() == before && settings_.verbose > 0)
            announce_.write(
                fmt::format("[metadata::manager::finalize]> Outputting '{}' and '{}'...\n", path,
                            functions_path()));
    }

    void report(const std::string& folder) const {
        if (folder_error_ == 0)
            failures_.report();
        else
            say(fmt::format("cannot make the output folder '{}': {}; {}", folder,
                            std::strerror(folder_error_), advice(folder_error_)));
        if (!without_input_.empty())
            say(fmt::format(
                "no earlier result of {} in '{}' to compare with; TIMEMORY_INPUT_PATH "
                "names the folder",
                without_input_,
                settings_.input_path.empty() ? settings_.output_path : settings_.input_path));
    }

    const result& result_;
    const settings& settings_;
    announcer& announce_;
    written_files files_;
    std::string suffix_;
    failures failures_;
    int folder_error_ = 0;
    std::string input_;          // the earlier result of the component at hand
    std::string without_input_;  // labels that have none
    std::optional<hdf5_making> hdf5_;
    std::future<int> hdf5_file_;  // a future of a thread waits for it: what it uses stands before
    std::future<int> functions_file_;
};

}  // namespace

written_files last_written() {
    const std::lock_guard guard{last_lock};
    return last_files();
}

int write_outputs(const result& r, const settings& s, std::FILE* announce) {
    try {
        const std::vector<std::string> ids = components_of(r);
        if (ids.empty() && !has_mpi(r)) return 0;
        blocked_signals guard;
        announcer out{announce, guard};
        output_writer writer{r, s, out};
        writer.write(ids);
        out.finish();
        return writer.failed();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "timemory: cannot write the results: %s\n", e.what());
        return 1;
    }
}

bool write_timeline(std::span<const lap_event> laps, const settings& s,
                    std::optional<std::uint32_t> rank) {
    try {
        const blocked_signals guard;
        const std::string path =
            path_without_extension(s, rank ? fmt::format("timeline-{}", *rank) : "timeline") +
            ".json";
        int error = make_folder(folder_of(path));
        if (error == 0)
            error = write_file(path, [&](const sink& out) {
                write_trace(laps, rank ? *rank : static_cast<std::uint64_t>(getpid()), out);
            });
        failures failed;
        if (error != 0) failed.add(error, path);
        failed.report();
        return error == 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "timemory: cannot write the timeline: %s\n", e.what());
        return false;
    }
}

}  // namespace tim
