// Random MPI calls, the same for the same seed: what each moves is logged.
//
//     mpip-random <seed> <actions> [<threads>]     RANDOM_VERBOSE=1: says what it does
//
// The ranks draw from one script: the same dice on all ranks say what is done next, on which
// communicator and who sends what to whom, and each rank does its part of it. What concerns a rank
// alone, such as by which call it sends or when it completes a request, it draws from dice of its
// own. It cannot hang: a rank waits in an action only for what other ranks do in the same action
// or did in one before, and in an action receives are posted before anybody waits.
//
// With threads each thread has a script and communicators of its own.

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <list>
#include <memory>
#include <numeric>
#include <random>
#include <thread>
#include <utility>

#include "log.hpp"

namespace {

traffic_log log_of_rank;
int me = 0;
int ranks = 0;
const bool verbose = std::getenv("RANDOM_VERBOSE") != nullptr;

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "program: rank %d: %s\n", me, what);
    MPI_Abort(MPI_COMM_WORLD, 3);
    std::abort();
}

class dice {
public:
    explicit dice(std::uint64_t seed) : engine_{seed} { engine_.discard(4); }
    /// 0 to n - 1.
    int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }
    bool one_in(int n) { return below(n) == 0; }
    template <class T>
    T& of(std::vector<T>& all) {
        return all.at(static_cast<std::size_t>(below(static_cast<int>(all.size()))));
    }

private:
    std::mt19937_64 engine_;
};

/// A datatype, and how many bytes of it move. All of a family match each other, some elements of
/// one being one of another.
struct datatype {
    MPI_Datatype type;
    int bytes;
    int basics;  ///< elements that it is made of
};
enum family { of_chars, of_ints, of_both, families };
std::vector<datatype> types[families];

void make_types() {
    types[of_chars] = {{MPI_CHAR, 1, 1}};
    types[of_ints] = {{MPI_INT, 4, 1}};
    MPI_Datatype made;
    MPI_Type_contiguous(3, MPI_INT, &made);
    types[of_ints].push_back({made, 12, 3});
    MPI_Type_vector(3, 1, 2, MPI_INT, &made);
    types[of_ints].push_back({made, 12, 3});
    const int lengths[] = {1, 2};
    const MPI_Aint places[] = {0, 8};
    const MPI_Datatype kinds[] = {MPI_INT, MPI_CHAR};
    MPI_Type_create_struct(2, lengths, places, kinds, &made);
    types[of_both] = {{made, 6, 1}};
    for (auto& all : types)
        for (datatype& d : all) MPI_Type_commit(&d.type);
}

constexpr int room = 16384;  // of each buffer, in bytes; no message comes near it
using memory = std::vector<char>;

/// A communicator as all ranks know it, also those that are not in it.
struct script_group {  // NOLINT(bugprone-reserved-identifier): of clang, to copy the array
    int number = 0;
    MPI_Comm comm = MPI_COMM_NULL;
    std::string name;
    std::vector<int>
        members[2];  ///< their ranks in MPI_COMM_WORLD; the same twice but between groups
    bool inter = false;
    bool any_tag = false;  ///< all receives take all messages
    int side = -1;         ///< this rank's; -1: it is in none
    int rank = -1;
    bool has_neighbours = false;
    std::vector<int> sources, destinations;  ///< ranks, or MPI_PROC_NULL

    [[nodiscard]] const std::vector<int>& local() const {
        return members[static_cast<std::size_t>(side)];
    }
    [[nodiscard]] const std::vector<int>& remote() const {
        return members[static_cast<std::size_t>(inter ? 1 - side : side)];
    }
    [[nodiscard]] int size() const { return static_cast<int>(local().size()); }
    [[nodiscard]] int peers() const { return static_cast<int>(remote().size()); }
};

/// A request under way, or a persistent one that is not.
struct pending {
    MPI_Request request = MPI_REQUEST_NULL;
    int group = 0;  ///< number of its communicator
    bool persistent = false;
    bool active = true;
    bool may_be_freed = false;                    ///< while it is under way
    std::shared_ptr<void> data;                   ///< what it works on
    std::function<void(const MPI_Status*)> done;  ///< null: the status was ignored
};

class player {
public:
    player(int seed, int thread, bool alone, MPI_Comm world, std::string name)
        : seed_{seed * 64 + thread},
          alone_{alone},
          common_{script_seed(0)},
          own_{script_seed(0) * 31 + static_cast<std::uint64_t>(me) + 1} {
        script_group g;
        g.comm = world;
        g.name = std::move(name);
        for (int i = 0; i < ranks; ++i) g.members[0].push_back(i);
        g.members[1] = g.members[0];
        g.side = 0;
        g.rank = me;
        add(g);
        if (!alone) return;
        g.comm = MPI_COMM_SELF;
        g.name = "MPI_COMM_SELF";
        g.members[0] = g.members[1] = {me};
        g.rank = 0;
        add(g);
    }

    void play(int actions);

private:
    struct action {
        const char* name;
        int weight;
        void (player::*play)();
    };
    static const std::vector<action> actions;

    // ---- What happens, and its log

    std::uint64_t script_seed(int step) const {
        return static_cast<std::uint64_t>(seed_) * 1000003 + static_cast<std::uint64_t>(step);
    }
    void log(const char* kind, const std::string& call, const std::string& place, int peer,
             way direction, long bytes) {
        if (!paused_ && bytes >= 0) log_of_rank.add(kind, call, place, peer, direction, bytes);
    }
    void message(const std::string& call, const script_group& g, int peer, way direction,
                 long bytes) {
        const int world = peer < 0 ? nobody : g.remote().at(static_cast<std::size_t>(peer));
        log("message", "MPI_" + call, g.name, world, direction, bytes);
    }
    void both(const std::string& call, const script_group& g, long out, long in) {
        message(call, g, nobody, sent, out);
        message(call, g, nobody, received, in);
    }
    /// What a request will have received, where it is recorded.
    template <class Bytes>
    std::function<void(const MPI_Status*)> receives(const std::string& call, const script_group& g,
                                                    Bytes from_and_bytes);

    // ---- Communicators and requests

    script_group& any_group() { return common_.of(groups_); }
    template <class Wanted>
    script_group* a_group(Wanted wanted) {
        for (int i = 0; i < 20; ++i) {
            script_group& g = any_group();
            if (wanted(g)) return &g;
        }
        return nullptr;
    }
    void add(script_group g) {
        g.number = ++last_number_;
        groups_.push_back(std::move(g));
    }
    pending& add(const script_group& g, std::shared_ptr<void> data) {
        requests_.push_back({.group = g.number, .data = std::move(data)});
        return requests_.back();
    }
    static std::shared_ptr<memory> new_data() { return std::make_shared<memory>(room); }
    int next_tag(int needed = 1) { return std::exchange(tag_, (tag_ + needed) % 30000); }
    void is_done(pending& p, const MPI_Status* status);
    void remove_done();
    /// Completes requests by a call that is drawn, or tries to.
    void complete(std::vector<pending*> chosen);
    void complete_some();
    /// Completes all, or all of a communicator.
    void complete_all(int group = 0);

    // ---- Actions

