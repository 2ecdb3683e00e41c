"""What timemory 3 did wrong on several ranks, by the number of the fault."""

import os
import sys

from job import MPIEXEC, Folder, Run, by_path, check, check_equal, rows

ranks, fault = int(sys.argv[1]), sys.argv[2]
environment = {
    # The mpi4py that scripts/setup made for this MPI, where there is one.
    "PYTHONPATH": os.pathsep.join(
        (os.environ["TIMEMORY_TEST_PYTHONPATH"], os.environ["TIMEMORY_TEST_MPI4PY"])
    ),
    "TIMEMORY_OUTPUT_PATH": "out",
    "TIMEMORY_COUT_OUTPUT": "off",
}

PROGRAMS = {
    # A component on one rank only: finalize waited for ever.
    "2": """
from mpi4py import MPI
from timemory.util import marker
components = ["wall_clock", "peak_rss"] if MPI.COMM_WORLD.rank == 0 else ["wall_clock"]
with marker(components, "work"): pass
print("program: done")
""",
    # get() on rank 0 alone: it waited for the others.
    "3": """
from mpi4py import MPI
import timemory
from timemory.util import marker
with marker(["wall_clock"], "work"): pass
if MPI.COMM_WORLD.rank == 0:
    entry = timemory.get()["timemory"]["wall_clock"]["ranks"][0]["graph"][0]
    print("program:", entry["prefix"], entry["entry"]["laps"])
MPI.COMM_WORLD.barrier()
""",
    # Processes without MPI wrote one file over the other.
    "13": """
from timemory.util import marker
with marker(["wall_clock"], "work"): pass
print("program: done")
""",
}


def check_one_result(folder, label, ranks_with_it):
    (of_all,) = rows(folder / f"out/{label}.json").values()
    work = by_path(of_all)["work"]
    check_equal(work.laps, ranks_with_it, f"laps in {label}.json")
    check_equal(work.over_ranks["count"], ranks_with_it, f"ranks in {label}.json")


with Folder() as folder:
    (folder / "program.py").write_text(PROGRAMS[fault])
    done = Run([MPIEXEC, "-n", ranks, sys.executable, "program.py"], folder, environment)
    if "No module named 'mpi4py'" in done.stderr:
        sys.exit(77)
    done.check_status()
    check_equal(done.our_lines, [], "lines on stderr")
    if fault == "2":
        check_equal(done.program_lines, ["program: done"] * ranks, "lines")
        check_one_result(folder, "wall", ranks)
        check_one_result(folder, "peak_rss", 1)
    elif fault == "3":
        check_equal(done.program_lines, ["program: >>> work 1"], "lines")
        check_one_result(folder, "wall", ranks)
    else:
        for rank in range(ranks):
            ((of_one,),) = (rows(folder / f"out/{rank}-wall.json").values(),)
            check_equal(by_path(of_one)["work"].laps, 1, f"laps of process {rank}")
        check(not (folder / "out/wall.json").exists(), "a file that all have written")
print(f"fault {fault} on {ranks} ranks: not ours")
