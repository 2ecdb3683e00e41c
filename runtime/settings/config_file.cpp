#include "settings/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "settings/say.hpp"

namespace tim {
namespace {

constexpr std::size_t most_bytes = 16 << 20;  // of a file: a configuration, not data
constexpr std::size_t most_value = 64 << 10;  // of one value, with its variables replaced
constexpr std::size_t most_lines = 10;        // that are said of one file
constexpr std::size_t most_levels = 1000;     // of JSON

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

/// Takes the assignments of one file, and collects what is wrong with them.
class assigner {
public:
    assigner(const std::string& path, setting_origin from) : path_{path}, from_{from} {}

    void assign(std::string_view key, std::string_view value, std::size_t line) {
        const std::string_view option = setting_of_option(key);
        const std::string_view name = option.empty() ? key : option;
        if (value.size() > most_value)
            return complain(line, [&] {
                return fmt::format("the value of '{}' is longer than {} bytes", shown(name),
                                   most_value);
            });
        // Finding the nearest of the names takes its time.
        if (wrong_ >= most_lines && !get_setting(name)) return void(++wrong_);
        const std::string place = fmt::format("{}:{}", path_, line);
        std::string problem = set_setting(name, value, from_, place);
        if (!problem.empty()) add(std::move(problem));
    }

    /// `what()` is the line, without the place; it is made only if it is said.
    template <class What>
    void complain(std::size_t line, What what) {
        add(wrong_ < most_lines ? fmt::format("{}:{}: {}", shown_path(), line, what()) : "");
    }
    /// The same for the file as a whole.
    void complain(std::string_view what) { add(fmt::format("{}: {}", shown_path(), what)); }

    std::vector<std::string> lines() && {
        if (wrong_ > most_lines) {
            const std::size_t more = wrong_ - most_lines;
            lines_.push_back(fmt::format("{}: {} more {} wrong", shown_path(), more,
                                         more == 1 ? "line is" : "lines are"));
        }
        return std::move(lines_);
    }

private:
    [[nodiscard]] std::string shown_path() const { return shown(path_, 4096); }

    void add(std::string line) {
        if (wrong_++ < most_lines) lines_.push_back(std::move(line));
    }

    const std::string& path_;
    setting_origin from_;
    std::vector<std::string> lines_;
    std::size_t wrong_ = 0;
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

bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The variables of a file, and what texts with `$` in them stand for: `$NAME` for a variable of
/// the file or else a setting's value, `$env:NAME` for a variable of the environment.
class variables {
public:
    void define(std::string_view name, std::string value) {
        known_.insert_or_assign(std::string{name}, std::move(value));
    }

    /// What is not known stays as it is where a variable is defined: it may be defined further
    /// down. Elsewhere it is wrong. Returns what is wrong, or an empty string.
    std::string replace(std::string_view text, bool defining, std::string& out) {
        steps_ = 0;
        return replace(text, defining ? unknown::kept : unknown::wrong, 0, out);
    }

private:
    enum class unknown : std::uint8_t { kept, wrong };

    std::string replace(std::string_view text, unknown rule, int depth, std::string& out) {
        constexpr int most_depth = 32;
        constexpr int most_steps = 10000;
        while (!text.empty()) {
            const std::size_t dollar = std::min(text.find('$'), text.size());
            out += text.substr(0, dollar);
            text.remove_prefix(dollar);
            if (text.empty()) break;
            const bool environment = text.substr(1).starts_with("env:");
            const std::size_t begin = environment ? 5 : 1;
            std::size_t end = begin;
            while (end < text.size() && is_name_character(text[end])) ++end;
            const std::string name{text.substr(begin, end - begin)};
            const std::string_view whole = text.substr(0, end);
            text.remove_prefix(end);
            if (name.empty()) {
                out += whole;
                continue;
            }
            if (depth == most_depth || ++steps_ > most_steps)
                return fmt::format("'{}' stands for itself, or for too many others", shown(whole));
            std::string problem;
            if (environment) {
                if (const char* value = std::getenv(name.c_str()))
                    problem = replace(value, unknown::kept, depth + 1, out);
                else if (rule == unknown::wrong)
                    return fmt::format("'{}': the environment has no such variable", shown(whole));
                else
                    out += whole;
            } else if (const auto found = known_.find(name); found != known_.end()) {
                problem = replace(std::string{found->second}, rule, depth + 1, out);
            } else if (const auto value = get_setting(name)) {
                problem = replace(*value, unknown::kept, depth + 1, out);
            } else if (rule == unknown::wrong) {
                return fmt::format(
                    "'{}' is neither a variable of this file nor a setting; write $env:{} for a "
                    "variable of the environment",
                    shown(whole), shown(name));
            } else {
                out += whole;
            }
            if (!problem.empty()) return problem;
            if (out.size() > most_value)
                return fmt::format("the value is longer than {} bytes", most_value);
        }
        return {};
    }