    struct letter {
        int from = 0;  ///< ranks in their groups
        int to = 0;
        int basics = 0;
        int tag = 0;
    };
    struct post {
        script_group& g;
        family kind;
        bool known;  ///< who sends what is known beforehand, since each letter has a tag of its own
        bool posted;  ///< receives are posted before anything is sent
        bool ready;
    };
    void send(const post& p, const letter& l);
    void post_receive(const post& p, const letter& l);
    void receive(const post& p, const letter& l);
    void letters();
    void sendrecv();
    void nobody_there();
    void cancelled();
    void failing();
    void own_request();
    void pause();
    void partitioned();

    void make_group();
    void split(const script_group& parent, script_group made);
    void subset(const script_group& parent, script_group made);
    void topology(const script_group& parent, script_group made);
    void between(const script_group& parent, script_group made);
    void merge(const script_group& parent, script_group made);
    void free_group();
    void rename_group();
    /// Asks MPI who is in a communicator that this rank is in.
    static void ask(script_group& g);

    struct blocks;
    struct collective;
    void collect();
    void collect_neighbours();

    int seed_;
    bool alone_;
    dice common_;
    dice own_;
    std::vector<script_group> groups_;
    int last_number_ = 0;
    std::list<pending> requests_;
    std::vector<std::shared_ptr<void>> kept_;  ///< of requests that were let go
    int tag_ = 0;
    bool paused_ = false;
};

const std::vector<player::action> player::actions = {
    {"letters", 10, &player::letters},
    {"sendrecv", 3, &player::sendrecv},
    {"nobody there", 2, &player::nobody_there},
    {"cancelled", 2, &player::cancelled},
    {"failing", 1, &player::failing},
    {"own request", 1, &player::own_request},
    {"pause", 2, &player::pause},
    {"partitioned", 1, &player::partitioned},
    {"complete some requests", 4, &player::complete_some},
    {"make a communicator", 3, &player::make_group},
    {"free a communicator", 1, &player::free_group},
    {"rename a communicator", 1, &player::rename_group},
    {"collect", 12, &player::collect},
    {"collect of neighbours", 4, &player::collect_neighbours},
};

// ---- Requests

void player::is_done(pending& p, const MPI_Status* status) {
    p.active = false;
    if (p.done) p.done(status);
}

void player::remove_done() {
    requests_.remove_if([this](pending& p) {
        if (p.active || (p.persistent && !own_.one_in(3))) return false;
        if (p.persistent) MPI_Request_free(&p.request);
        return true;
    });
}

void player::complete(std::vector<pending*> chosen) {
    std::vector<MPI_Request> r;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        if (own_.one_in(8)) {  // null requests between them
            chosen.insert(chosen.begin() + static_cast<long>(i), nullptr);
        }
        r.push_back(chosen[i] != nullptr ? chosen[i]->request : MPI_REQUEST_NULL);
    }
    const bool ignored = own_.one_in(2);
    int how = own_.below(9);
#ifdef MPICH_VERSION  // 4.0 takes persistent requests for complete, or failed, in the others
    const auto is_persistent = [](const pending* p) { return p != nullptr && p->persistent; };
    if (how >= 3 && how < 8 && std::any_of(chosen.begin(), chosen.end(), is_persistent)) how = 2;
#endif
    std::vector<MPI_Status> statuses(r.size() + 1);  // MPI wants arrays also of nothing
    MPI_Status* const all = ignored ? MPI_STATUSES_IGNORE : statuses.data();
    MPI_Status* const one = ignored ? MPI_STATUS_IGNORE : statuses.data();
    const auto finish = [&](int index, int at) {
        const auto i = static_cast<std::size_t>(index);
        if (chosen[i] == nullptr || !chosen[i]->active) return;
        is_done(*chosen[i], ignored ? nullptr : &statuses[static_cast<std::size_t>(at)]);
    };
    const int n = static_cast<int>(r.size());
    std::vector<int> indices(r.size() + 1);
    r.reserve(1);
    int flag = 0;
    int index = MPI_UNDEFINED;
    int done = 0;
    switch (how) {
        case 0:
            for (int i = 0; i < n; ++i) {
                MPI_Wait(&r[static_cast<std::size_t>(i)], one);
                finish(i, 0);
            }
            break;
        case 1:
            for (int i = 0; i < n; ++i) {
                MPI_Test(&r[static_cast<std::size_t>(i)], &flag, one);
                if (flag != 0) finish(i, 0);
            }
            break;
        case 2:
            MPI_Waitall(n, r.data(), all);
            for (int i = 0; i < n; ++i) finish(i, i);
            break;
        case 3:
            MPI_Testall(n, r.data(), &flag, all);
            for (int i = 0; i < n && flag != 0; ++i) finish(i, i);
            break;
        case 4:
            MPI_Waitany(n, r.data(), &index, one);
            if (index != MPI_UNDEFINED) finish(index, 0);
            break;
        case 5:
            MPI_Testany(n, r.data(), &index, &flag, one);
            if (flag != 0 && index != MPI_UNDEFINED) finish(index, 0);
            break;
        case 6:
            MPI_Waitsome(n, r.data(), &done, indices.data(), all);
            for (int i = 0; i < done; ++i) finish(indices[static_cast<std::size_t>(i)], i);
            break;
        case 7:
            MPI_Testsome(n, r.data(), &done, indices.data(), all);
            for (int i = 0; i < done; ++i) finish(indices[static_cast<std::size_t>(i)], i);
            break;
        default:  // looked at, and then freed if it is done
            for (int i = 0; i < n; ++i) {
                const auto at = static_cast<std::size_t>(i);
                if (chosen[at] == nullptr || !chosen[at]->active) continue;
                MPI_Request_get_status(r[at], &flag, one);
                if (flag == 0 || chosen[at]->persistent || !chosen[at]->may_be_freed) continue;
                MPI_Request_free(&r[at]);
                finish(i, 0);
            }
    }
    for (std::size_t i = 0; i < r.size(); ++i)
        if (chosen[i] != nullptr) chosen[i]->request = r[i];
    remove_done();
}

void player::complete_some() {
    std::vector<pending*> chosen;
    for (pending& p : requests_)
        if (own_.one_in(2)) chosen.push_back(&p);
    complete(chosen);
}

void player::complete_all(int group) {
    const auto concerned = [group](const pending& p) {
        return p.active && (group == 0 || p.group == group);
    };
    for (;;) {
        std::vector<pending*> chosen;
        for (pending& p : requests_)
            if (concerned(p)) chosen.push_back(&p);
        if (chosen.empty()) return;
        complete(chosen);
    }
}

template <class Bytes>
std::function<void(const MPI_Status*)> player::receives(const std::string& call,
                                                        const script_group& g,
                                                        Bytes from_and_bytes) {
    const bool counts = !paused_;
    // The communicator may move in the list, or have another name, until it is complete.
    const auto of = std::make_shared<script_group>(g);
    return [this, call, of, from_and_bytes, counts](const MPI_Status* status) {
        const auto [from, bytes] = from_and_bytes();
        if (status != nullptr) {
            int got = 0;
            MPI_Get_elements(status, MPI_CHAR, &got);
            if (status->MPI_SOURCE != from || got != bytes) fail("the status is wrong");
        }
        if (counts) message(call, *of, from, received, bytes);
    };
}

