#include "output/record.hpp"

#include <cstdint>
#include <cstring>

#include "output/metadata.hpp"
#include "settings/settings.hpp"

// Bytes of a record: magic "TIMERCRD", u32 version, u8 mpi, collapsed_ranks, collapsed_threads, 0;
// blocks, each a u64 length and so many bytes: metadata; number of settings as u64; of each setting
// name, value, origin; number of profiles as u64; of each profile what serialise() gives. Numbers
// are the machine's own: the bytes go to another process on it.

namespace tim {
namespace {

constexpr std::string_view magic = "TIMERCRD";
constexpr std::uint32_t version = 1;

struct header {
    char magic[8];
    std::uint32_t version;
    std::uint8_t mpi;
    std::uint8_t collapsed_ranks;
    std::uint8_t collapsed_threads;
    std::uint8_t unused;
};

class block_writer {
public:
    explicit block_writer(const std::function<void(std::span<const std::byte>)>& put) : put_(put) {}
    void number(std::uint64_t n) { put_(std::as_bytes(std::span{&n, 1})); }
    void bytes(std::span<const std::byte> b) {
        number(b.size());
        put_(b);
    }
    void text(std::string_view t) { bytes(std::as_bytes(std::span{t})); }

private:
    const std::function<void(std::span<const std::byte>)>& put_;
};

class block_reader {
public:
    explicit block_reader(std::span<const std::byte> bytes) : left_(bytes) {}
    std::span<const std::byte> take(std::uint64_t size) {
        if (size > left_.size()) throw malformed_profile("the record ends too early");
        const auto taken = left_.first(size);
        left_ = left_.subspan(size);
        return taken;
    }
    std::uint64_t number() {
        std::uint64_t n = 0;
        std::memcpy(&n, take(sizeof n).data(), sizeof n);
        return n;
    }
    std::span<const std::byte> bytes() { return take(number()); }
    std::string text() {
        const auto b = bytes();
        return {reinterpret_cast<const char*>(b.data()), b.size()};
    }
    [[nodiscard]] bool at_end() const { return left_.empty(); }

private:
    std::span<const std::byte> left_;
};

}  // namespace

run_description describe_run() {
    run_description run{.metadata = metadata_document({}), .settings = {}};
    for (const setting_info& row : setting_table())
        run.settings.push_back({std::string{row.name}, get_setting(row.name).value_or(""),
                                setting_origin_of(row.name)});
    return run;
}

void serialise_record(const result& measured, const run_description& run,
                      const std::function<void(std::span<const std::byte>)>& put) {
    header h{.magic = {},
             .version = version,
             .mpi = measured.mpi,
             .collapsed_ranks = measured.collapsed_ranks,
             .collapsed_threads = measured.collapsed_threads,
             .unused = 0};
    std::memcpy(h.magic, magic.data(), sizeof h.magic);
    put(std::as_bytes(std::span{&h, 1}));
    block_writer out{put};
    out.text(run.metadata);
    out.number(run.settings.size());
    for (const setting_value& s : run.settings)
        for (const std::string* text : {&s.name, &s.value, &s.origin}) out.text(*text);
    out.number(measured.profiles.size());
    for (const profile& p : measured.profiles) {
        out.number(serialised_size(p));
        serialise(p, put);
    }
}

record deserialise_record(std::span<const std::byte> bytes) {
    block_reader in{bytes};
    header h{};
    std::memcpy(&h, in.take(sizeof h).data(), sizeof h);
    if (std::string_view{h.magic, sizeof h.magic} != magic)
        throw malformed_profile("no record: the magic is missing");
    if (h.version != version) throw malformed_profile("a record of another version");
    record r;
    r.measured.mpi = h.mpi != 0;
    r.measured.collapsed_ranks = h.collapsed_ranks != 0;
    r.measured.collapsed_threads = h.collapsed_threads != 0;
    r.run.metadata = in.text();
    for (std::uint64_t n = in.number(); n > 0; --n) {
        setting_value s;
        for (std::string* text : {&s.name, &s.value, &s.origin}) *text = in.text();
        r.run.settings.push_back(std::move(s));
    }
    for (std::uint64_t n = in.number(); n > 0; --n)
        r.measured.profiles.push_back(deserialise(in.bytes()));
    if (!in.at_end()) throw malformed_profile("bytes behind the record");
    return r;
}

}  // namespace tim
