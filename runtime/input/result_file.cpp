#include "input/result_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "fold/join.hpp"
#include "input/flat_result.hpp"
#include "output/hdf5_file.hpp"
#include "profile/merge.hpp"
#include "profile/select.hpp"
#include "recovery/process_record.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim {
namespace {

namespace fs = std::filesystem;

/// The first bytes of a file. Throws if it can't be read.
std::string beginning_of(const std::string& path) {
    errno = 0;
    std::ifstream in{path, std::ios::binary};
    std::array<char, 8> bytes{};
    in.read(bytes.data(), bytes.size());
    if (in.bad() || !in.is_open())
        throw std::runtime_error(errno != 0 ? std::strerror(errno) : "it can't be read");
    return {bytes.data(), static_cast<std::size_t>(in.gcount())};
}

std::vector<std::string> files_in(const std::string& folder, std::string_view extension) {
    std::vector<std::string> files;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
        if (entry->path().extension() == extension) files.push_back(entry->path());
    if (error) say(fmt::format("cannot read the folder '{}': {}", folder, error.message()));
    std::sort(files.begin(), files.end());
    return files;
}

record record_of(profile p) {
    record r;
    r.measured.mpi = p.world_size > 1;
    r.measured.collapsed_threads = !has_threads(p);
    r.measured.profiles.push_back(std::move(p));
    return r;
}

profile read_arena(const std::string& path) {
    return read_process(arena_file{path, arena_file::access::copied},
                        {.threads_apart = !current_settings().collapse_threads})
        .measured;
}

/// What a process or a rank left.
profile read_piece(const std::string& path) {
    return beginning_of(path) == "tmemory1" ? read_arena(path) : read_profile(path);
}

record join_files(const std::vector<std::string>& files) {
    std::vector<piece> pieces;
    for (const std::string& file : files) {
        try {
            pieces.push_back(describe(read_piece(file), file));
        } catch (const std::exception& e) {
            throw std::runtime_error(fmt::format("'{}': {}", shown(file), e.what()));
        }
        if (pieces.back().job != pieces.front().job)
            throw std::runtime_error(
                "it has profiles of several jobs, of which 'timemory merge --job' takes one");
    }
    const settings s = current_settings();
    const bool threads_apart =
        std::all_of(pieces.begin(), pieces.end(), [](const piece& p) { return p.threads_apart; });
    const join_options options{.collapse_ranks = s.collapse_processes,
                               .collapse_threads = !threads_apart,
                               .max_paths = static_cast<std::uint32_t>(s.max_paths)};
    const join_plan plan = plan_join(pieces, options);
    if (!plan.refusal.empty()) throw std::runtime_error(plan.refusal);
    for (const std::string& line : plan.remarks) say(line);
    if (!plan.missing.empty())
        say(fmt::format("of {} ranks these are missing: {}", plan.world_size,
                        ranks_text(plan.missing)));
    record r;
    r.measured.profiles =
        join(plan, pieces, options, [](const piece& p) { return read_piece(p.file); });
    r.measured.mpi = plan.world_size > 1;
    r.measured.collapsed_ranks = options.collapse_ranks || !r.measured.mpi;
    r.measured.collapsed_threads = options.collapse_threads;
    return r;
}

/// Brings another component of the same run into `r`.
void add_component(result& r, result more) {
    for (profile& p : more.profiles) {
        const auto same = std::find_if(r.profiles.begin(), r.profiles.end(),
                                       [&](const profile& q) { return q.ranks == p.ranks; });
        if (same == r.profiles.end())
            r.profiles.push_back(std::move(p));
        else
            *same = merge(*same, p, dimension::laps, std::numeric_limits<std::uint32_t>::max());
    }
    r.mpi |= more.mpi;
    r.collapsed_ranks &= more.collapsed_ranks;
    r.collapsed_threads &= more.collapsed_threads;
}

record result_of_all(const std::vector<flat_document>& documents) {
    record r{.measured = result_of(documents.front()), .run = {}};
    for (std::size_t i = 1; i < documents.size(); ++i)
        add_component(r.measured, result_of(documents[i]));
    return r;
}

/// What is in the `<label>.json` files of a folder: others are not of this form.
std::vector<flat_document> documents_in(const std::string& folder) {
    std::vector<flat_document> documents;
    for (const std::string& file : files_in(folder, ".json")) {
        try {
            for (flat_document& d : read_flats_file(file)) documents.push_back(std::move(d));
        } catch (const malformed_document&) {
            continue;
        }
    }
    return documents;
}

record read_folder(const std::string& folder) {
    std::error_code error;
    const std::string file = (fs::path{folder} / "timemory.h5").string();
    if (fs::exists(file, error)) return read_hdf5(file);
    std::vector<std::string> pieces = profiles_in(folder);
    for (std::string& arena : arenas_in(folder)) pieces.push_back(std::move(arena));
    if (!pieces.empty()) return join_files(pieces);
    const std::vector<flat_document> documents = documents_in(folder);
    if (!documents.empty()) {
        record r = result_of_all(documents);
        std::ifstream metadata{fs::path{folder} / "metadata.json"};
        r.run.metadata.assign(std::istreambuf_iterator<char>{metadata}, {});
        return r;
    }
    throw std::runtime_error("the folder has no result");
}

}  // namespace

profile read_profile(const std::string& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);  // fails for what is not a regular file
    if (error) throw std::runtime_error(error.message());
    std::vector<std::byte> bytes(size);
    std::ifstream in(path, std::ios::binary);
    if (!in || !in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
        throw std::runtime_error(errno != 0 ? std::strerror(errno) : "it ends too early");
    return deserialise(bytes);
}

std::vector<std::string> profiles_in(const std::string& folder) {
    return files_in(folder, ".timemory");
}

record read_result(const std::string& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) return read_folder(path);
    const std::string begin = beginning_of(path);
    if (begin == "\x89HDF\r\n\x1a\n") return read_hdf5(path);
    if (begin == "TIMEPROF") return record_of(read_profile(path));
    if (begin == "tmemory1") return record_of(read_arena(path));
    const std::size_t first = begin.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && begin[first] == '{')
        return result_of_all(read_flats_file(path));
    throw std::runtime_error(
        "it is neither a timemory.h5, a profile (*.timemory), an arena nor a JSON file");
}

bool is_listed(const component_description& what, std::string_view list) {
    constexpr std::string_view separators = ",;: ";
    while (!list.empty()) {
        const std::string_view name = list.substr(0, list.find_first_of(separators));
        list.remove_prefix(std::min(list.size(), name.size() + 1));
        if (!name.empty() && (name == what.id || name == what.label ||
                              std::count(what.aliases.begin(), what.aliases.end(), name) > 0))
            return true;
    }
    return false;
}

std::string keep_components(std::vector<profile>& profiles, std::string_view list) {
    if (list.empty()) return {};
    std::map<std::string, bool> known;
    bool any = false;
    for (profile& p : profiles) {
        for (const component_columns& c : p.components)
            any |= known[c.what.id] = is_listed(c.what, list);
        std::erase_if(p.components, [&](const component_columns& c) { return !known[c.what.id]; });
    }
    if (any) return {};
    std::string there;
    for (const auto& [id, is_wanted] : known) there += (there.empty() ? "" : ", ") + id;
    return fmt::format("there are none of the components '{}'; there are: {}", list, there);
}

}  // namespace tim
