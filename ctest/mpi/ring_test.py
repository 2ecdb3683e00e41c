"""The example in Fortran: its counts are known."""

import sys

from job import Folder, Run, by_path, check_equal, mpirun, rows

ranks = int(sys.argv[1])
steps = 300

with Folder() as folder:
    run = Run(mpirun(ranks, "ring", str(steps)), folder).check_status()
    total = steps * (ranks * (ranks - 1) // 2)
    line = f"ring: {steps} steps, sum {total}, expected {total}"
    check_equal([x for x in run.stdout.splitlines() if x.startswith("ring:")], [line], "lines")
    check_equal(run.our_lines, [], "lines of ours")
    got = by_path(rows(folder / "timemory-ring-output/wall.json")[0])
    check_equal(
        {path: row.laps for path, row in got.items()},
        {"ring": ranks, "ring/exchange": ranks * steps},
        "laps",
    )
    print(f"{ranks * (steps + 1)} laps of {ranks} ranks")
