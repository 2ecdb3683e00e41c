// How the time is shared out. Meeting in the barrier may take three quarters of the timeout; the
// last quarter is the fold's, the same for all ranks, because they leave the barrier together. In
// the fold a rank of height h in the tree waits for its children until h / (H + 1) of that quarter,
// H being the height of rank 0: so a rank that is lost takes nothing with it but its own profile,
// and every parent above still expects what arrives late from below.
//
// A message is two sends: the length (tag 0), then the bytes (tag 1). A send is done only when it
// was matched, so a rank knows whether its profile was taken. Whether it was written too comes down
// the tree in one byte (tag 2).

#include "fold/reduce.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "fold/schedule.hpp"
#include "profile/merge.hpp"

namespace tim {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::uint32_t tag_length = 0;
constexpr std::uint32_t tag_bytes = 1;
constexpr std::uint32_t tag_written = 2;

/// A pause between two tests: short at first, then longer, so that ranks that share a core don't
/// slow each other down.
class back_off {
public:
    void sleep() {
        const timespec pause{0, nanoseconds_};
        nanosleep(&pause, nullptr);
        nanoseconds_ = std::min(nanoseconds_ * 3 / 2, longest);
    }
    void reset() { nanoseconds_ = shortest; }

private:
    static constexpr long shortest = 20'000;
    static constexpr long longest = 500'000;
    long nanoseconds_ = shortest;
};

/// The memory of a message: little-endian length, and the bytes. MPI may still write to or read
/// from the memory of a request that was given up, so that is never freed.
struct message {
    std::array<std::byte, 8> length{};
    std::vector<std::byte> bytes;
    message* kept_before = nullptr;

