#include "output/mpi_summary.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "mpi_job.hpp"
#include "output/mpi_writers.hpp"
#include "output/quantities.hpp"

namespace tim {
namespace {

using nlohmann::json;
using sample::mpi_job;

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t second = 1000 * ms;

std::string text(const mpi_summary& s) {
    return sample::text_of(write_mpi_text, s);
}

std::string worst(const mpi_job& job) {
    const mpi_summary s = summarise_mpi(job.build());
    return s.findings.empty() ? "" : s.findings.front().sentence();
}

/// Four ranks that work for a second and exchange for a tenth of it, all the same.
mpi_job balanced(std::int64_t work = second, std::int64_t exchange = 20 * ms) {
    mpi_job job{4};
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
        job.application(rank, work + exchange);
        job.region(rank, "main", work + exchange);
        job.region(rank, "main/work", work);
        job.call(rank, "main/MPI_Sendrecv", exchange, (rank + 3) % 4,
                 {{0, 1000, (rank + 1) % 4}, {1, 1000}});
    }
    return job;
}

TEST(mpi_summary, sums_and_ends_over_ranks) {
    mpi_job job{3};
    for (std::uint32_t rank = 0; rank < 3; ++rank) {
        job.application(rank, 100 * ms);
        job.call(rank, "main/MPI_Init", 500 * ms);  // not part of the application's time
        job.call(rank, "main/MPI_Allreduce", (rank + 1) * 10 * ms, -1, {{0, 8}, {1, 8}});
    }
    job.call(1, "main/MPI_Send", 5 * ms, 2, {{0, 3000}});
    job.call(1, "main/MPI_Send", 15 * ms, 2, {{0, 5000}});
    job.call(2, "main/MPI_Recv", 8 * ms, 1, {{1, 3000}});
    const mpi_summary s = summarise_mpi(job.build());
    ASSERT_EQ(s.ranks.size(), 3u);
    EXPECT_EQ(s.run_time, 100 * ms);
    EXPECT_EQ(s.application, 300 * ms);
    EXPECT_EQ(s.ranks[0].mpi, 10 * ms);
    EXPECT_EQ(s.ranks[1].mpi, 40 * ms);
    EXPECT_EQ(s.ranks[2].mpi, 38 * ms);
    EXPECT_EQ(s.ranks[1].waiting, 20 * ms);
    EXPECT_EQ(s.ranks[1].sent, 8008);
    EXPECT_EQ(s.ranks[1].messages, 3u);
    EXPECT_EQ(s.ranks[2].received, 3008);
    EXPECT_EQ(s.mpi, 88 * ms);
    EXPECT_EQ(s.calls, 6u);
    EXPECT_DOUBLE_EQ(s.share(), 88.0 / 300);

    ASSERT_EQ(s.call_names.size(), 4u);
    EXPECT_EQ(s.call_names[0].call, "MPI_Init");
    EXPECT_EQ(s.call_names[1].call, "MPI_Allreduce");
    EXPECT_EQ(s.call_names[1].time, 60 * ms);
    EXPECT_EQ(s.call_names[1].ranks.min_rank, 0);
    EXPECT_EQ(s.call_names[1].ranks.max_rank, 2);
    EXPECT_DOUBLE_EQ(s.call_names[1].ranks.mean, 20.0 * ms);
    // Ranks that don't call it have 0.
    EXPECT_EQ(s.call_names[2].call, "MPI_Send");
    EXPECT_EQ(s.call_names[2].calls, 2u);
    EXPECT_EQ(s.call_names[2].ranks.min, 0);
    EXPECT_EQ(s.call_names[2].ranks.min_rank, 0);
    EXPECT_EQ(s.call_names[2].ranks.max, 20 * ms);
    EXPECT_EQ(s.call_names[2].ranks.max_rank, 1);
    EXPECT_EQ(s.call_names[3].call, "MPI_Recv");
    EXPECT_EQ(s.call_names[3].ranks.min_rank, 0);

    ASSERT_TRUE(s.efficiency.has_value());
    const double useful[] = {90, 60, 62};
    const double mean = std::accumulate(std::begin(useful), std::end(useful), 0.0) / 3;
    EXPECT_DOUBLE_EQ(s.efficiency->parallel, mean / 100);
    EXPECT_DOUBLE_EQ(s.efficiency->load_balance, mean / 90);
    EXPECT_DOUBLE_EQ(s.efficiency->communication, 0.9);

    ASSERT_EQ(s.matrix.size(), 1u);
    EXPECT_EQ(s.matrix[0].from, 1);
    EXPECT_EQ(s.matrix[0].to, 2);
    EXPECT_EQ(s.matrix[0].messages, 2u);
    EXPECT_EQ(s.matrix[0].bytes, 8000);

    ASSERT_EQ(s.sizes.size(), 3u);
    EXPECT_EQ(s.sizes[0].begin, 8);
    EXPECT_EQ(s.sizes[0].moved[0].messages, 3u);
    EXPECT_EQ(s.sizes[1].begin, 2048);
    EXPECT_EQ(s.sizes[1].moved[1].messages, 1u);
    EXPECT_EQ(s.sizes[2].begin, 4096);
    EXPECT_EQ(s.sizes[2].moved[0].bytes, 5000);

    ASSERT_EQ(s.communicators.size(), 1u);
    EXPECT_EQ(s.communicators[0].size, 3);
    EXPECT_EQ(s.communicators[0].time, 88 * ms);
    EXPECT_EQ(s.communicators[0].sent.bytes, 8000 + 24);
}

TEST(mpi_summary, ranks_that_stand_apart_are_put_together) {
    const mpi_job job = balanced();
    result apart;
    apart.mpi = true;
    apart.collapsed_ranks = false;
    for (std::uint32_t rank = 0; rank < 4; ++rank) apart.profiles.push_back(job.of_rank(rank));
    EXPECT_EQ(text(summarise_mpi(apart)), text(summarise_mpi(job.build())));
}

TEST(mpi_summary, percentiles_come_from_the_histogram) {
    mpi_job job{1};
    job.application(0, 1000 * second);
    for (int i = 0; i < 98; ++i) job.call(0, "MPI_Barrier", 1000);
    job.call(0, "MPI_Barrier", 5000);
    job.call(0, "MPI_Barrier", 9'000'000);
    const mpi_summary s = summarise_mpi(job.build());
    ASSERT_EQ(s.paths.size(), 1u);
    EXPECT_EQ(s.paths[0].calls, 100u);
    // The middles of their buckets.
    EXPECT_DOUBLE_EQ(s.paths[0].latency.p50, (896 + 1024) / 2.0);
    EXPECT_DOUBLE_EQ(s.paths[0].latency.p90, (896 + 1024) / 2.0);
    EXPECT_DOUBLE_EQ(s.paths[0].latency.p99, (4096 + 5120) / 2.0);
}

TEST(mpi_summary, call_sites_are_over_all_ranks) {
    mpi_job job{2};
    for (std::uint32_t rank = 0; rank < 2; ++rank) {
        job.application(rank, second);
        job.site(rank, "MPI_Send", "app+0x10", (rank + 1) * ms);
        job.site(rank, "MPI_Send", "app+0x20", 7 * ms);
    }
    const mpi_summary s = summarise_mpi(job.build());
    ASSERT_EQ(s.sites.size(), 2u);
    EXPECT_EQ(s.sites[0].site, "app+0x20");
    EXPECT_EQ(s.sites[0].time, 14 * ms);
    EXPECT_EQ(s.sites[1].ranks.max_rank, 1);
}

TEST(mpi_summary, threads_that_exceed_the_clock_have_no_efficiency) {
    mpi_job job{2};
    for (std::uint32_t rank = 0; rank < 2; ++rank) {
        job.application(rank, second);
        for (int thread = 0; thread < 2; ++thread) job.call(rank, "MPI_Recv", 900 * ms, 1 - rank);
    }
    EXPECT_FALSE(summarise_mpi(job.build()).efficiency.has_value());
}

TEST(mpi_summary, nothing_recorded) {
    sample::builder b;
    b.row(sample::wall(), b.path(0, "main"), {second});
    const result r = sample::serial(b.build());
    EXPECT_FALSE(has_mpi(r));
    const mpi_summary s = summarise_mpi(r);
    EXPECT_TRUE(s.ranks.empty());
    EXPECT_NE(text(s).find("Nothing stands out."), std::string::npos);
    result none;
    EXPECT_FALSE(has_mpi(none));
    EXPECT_NO_THROW(text(summarise_mpi(none)));
}

// ---- The one sentence

TEST(mpi_finding, a_balanced_job_has_nothing_that_stands_out) {
    EXPECT_EQ(worst(balanced()), "");
    EXPECT_NE(text(summarise_mpi(balanced().build()))
                  .find("Nothing stands out; most time goes to "
                        "main/MPI_Sendrecv, 2.0 % of"),
              std::string::npos);
    // Also where all of them wait much, as for a slow network: nobody is to blame.
    EXPECT_EQ(worst(balanced(second, second)), "");
}

TEST(mpi_finding, late_sender) {
    mpi_job job = balanced();
    for (std::uint32_t rank = 0; rank < 4; ++rank) job.application(rank, 2 * second);
    job.region(2, "main/prepare", 900 * ms);
    job.call(2, "main/MPI_Send", ms, 3, {{0, 1000}});
    job.call(3, "main/MPI_Recv", 900 * ms, 2, {{1, 1000}});
    EXPECT_EQ(worst(job),
              "Late sender: 900 ms (11.2 % of all ranks' time) is spent in main/MPI_Recv waiting "
              "for rank 2. It takes 675 ms longer than the mean in main/prepare.");
}

TEST(mpi_finding, lateness_that_is_passed_on_is_that_of_the_first) {
    // In a ring each rank waits for its neighbour, and all of them for rank 1.
    mpi_job job{4};
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
        job.application(rank, 2 * second);
        job.region(rank, "main/work", rank == 1 ? 1900 * ms : 900 * ms);
        job.call(rank, "main/MPI_Recv", rank == 1 ? 10 * ms : 1000 * ms, (rank + 3) % 4);
    }
    EXPECT_EQ(worst(job),
              "Late sender: 3.01 s (37.6 % of all ranks' time) is spent in main/MPI_Recv waiting "
              "for rank 1. It takes 750 ms longer than the mean in main/work.");
}

