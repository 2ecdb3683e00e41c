"""`timemory merge` gives what the job would have given, had all ranks come in time."""

import json
import os
import pathlib
import sys

from job import MPI, Folder, Run, check, check_equal, load, mpirun

COMMAND = pathlib.Path(os.environ["COMMAND_UNDER_TEST"])
ranks, what, which, *options = int(sys.argv[1]), *sys.argv[2:]
SETTINGS = {
    "apart": {"TIMEMORY_COLLAPSE_PROCESSES": "off"},
    "threads": {"TIMEMORY_COLLAPSE_THREADS": "off"},
    "groups": {"TIMEMORY_NODE_COUNT": "2"},
}
if what == "send" and MPI == "mpich":
    # A message above some KiB to a rank that is in MPI_Finalize already keeps MPICH 4.0's MPI_Finalize on UCX from
    # ending. Ranks do not begin one late; one that stops for seconds where it is about to, as here, is late all the same.
    print("MPICH does not end after a send that comes too late")
    sys.exit(77)

settings = {"TIMEMORY_COUT_OUTPUT": "off", "TIMEMORY_FINALIZE_TIMEOUT": "60"}
for option in options:
    settings |= SETTINGS[option]


def table(file):
    """What the result says but times: for each rank or group its paths, laps and ranks."""
    return {
        rank["rank"]: [
            (row["prefix"], row["depth"], row["entry"]["laps"], row.get("ranks", {}).get("count"))
            for row in rank["graph"]
        ]
        for rank in load(file)["ranks"]
    }


def job(folder, output, *arguments, **more):
    environment = settings | {"TIMEMORY_OUTPUT_PATH": output} | more
    run = Run(mpirun(ranks, "mpi-merge", *arguments), folder, environment).check_status()
    check_equal(len(run.program_lines), ranks, "lines of the program")
    return run


with Folder() as folder:
    undisturbed = job(folder, "whole", "none", "-", TIMEMORY_PROFILE_OUTPUT="on")
    check_equal(undisturbed.our_lines, [], "lines of the undisturbed job")
    expected = table(folder / "whole/wall.json")

    # Of the time, three quarters are for meeting, and the last for the fold.
    disturbed = job(
        folder, "out", what, which, TIMEMORY_FINALIZE_TIMEOUT="2" if what == "meet" else "16"
    )
    lost = [int(r) for r in which.split(",")]
    left = sorted(f.name for f in (folder / "out").glob("*.timemory"))
    print(left)
    partial = folder / "out/wall.json"
    if what == "meet":
        check_equal(left, [f"profile-{r}.timemory" for r in range(ranks)], "profiles")
        check(not partial.exists(), "a result without the others")
    else:
        check_equal(
            len(left), len(lost) + (ranks - len(lost) if "apart" in options else 1), "files"
        )
        check(table(partial) != expected, "nothing was missing")
        check("'timemory merge out' joins" in disturbed.stderr, disturbed.stderr)

    merged = Run([COMMAND, "merge", "out"], folder, settings).check_status()
    check_equal(merged.our_lines, [], "lines of the merge")
    check_equal(table(partial), expected, "the merged result")

    # What the undisturbed job left on request is the same again.
    again = Run([COMMAND, "merge", "whole", "--output", "again"], folder, settings).check_status()
    check_equal(again.our_lines, [], "lines of the merge")
    for name in ("wall.json", "wall.tree.json", "wall.flamegraph.json"):
        first, second = (json.loads((folder / f / name).read_text()) for f in ("whole", "again"))
        check(first == second, f"{name} of the merged profile differs")
