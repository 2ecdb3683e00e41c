"""What a program logged of its traffic is what the result says, for each call, communicator and peer.

traffic_test.py <ranks> <program> [split | places]

With `split` all ranks meet before each collective call: the same, and as many waits as such calls. With `places` calls
are told apart by where they come from: the same, and those of all places add up to the calls.
"""

import collections
import re
import sys

from job import Folder, Run, by_path, check, check_equal, rows
from preloaded import Tables, compare_traffic, environment, job, logged

ranks, program = int(sys.argv[1]), sys.argv[2]
split, places = "split" in sys.argv[3:], "places" in sys.argv[3:]
MEETING = re.compile(
    r"MPI_(Bcast|Scan|Exscan|Reduce\w*|Allreduce|(All)?[Gg]atherv?|Scatterv?|Alltoall[vw]?)(_c)?(?<!_init)"
)

with Folder() as folder:
    settings = (
        environment(mpip_barrier_split="on", collapse_processes="off")
        if split
        else environment(mpip_callsite=int(places))
    )
    run = Run(job(ranks, program), folder, settings).check_status()
    check_equal(len(run.program_lines), ranks, f"lines of the program\n{run.stdout}{run.stderr}")
    check_equal(run.our_lines, [], "lines of ours")
    log = logged(folder, ranks)
    tables = Tables(folder / "out/timemory.h5")
    compare_traffic(log, tables)
    if split:
        expected = dict.fromkeys(range(ranks), 0)
        for r, (count, *_) in tables.rows("mpi_times"):
            expected[r["rank"]] += count if MEETING.fullmatch(r["call"]) else 0
        waits = {
            rank: sum(
                row.laps
                for path, row in by_path(of_rank).items()
                if path.endswith("waiting for the last")
            )
            for rank, of_rank in rows(folder / "out/wall.json").items()
        }
        check_equal(waits, expected, "waits for the last")
        check(min(waits.values()) > 10, "hardly a collective call")
        print(f"{sum(waits.values())} waits for the last, one for each collective call")
    if places:
        calls = collections.Counter()
        for r, (count, *_) in tables.rows("mpi_times"):
            calls[r["rank"], r["call"]] += count
        of_places = collections.Counter()
        found = set()
        for r, (count, *_) in tables.rows("mpi_callsites"):
            of_places[r["rank"], r["call"]] += count
            found.add(r["site"])
        check_equal(of_places, calls, "calls of all places")
        check(len(found) > 600, "hardly a place")
        print(
            f"{sum(calls.values())} calls from {len(found)} places, added up by rank and function"
        )
    total = sum(numbers[0] for rows in log.values() for numbers in rows.values())
    print(
        f"{total} messages and accesses of {ranks} ranks in {sum(len(rows) for rows in log.values())} rows, all equal"
    )