    void set_length(std::uint64_t n) {
        for (std::byte& b : length) {
            b = static_cast<std::byte>(n & 0xff);
            n >>= 8;
        }
    }
    [[nodiscard]] std::uint64_t get_length() const {
        std::uint64_t n = 0;
        for (std::size_t i = length.size(); i-- > 0;)
            n = n << 8 | std::to_integer<std::uint64_t>(length[i]);
        return n;
    }
};

void keep_for_ever(std::unique_ptr<message>& m) {
    static std::atomic<message*> kept;  // reachable, so that it is no leak to a leak checker
    message* const raw = m.release();
    raw->kept_before = kept.exchange(raw);
}

/// Waits for a request until the deadline, then gives it up. True if it was done.
bool wait(const communicator& world, request_handle request, clock::time_point deadline) {
    if (request == 0) return false;
    for (back_off pause;;) {
        const int done = world.test(request);
        if (done != 0) return done == 1;
        if (clock::now() >= deadline) return world.cancel(request) == 1;
        pause.sleep();
    }
}

/// Sends `bytes`, which are gone afterwards unless they were not taken.
bool deliver(std::vector<std::byte>& bytes, const communicator& world, std::uint32_t to,
             clock::time_point deadline) {
    auto m = std::make_unique<message>();
    m->set_length(bytes.size());
    m->bytes = std::move(bytes);
    const request_handle length =
        world.begin_send(to, tag_length, m->length.data(), m->length.size());
    const request_handle body = world.begin_send(to, tag_bytes, m->bytes.data(), m->bytes.size());
    const bool length_taken = wait(world, length, deadline);
    // When nobody took the length, nobody will take the bytes.
    if (wait(world, body, length_taken ? deadline : clock::time_point::min())) return true;
    bytes = m->bytes;  // a copy: the original is MPI's
    keep_for_ever(m);
    return false;
}

/// Receives one message from each of `sources` in the order in which they come, and gives each to
/// `take`, with its source. What has not come by the deadline is given up.
template <class Take>
void collect(const std::vector<std::uint32_t>& sources, const communicator& world,
             clock::time_point deadline, const Take& take) {
    struct expected {
        std::uint32_t from = 0;
        request_handle request = 0;
        std::unique_ptr<message> m = std::make_unique<message>();
    };
    std::vector<expected> open;
    open.reserve(sources.size());
    for (const std::uint32_t from : sources) {
        expected e{.from = from};
        e.request = world.begin_receive(from, tag_length, e.m->length.data(), e.m->length.size());
        if (e.request != 0) open.push_back(std::move(e));
    }

    const auto receive_bytes = [&](expected& e) {
        try {
            e.m->bytes.resize(e.m->get_length());
        } catch (const std::exception&) {
            return;  // no memory for it: its sender keeps it
        }
        const request_handle body =
            world.begin_receive(e.from, tag_bytes, e.m->bytes.data(), e.m->bytes.size());
        if (body == 0) return;
        if (!wait(world, body, deadline)) return keep_for_ever(e.m);
        take(e.from, std::move(e.m->bytes));
    };

    back_off pause;
    while (!open.empty()) {
        bool progress = false;
        const bool late = clock::now() >= deadline;
        for (expected& e : open) {
            int done = world.test(e.request);
            if (done == 0 && late) {
                done = world.cancel(e.request) == 1 ? 1 : -1;
                if (done == -1) keep_for_ever(e.m);
            }
            if (done == 0) continue;
            e.request = 0;
            progress = true;
            if (done == 1) receive_bytes(e);
            e.m.reset();
        }
        std::erase_if(open, [](const expected& e) { return e.request == 0; });
        if (progress)
            pause.reset();
        else
            pause.sleep();
    }
}

/// Gives free memory back to the system between steps that each take as much as `p`: what was freed
/// before lies about in pieces that are too small for the columns of a profile.
void trim_memory([[maybe_unused]] const profile& p) {
#if defined(__GLIBC__)
    constexpr std::size_t many_paths = 4096;
    if (p.paths.size() >= many_paths) malloc_trim(0);
#endif
}

/// Bytes from another rank as a profile; empty if they make no sense or there is no memory for it.
std::optional<profile> read(std::vector<std::byte> bytes) {
    try {
        profile p = deserialise(bytes);
        bytes = std::vector<std::byte>();  // gone before the merge, which takes as much again
        trim_memory(p);
        return p;
    } catch (const std::exception&) {
        return {};
    }
}

std::uint64_t ranks_in(const profile& p) {
    std::uint64_t n = 0;
    for (const rank_range& r : p.ranks) n += std::uint64_t{r.last} - r.first + 1;
    return n;
}

/// The part of a rank in the fold of its group, whose first rank sends to rank 0.
fold_schedule group_part(std::uint32_t rank, std::uint32_t leader, std::uint32_t group_size) {
    fold_schedule part = schedule(rank - leader, group_size);
    for (std::uint32_t& child : part.children) child += leader;
    if (part.parent) *part.parent += leader;
    if (!part.parent && leader != 0) part.parent = 0;
    return part;
}

std::string seconds(std::chrono::milliseconds t) {
    return fmt::format("{:g} s", static_cast<double>(t.count()) / 1000);
}

}  // namespace

std::uint32_t group_size(bool collapse_ranks, std::uint32_t groups, std::uint32_t size) {
    if (!collapse_ranks) return 1;
    groups = std::clamp(groups, std::uint32_t{1}, size);
    return (size + groups - 1) / groups;
}