// ---- Messages between two ranks

/// What starts a letter that is not known beforehand: the rank in its group and the bytes.
int header_of(int from, long bytes) {
    return from << 20 | static_cast<int>(bytes);
}

long bytes_of(family kind, int basics) {
    return static_cast<long>(basics) * (types[kind][0].bytes);
}

/// The rank and the bytes of what has come into `data`.
auto sender_of(bool known, int from, long bytes, std::shared_ptr<memory> data) {
    return [known, from, bytes, data = std::move(data)]() -> std::pair<int, long> {
        if (known) return {from, bytes};
        int header = 0;
        std::memcpy(&header, data->data(), sizeof header);
        return {header >> 20, header & 0xFFFFF};
    };
}

/// By a call that is drawn.
void player::send(const post& p, const letter& l) {
    const datatype type = own_.of(types[p.kind]);
    const int basics = l.basics / type.basics * type.basics;
    const datatype used = basics == l.basics ? type : types[p.kind][0];
    const int count = l.basics / used.basics;
    const long bytes = bytes_of(p.kind, l.basics);
    auto data = new_data();
    const int header = header_of(l.from, bytes);
    std::memcpy(data->data(), &header, sizeof header);
    enum mode { standard, buffered, synchronous, ready, modes };
    int how = own_.below(modes);
    if (how == ready && !p.ready) how = standard;
    // Where receives take all messages, one that waits for its receive could wait for what another
    // rank does later.
    if (how == synchronous && p.g.any_tag) how = standard;
    const int form = p.posted || how == buffered ? own_.below(3) : 1 + own_.below(2);
    const void* const b = data->data();
    MPI_Comm c = p.g.comm;
    if (form == 0) {  // blocking
        const char* const names[] = {"Send", "Bsend", "Ssend", "Rsend"};
        if (how == standard) MPI_Send(b, count, used.type, l.to, l.tag, c);
        if (how == buffered) MPI_Bsend(b, count, used.type, l.to, l.tag, c);
        if (how == synchronous) MPI_Ssend(b, count, used.type, l.to, l.tag, c);
        if (how == ready) MPI_Rsend(b, count, used.type, l.to, l.tag, c);
        message(names[how], p.g, l.to, sent, bytes);
        return;
    }
    pending& begun = add(p.g, data);
    if (form == 1) {
        const char* const names[] = {"Isend", "Ibsend", "Issend", "Irsend"};
        MPI_Request* const r = &begun.request;
        if (how == standard) MPI_Isend(b, count, used.type, l.to, l.tag, c, r);
        if (how == buffered) MPI_Ibsend(b, count, used.type, l.to, l.tag, c, r);
        if (how == synchronous) MPI_Issend(b, count, used.type, l.to, l.tag, c, r);
        if (how == ready) MPI_Irsend(b, count, used.type, l.to, l.tag, c, r);
        message(names[how], p.g, l.to, sent, bytes);
        begun.may_be_freed = true;
#ifndef MPICH_VERSION  // 4.0 loses such messages
        if (!own_.one_in(6)) return;
        MPI_Request_free(r);  // before it is complete
        kept_.push_back(data);
        requests_.pop_back();
#endif
        return;
    }
    MPI_Request* const r = &begun.request;
    if (how == standard) MPI_Send_init(b, count, used.type, l.to, l.tag, c, r);
    if (how == buffered) MPI_Bsend_init(b, count, used.type, l.to, l.tag, c, r);
    if (how == synchronous) MPI_Ssend_init(b, count, used.type, l.to, l.tag, c, r);
    if (how == ready) MPI_Rsend_init(b, count, used.type, l.to, l.tag, c, r);
    begun.persistent = true;
    const bool all = own_.one_in(2);
    all ? MPI_Startall(1, r) : MPI_Start(r);
    message(all ? "Startall" : "Start", p.g, l.to, sent, bytes);
}

/// Room for more than what comes.
datatype type_to_receive(dice& d, family kind, int basics, int& count) {
    const datatype type = d.of(types[kind]);
    count = (basics + type.basics - 1) / type.basics + d.below(20);
    return type;
}

void player::post_receive(const post& p, const letter& l) {
    int count = 0;
    const datatype type = type_to_receive(own_, p.kind, p.known ? l.basics : 200, count);
    const int source = p.known && own_.one_in(2) ? l.from : MPI_ANY_SOURCE;
    const int tag = p.g.any_tag ? MPI_ANY_TAG : l.tag;
    auto data = new_data();
    pending& begun = add(p.g, data);
    MPI_Request* const r = &begun.request;
    const auto sender = sender_of(p.known, l.from, bytes_of(p.kind, l.basics), data);
    if (own_.one_in(4)) {
        MPI_Recv_init(data->data(), count, type.type, source, tag, p.g.comm, r);
        begun.persistent = true;
        const bool all = own_.one_in(2);
        all ? MPI_Startall(1, r) : MPI_Start(r);
        begun.done = receives(all ? "Startall" : "Start", p.g, sender);
        return;
    }
    MPI_Irecv(data->data(), count, type.type, source, tag, p.g.comm, r);
    begun.may_be_freed = true;
    begun.done = receives("Irecv", p.g, sender);
}

/// By a call that waits for the message, perhaps looking at it first.
void player::receive(const post& p, const letter& l) {
    int count = 0;
    const datatype type = type_to_receive(own_, p.kind, p.known ? l.basics : 200, count);
    int source = p.known && own_.one_in(2) ? l.from : MPI_ANY_SOURCE;
    int tag = p.g.any_tag ? MPI_ANY_TAG : l.tag;
    auto data = new_data();
    const auto sender = sender_of(p.known, l.from, bytes_of(p.kind, l.basics), data);
    MPI_Status status;
    MPI_Status* const s = own_.one_in(2) ? MPI_STATUS_IGNORE : &status;
    MPI_Comm c = p.g.comm;
    const int look = own_.below(5);
    int flag = 0;
    MPI_Message handle = MPI_MESSAGE_NULL;
    if (look == 1) MPI_Probe(source, tag, c, s);
    while (look == 2 && flag == 0) MPI_Iprobe(source, tag, c, &flag, s);
    if (look == 3) MPI_Mprobe(source, tag, c, &handle, s);
    while (look == 4 && flag == 0) MPI_Improbe(source, tag, c, &flag, &handle, s);
    const auto done = [&](const char* call, MPI_Status* seen) {
        receives(call, p.g, sender)(seen);
    };
    if (look >= 3 && own_.one_in(2)) {
        pending& begun = add(p.g, data);
        MPI_Imrecv(data->data(), count, type.type, &handle, &begun.request);
        begun.done = receives("Imrecv", p.g, sender);
        begun.may_be_freed = true;
        return;
    }
    if (look < 3) MPI_Recv(data->data(), count, type.type, source, tag, c, s);
    if (look >= 3) MPI_Mrecv(data->data(), count, type.type, &handle, s);
    done(look < 3 ? "Recv" : "Mrecv", s == MPI_STATUS_IGNORE ? nullptr : s);
}

