#!/usr/bin/env python3
"""What it costs to end a job with ten thousand call paths.

    bench_finalize.py <build folder>

Prints, for 1, 4 and 16 ranks, the time from the last rank's entry into MPI_Finalize to the last
one's return from it, less the same of the bare program (medians of five runs, taken in turns), and
by how much the greatest resident size grew on any rank while the profiles were folded and written.
Checks that every path is in the result with its count.
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

PATHS = 10_000
RUNS = 5
SECONDS = {1: 0.1, 4: 0.2, 16: 0.5}  # the most it may take
SPARE = 4 << 20  # bytes it may grow by beyond three times the serialised profile

build = pathlib.Path(sys.argv[1])
cache = (build / "CMakeCache.txt").read_text(encoding="utf-8")
found = re.search(r"^MPIEXEC_EXECUTABLE:\w+=(.*)$", cache, re.MULTILINE)
if not found or found.group(1).endswith("NOTFOUND"):
    sys.exit("timemory: built without MPI: nothing to measure")
mpiexec = found.group(1)
environment = {k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")}
environment |= {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "TIMEMORY_OUTPUT_PATH": "out",
}


def run(executable, ranks, folder, *arguments, status=0):
    """Runs a job; its output, tables included, goes into a file."""
    with open(folder / "output", "w", encoding="utf-8") as output:
        done = subprocess.run(
            [mpiexec, "-n", str(ranks), build / "bin" / executable, ".", str(PATHS), *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
        )
    if status is not None and done.returncode != status:
        sys.exit(f"{executable} failed:\n{(folder / 'output').read_text()[-2000:]}")


def read_stamps(ranks, folder):
    """Seconds from the last entry to the last exit, and the greatest growth in bytes."""
    stamps = [[int(x) for x in (folder / f"{r}.stamps").read_text().split()] for r in range(ranks)]
    seconds = (max(s[1] for s in stamps) - max(s[0] for s in stamps)) / 1e9
    return seconds, max(s[2] for s in stamps) * 1024


def check_result(ranks, folder):
    """Every path is there, with the right count."""
    with open(folder / "out/wall.json", encoding="utf-8") as file:
        graph = json.load(file)["timemory"]["wall_clock"]["ranks"][0]["graph"]
    got = {row["prefix"]: row["entry"]["laps"] for row in graph}
    expected = {f">>> call path number {i}": ranks * (1 + i % 3) for i in range(PATHS)}
    if got != expected or len(graph) != PATHS:
        sys.exit(f"the result on {ranks} ranks is not what was recorded: {len(graph)} paths")


def serialised_size(folder):
    """Bytes of the profile of one rank, which has as many rows as the merged one."""
    run(
        "finalize-job", 1, folder, "leave", status=None
    )  # what the launcher says is its own business
    profile = folder / "out/profile-0.timemory"
    if not profile.exists():
        sys.exit(f"no profile was left:\n{(folder / 'output').read_text()[-2000:]}")
    return profile.stat().st_size


failed = False
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    size = serialised_size(folder)
    most = 3 * size + SPARE
    print(f"{PATHS} call paths, {size / 1024:.0f} KiB serialised; {os.cpu_count()} cores")
    print(
        f"{'ranks':>5} {'bare s':>8} {'s':>8} {'more s':>8} {'bound':>6} {'grew KiB':>9} {'bound':>6}"
    )
    for ranks, bound in SECONDS.items():
        ours, bare, growths = [], [], []
        for _ in range(RUNS):
            run("finalize-job-bare", ranks, folder)
            bare.append(read_stamps(ranks, folder)[0])
            run("finalize-job", ranks, folder)
            seconds, growth = read_stamps(ranks, folder)
            ours.append(seconds)
            growths.append(growth)
            check_result(ranks, folder)
        more = statistics.median(ours) - statistics.median(bare)
        over = " OVER" * (more > bound or max(growths) > most)
        failed |= bool(over)
        print(
            f"{ranks:5} {statistics.median(bare):8.3f} {statistics.median(ours):8.3f} {more:8.3f} "
            f"{bound:6.1f} {max(growths) // 1024:9} {most // 1024:6}{over}"
        )
print(f"every one of the {PATHS} paths arrived with its count, in {RUNS * len(SECONDS)} runs")
sys.exit(failed)