    std::map<std::string, std::string, std::less<>> known_;
    int steps_ = 0;
};

void read_line(std::string_view line, std::size_t number, variables& known, assigner& to) {
    const auto tokens = tokens_of(line);
    if (tokens.empty()) return;
    const std::string_view key = tokens[0];
    const bool defining = key[0] == '$';
    const std::string_view variable = key.substr(defining ? 1 : 0);
    if (defining &&
        (variable.empty() || !std::all_of(variable.begin(), variable.end(), is_name_character)))
        return to.complain(number, [&] {
            return fmt::format(
                "'{}' can't be defined: the name of a variable is letters, digits "
                "and underscores",
                shown(key));
        });
    std::string value;
    for (std::size_t i = 1; i < tokens.size(); ++i) {
        if (i > 1) value += ',';
        std::string problem = known.replace(tokens[i], defining, value);
        if (!problem.empty()) return to.complain(number, [&] { return std::move(problem); });
        if (value.size() > most_value) break;
    }
    if (!defining) return to.assign(key, value, number);
    if (value.size() > most_value)
        return to.complain(number, [&] {
            return fmt::format("the value of '{}' is longer than {} bytes", shown(key), most_value);
        });
    known.define(variable, std::move(value));
}

void read_text(std::string_view text, assigner& to) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (text.find('\0') != std::string_view::npos)
        return to.complain("is not a text file: it has zero bytes; nothing of it is used");
    variables known;
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        read_line(text.substr(at, end - at), ++number, known, to);
        at = end + 1;
    }
}

// ---- JSON

/// One entry of the object of settings.
struct json_entry {
    std::string name;
    std::size_t line = 0;
    std::optional<std::string> value;  ///< a list: its items, with commas between them
    bool readable = true;
};

/// Walks through the bytes for the parser, and counts the lines on the way.
struct counting_iterator {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    const char& operator*() const noexcept { return *at; }
    counting_iterator& operator++() noexcept {
        *line += *at == '\n' ? 1 : 0;
        ++at;
        return *this;
    }
    bool operator==(const counting_iterator& other) const noexcept { return at == other.at; }
    bool operator!=(const counting_iterator& other) const noexcept { return at != other.at; }

    const char* at;
    std::size_t* line;
};

/// Takes the settings out of what the parser comes across, without building a document: nesting
/// costs no stack, and each entry knows its line. The settings are at timemory.metadata.settings
/// (what timemory writes) or timemory.settings.
class json_settings : public nlohmann::json_sax<nlohmann::json> {
public:
    explicit json_settings(const std::size_t& line) : line_{line} {}

    std::vector<json_entry> written;  ///< timemory.metadata.settings
    std::vector<json_entry> given;    ///< timemory.settings
    bool has_written = false;
    bool has_given = false;
    std::string problem;

