#include "settings/config_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "settings/say.hpp"

namespace tim {
namespace {

constexpr std::size_t most_bytes = 16 << 20;  // a configuration, not data

struct closer {
    void operator()(std::FILE* f) const noexcept { std::fclose(f); }
};

/// The file's bytes; nothing, with errno set, if it can't be read.
std::optional<std::string> read_file(const std::string& path) {
    const std::unique_ptr<std::FILE, closer> file{std::fopen(path.c_str(), "rbe")};
    if (file == nullptr) return std::nullopt;
    std::string bytes;
    char piece[8192];
    for (std::size_t n; (n = std::fread(piece, 1, sizeof piece, file.get())) > 0;) {
        if (bytes.size() + n > most_bytes) {
            errno = EFBIG;
            return std::nullopt;
        }
        bytes.append(piece, n);
    }
    if (std::ferror(file.get()) != 0) return std::nullopt;
    return bytes;
}

/// Takes one assignment of a file; false if it is wrong, after one line.
class assigner {
public:
    assigner(std::string path, setting_origin from) : path_{std::move(path)}, from_{from} {}

    void assign(std::string_view name, std::string_view value, std::size_t line) {
        const std::string where = line > 0 ? fmt::format("{}:{}", path_, line) : std::string{path_};
        const std::string wrong = set_setting(name, value, from_, where);
        if (!wrong.empty()) complain(wrong);
    }
    void complain(std::string_view what) {
        say(what);
        fine_ = false;
    }
    [[nodiscard]] bool fine() const noexcept { return fine_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
    setting_origin from_;
    bool fine_ = true;
};

// ---- Text

std::vector<std::string_view> tokens_of(std::string_view line) {
    constexpr std::string_view separators = "=,; \t\r";
    std::vector<std::string_view> tokens;
    for (std::size_t at = 0; (at = line.find_first_not_of(separators, at)) < line.size();) {
        if (line[at] == '#') break;
        const std::size_t end = std::min(line.find_first_of(separators, at), line.size());
        tokens.push_back(line.substr(at, end - at));
        at = end;
    }
    return tokens;
}

using variables = std::map<std::string, std::string, std::less<>>;

/// What a token of a value stands for: itself, or a variable of the file, of the environment
/// (`$env:NAME`), or another setting's value. A name that stands for itself through others, or for
/// nothing, stays as it is.
std::string resolved(std::string_view token, const variables& known, int depth = 0) {
    constexpr int most_depth = 32;
    if (token.size() < 2 || token[0] != '$' || depth == most_depth) return std::string{token};
    const std::string_view name = token.substr(1);
    if (name.starts_with("env:")) {
        const char* value = std::getenv(std::string{name.substr(4)}.c_str());
        return value != nullptr ? resolved(value, known, depth + 1) : std::string{token};
    }
    if (const auto found = known.find(name); found != known.end())
        return resolved(found->second, known, depth + 1);
    if (const auto value = get_setting(name)) return resolved(*value, known, depth + 1);
    return std::string{token};
}

void read_text(std::string_view text, assigner& to) {
    variables known;
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const auto tokens = tokens_of(text.substr(at, end - at));
        at = end + 1;
        if (tokens.empty()) continue;
        std::string value;
        for (std::size_t i = 1; i < tokens.size(); ++i)
            value += (i > 1 ? "," : "") + resolved(tokens[i], known);
        std::string_view key = tokens[0];
        if (key.size() > 1 && key[0] == '$') {
            known.insert_or_assign(std::string{key.substr(1)}, value);
            continue;
        }
        to.assign(key, value, number + 1);
    }
}

// ---- JSON

/// The object at `names`, one in the other; null if there is none.
const nlohmann::json* find(const nlohmann::json& top, std::initializer_list<const char*> names) {
    const nlohmann::json* here = &top;
    for (const char* name : names) {
        const auto found = here->is_object() ? here->find(name) : here->end();
        if (found == here->end()) return nullptr;
        here = &*found;
    }
    return here->is_object() ? here : nullptr;
}

/// A value as the text that a setting parses; nothing for what can't be one.
std::optional<std::string> as_text(const nlohmann::json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean() || value.is_number()) return value.dump();
    if (!value.is_array()) return std::nullopt;
    std::string list;
    for (const auto& item : value) {
        const auto text = item.is_array() ? std::nullopt : as_text(item);
        if (!text) return std::nullopt;
        list += (list.empty() ? "" : ",") + *text;
    }
    return list;
}

void read_json(const std::string& text, assigner& to) {
    const auto top = nlohmann::json::parse(text, nullptr, false);
    if (top.is_discarded()) return to.complain(fmt::format("{} is not JSON", to.path()));
    const nlohmann::json* rows = find(top, {"timemory", "metadata", "settings"});
    if (rows == nullptr) rows = find(top, {"timemory", "settings"});
    if (rows == nullptr)
        return to.complain(fmt::format(
            "{} has neither timemory.metadata.settings nor timemory.settings", to.path()));
    for (const auto& [name, row] : rows->items()) {
        // What timemory itself writes beside the settings.
        if (name == "command_line" || name == "environment" || name == "cereal_class_version")
            continue;
        const auto found = row.is_object() ? row.find("value") : row.end();
        const auto value = as_text(row.is_object() ? (found != row.end() ? *found : row) : row);
        if (value)
            to.assign(name, *value, 0);
        else
            to.complain(
                fmt::format("{}: setting '{}' has no value that can be read", to.path(), name));
    }
}

}  // namespace

bool read_config_file(const std::string& path, bool required, setting_origin from) {
    assigner to{path, from};
    const auto text = read_file(path);
    if (!text) {
        if (required || errno != ENOENT)
            to.complain(fmt::format("configuration file {}: {}; it is left out", path,
                                    std::strerror(errno)));
        return to.fine();
    }
    if (path.ends_with(".json"))
        read_json(*text, to);
    else
        read_text(*text, to);
    return to.fine();
}

}  // namespace tim
