"""Settings that say where and how regions are recorded over ranks, by what they do."""

import json
import sys
from pathlib import Path

from job import Folder, Run, check, check_equal, load, mpirun

ranks = int(sys.argv[1])


def run(folder: Path, **settings: str) -> Run:
    chosen = {f"TIMEMORY_{name.upper()}": value for name, value in settings.items()}
    done = Run(mpirun(ranks, "mpi-scope"), folder, {"TIMEMORY_OUTPUT_PATH": "out", **chosen})
    check_equal(done.status, 0, f"exit status\n{done.stderr}\n")
    return done


def graphs(folder: Path) -> list:
    """What each element of `ranks` holds: (label, laps)."""
    return [
        [(entry["prefix"], entry["entry"]["laps"]) for entry in rank["graph"]]
        for rank in load(folder / "out/wall.json")["ranks"]
    ]


inner = 3 * sum(range(1, ranks + 1))
with Folder() as folder:
    done = run(folder)
    check_equal(
        done.program_lines,
        ["program: begun by timemory 0, level single, ended by timemory 0"],
        "lines",
    )
    check_equal(graphs(folder), [[(">>> step", 3 * ranks), (">>> |_inner", inner)]], "collapsed")

with Folder() as folder:
    size = -(-ranks // 2)
    run(folder, node_count="2")
    found = graphs(folder)
    groups = [range(0, size), range(size, ranks)]
    check_equal(len(found), 2, "groups")
    for group, rows in zip(groups, found):
        prefix = f"|{group[0]}:{group[-1]}" if len(group) > 1 else f"|{group[0]}"
        expected = [
            (f"{prefix}>>> step", 3 * len(group)),
            (f"{prefix}>>> |_inner", 3 * sum(r + 1 for r in group)),
        ]
        check_equal(rows, expected, "rows of a group")

with Folder() as folder:
    run(folder, max_depth="1")
    check_equal(graphs(folder), [[(">>> step", 3 * ranks)]], "max_depth")

with Folder() as folder:
    run(folder, flat_profile="on")
    check_equal(graphs(folder), [[(">>> step", 3 * ranks), (">>> inner", inner)]], "flat")

with Folder() as folder:
    run(folder, timeline_profile="on")
    rows = graphs(folder)[0]
    check_equal([laps for label, laps in rows if label == ">>> step"], [ranks] * 3, "laps of step")
    total = sum(laps for label, laps in rows if label.endswith("inner"))
    check_equal(total, inner, "laps of inner")
    for rank in range(ranks):
        events = json.loads((folder / f"out/timeline-{rank}.json").read_text())["traceEvents"]
        check_equal(len(events), 3 + 3 * (rank + 1), "events")
        check_equal({e["pid"] for e in events}, {rank}, "process")
        steps = [e for e in events if e["name"] == "step"]
        check_equal(steps, sorted(steps, key=lambda e: e["ts"]), "order in time")
        for e in events:
            if e["name"] == "inner":
                end = e["ts"] + e["dur"]
                check(
                    any(s["ts"] <= e["ts"] and end <= s["ts"] + s["dur"] + 1 for s in steps),
                    f"{e} lies in no step",
                )

for type_, level in (("", "multiple"), ("funneled", "funneled"), ("serialized", "serialized")):
    with Folder() as folder:
        done = run(folder, mpi_init="on", mpi_finalize="on", mpi_thread_type=type_)
        check_equal(
            done.program_lines,
            [f"program: begun by timemory 1, level {level}, ended by timemory 1"],
            "lines",
        )
        check_equal(graphs(folder)[0][0], (">>> step", 3 * ranks), "folded")
with Folder() as folder:
    done = run(folder, mpi_init="on", mpi_thread="off")
    check_equal(
        done.program_lines,
        ["program: begun by timemory 1, level single, ended by timemory 0"],
        "lines",
    )
    check_equal(graphs(folder)[0][0], (">>> step", 3 * ranks), "folded")
print("9 jobs with other settings, all as they must be")