/// Some ranks send to some others.
void player::letters() {
    script_group& g = any_group();
    post p{g, static_cast<family>(common_.below(families)), !g.any_tag && common_.one_in(2),
           common_.one_in(2), false};
    if (g.any_tag) p.kind = of_chars;
    p.ready = p.posted && !g.any_tag && common_.one_in(3);
    const int side = g.inter ? common_.below(2) : 0;
    const auto& senders = g.members[side];
    const auto& receivers = g.members[g.inter ? 1 - side : side];
    const int count = 1 + common_.below(6);
    const int tag = next_tag(16);
    std::vector<letter> all;
    for (int i = 0; i < count; ++i) {
        letter l;
        l.from = common_.below(static_cast<int>(senders.size()));
        l.to = common_.below(static_cast<int>(receivers.size()));
        l.tag = p.known ? tag + i : tag;
        l.basics =
            p.known && common_.one_in(5) ? 0 : 4 + common_.below(common_.one_in(8) ? 150 : 30);
        all.push_back(l);
    }
    if (g.side < 0) return;
    const bool may_send = !g.inter || g.side == side;
    const bool may_receive = !g.inter || g.side != side;
    const auto my_part = [&](bool sends, auto f) {
        for (const letter& l : all)
            if ((sends ? may_send && l.from == g.rank : may_receive && l.to == g.rank)) f(l);
    };
    if (p.posted) my_part(false, [&](const letter& l) { post_receive(p, l); });
    if (p.ready) MPI_Barrier(g.comm);
    my_part(true, [&](const letter& l) { send(p, l); });
    if (!p.posted) my_part(false, [&](const letter& l) { receive(p, l); });
}

/// Each rank sends to one and receives from one, or from nobody.
void player::sendrecv() {
    script_group& g = any_group();
    const int n = static_cast<int>(g.members[0].size());
    const int shift = common_.below(n);
    const int skipped = common_.one_in(3) ? common_.below(n) : -1;  // who sends to nobody
    const int tag = next_tag();
    const int units = common_.below(10);
    const bool replaces = common_.one_in(3);
    if (g.side < 0 || g.inter || g.any_tag) return;
    int to = (g.rank + shift) % n;
    int from = (g.rank + n - shift) % n;
    if (g.rank == skipped) to = MPI_PROC_NULL;
    if (from == skipped) from = MPI_PROC_NULL;
    const int source = from >= 0 && own_.one_in(3) ? MPI_ANY_SOURCE : from;
    memory out(room);
    memory in(room);
    MPI_Status status;
    MPI_Status* const s = own_.one_in(2) ? MPI_STATUS_IGNORE : &status;
    if (replaces) {
        MPI_Sendrecv_replace(in.data(), 3 * units, MPI_INT, to, tag, source, tag, g.comm, s);
    } else {
        int count = 0;
        const datatype type = own_.of(types[of_ints]);
        const datatype type_in = type_to_receive(own_, of_ints, 3 * units, count);
        MPI_Sendrecv(out.data(), 3 * units / type.basics, type.type, to, tag, in.data(), count,
                     type_in.type, source, source >= 0 ? MPI_ANY_TAG : tag, g.comm, s);
    }
    const char* const call = replaces ? "Sendrecv_replace" : "Sendrecv";
    if (to >= 0) message(call, g, to, sent, 12L * units);
    if (from >= 0) message(call, g, from, received, 12L * units);
}

/// Calls with MPI_PROC_NULL, without requests, and with null requests.
void player::nobody_there() {
    script_group& g = any_group();
    if (g.side < 0) return;
    char data[64];
    const int none = MPI_PROC_NULL;
    MPI_Status status;
    MPI_Request r[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};
    MPI_Message handle;
    int flag = 0;
    int index = 0;
    MPI_Send(data, 9, MPI_CHAR, none, 1, g.comm);
    MPI_Recv(data, 9, MPI_CHAR, none, 1, g.comm, MPI_STATUS_IGNORE);
    MPI_Isend(data, 9, MPI_CHAR, none, 1, g.comm, &r[0]);
    MPI_Irecv(data, 9, MPI_CHAR, none, 1, g.comm, &r[1]);
    own_.one_in(2) ? MPI_Waitall(2, r, MPI_STATUSES_IGNORE)
                   : MPI_Testall(2, r, &flag, MPI_STATUSES_IGNORE);
    MPI_Mprobe(none, 1, g.comm, &handle, MPI_STATUS_IGNORE);
    if (own_.one_in(2)) {
        MPI_Mrecv(data, 9, MPI_CHAR, &handle, &status);
    } else {
        MPI_Imrecv(data, 9, MPI_CHAR, &handle, &r[0]);
        MPI_Wait(&r[0], &status);
    }
    if (status.MPI_SOURCE != none) fail("a message from nobody");
    MPI_Recv_init(data, 9, MPI_CHAR, none, 1, g.comm, &r[0]);
    MPI_Send_init(data, 9, MPI_CHAR, none, 1, g.comm, &r[1]);
    MPI_Startall(2, r);
    MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
    for (MPI_Request& one : r) MPI_Request_free(&one);
    MPI_Waitall(0, nullptr, MPI_STATUSES_IGNORE);
    MPI_Waitany(2, r, &index, MPI_STATUS_IGNORE);
    MPI_Testsome(2, r, &index, &flag, MPI_STATUSES_IGNORE);
    MPI_Wait(r, MPI_STATUS_IGNORE);
}

/// Receives that get nothing and are cancelled; they may be completed later.
void player::cancelled() {
    script_group& g = any_group();
    const int tag = next_tag();
    if (g.side < 0 || g.any_tag) return;
    auto data = new_data();
    pending& p = add(g, data);
    if (own_.one_in(2)) {
        MPI_Irecv(data->data(), 99, MPI_CHAR, MPI_ANY_SOURCE, tag, g.comm, &p.request);
    } else {
        MPI_Recv_init(data->data(), 99, MPI_CHAR, 0, tag, g.comm, &p.request);
        MPI_Start(&p.request);
        p.persistent = true;
    }
    MPI_Cancel(&p.request);
    p.done = [](const MPI_Status* status) {
        int flag = 1;
        if (status != nullptr) MPI_Test_cancelled(status, &flag);
        if (flag == 0) fail("not cancelled");
    };
}

/// Calls that return an error: nothing of them counts.
void player::failing() {
    script_group& g = any_group();
    if (g.side < 0) return;
    char data[64] = {};
    MPI_Request r = MPI_REQUEST_NULL;
    MPI_Errhandler before;
    MPI_Comm_get_errhandler(g.comm, &before);
    MPI_Comm_set_errhandler(g.comm, MPI_ERRORS_RETURN);
    const int wrong = g.peers() + 2;
    const bool passed =
        MPI_Send(data, 8, MPI_CHAR, wrong, 1, g.comm) == MPI_SUCCESS ||
        MPI_Isend(data, 8, MPI_CHAR, wrong, 1, g.comm, &r) == MPI_SUCCESS ||
        MPI_Irecv(data, 8, MPI_CHAR, wrong, 1, g.comm, &r) == MPI_SUCCESS ||
        MPI_Recv(data, -1, MPI_CHAR, 0, 1, g.comm, MPI_STATUS_IGNORE) == MPI_SUCCESS ||
        MPI_Sendrecv(data, 8, MPI_CHAR, 0, 1, data, 8, MPI_CHAR, wrong, 1, g.comm,
                     MPI_STATUS_IGNORE) == MPI_SUCCESS ||
        MPI_Bcast(data, -5, MPI_CHAR, 0, g.comm) == MPI_SUCCESS;
    if (passed) fail("what is wrong succeeds");
    MPI_Comm_set_errhandler(g.comm, before);
    MPI_Errhandler_free(&before);
}

