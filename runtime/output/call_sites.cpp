#include "output/call_sites.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "output/file.hpp"
#include "settings/say.hpp"
#include "system/child_process.hpp"
#include "system/descriptor.hpp"
#include "system/installation.hpp"

namespace tim {
namespace {

constexpr std::string_view separator = " < ";  // between a frame and its caller
constexpr std::chrono::seconds time_limit{30};

struct recorded_frame {
    std::string_view path;
    std::string_view offset;  ///< with 0x
    std::string_view build_id;
};

std::optional<recorded_frame> parse(std::string_view text) {
    const std::size_t id = text.rfind('@');
    const std::size_t offset = text.rfind("+0x", id);
    if (id == text.npos || offset == text.npos || text.find_first_of("\t\n") != text.npos)
        return std::nullopt;
    return recorded_frame{.path = text.substr(0, offset),
                          .offset = text.substr(offset + 1, id - offset - 1),
                          .build_id = text.substr(id + 1)};
}

template <class Visit>
void each_frame(std::string_view site, Visit visit) {
    for (std::size_t at = 0; at <= site.size();) {
        const std::size_t end = std::min(site.find(separator, at), site.size());
        visit(site.substr(at, end - at));
        at = end + separator.size();
    }
}

std::string answer_of(const std::string& program, std::string_view question) {
    const descriptor input{memfd_create("timemory", MFD_CLOEXEC)};
    const descriptor output{memfd_create("timemory", MFD_CLOEXEC)};
    pipe_ends errors;
    if (!input || !output || !errors.write) throw std::runtime_error(std::strerror(errno));
    write_all(input.get(), std::as_bytes(std::span(question)));
    lseek(input.get(), 0, SEEK_SET);
    const auto deadline = child_process::clock::now() + time_limit;
    child_process child{
        {program}, {.input = input.get(), .output = output.get(), .errors = errors.write.get()}};
    errors.write.reset();
    if (child.error() != 0) throw std::runtime_error(std::strerror(child.error()));
    const std::optional<std::string> said = read_until(errors.read.get(), deadline);
    const std::optional<int> status =
        child.wait(said ? deadline : child_process::clock::time_point::min());
    if (!status)
        throw std::runtime_error(fmt::format("it was not through in {} s", time_limit.count()));
    if (*status != 0)
        throw std::runtime_error(fmt::format("it failed: {}", last_line(said.value_or(""))));
    const mapped_file made{output.get()};
    return {reinterpret_cast<const char*>(made.bytes().data()), made.bytes().size()};
}

/// Asks timemory-sites, a frame a line. Where there is no answer, names stay as they are.
void ask(frame_names& names) {
    const std::string program = installed_library("timemory/timemory-sites");
    if (program.empty()) return;
    std::string question;
    for (const auto& [text, shown] : names)
        if (const auto frame = parse(text))
            question += fmt::format("{}\t{}\t{}\n", frame->path, frame->build_id, frame->offset);
    std::string answer;
    try {
        answer = answer_of(program, question);
    } catch (const std::exception& error) {
        return say(fmt::format("call sites are shown by module and offset only: {}: {}", program,
                               error.what()));
    }
    std::string_view rest = answer;
    for (auto& [text, shown] : names) {
        const std::size_t end = rest.find('\n');
        if (end == rest.npos) return;
        if (end > 0) shown = fmt::format("{} ({})", rest.substr(0, end), shown);
        rest.remove_prefix(end + 1);
    }
}

/// Calls `visit(index)` for each text of a column.
template <class Visit>
void each_text(const keyed_table& t, std::size_t column, Visit visit) {
    std::vector<bool> seen(t.texts.size(), false);
    for (std::size_t at = column; at < t.key.size(); at += t.keys.size()) {
        const auto text = static_cast<std::size_t>(t.key[at]);
        if (!seen[text]) visit(text);
        seen[text] = true;
    }
}

void name_in(keyed_table& t, std::size_t column, const frame_names& names) {
    std::vector<std::int64_t> to(t.texts.size(), 0);
    each_text(t, column, [&](std::size_t site) {
        std::string named;
        each_frame(t.texts[site], [&](std::string_view text) {
            const auto found = names.find(text);
            if (!named.empty()) named += separator;
            named += found != names.end() ? found->second : text;
        });
        to[site] = static_cast<std::int64_t>(t.texts.size());
        t.texts.push_back(std::move(named));
    });
    for (std::size_t at = column; at < t.key.size(); at += t.keys.size())
        t.key[at] = to[static_cast<std::size_t>(t.key[at])];
    put_in_order(t);
}

bool is_of_sites(const keyed_table& t) {
    const std::size_t column = t.column("site");
    return t.name == "mpi_callsites" && column < t.keys.size() &&
           t.keys[column].kind == key_kind::text;
}

/// Adds the frames of a profile that are not there yet, as they are shown where nothing is known.
void add_frames(frame_names& names, const profile& p, const frame_names& known) {
    for (const keyed_table& t : p.tables) {
        if (!is_of_sites(t)) continue;
        each_text(t, t.column("site"), [&](std::size_t site) {
            each_frame(t.texts[site], [&](std::string_view text) {
                const auto frame = parse(text);
                if (!frame || known.contains(text)) return;
                names.try_emplace(
                    std::string{text},
                    fmt::format("{}+{}", frame->path.substr(frame->path.rfind('/') + 1),
                                frame->offset));
            });
        });
    }
}

void name_sites(result& r, frame_names names) {
    frame_names others;
    for (const profile& p : r.profiles) add_frames(others, p, names);
    if (!others.empty()) ask(others);
    names.merge(others);
    if (names.empty()) return;
    for (profile& p : r.profiles)
        for (keyed_table& t : p.tables)
            if (is_of_sites(t)) name_in(t, t.column("site"), names);
}

}  // namespace

std::future<frame_names> look_up_call_sites(const profile& p) noexcept {
    try {
        frame_names names;
        add_frames(names, p, {});
        if (names.empty()) return {};
        const all_signals_blocked guard;
        return std::async(std::launch::async | std::launch::deferred,
                          [names = std::move(names)]() mutable {
                              ask(names);
                              return std::move(names);
                          });
    } catch (const std::exception&) {
        return {};  // then they are looked up in the end
    }
}

void name_call_sites(result& r, std::future<frame_names> known) noexcept {
    try {
        name_sites(r, known.valid() ? known.get() : frame_names{});
    } catch (const std::exception& error) {
        say(fmt::format("call sites are shown as they were recorded: {}", error.what()));
    }
}

}  // namespace tim
