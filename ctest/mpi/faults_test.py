"""What goes wrong in a job changes neither its output nor its exit status, and ends with results."""

import re
import shutil
import subprocess
import sys

from job import (
    BINARIES,
    HAS_HDF5,
    MPI,
    Folder,
    Run,
    by_path,
    check,
    check_equal,
    load,
    mpirun,
    rows,
)

ranks, case = int(sys.argv[1]), sys.argv[2]

# What the program is told to do; a case of its name, if nothing else is said.
PROGRAM = {
    "mpmd": "no_finalize",
    "mpmd_rank_0": "no_finalize",
    "no_communicator": "plain",
    "disabled": "plain",
}
what = PROGRAM.get(case, case)
settings = {"TIMEMORY_OUTPUT_PATH": "out", "TIMEMORY_COUT_OUTPUT": "off"}


def job(executable):
    if case == "mpmd":
        return mpirun([(ranks - 1, executable), (1, "mpi-faults-bare")], None, what)
    if case == "mpmd_rank_0":
        return mpirun([(1, "mpi-faults-bare"), (ranks - 1, executable)], None, what)
    return mpirun(ranks, executable, what)


def run_both(folder, extra=None, prefix=(), killed=None, lines_arrive=True):
    """Runs the job measured and bare, and compares what the program did.

    `killed` is the status of a rank that makes the launcher kill the others. MPICH's launcher ends with
    that or with theirs, as it happens.
    """
    bare = Run([*prefix, *job("mpi-faults-bare")], folder)
    run = Run([*prefix, *job("mpi-faults")], folder, {**settings, **(extra or {})})
    if lines_arrive:
        check_equal(run.program_lines, bare.program_lines, f"the program's lines\n{run.stderr}\n")
    check(len(bare.program_lines) >= 1, "the bare program said nothing")
    check(len(run.program_lines) >= 1, "the measured program said nothing")
    if killed is not None and MPI == "mpich":
        for ended in (bare, run):
            check(ended.status in (killed, 9), f"exit status {ended.status}\n{ended.stderr}")
    else:
        check_equal(run.status, bare.status, f"exit status\n{run.stderr}\n")
    return run


def files(folder):
    return sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())


def check_result(folder, also=()):
    """The one result: ten laps of `work` on each rank."""
    names = ["functions.json", "metadata.json", *["timemory.h5"] * HAS_HDF5]
    names += [f"wall.{end}" for end in ("flamegraph.json", "json", "tree.json", "txt")]
    check_equal(files(folder), [f"out/{name}" for name in names], "files")
    check_equal(load(folder / "out/wall.json")["mpi_size"], ranks, "mpi_size")
    got = by_path(rows(folder / "out/wall.json")[0])
    check_equal(sorted(got), sorted(["work", *also]), "paths")
    check_equal(got["work"].laps, 10 * ranks, "laps of 'work'")
    check_equal(got["work"].over_ranks["count"], ranks, "ranks of 'work'")
    return got


def check_own_profiles(folder, run, expected, reason):
    """Each of the ranks has written its own profile, and said so."""
    check_equal(files(folder), [f"out/profile-{r}.timemory" for r in expected], "files")
    check_equal(
        sorted(run.our_lines),
        [
            f"timemory: rank {r} wrote its own profile to 'out/profile-{r}.timemory': {reason}"
            for r in expected
        ],
        "lines on stderr",
    )
    for rank in expected:
        check_profile(folder, rank)


def check_profile(folder, rank):
    read = subprocess.run(
        [BINARIES / "mpi-read-profile", folder / f"out/profile-{rank}.timemory"],
        capture_output=True,
        text=True,
        check=True,
    )
    first, row = read.stdout.splitlines()
    check_equal(first, f"ranks {rank} to {rank} of {ranks}", "ranks in the profile")
    check_equal(row.split("\t")[:3], ["work", "wall_clock", "10"], "row of the profile")


with Folder() as folder:
    if case in ("mpmd", "mpmd_rank_0"):
        run = run_both(folder, {"TIMEMORY_FINALIZE_TIMEOUT": "2"})
        ours = range(ranks - 1) if case == "mpmd" else range(1, ranks)
        check_own_profiles(
            folder, run, ours, "not all ranks of the job reached the end within 1.5 s"
        )
    elif case == "all_exit_without_mpi_finalize":
        # The launcher ends the others when it sees the first: how many get that far is its business, and
        # MPICH's loses what they have just printed.
        run = run_both(folder, killed=0, lines_arrive=MPI != "mpich")
        left = files(folder)
        check(len(left) >= 1, "no rank left a profile")
        for name in left:
            match = re.fullmatch(r"out/profile-(\d+)\.timemory", name)
            check(match is not None, f"what is {name}?")
            check_profile(folder, int(match.group(1)))
    elif case == "no_communicator":
        libraries = folder / "libraries"
        libraries.mkdir()
        shutil.copy(BINARIES.parent / "lib/libtimemory.so.4", libraries)
        run = run_both(folder, {"LD_LIBRARY_PATH": str(libraries)})
        shutil.rmtree(libraries)
        check_equal(len(run.our_lines), 1, f"lines on stderr: {run.our_lines}")
        check(
            run.our_lines[0].startswith("timemory: cannot open libtimemory-mpi-"),
            f"what is {run.our_lines[0]}",
        )
        # Each rank has files of its own.
        for rank in range(ranks):
            got = by_path(rows(folder / f"out/{rank}-wall.json")[0])
            check_equal(got["work"].laps, 10, f"laps on rank {rank}")
    elif case == "disabled":
        run = run_both(folder, {"TIMEMORY_ENABLED": "off"})
        check_equal(files(folder), [], "files")
        check_equal(run.our_lines, [], "lines on stderr")
    else:
        run = run_both(folder)
        got = check_result(folder, ["busy"] if case == "threads" else [])
        if case == "threads":
            check(got["busy"].laps > 0, "no laps of the thread that goes on")
            for line in run.our_lines:
                check(
                    re.match(r"timemory: \d+ regions (open at|after) finalize were ", line),
                    f"what is {line}",
                )
        elif case == "regions_after_finalize":
            check_equal(len(run.our_lines), 1, f"lines on stderr: {run.our_lines}")
            check(
                re.match(
                    r"timemory: \d+ regions after finalize were not recorded", run.our_lines[0]
                ),
                f"what is {run.our_lines[0]}",
            )
        else:
            check_equal(run.our_lines, [], "lines on stderr")
        if case == "wildcard":
            total = sum(100 + r for r in range(1, ranks))
            check(
                f"program: rank 0 of {ranks}: took {ranks - 1} messages, sum {total}"
                in run.program_lines,
                f"the messages of the program: {run.program_lines}",
            )