/// A request that is no communication, between the others.
void player::own_request() {
    pending& p = add(groups_.front(), nullptr);
    const auto query = [](void*, MPI_Status* status) {
        MPI_Status_set_elements(status, MPI_CHAR, 7);
        MPI_Status_set_cancelled(status, 0);
        status->MPI_SOURCE = 0;
        status->MPI_TAG = 4;
        return MPI_SUCCESS;
    };
    const auto let_go = [](void*) { return MPI_SUCCESS; };
    const auto cancel = [](void*, int) { return MPI_SUCCESS; };
    MPI_Grequest_start(query, let_go, cancel, nullptr, &p.request);
    MPI_Grequest_complete(p.request);
    p.done = [](const MPI_Status* status) {
        int count = 7;
        if (status != nullptr) MPI_Get_count(status, MPI_CHAR, &count);
        if (count != 7) fail("the status of an own request is wrong");
    };
}

/// The recording stops or goes on, on this rank.
void player::pause() {
    if (!alone_ || (!paused_ && !own_.one_in(2))) return;
    paused_ = !paused_;
    MPI_Pcontrol(paused_ ? 0 : 1);
}

void player::partitioned() {
    script_group& g = any_group();
    const int tag = next_tag();
    const int rounds = common_.below(3);
    if (g.side < 0 || g.inter || g.any_tag) return;
#if MPI_VERSION >= 4
    const int right = (g.rank + 1) % g.size();
    const int left = (g.rank + g.size() - 1) % g.size();
    memory out(room);
    memory in(room);
    MPI_Request r[2];
    MPI_Psend_init(out.data(), 4, 5, MPI_INT, right, tag, g.comm, MPI_INFO_NULL, &r[0]);
    MPI_Precv_init(in.data(), 2, 10, MPI_INT, left, tag, g.comm, MPI_INFO_NULL, &r[1]);
    for (int i = 0; i < rounds; ++i) {
        MPI_Startall(2, r);
        for (const int part : {2, 0, 3, 1}) MPI_Pready(part, r[0]);
        MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
        message("Startall", g, right, sent, 80);
        message("Startall", g, left, received, 80);
    }
    for (MPI_Request& one : r) MPI_Request_free(&one);
#else
    (void)tag, (void)rounds;
#endif
}

// ---- Communicators

/// As libtimemory-mpip names what the program gave no name.
std::string made_of(const char* how, const std::string& parent) {
    const std::size_t first = parent.find(" of ");
    const bool deep = first != std::string::npos && parent.find(" of ", first + 1) != parent.npos;
    return std::string{how} + " of " + (deep ? "another" : parent);
}

void player::ask(script_group& g) {
    const auto translate = [](MPI_Group group, std::vector<int>& members) {
        MPI_Group world;
        MPI_Comm_group(MPI_COMM_WORLD, &world);
        int size = 0;
        MPI_Group_size(group, &size);
        std::vector<int> own(static_cast<std::size_t>(size));
        std::iota(own.begin(), own.end(), 0);
        members.resize(own.size());
        MPI_Group_translate_ranks(group, size, own.data(), world, members.data());
        MPI_Group_free(&world);
        MPI_Group_free(&group);
    };
    MPI_Group group;
    MPI_Comm_group(g.comm, &group);
    translate(group, g.members[g.side]);
    if (g.inter) MPI_Comm_remote_group(g.comm, &group);
    if (g.inter) translate(group, g.members[1 - g.side]);
    if (!g.inter) g.members[1 - g.side] = g.members[g.side];
    MPI_Comm_rank(g.comm, &g.rank);
}

void player::make_group() {
    if (groups_.size() >= 8) return free_group();
    const script_group parent = any_group();
    script_group made;
    made.any_tag = common_.one_in(4);
    const int how = common_.below(parent.inter ? 2 : 6);
    if (how == 0) {
        made = parent;
        const bool later = common_.one_in(2) && !parent.inter;
        made.name = made_of("dup", parent.name);
        if (parent.side >= 0 && later) {
            MPI_Request r;
            MPI_Comm_idup(parent.comm, &made.comm, &r);
            MPI_Wait(&r, MPI_STATUS_IGNORE);
        } else if (parent.side >= 0) {
            MPI_Comm_dup(parent.comm, &made.comm);
        }
        add(made);
    } else if (parent.inter) {
        merge(parent, made);
    } else {
        if (how == 1) split(parent, made);
        if (how == 2) subset(parent, made);
        if (how == 3 || how == 4) topology(parent, made);
        if (how == 5) between(parent, made);
    }
}

void player::split(const script_group& parent, script_group made) {
    const auto& all = parent.members[0];
    std::vector<int> colors;
    std::vector<int> keys;
    for (std::size_t i = 0; i < all.size(); ++i) colors.push_back(common_.below(3) - 1);
    for (std::size_t i = 0; i < all.size(); ++i) keys.push_back(common_.below(9));
    MPI_Comm comm = MPI_COMM_NULL;
    int mine = -1;
    if (parent.side >= 0) {
        const auto at = static_cast<std::size_t>(parent.rank);
        mine = colors[at];
        MPI_Comm_split(parent.comm, mine < 0 ? MPI_UNDEFINED : mine, keys[at], &comm);
    }
    made.name = made_of("split", parent.name);
    for (const int color : {0, 1}) {
        script_group part = made;
        for (std::size_t i = 0; i < all.size(); ++i)
            if (colors[i] == color) part.members[0].push_back(all[i]);
        part.members[1] = part.members[0];
        if (part.members[0].empty()) continue;
        if (color == mine && parent.side >= 0) {
            part.comm = comm;
            part.side = 0;
            ask(part);
        }
        add(part);
    }
}

void player::subset(const script_group& parent, script_group made) {
    const auto& all = parent.members[0];
    std::vector<int> chosen;
    for (std::size_t i = 0; i < all.size(); ++i)
        if (!common_.one_in(3)) chosen.insert(chosen.begin(), static_cast<int>(i));
    const bool by_group = common_.one_in(2);
    const int tag = next_tag();
    made.name = made_of("create", parent.name);
    if (chosen.empty()) return;
    for (const int i : chosen) made.members[0].push_back(all[static_cast<std::size_t>(i)]);
    made.members[1] = made.members[0];
    if (parent.side >= 0) {
        MPI_Group whole;
        MPI_Group part;
        MPI_Comm_group(parent.comm, &whole);
        MPI_Group_incl(whole, static_cast<int>(chosen.size()), chosen.data(), &part);
        int rank = MPI_UNDEFINED;
        MPI_Group_rank(part, &rank);
        if (!by_group) MPI_Comm_create(parent.comm, part, &made.comm);
        if (by_group && rank >= 0) MPI_Comm_create_group(parent.comm, part, tag, &made.comm);
        MPI_Group_free(&whole);
        MPI_Group_free(&part);
        if (rank >= 0) made.side = 0;
        if (rank >= 0) ask(made);
    }
    add(made);
}