reduce_outcome reduce(profile mine, const communicator& world, const reduce_options& options) {
    reduce_outcome outcome;
    const std::uint32_t size = world.size();
    const std::uint32_t rank = world.rank();
    if (size <= 1) {
        outcome.results.push_back(std::move(mine));
        return outcome;
    }

    const std::chrono::milliseconds for_meeting = options.timeout * 3 / 4;
    const std::chrono::milliseconds for_fold = options.timeout - for_meeting;
    if (!wait(world, world.begin_barrier(), clock::now() + for_meeting)) {
        outcome.undelivered.push_back(std::move(mine));
        outcome.reason =
            fmt::format("not all ranks of the job reached the end within {}", seconds(for_meeting));
        if (rank == 0) outcome.missing = size - 1;
        return outcome;
    }

    const auto start = clock::now();
    const auto last = start + for_fold;
    outcome.until = last;
    outcome.last_answer = last - for_fold / 16;
    const auto until = [&](std::uint32_t height) {
        const std::uint32_t heights = static_cast<std::uint32_t>(std::bit_width(size - 1)) + 1;
        return start + for_fold * height / heights;
    };
    const std::uint32_t ranks_a_group = group_size(options.collapse_ranks, options.groups, size);
    const std::uint32_t leader = rank / ranks_a_group * ranks_a_group;
    const fold_schedule part = group_part(rank, leader, std::min(ranks_a_group, size - leader));

    profile folded = std::move(mine);
    trim_memory(folded);
    const auto height = static_cast<std::uint32_t>(part.children.size());
    collect(part.children, world, until(height), [&](std::uint32_t from, std::vector<std::byte> b) {
        std::optional<profile> theirs = read(std::move(b));
        outcome.taken_from.emplace_back(from, theirs.has_value());
        if (!theirs) return;
        try {
            folded = merge(folded, *theirs, dimension::ranks, options.max_paths);
            theirs.reset();
            trim_memory(folded);
        } catch (const std::bad_alloc&) {
            outcome.undelivered.push_back(std::move(*theirs));
            outcome.reason = "no memory to fold it";
        }
    });

    if (rank == 0) {
        std::uint64_t arrived = ranks_in(folded);
        outcome.results.push_back(std::move(folded));
        std::vector<std::uint32_t> leaders;
        for (std::uint32_t r = ranks_a_group; r < size; r += ranks_a_group) leaders.push_back(r);
        collect(leaders, world, last, [&](std::uint32_t from, std::vector<std::byte> b) {
            std::optional<profile> theirs = read(std::move(b));
            outcome.taken_from.emplace_back(from, theirs.has_value());
            if (!theirs) return;
            arrived += ranks_in(*theirs);
            outcome.results.push_back(std::move(*theirs));
        });
        std::ranges::sort(outcome.results, {}, [](const profile& p) { return p.ranks[0].first; });
        outcome.missing = static_cast<std::uint32_t>(size - arrived);
        return outcome;
    }

    // Only the bytes are kept while they are on their way: a profile takes more.
    std::vector<std::byte> bytes = serialise(folded);
    folded = profile{};
    if (deliver(bytes, world, *part.parent, last)) {
        outcome.given_to = part.parent;
    } else {
        outcome.undelivered.push_back(deserialise(bytes));
        outcome.reason =
            fmt::format("rank {} did not take it within {}", *part.parent, seconds(for_fold));
    }
    return outcome;
}

bool confirm(const reduce_outcome& outcome, const communicator& world, bool written) {
    if (outcome.given_to) {
        auto m = std::make_unique<message>();
        const bool heard =
            wait(world, world.begin_receive(*outcome.given_to, tag_written, m->length.data(), 1),
                 outcome.until);
        written = written && heard && m->length[0] == std::byte{1};
        if (!heard) keep_for_ever(m);
    }
    struct answer {
        std::unique_ptr<message> m = std::make_unique<message>();
        request_handle request = 0;
    };
    // An answer to a rank that has gone on meanwhile would keep MPICH's MPI_Finalize from ending.
    if (clock::now() >= outcome.last_answer) return written;
    std::vector<answer> answers(outcome.taken_from.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto [rank, readable] = outcome.taken_from[i];
        answer& a = answers[i];
        a.m->length[0] = std::byte{written && readable};
        a.request = world.begin_send(rank, tag_written, a.m->length.data(), 1);
    }
    for (answer& a : answers)
        if (!wait(world, a.request, outcome.until)) keep_for_ever(a.m);
    return written;
}

}  // namespace tim