    bool null() override { return unreadable(); }
    bool boolean(bool value) override { return scalar(value ? "true" : "false"); }
    bool number_integer(number_integer_t value) override { return scalar(std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) override { return scalar(std::to_string(value)); }
    bool number_float(number_float_t, const string_t& text) override { return scalar(text); }
    bool string(string_t& text) override { return scalar(text); }
    bool binary(binary_t&) override { return unreadable(); }

    bool start_object(std::size_t) override {
        if (json_entry* entry = value_here(); entry != nullptr && depth_ != base() + 1)
            entry->readable = false;
        return open(false);
    }
    bool key(string_t& name) override {
        if (depth_ > kept_levels) return true;
        levels_[depth_ - 1].key = name;
        if (const std::size_t b = base(); b > 0 && depth_ == b + 1)
            rows().push_back({.name = name, .line = line_});
        return true;
    }
    bool end_object() override {
        --depth_;
        return true;
    }
    bool start_array(std::size_t) override {
        if (json_entry* entry = value_here()) {
            if (in_list()) entry->readable = false;
            entry->value.emplace();
        }
        return open(true);
    }
    bool end_array() override {
        --depth_;
        return true;
    }
    bool parse_error(std::size_t, const std::string&,
                     const nlohmann::detail::exception& error) override {
        // "[json.exception...] parse error at line 1, column 2: <what> - <why>; last read: '...'"
        std::string_view what = error.what();
        if (const auto column = what.find("column "); column < what.size())
            what.remove_prefix(std::min(what.find(": ", column), what.size() - 2) + 2);
        else if (const auto bracket = what.find("] "); bracket < what.size())
            what.remove_prefix(bracket + 2);
        problem = shown(what.substr(0, what.find("; last read")));
        return false;
    }

private:
    static constexpr std::size_t kept_levels = 6;  // timemory.metadata.settings.NAME.value[]
    struct level {
        bool array = false;
        std::string key;
    };

    bool open(bool array) {
        if (depth_ >= most_levels) {
            problem = fmt::format("it is nested deeper than {} levels", most_levels);
            return false;
        }
        if (depth_ < kept_levels) levels_[depth_] = {.array = array, .key = {}};
        ++depth_;
        if (const std::size_t b = base(); !array && b > 0 && depth_ == b + 1)
            (b == 3 ? has_written : has_given) = true;
        return true;
    }

    /// How many levels lie around the object of settings that we are in: 3 or 2; 0 if we are not.
    [[nodiscard]] std::size_t base() const {
        const auto at = [&](std::size_t i, std::string_view name) {
            return depth_ > i && !levels_[i].array && levels_[i].key == name;
        };
        if (!at(0, "timemory")) return 0;
        if (at(1, "settings") && depth_ > 2) return 2;
        return at(1, "metadata") && at(2, "settings") && depth_ > 3 ? 3 : 0;
    }

    std::vector<json_entry>& rows() { return base() == 3 ? written : given; }

    /// The entry whose value, or a part of it, comes next; null if there is none.
    json_entry* value_here() {
        const std::size_t b = base();
        if (b == 0 || depth_ < b + 1 || levels_[b].array || rows().empty()) return nullptr;
        const bool in_row = depth_ > b + 1 && !levels_[b + 1].array;
        if (in_row && levels_[b + 1].key != "value") return nullptr;
        return &rows().back();
    }

    /// Whether what comes next is an item of the value, which is a list.
    [[nodiscard]] bool in_list() const {
        const std::size_t b = base();
        const std::size_t list = depth_ > b + 1 && levels_[b + 1].array ? b + 1 : b + 2;
        return depth_ > list && levels_[list].array;
    }

    bool scalar(std::string_view text) {
        json_entry* entry = value_here();
        if (entry == nullptr || !entry->readable) return true;
        if (!entry->value || !in_list())
            entry->value = text;
        else
            entry->value->append(entry->value->empty() ? "" : ",").append(text);
        return true;
    }

    bool unreadable() {
        if (json_entry* entry = value_here()) entry->readable = false;
        return true;
    }

    const std::size_t& line_;
    std::size_t depth_ = 0;
    level levels_[kept_levels];
};

void read_json(std::string_view text, assigner& to) {
    std::size_t line = 1;
    json_settings found{line};
    const counting_iterator begin{text.data(), &line};
    const counting_iterator end{text.data() + text.size(), &line};
    if (!nlohmann::json::sax_parse(begin, end, &found))
        return to.complain(line, [&] {
            return fmt::format("is not JSON: {}; nothing of the file is used", found.problem);
        });
    if (!found.has_written && !found.has_given)
        return to.complain("has neither timemory.metadata.settings nor timemory.settings");
    for (const json_entry& entry : found.has_written ? found.written : found.given) {
        // What timemory itself writes beside the settings.
        if (entry.name == "command_line" || entry.name == "environment" ||
            entry.name == "cereal_class_version")
            continue;
        // What these files said is in the metadata already.
        if (found.has_written && setting_of_option(entry.name) == "config_file") continue;
        if (entry.readable && entry.value)
            to.assign(entry.name, *entry.value, entry.line);
        else
            to.complain(entry.line, [&] {
                return fmt::format("setting '{}' has no value that can be read", shown(entry.name));
            });
    }
}

}  // namespace

std::vector<std::string> read_config(std::string_view bytes, config_format format,
                                     const std::string& path, setting_origin from) {
    assigner to{path, from};
    (format == config_format::json ? read_json : read_text)(bytes, to);
    return std::move(to).lines();
}

std::vector<std::string> read_config_file(const std::string& path, bool required,
                                          setting_origin from) {
    const auto bytes = read_file(path);
    if (bytes)
        return read_config(*bytes,
                           path.ends_with(".json") ? config_format::json : config_format::text,
                           path, from);
    const bool absent = errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    if (absent && !required) return {};
    return {fmt::format("configuration file {}: {}; it is left out", shown(path, 4096),
                        std::strerror(errno))};
}

}  // namespace tim
