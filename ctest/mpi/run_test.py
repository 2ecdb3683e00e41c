"""`timemory run --merge` in front of mpirun: one result, the same as the job's own."""

import os
import pathlib
import sys

from job import Folder, Run, by_path, check_equal, mpirun, rows

COMMAND = pathlib.Path(os.environ["COMMAND_UNDER_TEST"])
ranks = int(sys.argv[1])

with Folder() as folder:
    job = mpirun(ranks, "mpi-merge", "none", "-")
    run = Run([COMMAND, "run", "--merge", "--output", "out", "--", *job], folder).check_status()
    check_equal(run.our_lines, [], "lines on stderr")
    check_equal(len(run.program_lines), ranks, "lines of the program")
    check_equal(len(run.stdout.splitlines()), ranks, "lines on stdout")
    left = [f.name for f in (folder / "out").glob("*.timemory")]
    check_equal(left, [f"profile-0-{ranks - 1}.timemory"], "profiles")
    got = by_path(rows(folder / "out/wall.json")[0])
    laps = ranks * (ranks + 1) // 2 + 2 * ranks
    check_equal(got["outer/inner"].laps, laps, "laps of 'inner'")
    check_equal(got["outer"].over_ranks["count"], ranks, "ranks of 'outer'")
