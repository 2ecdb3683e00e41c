"""The module for Fortran: regions, records, components and settings do what they do in C."""

import json
import sys

from job import Folder, Run, by_path, check, check_equal, mpirun, rows

with Folder() as folder:
    run = Run(mpirun(int(sys.argv[1]), "mpi-module"), folder).check_status()
    check_equal(len(run.our_lines), 1, f"lines of ours\n{run.stderr}")
    check("no_such_setting" in run.our_lines[0], run.our_lines[0])
    out = folder / "timemory-named-by-fortran-output"
    laps = {
        label: {path: row.laps for path, row in by_path(rows(out / f"{label}.json")[0]).items()}
        for label in ("wall", "cpu")
    }
    check_equal(
        laps,
        {
            "wall": {"first": 1, "first/second": 1, "wall": 1, "both": 1, "x" * 290: 3, "": 1},
            "cpu": {"second": 1, "cpu": 1, "both": 1},
        },
        "laps",
    )
    metadata = json.loads((out / "metadata.json").read_text(encoding="utf-8"))
    check('"answer": 42' in json.dumps(metadata), f"metadata: {metadata}")
    print(f"{sum(sum(rows.values()) for rows in laps.values())} laps")
