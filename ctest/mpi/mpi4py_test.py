"""Jobs in Python: examples/heat.py, and mpi4py imported before and after timemory.

    mpi4py_test.py <ranks> <case> own|pypi

`own` is the mpi4py that this Python finds, `pypi` the one that scripts/setup made for this MPI.
"""

import os
import pathlib
import subprocess
import sys

from job import MPI, MPIEXEC, Folder, Run, by_path, check, check_equal, rows

ranks, case, whose = int(sys.argv[1]), sys.argv[2], sys.argv[3]
path = os.environ["TIMEMORY_TEST_PYTHONPATH"]
if whose == "pypi":
    folder_of_pypi = os.environ["TIMEMORY_TEST_MPI4PY"]
    path += os.pathsep + folder_of_pypi
    if not os.path.isdir(folder_of_pypi):
        print(f"there is no {folder_of_pypi}: scripts/setup makes it")
        sys.exit(77)

# Prints the version of mpi4py and the flavour of MPI it was built for.
WHICH = """
import mpi4py, numpy
mpi4py.rc.initialize = False
from mpi4py import MPI
print(mpi4py.__version__, {"Open MPI": "openmpi", "MPICH": "mpich"}.get(MPI.get_vendor()[0]))
"""
found = subprocess.run(
    [sys.executable, "-c", WHICH],
    env={**os.environ, "PYTHONPATH": path},
    capture_output=True,
    text=True,
)
if found.returncode != 0:
    print(f"no mpi4py with numpy for this Python: {found.stderr}")
    sys.exit(77)
version, flavour = found.stdout.split()
print(f"mpi4py {version} for {flavour}")
if flavour != MPI:
    print(f"the mpi4py that is found is for {flavour}, and these tests run under {MPI}")
    sys.exit(77)

SCRIPT = """
import sys
{imports}
from timemory.util import marker

world = MPI.COMM_WORLD
with marker(["wall_clock"], key="all"):
    for _ in range(1 + world.rank):
        with marker(["wall_clock"], key="rank %d" % world.rank):
            pass
sys.stdout.write("program: rank %d of %d\\n" % (world.rank, world.size))
sys.stdout.flush()
{end}
"""
IMPORTS = {
    "before": "from mpi4py import MPI\nimport timemory",
    "after": "import timemory\nfrom mpi4py import MPI",
    "no_finalize": "import timemory\nfrom mpi4py import MPI",
}


def run(folder, *arguments):
    # mpi4py is used as it comes: it opens libmpi with RTLD_LOCAL.
    return Run(
        [MPIEXEC, "-n", str(ranks), sys.executable, *arguments], folder, {"PYTHONPATH": path}
    )


with Folder() as folder:
    if case == "heat":
        steps = 100
        example = pathlib.Path(__file__).parents[2] / "examples/heat.py"
        job = run(folder, example, str(steps)).check_status()
        check("as it must be" in job.stdout.splitlines(), f"a wrong answer:\n{job.stdout}")
        got = by_path(rows(folder / "timemory-heat-output/wall.json")[0])
        expected = {
            "heat": ranks,
            "heat/step": ranks * steps,
            "heat/step/exchange": ranks * steps,
            "heat/step/update": ranks * steps,
            "heat/step/residual": ranks * (steps // 50),
        }
        peak = by_path(rows(folder / "timemory-heat-output/peak_rss.json")[0])
        check_equal({p: r.laps for p, r in peak.items()}, {"heat": ranks}, "laps of peak_rss")
        check(peak["heat"].stats["max"] > 1, "a Python interpreter in less than a megabyte")
    else:
        (folder / "two_imports.py").write_text(
            SCRIPT.format(
                imports=IMPORTS[case], end="" if case == "no_finalize" else "timemory.finalize()"
            )
        )
        job = run(folder, "two_imports.py").check_status()
        check_equal(
            job.program_lines, [f"program: rank {r} of {ranks}" for r in range(ranks)], "lines"
        )
        got = by_path(rows(folder / "timemory-two-imports-output/wall.json")[0])
        expected = {"all": ranks, **{f"all/rank {r}": 1 + r for r in range(ranks)}}
    check_equal({path: row.laps for path, row in got.items()}, expected, "laps")
    check_equal(job.our_lines, [], "lines on stderr")
