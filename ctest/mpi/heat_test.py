"""The example in C++: its counts are known, and its time is where it must be."""

import re
import sys

from job import Folder, Run, by_path, check, check_equal, mpirun, rows

ranks = int(sys.argv[1])
steps = 300

with Folder() as folder:
    run = Run(mpirun(ranks, "heat", str(steps)), folder).check_status()
    lines = run.stdout.splitlines()
    check("as it must be" in lines, f"the program's answer is wrong:\n{run.stdout}")
    check(
        lines[0].startswith(
            f"heat: {steps} steps on {ranks} ranks, {2 * (ranks - 1) * steps} rows"
        ),
        f"the program's first line: {lines[0]}",
    )
    own_seconds = float(re.search(r"([0-9.]+) s$", lines[0]).group(1))

    got = by_path(rows(folder / "timemory-heat-output/wall.json")[0])
    check_equal(
        {path: row.laps for path, row in got.items()},
        {
            "heat": ranks,
            "heat/step": ranks * steps,
            "heat/step/exchange": ranks * steps,
            "heat/step/meet": 2 * ranks * steps,
            "heat/step/update": ranks * steps,
            "heat/step/residual": ranks * (steps // 50),
            "meet": 2 * ranks * steps,
            "update": ranks * steps,
        },
        "laps",
    )

    # The program's stopwatch on rank 0 ran inside `heat`; it printed milliseconds.
    seconds = {path: row.value / 1e9 for path, row in got.items()}
    check(got["heat"].over_ranks["max"] >= own_seconds - 0.001, "heat is shorter than it was")
    children = sum(seconds[f"heat/step/{x}"] for x in ("exchange", "meet", "update", "residual"))
    check(seconds["heat"] >= seconds["heat/step"] >= children, "children longer than their parent")
    check(seconds["heat/step"] > 0.8 * seconds["heat"], "the time of heat is not in its steps")
    check(children > 0.8 * seconds["heat/step"], "the time of the steps is not in their parts")
