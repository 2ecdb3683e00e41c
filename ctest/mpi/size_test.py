"""The complete record of 10,000 paths on each of many ranks is at most a tenth of the same as JSON."""

import os
import subprocess
import sys

from job import HAS_HDF5, Folder, Run, check, check_equal, mpirun

COMMAND = os.environ["COMMAND_UNDER_TEST"]
PATHS = 10_000
ranks = int(sys.argv[1])

if not HAS_HDF5:
    sys.exit(77)
with Folder() as folder:
    off = ("COUT", "TEXT", "TREE", "FLAMEGRAPH")
    settings = {f"TIMEMORY_{name}_OUTPUT": "off" for name in off}
    settings |= {"TIMEMORY_COLLAPSE_PROCESSES": "off", "TIMEMORY_OUTPUT_PATH": "out"}
    Run(mpirun(ranks, "mpi-paths", PATHS), folder, settings).check_status()
    hdf5 = (folder / "out/timemory.h5").stat().st_size
    json = (folder / "out/wall.json").stat().st_size
    check(hdf5 <= json / 10, f"timemory.h5 has {hdf5} bytes, wall.json {json}")
    rows = subprocess.run(
        [COMMAND, "report", "out", "--format", "csv"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=250,
        check=True,
    ).stdout.splitlines()
    check_equal(len(rows), 1 + ranks * PATHS, "lines of the table")
    names = [line.split(",")[8] for line in rows[1 : 1 + PATHS]]
    check_equal(names, [f"call path number {i}" for i in range(PATHS)], "names of the first rank")
    print(f"{ranks} ranks, {PATHS} paths: timemory.h5 {hdf5} bytes, wall.json {json}")
