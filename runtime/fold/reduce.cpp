// How the time is shared out. Meeting in the barrier may take three quarters of the timeout; a
// quarter is the fold's, the same for all ranks, because they leave the barrier together; what is
// left of the whole is for rank 0 to write the results, while the others wait for the answer. In
// the fold a rank of height h in the tree waits for its children until h / (H + 1) of that quarter,
// H being the height of rank 0: so a rank that is lost takes nothing with it but its own profile,
// and every parent above still expects what arrives late from below.
//
// A child says how long its profile is, and sends it when its parent asks for it, which the parent
// does no later than half a step before it stops waiting. So nothing but notices of some bytes is
// ever sent to a rank that has given up. Sending a profile is done only when it was matched, so a
// rank knows whether it was taken. Whether it was written too comes down the tree in a notice.

#include "fold/reduce.hpp"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "fold/fold.hpp"
#include "fold/schedule.hpp"
#include "profile/merge.hpp"

namespace tim {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::uint32_t tag_length = 0;
constexpr std::uint32_t tag_ask = 1;
constexpr std::uint32_t tag_bytes = 2;
constexpr std::uint32_t tag_written = 3;

/// Of which the ranks of a collective need several, one after the other.
constexpr std::chrono::microseconds short_pause{500};
/// While a profile is on its way: MPI moves a piece of it at each test.
constexpr std::chrono::microseconds transfer_pause{50};
/// While rank 0 writes.
constexpr std::chrono::microseconds long_pause{2000};

/// A pause between two tests: an eighth of what was waited already, so that many ranks that wait on
/// a few cores leave these to the ranks that work.
class back_off {
public:
    void sleep(std::chrono::nanoseconds longest) {
        const auto waited = std::chrono::nanoseconds{clock::now() - since_}.count();
        const timespec pause{0, std::clamp<long>(waited / 8, shortest, longest.count())};
        nanosleep(&pause, nullptr);
    }
    void reset() { since_ = clock::now(); }

private:
    static constexpr long shortest = 20'000;
    clock::time_point since_ = clock::now();
};

/// The memory of a message: little-endian length, the notice that asks for the bytes or says that
/// they were written, and the bytes. MPI may still write to or read from the memory of a request
/// that was given up, so that is never freed.
struct message {
    std::array<std::byte, 8> length{};
    std::byte notice{};
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
bool wait(const communicator& world, request_handle request, clock::time_point deadline,
          std::chrono::nanoseconds longest_pause = short_pause) {
    if (request == 0) return false;
    for (back_off pause;;) {
        const int done = world.test(request);
        if (done != 0) return done == 1;
        if (clock::now() >= deadline) return world.cancel(request) == 1;
        pause.sleep(longest_pause);
    }
}

/// When a rank stops waiting for its children, in the order of time.
struct deadlines {
    clock::time_point ask;   ///< asking for a profile that was announced
    clock::time_point send;  ///< beginning to send what was asked for
    clock::time_point take;  ///< receiving it
};

/// Announces `bytes` and sends them when they are asked for. They are gone afterwards unless they
/// were not taken. `parents`: those of the rank that is to take them.
bool deliver(std::vector<std::byte>& bytes, const communicator& world, std::uint32_t to,
             const deadlines& parents) {
    auto m = std::make_unique<message>();
    m->set_length(bytes.size());
    const request_handle asked = world.begin_receive(to, tag_ask, &m->notice, 1);
    const request_handle length =
        world.begin_notice(to, tag_length, m->length.data(), m->length.size());
    const bool announced = wait(world, length, parents.send);
    if (!wait(world, asked, announced ? parents.send : clock::time_point::min()) ||
        clock::now() >= parents.send) {
        keep_for_ever(m);
        return false;
    }
    m->bytes = std::move(bytes);
    if (wait(world, world.begin_send(to, tag_bytes, m->bytes.data(), m->bytes.size()), parents.take,
             transfer_pause))
        return true;
    bytes = m->bytes;  // a copy: the original is MPI's
    keep_for_ever(m);
    return false;
}

/// A message that one rank is to send.
class expected {
public:
    expected(std::uint32_t from, const communicator& world) : from_{from}, world_{&world} {
        request_ = world.begin_receive(from, tag_length, m_->length.data(), m_->length.size());
        if (request_ == 0) now_ = stage::gone;
    }

    enum class stage {
        announcing,
        announced,
        asked,    ///< and on its way
        arrived,  ///< take() has it
        gone,     ///< it will not come
    };
    [[nodiscard]] stage now() const { return now_; }
    [[nodiscard]] std::uint32_t from() const { return from_; }
    std::vector<std::byte> take() { return std::move(m_->bytes); }

    /// Looks whether it has come further.
    void test() {
        if (request_ != 0) step(world_->test(request_));
    }
    void give_up() {
        if (request_ != 0) step(world_->cancel(request_) == 1 ? 1 : -1);
    }

    void ask(clock::time_point deadline) {
        now_ = stage::gone;
        try {
            m_->bytes.resize(m_->get_length());
        } catch (const std::exception&) {
            return;  // no memory for it: its sender keeps it
        }
        request_ = world_->begin_receive(from_, tag_bytes, m_->bytes.data(), m_->bytes.size());
        if (request_ == 0) return;
        now_ = stage::asked;
        // MPI may keep the notice where it did not end: then the message is not freed either.
        keep_ = !wait(*world_, world_->begin_notice(from_, tag_ask, &m_->notice, 1), deadline);
    }

