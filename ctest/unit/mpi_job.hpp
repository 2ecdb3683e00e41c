// A job of MPI by hand: what each rank did, as the tables that libtimemory-mpip leaves.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "profile/merge.hpp"
#include "sample_profile.hpp"
#include "timemory/tools.h"

namespace tim::sample {

class mpi_job {
public:
    explicit mpi_job(std::uint32_t ranks) : ranks_(ranks) {}

    /// How long a rank's application took.
    void application(std::uint32_t rank, std::int64_t time) { ranks_[rank].application = time; }
    /// How long it was ready to run but had no core.
    void no_core(std::uint32_t rank, std::int64_t time) { ranks_[rank].no_core = time; }
    /// A lap of a region that is no call: "main/work".
    void region(std::uint32_t rank, const std::string& path, std::int64_t time) {
        ranks_[rank].laps[path].push_back(time);
    }

    struct transfer {
        std::int64_t direction = 0;
        std::int64_t bytes = 0;
        std::int64_t peer = -3;  ///< -3: that of the call
    };
    /// Calls of MPI, each with the same: "main/MPI_Recv".
    void call(std::uint32_t rank, const std::string& path, std::int64_t time,
              std::int64_t peer = -1, const std::vector<transfer>& moved = {}, int times = 1) {
        for (int i = 0; i < times; ++i) {
            region(rank, path, time);
            ranks_[rank].calls.push_back({path, time, peer, moved});
        }
    }
    void site(std::uint32_t rank, const std::string& name, const std::string& where,
              std::int64_t time) {
        ranks_[rank].sites.push_back({name, where, time});
    }

    [[nodiscard]] profile of_rank(std::uint32_t rank) const {
        builder b;
        std::map<std::string, std::uint32_t> known{{"", 0}};
        for (const auto& [text, laps] : ranks_[rank].laps)
            b.row(wall(), path_of(b, known, text), laps);
        profile p = b.build(rank, static_cast<std::uint32_t>(ranks_.size()));
        add_tables(p, rank);
        return p;
    }
    /// Folded over ranks, as the job leaves it.
    [[nodiscard]] result build() const {
        profile all = of_rank(0);
        for (std::uint32_t rank = 1; rank < ranks_.size(); ++rank)
            all = merge(all, of_rank(rank), dimension::ranks, 1'000'000);
        result r = serial(std::move(all));
        r.mpi = true;
        return r;
    }

private:
    struct one_call {
        std::string path;
        std::int64_t time;
        std::int64_t peer;
        std::vector<transfer> moved;
    };
    struct one_site {
        std::string call;
        std::string where;
        std::int64_t time;
    };
    struct one_rank {
        std::int64_t application = 0;
        std::int64_t no_core = 0;
        std::map<std::string, std::vector<std::int64_t>> laps;
        std::vector<one_call> calls;
        std::vector<one_site> sites;
    };

    static std::uint32_t path_of(builder& b, std::map<std::string, std::uint32_t>& known,
                                 const std::string& text) {
        const auto found = known.find(text);
        if (found != known.end()) return found->second;
        const std::size_t slash = text.rfind('/');
        const std::uint32_t parent =
            path_of(b, known, slash == std::string::npos ? "" : text.substr(0, slash));
        return known[text] =
                   b.path(parent, slash == std::string::npos ? text : text.substr(slash + 1));
    }

    static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

    static std::int64_t text(keyed_table& t, const std::string& text) {
        const auto found = std::find(t.texts.begin(), t.texts.end(), text);
        if (found != t.texts.end()) return found - t.texts.begin();
        t.texts.push_back(text);
        return static_cast<std::int64_t>(t.texts.size()) - 1;
    }

    static void add(keyed_table& t, const std::vector<std::int64_t>& keys, std::int64_t value) {
        add_row(t, keys, 1,
                {.sum = value,
                 .squares = static_cast<uint128>(int128{value} * value),
                 .min = value,
                 .max = value});
    }

    void add_tables(profile& p, std::uint32_t rank) const {
        std::map<std::string, std::int64_t> path_of_text;
        std::vector<std::string> texts(p.paths.size());
        for (std::uint32_t i = 1; i < p.paths.size(); ++i) {
            const std::string& above = texts[p.paths[i].parent];
            texts[i] = (above.empty() ? "" : above + "/") + std::string{p.name(p.paths[i])};
            path_of_text[texts[i]] = i;
        }
        const auto table = [](const char* name, std::vector<table_key> keys) {
            keyed_table t;
            t.name = name;
            t.keys = std::move(keys);
            return t;
        };
        const table_key rank_key{"rank", key_kind::rank};
        const table_key path_key{"path", key_kind::path};
        const table_key call{"call", key_kind::text};
        const table_key communicator{"communicator", key_kind::text};
        const table_key peer{"peer", key_kind::number};
        const table_key direction{"direction", key_kind::number};
        const table_key bucket{"bucket", key_kind::number};
        keyed_table times = table("mpi_times", {rank_key, call, communicator, peer});
        keyed_table traffic = table("mpi_traffic", {rank_key, call, communicator, peer, direction});
        keyed_table latency = table("mpi_latency", {path_key, bucket});
        keyed_table peers = table("mpi_peers", {path_key, peer});
        keyed_table sizes = table("mpi_sizes", {path_key, direction, bucket});
        keyed_table run = table("mpi_run", {rank_key, {"what", key_kind::text}});
        keyed_table communicators = table("mpi_communicators", {communicator});
        keyed_table sites = table("mpi_callsites", {rank_key, call, {"site", key_kind::text}});
        const one_rank& here = ranks_[rank];
        if (here.application > 0) add(run, {rank, text(run, "application")}, here.application);
        if (here.no_core > 0) add(run, {rank, text(run, "no core")}, here.no_core);
        add(communicators, {text(communicators, "MPI_COMM_WORLD")},
            static_cast<std::int64_t>(ranks_.size()));
        for (const one_call& c : here.calls) {
            const std::string name = name_of(c.path);
            const std::int64_t where = path_of_text.at(c.path);
            add(times, {rank, text(times, name), text(times, "MPI_COMM_WORLD"), c.peer}, c.time);
            add_row(latency, std::array{where, std::int64_t{timemory_bucket(c.time)}}, 1, {});
            add(peers, {where, c.peer}, c.time);
            for (const transfer& m : c.moved) {
                const std::int64_t other = m.peer == -3 ? c.peer : m.peer;
                add(traffic,
                    {rank, text(traffic, name), text(traffic, "MPI_COMM_WORLD"), other,
                     m.direction},
                    m.bytes);
                add(sizes, {where, m.direction, timemory_bucket(m.bytes)}, m.bytes);
            }
        }
        for (const one_site& s : here.sites)
            add(sites, {rank, text(sites, s.call), text(sites, s.where)}, s.time);
        for (keyed_table* t :
             {&communicators, &latency, &peers, &run, &sites, &sizes, &times, &traffic}) {
            if (t->rows() == 0) continue;
            put_in_order(*t);
            p.tables.push_back(std::move(*t));
        }
        std::sort(p.tables.begin(), p.tables.end(),
                  [](const keyed_table& a, const keyed_table& b) { return a.name < b.name; });
    }

    std::vector<one_rank> ranks_;
};

}  // namespace tim::sample
