#include "output/place.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <optional>

namespace tim {
namespace {

const std::time_t launch = std::time(nullptr);

struct noted_command_line {
    std::mutex lock;
    std::vector<std::string> arguments;
};

noted_command_line& noted() {
    static auto* const n = new noted_command_line;  // never destroyed: outputs come at exit
    return *n;
}

/// As a part of a file name: nothing that is a separator, a blank or special to a shell.
std::string as_name(std::string_view text) {
    std::string name;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                           (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '+' || c == '=' ||
                           static_cast<unsigned char>(c) >= 0x80;
        if (plain)
            name += c;
        else if (!name.empty() && name.back() != '_')
            name += '_';
    }
    // "../x" is "x", not a name that begins with a dot.
    name.erase(0, std::min(name.find_first_not_of("._"), name.size()));
    return name;
}

std::string tag_of(const run_facts& facts) {
    std::string_view tag = facts.arguments.empty() ? "" : std::string_view{facts.arguments[0]};
    tag.remove_prefix(tag.find_last_of('/') + 1);
    for (const std::string_view ending : {".py", ".exe"})
        if (tag.size() > ending.size() && tag.ends_with(ending)) tag.remove_suffix(ending.size());
    return std::string{tag};
}

std::string joined(const std::vector<std::string>& words, std::size_t first) {
    std::string text;
    for (std::size_t i = first; i < words.size(); ++i) text += (i > first ? " " : "") + words[i];
    return text;
}

std::string job() {
    const char* id = std::getenv("SLURM_JOB_ID");
    return id != nullptr && *id != 0 ? as_name(id) : "0";
}

/// What a key between two `%` stands for; nothing if it is none.
std::optional<std::string> value_of(std::string_view key, const run_facts& facts) {
    if (key == "pid") return std::to_string(getpid());
    if (key == "job") return job();
    if (key == "rank") return std::to_string(facts.rank);
    if (key == "size") return std::to_string(facts.size);
    const bool hash = key.ends_with("_hash");
    if (hash) key.remove_suffix(5);
    std::optional<std::string> text;
    const std::string args = joined(facts.arguments, 1);
    if (key == "tag") text = tag_of(facts);
    if (key == "args") text = args;
    if (key == "argt") text = tag_of(facts) + (args.empty() ? "" : " ") + args;
    if (key == "argv") text = facts.arguments.empty() ? "" : facts.arguments[0];
    if (!text && key.starts_with("arg")) {
        std::size_t index = 0;
        const auto [end, error] = std::from_chars(key.data() + 3, key.data() + key.size(), index);
        if (error == std::errc{} && end == key.data() + key.size())
            text = index < facts.arguments.size() ? facts.arguments[index] : "";
    }
    if (text) text = hash ? md5(*text) : as_name(*text);
    return text;
}

/// The key that a short form stands for.
std::string_view long_form(char letter) {
    switch (letter) {
        case 'p':
            return "pid";
        case 'j':
            return "job";
        case 'r':
            return "rank";
        case 's':
            return "size";
        case 'm':
            return "argt_hash";
        default:
            return {};
    }
}

}  // namespace

void note_command_line(std::vector<std::string> arguments) {
    const std::lock_guard guard{noted().lock};
    noted().arguments = std::move(arguments);
}

std::vector<std::string> command_line() {
    {
        const std::lock_guard guard{noted().lock};
        if (!noted().arguments.empty()) return noted().arguments;
    }
    std::ifstream file{"/proc/self/cmdline", std::ios::binary};
    std::vector<std::string> arguments;
    for (std::string word; std::getline(file, word, '\0');) arguments.push_back(word);
    return arguments;
}

bool names_process(std::string_view text) {
    return text.find("%p") != std::string_view::npos;  // also of %pid%
}

bool names_rank(std::string_view text) {
    return text.find("%r") != std::string_view::npos;
}

std::string substituted(std::string_view text, const run_facts& facts) {
    std::string result;
    while (!text.empty()) {
        const std::size_t percent = text.find('%');
        result += text.substr(0, percent);
        if (percent == std::string_view::npos) break;
        text.remove_prefix(percent);
        const std::size_t end = text.find('%', 1);
        if (end != std::string_view::npos)
            if (const auto value = value_of(text.substr(1, end - 1), facts)) {
                result += *value;
                text.remove_prefix(end + 1);
                continue;
            }
        const std::string_view key = text.size() > 1 ? long_form(text[1]) : std::string_view{};
        if (!key.empty()) {
            result += *value_of(key, facts);
            text.remove_prefix(2);
        } else {
            result += '%';
            text.remove_prefix(1);
        }
    }
    return result;
}

settings placed(settings s, const run_facts& facts) {
    for (std::string* name : {&s.output_path, &s.output_prefix, &s.input_path, &s.input_prefix})
        *name = substituted(*name, facts);
    if (s.input_path.empty()) s.input_path = s.output_path;
    if (s.input_prefix.empty()) s.input_prefix = s.output_prefix;
    if (!s.time_output) return s;
    std::string folder = launch_time(s.time_format);
    std::replace(folder.begin(), folder.end(), ' ', '_');
    if (folder.empty() || s.output_path.find(folder) != std::string::npos) return s;
    if (!s.output_path.empty() && s.output_path.back() != '/') s.output_path += '/';
    s.output_path += folder;
    return s;
}

std::string launch_time(const std::string& format) {
    std::tm local{};
    localtime_r(&launch, &local);
    std::array<char, 1024> text{};
    return {text.data(), std::strftime(text.data(), text.size(), format.c_str(), &local)};
}

// RFC 1321.
std::string md5(std::string_view text) {
    constexpr std::array<int, 16> shifts{7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};
    std::array<std::uint32_t, 4> digest{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    std::string message{text};
    message += '\x80';
    message.append((120 - message.size() % 64) % 64, '\0');
    const std::uint64_t bits = std::uint64_t{text.size()} * 8;
    for (int i = 0; i < 8; ++i) message += static_cast<char>(bits >> (8 * i));

    for (std::size_t block = 0; block < message.size(); block += 64) {
        const auto word = [&](std::size_t i) {
            std::uint32_t value = 0;
            for (std::size_t k = 4; k-- > 0;)
                value = value << 8 | static_cast<unsigned char>(message[block + 4 * i + k]);
            return value;
        };
        auto [a, b, c, d] = digest;
        for (std::size_t i = 0; i < 64; ++i) {
            std::uint32_t mixed = 0;
            std::size_t from = i;
            switch (i / 16) {
                case 0:
                    mixed = (b & c) | (~b & d);
                    break;
                case 1:
                    mixed = (d & b) | (~d & c);
                    from = (5 * i + 1) % 16;
                    break;
                case 2:
                    mixed = b ^ c ^ d;
                    from = (3 * i + 5) % 16;
                    break;
                default:
                    mixed = c ^ (b | ~d);
                    from = 7 * i % 16;
            }
            const auto sine = static_cast<std::uint32_t>(
                std::floor(4294967296.0 * std::fabs(std::sin(static_cast<double>(i + 1)))));
            const std::uint32_t sum = a + mixed + sine + word(from);
            a = d;
            d = c;
            c = b;
            b += std::rotl(sum, shifts[4 * (i / 16) + i % 4]);
        }
        digest[0] += a;
        digest[1] += b;
        digest[2] += c;
        digest[3] += d;
    }
    std::string hex;
    for (const std::uint32_t value : digest)
        for (int i = 0; i < 4; ++i) hex += fmt::format("{:02x}", value >> (8 * i) & 0xff);
    return hex;
}

}  // namespace tim
