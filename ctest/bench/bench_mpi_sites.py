"""What it costs to end a job of 32 ranks that call MPI from a thousand places each.

bench_mpi_sites.py <build folder>

Prints the time from the last rank's entry into MPI_Finalize to the last one's return from it, bare
and with libtimemory-mpip, what CPU time the ranks took for it, and by how much the greatest
resident size grew on any of them (medians of five runs, taken in turns). Checks that every call is in the result, and that places
are one on all ranks, though each rank has the program at another address: also those of a program
with nine.
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import h5py

RANKS = 32
PLACES = 1000
RUNS = 5
FEW_PLACES, FEW_CALLS = 9, 25  # of mpip-sites: how many, and how many calls of a rank

BUILD = pathlib.Path(sys.argv[1]).resolve()
LIBRARY = next(BUILD.glob("lib/timemory/*/libtimemory-mpip.so"))
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")} | {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "TIMEMORY_OUTPUT_PATH": "out",
    "TIMEMORY_MPIP_CALLSITE": "1",
}


def launcher():
    """The command that starts ranks of the MPI that was built against."""
    cache = (BUILD / "CMakeCache.txt").read_text(encoding="utf-8")
    return re.search(r"^MPIEXEC_EXECUTABLE:\w+=(.*)$", cache, re.MULTILINE).group(1)


def run(program, folder, *arguments, preload):
    """Runs a job; its output, tables included, goes into a file."""
    wrapped = ["env", f"LD_PRELOAD={LIBRARY}"] if preload else []
    with open(folder / "output", "w", encoding="utf-8") as output:
        done = subprocess.run(
            [launcher(), "-n", str(RANKS), *wrapped, BUILD / "bin" / program, *arguments],
            cwd=folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
        )
    said = (folder / "output").read_text(encoding="utf-8", errors="replace")
    if done.returncode != 0 or "\ntimemory: " in said:
        sys.exit(f"{program} failed, or not all went well:\n{said[-2000:]}")


def read_stamps(folder):
    """Milliseconds from the last entry to the last exit, the greatest growth in KiB, and
    milliseconds of CPU time of all ranks."""
    stamps = [[int(x) for x in (folder / f"{r}.stamps").read_text().split()] for r in range(RANKS)]
    entered, left, grew, worked = zip(*stamps)
    return (max(left) - max(entered)) / 1e6, max(grew), sum(worked) / 1e6


def check_result(folder, places, calls):
    """Each place is there once, with its calls of all ranks; with how many rows of the table."""
    table = h5py.File(folder / "out/timemory.h5")["tables/mpi_callsites"]
    keys = {name: table["keys"][name][:] for name in ("rank", "call", "site")}
    counts = table["count"][:]
    found = len(set(zip(keys["call"], keys["site"])))
    with open(folder / "out/mpi.json", encoding="utf-8") as file:
        shown = len(json.load(file)["timemory"]["mpi"]["sites"])
    if found != places or shown != places or len(set(keys["rank"])) != RANKS:
        sys.exit(f"{found} places, {shown} in the summary, where there are {places}")
    if int(sum(counts)) != RANKS * calls:
        sys.exit(f"{sum(counts)} calls were recorded, where there were {RANKS * calls}")
    return len(counts)


bare, ours = [], []
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    for _ in range(RUNS):
        run("sites-job", folder, ".", preload=False)
        bare.append(read_stamps(folder))
        run("sites-job", folder, ".", preload=True)
        ours.append(read_stamps(folder))
        rows = check_result(folder, PLACES, PLACES)
    run("mpip-sites", folder, preload=True)
    few_rows = check_result(folder, FEW_PLACES, FEW_CALLS)
took, grew, worked = (statistics.median(x) for x in zip(*ours))
without, _, worked_bare = (statistics.median(x) for x in zip(*bare))
bound = 1.5 * without + 50
over = took > bound
print(
    f"{RANKS} ranks, {os.cpu_count()} cores, {PLACES} places of each, {RUNS} runs\n"
    f"MPI_Finalize: {took:.0f} ms, bare {without:.0f} ms, bound {bound:.0f} ms{' OVER' * over}\n"
    f"    {' '.join(f'{x[0]:.0f}' for x in ours)}; bare {' '.join(f'{x[0]:.0f}' for x in bare)}\n"
    f"CPU time of all ranks: {worked:.0f} ms, bare {worked_bare:.0f} ms; rank 0 grew by {grew} KiB\n"
    f"{PLACES} places and {RANKS * PLACES} calls in {rows} rows of the table in each run\n"
    f"mpip-sites: {FEW_PLACES} places and {RANKS * FEW_CALLS} calls in {few_rows} rows"
)
sys.exit(over)
