"""mpi4py's own tests end as they do without us, and their calls are recorded.

mpi4py_suite_test.py <ranks> <calls> [<option of its main.py>...]

Compares the outcome of each test on each rank; at least `calls` different functions are in the result.
"""

import os
import pathlib
import sys

from job import MPIEXEC, Folder, Run, by_path, check, check_equal, rows
from preloaded import environment, job

ranks, calls, options = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
mpi4py = os.environ["TIMEMORY_TEST_MPI4PY"]
tests = pathlib.Path(mpi4py).parent / "tests/test"
for folder in (mpi4py, tests):
    if not os.path.isdir(folder):
        print(f"there is no {folder}: scripts/setup makes it")
        sys.exit(77)
program = [pathlib.Path(__file__).with_name("mpi4py_suite.py"), tests, *options]


def run(folder, line, settings):
    """Run the tests; return how the job ended, and the lines of each rank."""
    folder.mkdir()
    settings = {"PYTHONPATH": mpi4py, "TMPDIR": str(folder), **settings}
    ended = Run(line, folder, settings, timeout=1700)
    outcomes = []
    for rank in range(ranks):
        file = folder / f"outcomes.{rank}"
        check(file.exists(), f"no {file}\n{ended.stderr}")
        outcomes.append(file.read_text(encoding="utf-8").splitlines())
    return ended, outcomes


with Folder() as folder:
    bare, expected = run(folder / "bare", [MPIEXEC, "-n", ranks, sys.executable, *program], {})
    ours, got = run(folder / "ours", job(ranks, sys.executable, *program), environment())
    for rank in range(ranks):
        for line in sorted(set(expected[rank]) ^ set(got[rank])):
            whose = "bare" if line in expected[rank] else "ours"
            print(f"rank {rank}, only {whose}: {line}", file=sys.stderr)
    check(got == expected, "outcomes differ")
    check_equal(ours.status, bare.status, f"exit status\n{ours.stderr}")
    named = by_path(rows(folder / "ours/out/wall.json")[0])
    recorded = {row.path for row in named.values() if row.path.startswith("MPI_")}
    outcome = [line.split("\t")[1].split(":")[0] for lines in got for line in lines]
    counts = {o: outcome.count(o) for o in sorted(set(outcome))}
    print(f"{ranks} ranks: {counts}; {len(recorded)} functions recorded")
    print(f"{sum(row.laps for row in named.values())} calls")
    check(len(recorded) >= calls, f"functions: {sorted(recorded)}")
