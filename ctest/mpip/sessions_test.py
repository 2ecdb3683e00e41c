"""Sessions without MPI_Init: there is no world to fold, so that each rank has a result of its own, and all is in those.

sessions_test.py <ranks>
"""

import subprocess
import sys

from job import MPI, Folder, Run, check, check_equal
from preloaded import PROGRAM, Tables, compare, environment, job, logged

ranks = int(sys.argv[1])
if MPI == "openmpi":
    print("Open MPI 4.1 has no sessions")
    sys.exit(77)

with Folder() as folder:
    run = Run(job(ranks, "mpip-sessions"), folder, environment(profile_output="on")).check_status()
    check_equal(len(run.program_lines), ranks, f"lines of the program\n{run.stdout}{run.stderr}")
    check_equal(run.our_lines, [], "lines of ours")
    log = logged(folder, ranks)["message"]
    for rank in range(ranks):
        tables = Tables(folder / f"out/{rank}-timemory.h5")
        got = {
            (rank, r["call"], r["communicator"], r["peer"], r["direction"]): numbers
            for r, numbers in tables.rows("mpi_traffic")
        }
        compare({k: v for k, v in log.items() if k[0] == rank}, got, "messages")
        times = {r["what"]: numbers for r, numbers in tables.rows("mpi_run")}
        check_equal(times["application"][0], 1, "times that MPI was up")
        check(times["application"][1] > 0, "no time")
    merged = subprocess.run(
        [PROGRAM, "merge", "out"], cwd=folder, capture_output=True, text=True, check=False
    )
    check_equal(merged.returncode, 0, f"timemory merge\n{merged.stderr}\n")
    got = {
        (r["rank"], r["call"], r["communicator"], r["peer"], r["direction"]): numbers
        for r, numbers in Tables(folder / "out/timemory.h5").rows("mpi_traffic")
    }
    compare(log, got, "messages of all")
    print(f"{ranks} ranks in 2 sessions: {len(got)} rows of messages, all equal")