TEST(mpi_finding, late_sender_of_requests) {
    mpi_job job{3};
    for (std::uint32_t rank = 0; rank < 3; ++rank) {
        job.application(rank, second);
        job.region(rank, "main/work", rank == 0 ? 950 * ms : 350 * ms);
        job.call(rank, "main/MPI_Waitall", rank == 0 ? 10 * ms : 600 * ms);
    }
    EXPECT_TRUE(
        worst(job).starts_with("Late sender: 1.18 s (39.3 % of all ranks' time) is spent "
                               "in main/MPI_Waitall waiting for rank 0."))
        << worst(job);
}

TEST(mpi_finding, load_imbalance_before_a_collective) {
    mpi_job job{4};
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
        const std::int64_t work = rank == 3 ? 1700 * ms : 1000 * ms;
        job.application(rank, 1710 * ms);
        job.region(rank, "main", 1710 * ms);
        job.region(rank, "main/step", 1705 * ms);
        job.region(rank, "main/step/work", work);
        job.region(rank, "main/step/work/kernel", work - ms);
        job.call(rank, "main/step/MPI_Allreduce", 1705 * ms - work, -1, {{0, 8}, {1, 8}});
    }
    EXPECT_EQ(worst(job),
              "Load imbalance: rank 3 takes 1.45 times the mean in main/step/work/kernel; 2.10 s "
              "(30.7 % of all ranks' time) is spent in main/step/MPI_Allreduce waiting for it.");
    mpi_summary s = summarise_mpi(job.build());
    EXPECT_EQ(s.findings.size(), 1u);
    EXPECT_EQ(s.findings[0].rank, 3);
}

