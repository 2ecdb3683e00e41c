"""The jobs of faults.cpp, which knows nothing of us, with libtimemory-mpip: they print and end as without it.

faults_test.py <ranks>
"""

import re
import sys

from job import BINARIES, MPI, MPIEXEC, Folder, Run, by_path, check, check_equal, rows
from preloaded import PROGRAM, Tables, environment

ranks = int(sys.argv[1])
BARE = BINARIES / "mpi-faults-bare"
MEASURED = [PROGRAM, "run", "--mpi", "--quiet", "--", BARE]


def run_both(folder, what, parts, **settings):
    """Run the job bare and measured; return the measured one. `parts` are (ranks, whether they are measured)."""
    folder.mkdir()
    ended = []
    for ours in (False, True):
        line = [MPIEXEC]
        for n, measured in parts:
            line += [":"] * (len(line) > 1)
            line += ["-n", n, *(MEASURED if ours and measured else [BARE]), what]
        ended.append(Run(line, folder, environment(**settings) if ours else {}))
    bare, run = ended
    if what == "all_exit_without_mpi_finalize" and MPI == "mpich":
        # The launcher ends the others when it sees the first, and with its status or theirs.
        check(run.status in (0, 9) and bare.status in (0, 9), f"status {run.status}, {bare.status}")
    else:
        check_equal(run.status, bare.status, f"{what}: exit status\n{run.stderr}\n")
        check_equal(run.program_lines, bare.program_lines, f"{what}: lines\n{run.stderr}\n")
    return run


def check_sends(folder):
    """Each rank but 0 has sent rank 0 one number, which was received once, whenever that was."""
    got = {
        (r["rank"], r["call"], r["peer"], r["direction"]): numbers
        for r, numbers in Tables(folder / "out/timemory.h5").rows("mpi_traffic")
    }
    expected = {}
    for rank in range(1, ranks):
        expected[rank, "MPI_Send", 0, 0] = expected[0, "MPI_Irecv", rank, 1] = (1, 4, 4, 4)
    check_equal(got, expected, "messages")


def check_profiles(folder, run, expected, why):
    """Each of the ranks has left a profile, and said so."""
    left = sorted(f.name for f in (folder / "out").iterdir())
    check_equal(left, [f"profile-{r}.timemory" for r in expected], "files")
    lines = [
        f"timemory: rank {r} wrote its own profile to 'out/profile-{r}.timemory': {why}"
        for r in expected
    ]
    check_equal(sorted(run.our_lines), lines, "lines of ours")


with Folder() as folder:
    everyone = [(ranks, True)]
    for what in ("status", "late", "threads", "wildcard"):
        run = run_both(folder / what, what, everyone)
        check_equal(run.our_lines, [], f"{what}: lines of ours")
        check((folder / what / "out/metadata.json").exists(), f"{what}: no result")
    check_sends(folder / "wildcard")

    what = "pending_receives"
    lines = run_both(folder / what, what, everyone).our_lines
    check_equal(len(lines), 1, "lines of ours")
    lost = f"timemory: {4 * ranks} MPI requests that were not followed are in the result without"
    check(lines[0].startswith(lost), f"what is {lines[0]}")
    laps = by_path(rows(folder / what / "out/wall.json")[0])["MPI_Irecv"].laps
    check_equal(laps, 4 * ranks, "laps of MPI_Irecv")

    what = "all_exit_without_mpi_finalize"
    run = run_both(folder / what, what, everyone)
    for line in run.our_lines:
        check(re.search("MPI_Finalize$|ended without writing results", line), f"what is {line}")
    check([*(folder / what / "out").iterdir()] != [], "no rank has left anything")

    # Ranks that do not measure: the others don't wait for them.
    why = "not all ranks of the job reached the end within 1.5 s"
    for name, parts, measured in (
        ("last", [(ranks - 1, True), (1, False)], range(ranks - 1)),
        ("first", [(1, False), (ranks - 1, True)], range(1, ranks)),
    ):
        run = run_both(folder / name, "plain", parts, finalize_timeout=2)
        check_profiles(folder / name, run, measured, why)

    run = run_both(folder / "off", "plain", everyone, enabled="off")
    check_equal(run.our_lines, [], "lines of ours")
    check(not (folder / "off/out").exists(), "files of a job that is not measured")
