"""The smallest job on any number of ranks: every rank's laps are in the one result."""

import sys

from job import HAS_HDF5, Folder, Run, by_path, check_equal, load, mpirun, rows

ranks = int(sys.argv[1])

for collapsed in (True, False):
    with Folder() as folder:
        settings = {"TIMEMORY_OUTPUT_PATH": "out"}
        if not collapsed:
            settings["TIMEMORY_COLLAPSE_PROCESSES"] = "off"
        run = Run(mpirun(ranks, "mpi-faults", "plain"), folder, settings).check_status()
        check_equal(run.our_lines, [], "lines on stderr")
        lines = sorted(
            f"program: rank {r} of {ranks}: {what}"
            for r in range(ranks)
            for what in ("ends", "works")
        )
        check_equal(run.program_lines, lines, "the program's lines")
        check_equal(
            sorted(f.name for f in folder.rglob("*") if f.is_file()),
            [
                "functions.json",
                "metadata.json",
                *["timemory.h5"] * HAS_HDF5,
                "wall.flamegraph.json",
                "wall.json",
                "wall.tree.json",
                "wall.txt",
            ],
            "files",
        )
        check_equal(load(folder / "out/wall.json")["mpi_size"], ranks, "mpi_size")
        of_ranks = rows(folder / "out/wall.json")
        check_equal(list(of_ranks), [0] if collapsed else list(range(ranks)), "ranks in the result")
        for of_rank in of_ranks.values():
            work = by_path(of_rank)
            check_equal(list(work), ["work"], "paths")
            check_equal(work["work"].laps, 10 * ranks if collapsed else 10, "laps")
            check_equal(
                work["work"].over_ranks["count"], ranks if collapsed else 1, "ranks of 'work'"
            )
