#!/usr/bin/env python3
"""The fold at 1,000 to 1,000,000 simulated ranks and on 2 to 64 real ones, as one picture.

    plot.py <build folder> [<picture>]

Needs a build with benchmarks, Open MPI (whose pml_monitoring counts the messages), and matplotlib.
Every rank has 40 call paths, the same ones. Of real jobs the time is that from the last rank's entry
into MPI_Finalize to the last one's return, less the same of the bare program (medians of three); memory
is by how much the greatest resident size of a rank grew meanwhile. Prints the numbers as the table
of docs/architecture.md.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

PATHS = 40
SIMULATED = (1_000, 10_000, 100_000, 1_000_000)
REAL = (2, 4, 8, 16, 32, 64)
RUNS = 3

environment = {k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")} | {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "TIMEMORY_OUTPUT_PATH": "out",
    "TIMEMORY_PROFILE_OUTPUT": "on",
    "TIMEMORY_COUT_OUTPUT": "off",
}


def simulate(build: Path) -> list[dict[str, float]]:
    """Runs the simulation of equal trees. Returns a row for each number of ranks."""
    sizes = [str(size) for size in SIMULATED]
    printed = subprocess.run(
        [build / "bin/scale-simulation", "equal", *sizes],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = []
    for line in printed.splitlines()[1:]:
        _, ranks, seconds, _, messages, _, _, memory, result = line.split()
        rows.append(
            {
                "ranks": int(ranks),
                "seconds": float(seconds),
                "profiles": int(messages),
                "memory": int(memory),
                "result": int(result),
            }
        )
    return rows


def finalize(build: Path, program: str, ranks: int, folder: Path) -> list[list[int]]:
    """Runs a job that only ends. Returns of each rank its entry, its exit and its growth in KiB."""
    monitoring = {
        "pml_monitoring_enable": "2",
        "pml_monitoring_enable_output": "3",
        "pml_monitoring_filename": folder / "messages",
    }
    subprocess.run(
        [
            "mpiexec",
            "-n",
            str(ranks),
            *(word for name, value in monitoring.items() for word in ("--mca", name, str(value))),
            build / "bin" / program,
            ".",
            str(PATHS),
        ],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=300,
    )
    return [[int(x) for x in (folder / f"{r}.stamps").read_text().split()] for r in range(ranks)]


def count_messages(folder: Path) -> tuple[int, int]:
    """How many messages the fold sent point to point, and how many of them were profiles.

    The numbers behind each line are how many messages had less than 0, 1, 2, 4, … bytes.
    """
    least = 8  # column of 64 bytes: all else has 8
    sent = profiles = 0
    for file in folder.glob("messages.*.prof"):
        for line in file.read_text().splitlines():
            found = re.match(r"E\t.*bytes\t(\d+) msgs sent\t(.*)", line)
            if found:
                sent += int(found[1])
                profiles += sum(int(n) for n in found[2].split(",")[least:])
    return sent, profiles


def measure(build: Path, ranks: int) -> dict[str, float]:
    """Runs real jobs. Returns a row."""
    ours, bare, growth, writers = [], [], [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for times, program in ((bare, "finalize-job-bare"), (ours, "finalize-job")):
                stamps = finalize(build, program, ranks, folder)
                times.append((max(s[1] for s in stamps) - max(s[0] for s in stamps)) / 1e9)
            growth.append(max(s[2] for s in stamps[1:]) * 1024)
            writers.append(stamps[0][2] * 1024)
            messages, profiles = count_messages(folder)
            (profile,) = (folder / "out").glob("profile-*.timemory")
            result = profile.stat().st_size
    return {
        "ranks": ranks,
        "seconds": statistics.median(ours) - statistics.median(bare),
        "messages": messages,
        "profiles": profiles,
        "memory": max(growth),
        "writers": max(writers),
        "result": result,
    }


def print_table(simulated: list[dict[str, float]], real: list[dict[str, float]]) -> None:
    """Prints all numbers as a table of Markdown."""
    print("| ranks | | seconds | profiles sent | bytes of a rank | bytes of the result |")
    print("|---:|---|---:|---:|---:|---:|")
    for kind, rows in (("real", real), ("simulated", simulated)):
        for r in rows:
            more = f", {r['messages']} messages" if kind == "real" else ""
            memory = f"{r['memory']:,}" + (f", rank 0: {r['writers']:,}" if more else "")
            print(
                f"| {r['ranks']:,} | {kind} | {r['seconds']:.3f} | {r['profiles']:,}{more} "
                f"| {memory} | {r['result']:,} |"
            )


def draw(simulated: list[dict[str, float]], real: list[dict[str, float]], picture: str) -> None:
    """Draws one panel for each of the four quantities."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    panels = (
        ("seconds", "seconds"),
        ("profiles", "profiles sent"),
        ("memory", "most bytes that a rank holds more"),
        ("result", "bytes of the result"),
    )
    figure, axes = plt.subplots(2, 2, figsize=(8, 5.6), sharex=True)
    for axis, (key, title) in zip(axes.flat, panels):
        for rows, label, marker in ((real, "real", "o"), (simulated, "simulated", "s")):
            axis.plot(
                [r["ranks"] for r in rows],
                [r[key] for r in rows],
                marker=marker,
                markersize=4,
                label=label,
            )
        if key == "memory":
            axis.plot(
                [r["ranks"] for r in real],
                [r["writers"] for r in real],
                marker="^",
                markersize=4,
                label="real, rank 0 with the writers",
            )
        if key == "seconds":
            axis.set_title(
                "seconds (real: of the job; simulated: of all ranks on one core)", size=8
            )
        else:
            axis.set_title(title, size=8)
        axis.set_xscale("log")
        axis.set_yscale("log")
        if key in ("memory", "result"):
            axis.set_ylim(1e3, 1e8)
        axis.grid(alpha=0.3)
        axis.tick_params(labelsize=7)
    axes[0][1].legend(fontsize=7)
    axes[1][0].legend(fontsize=7)
    for axis in axes[1]:
        axis.set_xlabel("ranks", size=8)
    figure.tight_layout()
    figure.savefig(picture, dpi=80)


def main() -> None:
    """Measures, prints and draws."""
    build = Path(sys.argv[1]).resolve()
    real = [measure(build, ranks) for ranks in REAL]
    simulated = simulate(build)
    for row in real:
        if row["profiles"] != row["ranks"] - 1:
            sys.exit(f"{row['profiles']} profiles were sent by {row['ranks']} ranks")
    print_table(simulated, real)
    if len(sys.argv) > 2:
        draw(simulated, real, sys.argv[2])


if __name__ == "__main__":
    main()
