"""Jobs that MPI_Comm_spawn starts have results of their own, beside that of the job that starts them.

spawned_test.py <ranks>
"""

import os
import subprocess
import sys

from job import BINARIES, MPI, MPIEXEC, Folder, Run, check, check_equal
from preloaded import PROGRAM, Tables, compare, environment, logged

ranks = int(sys.argv[1])
program = BINARIES / "mpip-spawned"
# What the launcher is given goes to all jobs; `timemory run` in front of the program only into the first.
line = [MPIEXEC, "-n", ranks, program]
settings = environment(finalize_timeout=60)
if MPI == "openmpi":
    line[1:1] = ["-x", f"LD_PRELOAD={os.environ['TIMEMORY_TEST_MPIP']}"]
else:
    line[1:1] = ["-genv", "LD_PRELOAD", os.environ["TIMEMORY_TEST_MPIP"]]

with Folder() as folder:
    bare = Run([MPIEXEC, "-n", ranks, program], folder)
    if "program: this MPI starts no jobs" in bare.stdout or "Error in spawn call" in bare.stderr:
        print(f"this MPI starts no jobs, also without timemory\n{bare.stdout}{bare.stderr}")
        sys.exit(77)
    run = Run(line, folder, settings)
    check_equal(run.status, bare.status, f"exit status\n{run.stderr}")
    check_equal(run.program_lines, bare.program_lines, f"lines of the program\n{run.stderr}")
    check_equal(run.our_lines, [], "lines of ours")
    expected = logged(folder, 3 * ranks)["message"]
    for number, place in enumerate(("out", "out/spawned-1", "out/spawned-2")):
        got = {
            (r["rank"] + ranks * number, r["call"], r["communicator"], r["peer"], r["direction"]): n
            for r, n in Tables(folder / place / "timemory.h5").rows("mpi_traffic")
        }
        mine = range(ranks * number, ranks * (number + 1))
        compare({k: n for k, n in expected.items() if k[0] in mine}, got, f"messages of {place}")
        report = subprocess.run(
            [PROGRAM, "report", "--mpi", place],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        check_equal(report.returncode, 0, f"timemory report {place}\n{report.stderr}\n")
        check("MPI_Recv" in report.stdout, f"the report of {place} is {report.stdout}")
    print(f"3 jobs of {ranks} ranks: {len(expected)} rows of messages, all equal")