    ~expected() {
        if (keep_ || request_ != 0) keep_for_ever(m_);
    }
    expected(const expected&) = delete;
    expected& operator=(const expected&) = delete;

private:
    void step(int done) {
        if (done == 0) return;
        request_ = 0;
        if (done == 1) {
            now_ = now_ == stage::announcing ? stage::announced : stage::arrived;
        } else {
            now_ = stage::gone;
            keep_ = true;
        }
    }

    std::uint32_t from_;
    const communicator* world_;
    std::unique_ptr<message> m_ = std::make_unique<message>();
    request_handle request_ = 0;
    stage now_ = stage::announcing;
    bool keep_ = false;
};

/// Receives one message from each of `sources` in the order in which they come, and gives each to
/// `take`, with its source. One is asked for after the other, so that only one takes memory; but a
/// rank that does not send what it was asked for does not hold up the others. What has not come by
/// the deadlines is given up.
template <class Take>
void collect(const std::vector<std::uint32_t>& sources, const communicator& world,
             const deadlines& mine, const Take& take) {
    using stage = expected::stage;
    std::vector<std::unique_ptr<expected>> open;
    open.reserve(sources.size());
    for (const std::uint32_t from : sources)
        open.push_back(std::make_unique<expected>(from, world));

    back_off pause;
    clock::time_point next_ask = clock::time_point::min();
    while (!open.empty()) {
        bool progress = false;
        for (const std::unique_ptr<expected>& each : open) {
            expected& e = *each;
            const stage before = e.now();
            e.test();
            const auto now = clock::now();
            if (now >= (e.now() == stage::asked ? mine.take : mine.ask)) e.give_up();
            if (e.now() == stage::announced && (now >= next_ask || now >= mine.ask)) {
                e.ask(mine.take);
                next_ask = now + (mine.ask - now) / static_cast<int>(open.size() + 1);
            }
            if (e.now() == stage::arrived) {
                take(e.from(), e.take());
                next_ask = clock::time_point::min();
            }
            progress |= e.now() != before;
        }
        std::erase_if(open, [](const auto& e) {
            return e->now() == stage::arrived || e->now() == stage::gone;
        });
        if (progress)
            pause.reset();
        else if (std::ranges::any_of(open, [](const auto& e) { return e->now() == stage::asked; }))
            pause.sleep(transfer_pause);
        else
            pause.sleep(short_pause);
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
    outcome.until = clock::now() + options.timeout;
    if (!wait(world, world.begin_barrier(), clock::now() + for_meeting)) {
        outcome.undelivered.push_back(std::move(mine));
        outcome.reason =
            fmt::format("not all ranks of the job reached the end within {}", seconds(for_meeting));
        if (rank == 0) outcome.missing = size - 1;
        return outcome;
    }

    const auto start = clock::now();
    const std::uint32_t heights = static_cast<std::uint32_t>(std::bit_width(size - 1)) + 1;
    const auto deadlines_at = [&](std::uint32_t height) {
        const std::chrono::nanoseconds step = std::chrono::nanoseconds{for_fold} / heights;
        const auto take = start + step * height;
        return deadlines{.ask = take - step / 2, .send = take - step / 4, .take = take};
    };
    const deadlines last = deadlines_at(heights);
    const std::uint32_t ranks_a_group = group_size(options.collapse_ranks, options.groups, size);
    const std::uint32_t leader = rank / ranks_a_group * ranks_a_group;
    const std::uint32_t ranks_in_group = std::min(ranks_a_group, size - leader);
    const fold_schedule part = group_part(rank, leader, ranks_in_group);

    profile folded = std::move(mine);
    trim_memory(folded);
    const auto height = static_cast<std::uint32_t>(part.children.size());
    collect(part.children, world, deadlines_at(height),
            [&](std::uint32_t from, std::vector<std::byte> b) {
                std::optional<profile> theirs = received(std::move(b));
                outcome.taken_from.emplace_back(from, theirs.has_value());
                if (!theirs) return;
                try {
                    fold(folded, theirs, options.max_paths);
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
            std::optional<profile> theirs = received(std::move(b));
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
    // Rank 0 takes the groups of others when it has its own.
    const deadlines parents =
        rank == leader ? last
                       : deadlines_at(static_cast<std::uint32_t>(
                             schedule(*part.parent - leader, ranks_in_group).children.size()));
    if (deliver(bytes, world, *part.parent, parents)) {
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
            wait(world, world.begin_receive(*outcome.given_to, tag_written, &m->notice, 1),
                 outcome.until, long_pause);
        written = written && heard && m->notice == std::byte{1};
        if (!heard) keep_for_ever(m);
    }
    for (const auto& [rank, readable] : outcome.taken_from) {
        auto m = std::make_unique<message>();
        m->notice = std::byte{written && readable};
        if (!wait(world, world.begin_notice(rank, tag_written, &m->notice, 1), outcome.until))
            keep_for_ever(m);
    }
    return written;
}

}  // namespace tim
