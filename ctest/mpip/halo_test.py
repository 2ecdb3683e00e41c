"""Who sends to whom is right, and a rank has as many rows as it has neighbours, however many ranks there are.

halo_test.py <ranks>
"""

import collections
import re
import sys

from job import Folder, Run, check_equal
from preloaded import Tables, environment, job

ranks, steps = int(sys.argv[1]), 10

with Folder() as folder:
    line = job(ranks, "mpip-halo", steps)
    run = Run(line, folder, environment(finalize_timeout=60), timeout=300).check_status()
    check_equal(run.our_lines, [], "lines of ours")
    columns = int(re.search(r"program: (\d+) columns", run.stdout).group(1))
    expected = {}
    for rank in range(ranks):
        row, column = divmod(rank, columns)
        for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if 0 <= r < ranks // columns and 0 <= c < columns:
                peer = r * columns + c
                size = 1 + min(rank, peer)
                for call, direction in (("MPI_Isend", 0), ("MPI_Irecv", 1)):
                    expected[rank, call, peer, direction] = (steps, steps * size, size, size)
    got = {
        (r["rank"], r["call"], r["peer"], r["direction"]): numbers
        for r, numbers in Tables(folder / "out/timemory.h5").rows("mpi_traffic")
    }
    check_equal(got, expected, "mpi_traffic")
    rows = collections.Counter(rank for rank, *_ in got)
    print(
        f"{ranks} ranks, {columns} columns: {len(got)} rows, at most {max(rows.values())} of a rank"
    )
