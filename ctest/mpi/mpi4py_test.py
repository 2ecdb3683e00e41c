"""Jobs in Python: examples/heat.py, and mpi4py imported before and after timemory."""

import importlib.util
import os
import pathlib
import sys

from job import MPIEXEC, Folder, Run, by_path, check, check_equal, rows

ranks, case = int(sys.argv[1]), sys.argv[2]
if any(importlib.util.find_spec(name) is None for name in ("mpi4py", "numpy")):
    print("mpi4py and numpy are not installed for this Python")
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
    settings = {"PYTHONPATH": os.environ["TIMEMORY_TEST_PYTHONPATH"]}
    return Run([MPIEXEC, "-n", str(ranks), sys.executable, *arguments], folder, settings)


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