void player::topology(const script_group& parent, script_group made) {
    const int n = static_cast<int>(parent.members[0].size());
    const int kind = common_.below(4);
    int reorder = common_.below(2);
#ifdef OPEN_MPI  // it may end the program, in the library that finds an order
    if (kind >= 2) reorder = 0;
#endif
    made.has_neighbours = true;
    made.members[0] = made.members[1] = parent.members[0];
    made.name = made_of(kind == 0 ? "cart" : "graph", parent.name);
    std::vector<std::vector<char>> edges(static_cast<std::size_t>(n));
    for (auto& row : edges)
        for (int i = 0; i < n; ++i) row.push_back(static_cast<char>(common_.below(2)));
    const auto edge = [&](int i, int j) {
        return edges[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] != 0;
    };
    int dims[] = {n, 1};
    const int periods[] = {common_.below(2), common_.below(2)};
    if (common_.one_in(2) && n > 1) dims[0] = n / 2, dims[1] = 2;
    if (kind == 0)
        made.members[0].resize(static_cast<std::size_t>(dims[0]) *
                               static_cast<std::size_t>(dims[1]));
    made.members[1] = made.members[0];
    if (parent.side < 0) return add(made);
    std::vector<int> to;
    std::vector<int> from;
    to.reserve(1);
    from.reserve(1);
    for (int i = 0; i < n; ++i) {
        if (edge(parent.rank, i)) to.push_back(i);
        if (edge(i, parent.rank)) from.push_back(i);
    }
    const int out = static_cast<int>(to.size());
    if (kind == 0) {
        MPI_Cart_create(parent.comm, 2, dims, periods, reorder, &made.comm);
    } else if (kind == 1) {
        std::vector<int> ends;
        std::vector<int> all;
        for (int i = 0; i < n; ++i) {
            for (int j = 0; j < n; ++j)
                if (i != j && edge(std::min(i, j), std::max(i, j))) all.push_back(j);
            ends.push_back(static_cast<int>(all.size()));
        }
        all.push_back(0);  // not empty
        MPI_Graph_create(parent.comm, n, ends.data(), all.data(), reorder, &made.comm);
    } else if (kind == 2) {
        MPI_Dist_graph_create_adjacent(parent.comm, static_cast<int>(from.size()), from.data(),
                                       MPI_UNWEIGHTED, out, to.data(), MPI_UNWEIGHTED,
                                       MPI_INFO_NULL, reorder, &made.comm);
    } else {
        MPI_Dist_graph_create(parent.comm, 1, &parent.rank, &out, to.data(), MPI_UNWEIGHTED,
                              MPI_INFO_NULL, reorder, &made.comm);
    }
    if (made.comm == MPI_COMM_NULL) return add(made);
    made.side = 0;
    ask(made);
    if (kind == 0) {
        for (const int dimension : {0, 1}) {
            int before = 0;
            int behind = 0;
            MPI_Cart_shift(made.comm, dimension, 1, &before, &behind);
            made.sources.insert(made.sources.end(), {before, behind});
        }
        made.destinations = made.sources;
    } else if (kind == 1) {
        int count = 0;
        MPI_Graph_neighbors_count(made.comm, made.rank, &count);
        made.sources.resize(static_cast<std::size_t>(count));
        MPI_Graph_neighbors(made.comm, made.rank, count, made.sources.data());
        made.destinations = made.sources;
    } else {
        int in = 0;
        int outs = 0;
        int weighted = 0;
        MPI_Dist_graph_neighbors_count(made.comm, &in, &outs, &weighted);
        made.sources.reserve(1);
        made.destinations.reserve(1);
        made.sources.resize(static_cast<std::size_t>(in));
        made.destinations.resize(static_cast<std::size_t>(outs));
        std::vector<int> weights(static_cast<std::size_t>(in + outs) + 1);
        MPI_Dist_graph_neighbors(made.comm, in, made.sources.data(), weights.data(), outs,
                                 made.destinations.data(), weights.data());
    }
    add(made);
}

/// Between two groups that are made for it.
void player::between(const script_group& parent, script_group made) {
    const auto& all = parent.members[0];
    const int n = static_cast<int>(all.size());
    if (n < 2) return;
    const int border = 1 + common_.below(n - 1);
    const int tag = next_tag();
    made.inter = true;
    made.any_tag = false;
    made.name = made_of("intercomm", made_of("split", parent.name));
    for (int i = 0; i < n; ++i)
        made.members[i < border ? 0 : 1].push_back(all[static_cast<std::size_t>(i)]);
    if (parent.side >= 0) {
        made.side = parent.rank < border ? 0 : 1;
        MPI_Comm half;
        MPI_Comm_split(parent.comm, made.side, parent.rank, &half);
        MPI_Intercomm_create(half, 0, parent.comm, made.side == 0 ? border : 0, tag, &made.comm);
        MPI_Comm_free(&half);
        ask(made);
    }
    add(made);
}

void player::merge(const script_group& parent, script_group made) {
    const int high = common_.below(2);
    made.name = made_of("merge", parent.name);
    for (const int side : {1 - high, high})
        for (const int rank : parent.members[side]) made.members[0].push_back(rank);
    made.members[1] = made.members[0];
    if (parent.side >= 0) {
        MPI_Intercomm_merge(parent.comm, static_cast<int>(parent.side == high), &made.comm);
        made.side = 0;
        ask(made);
    }
    add(made);
}

void player::free_group() {
    const int first = alone_ ? 2 : 1;
    const int count = static_cast<int>(groups_.size()) - first;
    if (count <= 0) return;
    const auto at = groups_.begin() + first + common_.below(count);
    if (at->side >= 0) {
        complete_all(at->number);
        for (pending& p : requests_)
            if (p.group == at->number) MPI_Request_free(&p.request);
        requests_.remove_if([&](const pending& p) { return p.group == at->number; });
#ifndef MPICH_VERSION  // 4.0 may wait in it forever
        if (at->number % 2 != 0)
            MPI_Comm_disconnect(&at->comm);
        else
#endif
            MPI_Comm_free(&at->comm);
    }
    groups_.erase(at);
}

/// Also while there are receives under way: they were begun under the name before.
void player::rename_group() {
    const std::size_t first = alone_ ? 2 : 1;
    script_group& g = any_group();
    if (&g < &groups_[0] + first) return;
    g.name = "group " + std::to_string(common_.below(3));
    if (g.side >= 0) MPI_Comm_set_name(g.comm, g.name.c_str());
}

// ---- Collective calls

/// What a rank exchanges with each of the others: counts, places and types for each.
struct player::blocks {
    std::vector<int> counts, places, byte_places;
    std::vector<MPI_Datatype> kinds;
    long bytes = 0;
    datatype type{};  ///< where all have the same

