"""Which calls are recorded is chosen by TIMEMORY_MPIP_PERMIT_LIST and TIMEMORY_MPIP_REJECT_LIST.

lists_test.py <ranks>
"""

import sys

from job import Folder, Run, by_path, check_equal, rows
from preloaded import Tables, environment, job

ranks, steps = int(sys.argv[1]), 3

with Folder() as folder:

    def calls(name, lines=(), **lists):
        """Run with the lists; return how often each call is recorded, which is the same in the tree and the tables."""
        (folder / name).mkdir()
        settings = environment(**{f"mpip_{which}_list": names for which, names in lists.items()})
        run = Run(job(ranks, "mpip-halo", steps), folder / name, settings).check_status()
        check_equal(run.our_lines, list(lines), f"{name}: lines of ours")
        laps = {
            path: row.laps
            for path, row in by_path(rows(folder / name / "out/wall.json")[0]).items()
        }
        timed, sent = dict.fromkeys(laps, 0), set()
        tables = Tables(folder / name / "out/timemory.h5")
        for row, numbers in tables.rows("mpi_times"):
            timed[row["call"]] += numbers[0]
        for row, _ in tables.rows("mpi_traffic"):
            sent.add(row["call"])
        check_equal(timed, laps, f"{name}: calls")
        check_equal(sent, {"MPI_Isend", "MPI_Irecv"} & laps.keys(), f"{name}: calls with bytes")
        return laps

    every = calls("every")
    print(f"{len(every)} functions, {sum(every.values())} calls")
    check_equal(every["MPI_Waitall"], ranks * steps, "calls of MPI_Waitall")

    wanted = {"MPI_Isend": every["MPI_Isend"], "MPI_Comm_rank": ranks}
    got = calls("permitted", permit="MPI_Isend, MPI_Comm_rank")
    check_equal(got, wanted, "permitted")

    for names in ({"MPI_Isend", "MPI_Barrier"}, {"MPI_Irecv"}):
        wanted = {name: n for name, n in every.items() if name not in names}
        got = calls(f"without {len(names)}", reject=",".join(sorted(names)))
        check_equal(got, wanted, f"without {names}")

    got = calls("both", permit="MPI_Waitall;MPI_Irecv", reject="MPI_Irecv")
    check_equal(got, {"MPI_Waitall": ranks * steps}, "both")

    line = (
        "timemory: TIMEMORY_MPIP_REJECT_LIST: 'MPI_Sned' is no MPI function that is recorded here; "
        "names like MPI_Send are"
    )
    check_equal(calls("misspelt", [line], reject="MPI_Sned"), every, "misspelt")
