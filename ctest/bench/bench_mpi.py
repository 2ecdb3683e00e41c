"""What libtimemory-mpip adds to a call: with histograms, matrix and requests, and each record counted.

bench_mpi.py <build folder>

Besides what a call takes more that is told apart by the place that calls it, and what the beginning and the end take.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

import h5py

BUILD = pathlib.Path(sys.argv[1]).resolve()
LIBRARY = next(BUILD.glob("lib/timemory/*/libtimemory-mpip.so"))
JOBS = 3  # in turns
# What each measurement calls, and how many of them follow a request.
CALLS = {
    "MPI_Iprobe": ("MPI_Iprobe, nothing there", 1, 0),
    "MPI_Allreduce": ("MPI_Allreduce, 8 bytes, one rank", 1, 0),
    "MPI_Sendrecv": ("MPI_Sendrecv to self, 8 bytes", 1, 0),
    "MPI_Waitall": ("MPI_Irecv + MPI_Isend + MPI_Waitall", 3, 1),
    "MPI_Recv": ("ping-pong on two ranks, there and back", 2, 0),
}


def run(ranks, folder, *, preload, sites=0):
    """The measurements of a job: for each name the nanoseconds and the operations."""
    environment = {
        **os.environ,
        "TIMEMORY_COUT_OUTPUT": "off",
        "TIMEMORY_OUTPUT_PATH": "out",
        "TIMEMORY_MPIP_CALLSITE": str(sites),
    }
    wrapped = ["env", f"LD_PRELOAD={LIBRARY}"] if preload else []
    done = subprocess.run(
        ["mpirun", "-n", str(ranks), *wrapped, BUILD / "bin/mpi-job"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (line.split() for line in done.stdout.splitlines())
    return {name: (float(ns), int(count)) for name, ns, count in lines}


def least(jobs):
    """The least nanoseconds of some jobs, whose ranks may have been on cores near or far from each other."""
    return {name: (min(job[name][0] for job in jobs), jobs[0][name][1]) for name in jobs[0]}


def recorded(file, name):
    """How often rank 0 made each call."""
    table = h5py.File(file)["tables"][name]
    texts = [t.decode() for t in table["texts"]]
    counts = {}
    for rank, call, count in zip(table["keys/rank"], table["keys/call"], table["count"]):
        if rank == 0:
            counts[texts[call]] = counts.get(texts[call], 0) + int(count)
    return counts


def report(file):
    """The seconds that a report of a result takes."""
    begin = time.perf_counter()
    subprocess.run(
        [BUILD / "bin/timemory", "report", "--mpi", file], stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - begin


failed = False
clock = 0.0
ends = []
print(f"{'':42} {'bare':>8} {'added':>7} {'allowed':>8} {'site':>6} {'allowed':>8}   records")
for ranks in (1, 2):
    with tempfile.TemporaryDirectory() as folder:
        result = pathlib.Path(folder) / "out/timemory.h5"
        bares, with_sites, all_ours = [], [], []
        for _ in range(JOBS):
            bares.append(run(ranks, folder, preload=False))
            with_sites.append(run(ranks, folder, preload=True, sites=1))
            site_counts = recorded(result, "mpi_callsites")
            all_ours.append(run(ranks, folder, preload=True))
            counts = recorded(result, "mpi_times")
        bare, sites, ours = least(bares), least(with_sites), least(all_ours)
        ends += [
            f"{ranks} rank{'s' if ranks > 1 else ''}, {name}: bare {bare[name][0] / 1e6:.1f} ms, "
            f"measured {ours[name][0] / 1e6:.1f} ms, with call sites {sites[name][0] / 1e6:.1f} ms"
            for name in ("MPI_Init", "MPI_Finalize")
        ]
        ends.append(f"timemory report --mpi: {report(result) * 1e3:.1f} ms")
    clock = bare.get("clock", (clock, 0))[0]
    for name, (ns, operations) in bare.items():
        if name not in CALLS:
            continue
        what, calls, followed = CALLS[name]
        added = ours[name][0] - ns
        allowed = calls * (clock + 5) + followed * 20
        right = counts.get(name) == operations == site_counts.get(name)
        failed |= not right
        print(
            f"{what:42} {ns:8.1f} {added:+7.1f} {allowed:8.1f} {sites[name][0] - ours[name][0]:+6.1f} {2 * calls:8.1f}   "
            f"{counts.get(name)}, by place {site_counts.get(name)} of {operations}{'' if right else ' WRONG'}"
        )
print(
    f"allowed: two readings of the clock ({clock:.1f} ns) + 5 ns a call, + 20 ns for a request that is followed; "
    "for the place 2 ns a call"
)
print(*ends, sep="\n")
sys.exit(failed)