TEST(mpi_finding, load_imbalance_without_regions) {
    mpi_job job{4};
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
        job.application(rank, 2 * second);
        job.call(rank, "MPI_Barrier", rank == 2 ? ms : 800 * ms);
    }
    EXPECT_EQ(worst(job),
              "Load imbalance: rank 2 has more to do than the others; 2.40 s (30.0 % of all ranks' "
              "time) is spent in MPI_Barrier waiting for it.");
}

TEST(mpi_finding, load_imbalance_that_only_the_end_shows) {
    mpi_job job{4};
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
        const std::int64_t work = rank == 1 ? 1700 * ms : 1000 * ms;
        job.application(rank, work);
        job.region(rank, "work", work);
        job.call(rank, "MPI_Barrier", ms);
    }
    EXPECT_TRUE(worst(job).starts_with("Load imbalance: rank 1 takes 1.45 times the mean in work;"))
        << worst(job);
}

TEST(mpi_finding, serialised_root) {
    // Rank 0 takes the parts of the others one after another.
    mpi_job job{4};
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
        job.application(rank, second);
        if (rank > 0) job.call(rank, "collect/MPI_Ssend", rank * 200 * ms, 0, {{0, 100'000}});
    }
    for (std::uint32_t rank = 1; rank < 4; ++rank) {
        job.call(0, "collect/MPI_Recv", ms, rank, {{1, 100'000}});
        job.region(0, "collect/store", 200 * ms);
    }
    EXPECT_TRUE(worst(job).starts_with(
        "Serialised root: 1.20 s (30.0 % of all ranks' time) is spent in collect/MPI_Ssend "
        "waiting for rank 0, which takes the others one after another."))
        << worst(job);
    // The same as a collective that begins when the root is there.
    mpi_job gather{4};
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
        gather.application(rank, second);
        gather.call(rank, "collect/MPI_Gather", rank == 0 ? 10 * ms : 500 * ms, 0, {{0, 100'000}});
    }
    EXPECT_TRUE(worst(gather).starts_with("Serialised root: 1.47 s")) << worst(gather);
}

TEST(mpi_finding, a_root_that_waits_is_not_to_blame) {
    mpi_job job{4};
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
        job.application(rank, second);
        job.region(rank, "work", rank == 2 ? 900 * ms : 400 * ms);
        job.call(rank, "MPI_Reduce", rank == 0 ? 500 * ms : 10 * ms, 0, {{0, 8}});
        job.call(rank, "MPI_Barrier", rank == 2 ? ms : rank == 0 ? 5 * ms : 490 * ms);
    }
    EXPECT_TRUE(worst(job).starts_with("Load imbalance: rank 2 takes 1.71 times the mean in work;"))
        << worst(job);
}

TEST(mpi_finding, tiny_messages) {
    mpi_job job{2};
    for (std::uint32_t rank = 0; rank < 2; ++rank) {
        job.application(rank, 10 * ms);
        job.call(rank, "main/MPI_Sendrecv", 2500, 1 - rank, {{0, 8}, {1, 8}}, 2000);
    }
    EXPECT_EQ(worst(job),
              "Tiny messages: 10.0 ms (50.0 % of all ranks' time) is spent on 4000 calls with "
              "messages of about 8 B in main/MPI_Sendrecv; rank 0 sends most.");
}

TEST(mpi_finding, few_or_large_messages_are_not_tiny) {
    for (const auto& [bytes, times] : {std::pair{100'000, 2000}, std::pair{8, 500}}) {
        mpi_job job{2};
        for (std::uint32_t rank = 0; rank < 2; ++rank) {
            job.application(rank, times * 5000);
            job.call(rank, "main/MPI_Sendrecv", 2500, 1 - rank, {{0, bytes}, {1, bytes}}, times);
        }
        EXPECT_EQ(worst(job), "");
    }
}

TEST(mpi_finding, barrier_storm) {
    mpi_job job{4};
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
        job.application(rank, 10 * ms);
        job.call(rank, "main/step/MPI_Barrier", rank == 3 ? 3100 : 3000, -1, {}, 1000);
    }
    EXPECT_EQ(worst(job),
              "Barrier storm: 12.0 ms (30.0 % of all ranks' time) is spent on 4000 calls of "
              "main/step/MPI_Barrier; rank 3 longest.");
}

TEST(mpi_finding, many_small_calls_are_not_the_cause_where_one_rank_is_late_for_each) {
    mpi_job messages{2};
    mpi_job barriers{2};
    for (std::uint32_t rank = 0; rank < 2; ++rank) {
        const std::int64_t wait = rank == 1 ? 1000 : ms;
        for (mpi_job* job : {&messages, &barriers}) {
            job->application(rank, 2 * second);
            job->region(rank, "work", 2000 * (ms - wait));
        }
        messages.call(rank, "MPI_Sendrecv", wait, 1 - rank, {{0, 8}, {1, 8}}, 2000);
        barriers.call(rank, "MPI_Barrier", wait, -1, {}, 2000);
    }
    EXPECT_TRUE(
        worst(messages).starts_with("Late sender: 2.00 s (50.0 % of all ranks' time) is "
                                    "spent in MPI_Sendrecv waiting for rank 1."))
        << worst(messages);
    EXPECT_TRUE(worst(barriers).starts_with("Load imbalance: rank 1 takes 2.00 times the mean in"))
        << worst(barriers);
    EXPECT_EQ(summarise_mpi(messages.build()).findings.size(), 1u);
    EXPECT_EQ(summarise_mpi(barriers.build()).findings.size(), 1u);
}

TEST(mpi_finding, a_rank_without_a_core_has_not_more_to_do) {
    mpi_job job{4};
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
        job.application(rank, 2 * second);
        job.region(rank, "work", rank == 2 ? 1999 * ms : 1200 * ms);
        job.call(rank, "MPI_Barrier", rank == 2 ? ms : 800 * ms);
        job.no_core(rank, rank == 2 ? 700 * ms : 100 * ms);
    }
    EXPECT_EQ(worst(job),
              "Load imbalance: rank 2 had no core for 450 ms longer than the mean; 2.40 s (30.0 % "
              "of all ranks' time) is spent in MPI_Barrier waiting for it.");
    EXPECT_EQ(mpi_sentences(summarise_mpi(job.build())).back(),
              "Short of cores: the ranks were ready to run but had no core for 12.5 % of their "
              "time, rank 2, which waits least, for 35.0 %. So some of the waiting may not be the "
              "program's.");
    // Where nobody waits for it, it does not count as work either.
    mpi_job end{4};
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
        end.application(rank, rank == 2 ? 2 * second : second);
        end.call(rank, "MPI_Barrier", ms);
        end.no_core(rank, second);
    }
    EXPECT_EQ(worst(end), "");
}

TEST(mpi_finding, waits_for_a_core_are_the_price_of_many_messages) {
    mpi_job job{2};
    for (std::uint32_t rank = 0; rank < 2; ++rank) {
        job.application(rank, second);
        job.call(rank, "MPI_Sendrecv", 1000, 1 - rank, {{0, 8}, {1, 8}}, 5000);
        job.call(rank, "MPI_Sendrecv", 10 * ms, 1 - rank, {{0, 8}, {1, 8}}, 97);
    }
    EXPECT_EQ(worst(job), "") << "what they wait for is not known";
    for (std::uint32_t rank = 0; rank < 2; ++rank) job.no_core(rank, 900 * ms);
    EXPECT_TRUE(worst(job).starts_with("Tiny messages: 1.95 s (97.5 % of all ranks' time)"))
        << worst(job);
}

// ---- Outputs

TEST(mpi_writers, text_has_the_ranks_and_the_matrix) {
    const std::string t = text(summarise_mpi(balanced().build()));
    EXPECT_NE(t.find("MPI: 4 ranks, 1.02 s; 2.0 % of their time in MPI; 4 calls; 4 messages with "
                     "4.00 KB sent"),
              std::string::npos)
        << t;
    EXPECT_NE(t.find("Parallel efficiency 98.0 % = load balance 100.0 % x communication efficiency "
                     "98.0 %"),
              std::string::npos);
    EXPECT_NE(t.find("   0 1 2 3 \n"
                     "0 |  @     |\n"
                     "1 |    @   |\n"
                     "2 |      @ |\n"
                     "3 |@       |\n"),
              std::string::npos)
        << t;
}

TEST(mpi_writers, text_is_short_for_many_ranks) {
    constexpr std::uint32_t ranks = 1000;
    mpi_job job{ranks};
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
        job.application(rank, second);
        job.call(rank, "MPI_Send", ms + rank, (rank + 1) % ranks, {{0, 800}});
        job.call(rank, "MPI_Recv", ms, (rank + ranks - 1) % ranks, {{1, 800}});
    }
    const mpi_summary s = summarise_mpi(job.build());
    EXPECT_EQ(s.matrix.size(), ranks);
    const std::string t = text(s);
    EXPECT_LT(std::count(t.begin(), t.end(), '\n'), 110) << t;
    EXPECT_NE(t.find("THE QUARTERS"), std::string::npos);
    EXPECT_EQ(tiles_of(s, 32).tiles, 32);
    EXPECT_EQ(tiles_of(s, 32).ranks_per_tile, 32);
    const json all = json::parse(sample::text_of(write_mpi_json, s)).at("timemory").at("mpi");
    EXPECT_EQ(all.at("ranks").size(), ranks);
    EXPECT_EQ(all.at("matrix").size(), ranks);
    const std::string svg = sample::text_of(write_mpi_svg, s);
    EXPECT_NE(svg.find("</svg>"), std::string::npos);
    EXPECT_LT(svg.size(), 100'000u);
}

TEST(mpi_writers, json_has_everything) {
    mpi_job job = balanced();
    job.site(0, "MPI_Sendrecv", "bad \xFF name", ms);
    const json all = json::parse(sample::text_of(write_mpi_json, summarise_mpi(job.build())))
                         .at("timemory")
                         .at("mpi");
    EXPECT_EQ(all.at("run_time"), 1020 * ms);
    EXPECT_EQ(all.at("ranks")[2].at("by_activity").at("receives"), 20 * ms);
    EXPECT_EQ(all.at("paths")[0].at("path"), "main/MPI_Sendrecv");
    EXPECT_EQ(all.at("matrix")[0].at("to"), 1);
    EXPECT_EQ(all.at("findings").size(), 0u);
    EXPECT_EQ(all.at("sites").size(), 1u);
}

TEST(mpi_activity, comes_from_the_name) {
    EXPECT_EQ(activity_of("MPI_Recv"), mpi_activity::receive);
    EXPECT_EQ(activity_of("MPI_Recv_c"), mpi_activity::receive);
    EXPECT_EQ(activity_of("MPI_Irecv"), mpi_activity::other);
    EXPECT_EQ(activity_of("MPI_Waitall"), mpi_activity::wait);
    EXPECT_EQ(activity_of("MPI_Iprobe"), mpi_activity::test);
    EXPECT_EQ(activity_of("MPI_Gatherv"), mpi_activity::to_root);
    EXPECT_EQ(activity_of("MPI_Win_fence"), mpi_activity::window);
    EXPECT_EQ(activity_of("MPI_Rput"), mpi_activity::window);
    EXPECT_EQ(activity_of("MPI_File_write_all"), mpi_activity::file);
    EXPECT_EQ(activity_of("MPI_Ibcast"), mpi_activity::other);
    EXPECT_EQ(activity_of("MPI_Finalize"), mpi_activity::lifetime);
    EXPECT_EQ(activity_of("main"), mpi_activity::other);
}

TEST(quantities, three_digits_and_a_unit) {
    EXPECT_EQ(shown_time(std::int64_t{0}), "0 s");
    EXPECT_EQ(shown_time(std::int64_t{1}), "0.00 us");
    EXPECT_EQ(shown_time(std::int64_t{123'456}), "123 us");
    EXPECT_EQ(shown_time(std::int64_t{999'400}), "999 us");
    EXPECT_EQ(shown_time(std::int64_t{999'600}), "1.00 ms");
    EXPECT_EQ(shown_time(std::int64_t{12'345'678'901}), "12.3 s");
    EXPECT_EQ(shown_bytes(std::int64_t{999}), "999 B");
    EXPECT_EQ(shown_bytes(std::int64_t{123'456}), "123 KB");
    EXPECT_EQ(shown_bytes(std::int64_t{9'990'000}), "9.99 MB");
}

}  // namespace
}  // namespace tim