    blocks() {  // MPI wants arrays also of nothing
        counts.reserve(1);
        places.reserve(1);
        byte_places.reserve(1);
        kinds.reserve(1);
    }
    /// `units` are of 3 ints each.
    void add(const datatype& d, int units) {
        constexpr int apart = 32;
        const int i = static_cast<int>(counts.size());
        counts.push_back(units * 3 / d.basics);
        places.push_back(i * apart);
        byte_places.push_back(i * apart * 20);
        kinds.push_back(d.type);
        bytes += 12L * units;
        type = d;
    }
};

/// What a collective call works on, until it is complete.
struct player::collective {
    memory out = memory(room);
    memory in = memory(room);
    blocks to, from;
};

/// A collective call in the form that was drawn, and its log. Persistent ones are in traffic.cpp:
/// MPICH 4.0 hangs in them where there is more under way.
#define COLLECT(Name, name, sends, obtains, ...)   \
    if (begun == nullptr) {                        \
        MPI_##Name(__VA_ARGS__);                   \
        both(#Name, g, sends, obtains);            \
    } else {                                       \
        MPI_I##name(__VA_ARGS__, &begun->request); \
        both("I" #name, g, sends, obtains);        \
    }                                              \
    break

void player::collect() {
    script_group& g = any_group();
    const int what = common_.below(g.inter ? 15 : 17);
    bool waits = common_.one_in(2);
    const int units = common_.below(5);
    const int a = common_.below(6);
    const int d = common_.below(6);
    const bool in_place = !g.inter && common_.one_in(3);
    const int b = in_place ? a : common_.below(6);  // in place both ways are as long
    const int root_side = g.inter ? common_.below(2) : 0;
    const int root_rank = common_.below(static_cast<int>(g.members[root_side].size()));
    if (g.side < 0) return;
#ifdef OPEN_MPI  // Debian's fails in these between groups of different sizes; and in MPI_Ialltoallw
    if (g.inter && (what == 3 || what == 5 || what == 7)) return;
    if (what == 10) waits = true;
#endif

    const bool is_root = g.side == root_side && g.rank == root_rank;
    const bool with_root = !g.inter || g.side != root_side;  // exchanges with the root
    const int root = with_root ? root_rank : is_root ? MPI_ROOT : MPI_PROC_NULL;
    auto data = std::make_shared<collective>();
    const auto units_of = [&](int i, int j) { return (a * i + b * j + d) % 5; };
    const bool same_types = what == 10 && in_place;
    const datatype type_out = own_.of(types[of_ints]);
    const datatype type_in = own_.of(types[of_ints]);
    for (int i = 0; i < g.peers(); ++i) {
        const bool w = what == 10 && !same_types;
        data->to.add(w ? own_.of(types[of_ints]) : type_out, units_of(g.rank, i));
        data->from.add(w ? own_.of(types[of_ints]) : type_in, units_of(i, g.rank));
    }
    // What each rank sends to all, and to the root.
    blocks alike;
    blocks scattered;
    for (int i = 0; i < g.peers(); ++i) {
        alike.add(type_in, units_of(i, 0));
        scattered.add(type_out, units_of(0, i));
    }
    const blocks& to = data->to;
    const blocks& from = data->from;
    const void* const out = in_place ? MPI_IN_PLACE : data->out.data();
    const void* const out_of_root = in_place && is_root ? MPI_IN_PLACE : data->out.data();
    void* const in = data->in.data();
    void* const in_of_root = in_place && is_root ? MPI_IN_PLACE : in;
    const int n = units * 3 / type_out.basics;
    const int n_in = units * 3 / type_in.basics;
    const long bytes = 12L * units;
    const int peers = g.peers();
    const auto if_ = [](bool yes, long amount) { return yes ? amount : -1L; };
    MPI_Comm c = g.comm;
    const auto own_units = units_of(g.rank, 0);
    const auto units_for_me = units_of(0, g.rank);
    auto kept = std::make_shared<std::pair<blocks, blocks>>(alike, scattered);
    pending* const begun = waits ? nullptr : &add(g, nullptr);
    if (begun != nullptr)
        begun->data = std::make_shared<std::pair<decltype(data), decltype(kept)>>(data, kept);
    const blocks& gathered = kept->first;
    const blocks& spread = kept->second;
    const int scale = g.inter ? static_cast<int>(g.members[1 - g.side].size()) : 1;
    switch (what) {
        case 0:
            COLLECT(Barrier, barrier, -1, -1, c);
        case 1:
            COLLECT(Bcast, bcast, if_(is_root, bytes), if_(with_root && !is_root, bytes), in, n_in,
                    type_in.type, root, c);
        case 2:
            COLLECT(Gather, gather, if_(with_root, bytes), if_(is_root, bytes * peers), out_of_root,
                    n, type_out.type, in, n_in, type_in.type, root, c);
        case 3:
            COLLECT(Gatherv, gatherv, if_(with_root, 12L * own_units), if_(is_root, gathered.bytes),
                    out_of_root, own_units * 3 / type_out.basics, type_out.type, in,
                    gathered.counts.data(), gathered.places.data(), type_in.type, root, c);
        case 4:
            COLLECT(Scatter, scatter, if_(is_root, bytes * peers), if_(with_root, bytes),
                    data->out.data(), n, type_out.type, in_of_root, n_in, type_in.type, root, c);
        case 5:
            COLLECT(Scatterv, scatterv, if_(is_root, spread.bytes),
                    if_(with_root, 12L * units_for_me), data->out.data(), spread.counts.data(),
                    spread.places.data(), type_out.type, in_of_root,
                    units_for_me * 3 / type_in.basics, type_in.type, root, c);
        case 6:
            COLLECT(Allgather, allgather, bytes, bytes * peers, out, n, type_out.type, in, n_in,
                    type_in.type, c);
        case 7:
            COLLECT(Allgatherv, allgatherv, 12L * own_units, gathered.bytes, out,
                    own_units * 3 / type_out.basics, type_out.type, in, gathered.counts.data(),
                    gathered.places.data(), type_in.type, c);
        case 8:
            COLLECT(Alltoall, alltoall, bytes * peers, bytes * peers, out, n, type_out.type, in,
                    n_in, type_in.type, c);
        case 9:
            COLLECT(Alltoallv, alltoallv, to.bytes, from.bytes, out, to.counts.data(),
                    to.places.data(), type_out.type, in, from.counts.data(), from.places.data(),
                    type_in.type, c);
        case 10:
            COLLECT(Alltoallw, alltoallw, to.bytes, from.bytes, out, to.counts.data(),
                    to.byte_places.data(), to.kinds.data(), in, from.counts.data(),
                    from.byte_places.data(), from.kinds.data(), c);
        case 11:
            COLLECT(Reduce, reduce, if_(with_root, 4L * units), if_(is_root, 4L * units),
                    out_of_root, in, units, MPI_INT, MPI_SUM, root, c);
        case 12:
            COLLECT(Allreduce, allreduce, 4L * units, 4L * units, out, in, units, MPI_INT, MPI_MAX,
                    c);
        case 13: {
            // Between two groups both give as much.
            blocks& own = data->from;
            own = {};
            for (int i = 0; i < g.size(); ++i)
                own.add(types[of_ints][0], g.inter ? scale : units_of(i, 0));
            COLLECT(Reduce_scatter, reduce_scatter, own.bytes,
                    4L * own.counts[static_cast<std::size_t>(g.rank)], out, in, own.counts.data(),
                    MPI_INT, MPI_SUM, c);
        }
        case 14:
            COLLECT(Reduce_scatter_block, reduce_scatter_block, 4L * units * scale * g.size(),
                    4L * units * scale, out, in, units * scale, MPI_INT, MPI_SUM, c);
        case 15:
            COLLECT(Scan, scan, 4L * units, 4L * units, out, in, units, MPI_INT, MPI_SUM, c);
        default:
            COLLECT(Exscan, exscan, 4L * units, if_(g.rank > 0, 4L * units), out, in, units,
                    MPI_INT, MPI_SUM, c);
    }
}

void player::collect_neighbours() {
    script_group* const found = a_group([](const script_group& g) { return g.has_neighbours; });
    if (found == nullptr) return;
    script_group& g = *found;
    const int what = common_.below(5);
    const bool waits = common_.one_in(2);
    const int units = common_.below(5);
    const int a = common_.below(6);
    const int b = common_.below(6);
    if (g.side < 0) return;
    auto data = std::make_shared<collective>();
    const bool v = what == 1;  // what a rank sends is the same for all
    const auto units_of = [&](int i, int j) { return (a * i + (v ? 0 : b * j)) % 5; };
    const datatype type_out = own_.of(types[of_ints]);
    const datatype type_in = own_.of(types[of_ints]);
    long sum_out = 0;
    long sum_in = 0;
    int are_out = 0;
    int are_in = 0;
    for (const int peer : g.destinations) {
        const int n = peer >= 0 ? units_of(g.rank, peer) : 1;
        data->to.add(what == 4 ? own_.of(types[of_ints]) : type_out, n);
        if (peer < 0) continue;
        ++are_out;
        sum_out += 12L * n;
    }
    for (const int peer : g.sources) {
        const int n = peer >= 0 ? units_of(peer, g.rank) : 1;
        data->from.add(what == 4 ? own_.of(types[of_ints]) : type_in, n);
        if (peer < 0) continue;
        ++are_in;
        sum_in += 12L * n;
    }
    const blocks& to = data->to;
    const blocks& from = data->from;
    auto places = std::make_shared<std::pair<std::vector<MPI_Aint>, std::vector<MPI_Aint>>>();
    places->first.reserve(1);
    places->second.reserve(1);
    places->first.assign(to.byte_places.begin(), to.byte_places.end());
    places->second.assign(from.byte_places.begin(), from.byte_places.end());
    const void* const out = data->out.data();
    void* const in = data->in.data();
    const int n = units * 3 / type_out.basics;
    const int n_in = units * 3 / type_in.basics;
    const long bytes = 12L * units;
    const auto if_ = [](bool yes, long amount) { return yes ? amount : -1L; };
    MPI_Comm c = g.comm;
    const int own_units = units_of(g.rank, 0);
    pending* const begun = waits ? nullptr : &add(g, nullptr);
    if (begun != nullptr)
        begun->data = std::make_shared<std::pair<decltype(data), decltype(places)>>(data, places);
    switch (what) {
        case 0:
            COLLECT(Neighbor_allgather, neighbor_allgather, if_(are_out > 0, bytes),
                    if_(are_in > 0, bytes * are_in), out, n, type_out.type, in, n_in, type_in.type,
                    c);
        case 1:
            COLLECT(Neighbor_allgatherv, neighbor_allgatherv, if_(are_out > 0, 12L * own_units),
                    if_(are_in > 0, sum_in), out, own_units * 3 / type_out.basics, type_out.type,
                    in, from.counts.data(), from.places.data(), type_in.type, c);
        case 2:
            COLLECT(Neighbor_alltoall, neighbor_alltoall, if_(are_out > 0, bytes * are_out),
                    if_(are_in > 0, bytes * are_in), out, n, type_out.type, in, n_in, type_in.type,
                    c);
        case 3:
            COLLECT(Neighbor_alltoallv, neighbor_alltoallv, if_(are_out > 0, sum_out),
                    if_(are_in > 0, sum_in), out, to.counts.data(), to.places.data(), type_out.type,
                    in, from.counts.data(), from.places.data(), type_in.type, c);
        default:
            COLLECT(Neighbor_alltoallw, neighbor_alltoallw, if_(are_out > 0, sum_out),
                    if_(are_in > 0, sum_in), out, to.counts.data(), places->first.data(),
                    to.kinds.data(), in, from.counts.data(), places->second.data(),
                    from.kinds.data(), c);
    }
}

// ---- The whole

void player::play(int count) {
    int weights = 0;
    for (const action& a : actions) weights += a.weight;
    for (int step = 1; step <= count; ++step) {
        common_ = dice{script_seed(step)};
        int drawn = common_.below(weights);
        std::size_t i = 0;
        while (drawn >= actions[i].weight) drawn -= actions[i++].weight;
        if (verbose) std::fprintf(stderr, "%d: %d: %s\n", me, step, actions[i].name);
        (this->*actions[i].play)();
        if (own_.one_in(3)) complete_some();
        if (requests_.size() > 40) complete_all();
    }
    complete_all();
    for (pending& p : requests_) MPI_Request_free(&p.request);
    requests_.clear();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const int seed = std::atoi(argv[1]);
    const int actions = std::atoi(argv[2]);
    const int threads = argc > 3 ? std::atoi(argv[3]) : 1;
    int provided = 0;
    MPI_Init_thread(&argc, &argv, threads > 1 ? MPI_THREAD_MULTIPLE : MPI_THREAD_SINGLE, &provided);
    if (threads > 1 && provided != MPI_THREAD_MULTIPLE) fail("no threads");
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    make_types();
    std::vector<char> buffer(std::size_t{32} << 20);
    MPI_Buffer_attach(buffer.data(), static_cast<int>(buffer.size()));
    if (threads == 1) {
        player{seed, 0, true, MPI_COMM_WORLD, "MPI_COMM_WORLD"}.play(actions);
    } else {
        std::vector<MPI_Comm> worlds(static_cast<std::size_t>(threads));
        for (MPI_Comm& c : worlds) MPI_Comm_dup(MPI_COMM_WORLD, &c);
        std::vector<std::thread> all;
        all.reserve(worlds.size());
        for (int i = 0; i < threads; ++i)
            all.emplace_back([&, i] {
                player{seed, i, false, worlds[static_cast<std::size_t>(i)], "dup of MPI_COMM_WORLD"}
                    .play(actions);
            });
        for (std::thread& t : all) t.join();
        for (MPI_Comm& c : worlds) MPI_Comm_free(&c);
    }
    void* detached = nullptr;
    int size = 0;
    MPI_Buffer_detach(&detached, &size);
    for (auto& all : types)
        for (std::size_t i = &all == &types[of_both] ? 0 : 1; i < all.size(); ++i)
            MPI_Type_free(&all[i].type);
    log_of_rank.write(me);
    std::printf("program: rank %d of %d is done\n", me, ranks);
    MPI_Finalize();
}
