#include "output/record.hpp"

#include <cstdint>
#include <cstring>

#include "output/metadata.hpp"
#include "profile/bytes.hpp"
#include "settings/settings.hpp"

// Bytes of a record: magic "TIMERCRD", u32 version, u8 mpi, collapsed_ranks, collapsed_threads;
// texts, each a u64 length and so many bytes: metadata; number of settings as u64; of each setting
// name, value, origin; number of profiles as u64; of each profile what serialise() gives.
// Numbers are little-endian.

namespace tim {
namespace {

constexpr std::string_view magic = "TIMERCRD";
constexpr std::uint32_t version = 1;

class record_reader {
public:
    explicit record_reader(std::span<const std::byte> bytes) : left_(bytes) {}
    std::span<const std::byte> take(std::uint64_t size) {
        if (size > left_.size()) throw malformed_profile("the record ends too early");
        const auto taken = left_.first(size);
        left_ = left_.subspan(size);
        return taken;
    }
    template <class T>
    T number() {
        return load<T>(take(sizeof(T)).data());
    }
    std::span<const std::byte> serialised() { return take(serialised_length(left_)); }
    std::string text() { return chars(number<std::uint64_t>()); }
    std::string chars(std::uint64_t size) {
        return {reinterpret_cast<const char*>(take(size).data()), size};
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
    piece_writer out{put};
    const auto text = [&out](std::string_view t) {
        out.put(std::uint64_t{t.size()});
        out.bytes(t);
    };
    out.bytes(magic);
    out.put(version);
    for (const bool flag : {measured.mpi, measured.collapsed_ranks, measured.collapsed_threads})
        out.put(static_cast<std::uint8_t>(flag));
    text(run.metadata);
    out.put(std::uint64_t{run.settings.size()});
    for (const setting_value& s : run.settings)
        for (const std::string* t : {&s.name, &s.value, &s.origin}) text(*t);
    out.put(std::uint64_t{measured.profiles.size()});
    out.flush();
    for (const profile& p : measured.profiles) serialise(p, put);
}

record deserialise_record(std::span<const std::byte> bytes) {
    record_reader in{bytes};
    if (in.chars(magic.size()) != magic) throw malformed_profile("no record: the magic is missing");
    if (in.number<std::uint32_t>() != version)
        throw malformed_profile("a record of another version");
    record r;
    for (bool* flag : {&r.measured.mpi, &r.measured.collapsed_ranks, &r.measured.collapsed_threads})
        *flag = in.number<std::uint8_t>() != 0;
    r.run.metadata = in.text();
    for (std::uint64_t n = in.number<std::uint64_t>(); n > 0; --n) {
        setting_value s;
        for (std::string* text : {&s.name, &s.value, &s.origin}) *text = in.text();
        r.run.settings.push_back(std::move(s));
    }
    for (std::uint64_t n = in.number<std::uint64_t>(); n > 0; --n)
        r.measured.profiles.push_back(deserialise(in.serialised()));
    if (!in.at_end()) throw malformed_profile("bytes behind the record");
    return r;
}

}  // namespace tim
