"""A Python program that says which of its MPI calls are measured."""

import os
import sys

from job import MPIEXEC, Folder, Run, by_path, check_equal, rows

ranks = int(sys.argv[1])
PROGRAM = """
from mpi4py import MPI
import timemory
from timemory.tools import function_wrappers
world = MPI.COMM_WORLD
world.Barrier()
assert timemory.stop_mpip(1) == 0
world.Barrier()
with function_wrappers("mpi"): world.Barrier()
@function_wrappers(mpi=True, ompt=False)
def inside(): world.Barrier(), world.Barrier()
inside()
world.Barrier()
first, second = timemory.start_mpip(), timemory.start_mpip()
assert first > 0 and timemory.stop_mpip(first) == 1
world.Barrier()
assert timemory.stop_mpip(second) == 0
world.Barrier()
"""
environment = {
    "PYTHONPATH": os.pathsep.join(
        (os.environ["TIMEMORY_TEST_PYTHONPATH"], os.environ["TIMEMORY_TEST_MPI4PY"])
    ),
    "TIMEMORY_OUTPUT_PATH": "out",
    "TIMEMORY_COUT_OUTPUT": "off",
}
with Folder() as folder:
    (folder / "program.py").write_text(PROGRAM)
    wrapped = ["env", f"LD_PRELOAD={os.environ['TIMEMORY_TEST_MPIP']}", sys.executable]
    done = Run([MPIEXEC, "-n", ranks, *wrapped, "program.py"], folder, environment)
    if "No module named 'mpi4py'" in done.stderr:
        sys.exit(77)
    done.check_status()
    check_equal(done.our_lines, [], "lines on stderr")
    of_all = by_path(*rows(folder / "out/wall.json").values())
    check_equal(of_all["MPI_Barrier"].laps, 5 * ranks, "barriers that are measured")
print(f"{5 * ranks} barriers of {8 * ranks} measured, as asked for")
