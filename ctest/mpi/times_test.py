"""`timemory run` around a job and around each of its ranks: the command's output, and one table."""

import os
import re
import sys

from job import MPIEXEC, Folder, Run, check, check_equal

COMMAND = os.environ["COMMAND_UNDER_TEST"]
ranks = int(sys.argv[1])
launcher = [MPIEXEC, "-n", ranks]
measured = [COMMAND, "run", "--"]
say = ["sh", "-c", "echo program: ran; sleep 0.2"]


def table_of(run):
    """The rows of the one table on stderr: the cells of each metric."""
    lines = [line for line in run.stderr.splitlines() if line.startswith("|")]
    check_equal(sum("METRIC" in line for line in lines), 1, "tables")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return "\n".join(lines), {row[0]: row[1:] for row in rows}


with Folder() as folder:
    arenas = {"TIMEMORY_ARENA_PATH": str(folder)}

    bare = Run([*launcher, *say], folder).check_status()
    behind = Run([*launcher, *measured, *say], folder, arenas).check_status()
    check_equal(behind.program_lines, bare.program_lines, "the program's output")
    text, rows = table_of(behind)
    check(f"ranks 0-{ranks - 1}" in text, f"the ranks are named:\n{text}")
    unit, total, mean, least, _, greatest, _ = rows["wall"]
    check(unit == "sec" and float(least) >= 0.2, f"each rank slept:\n{text}")
    check(abs(float(total) / ranks - float(mean)) < 1e-5, f"the mean is over the ranks:\n{text}")
    check(float(greatest) < 60, f"the greatest is one of a rank:\n{text}")
    check_equal(list(folder.iterdir()), [], "nothing stays behind")

    before = Run([*measured, *launcher, *say], folder, arenas).check_status()
    check_equal(before.program_lines, bare.program_lines, "the program's output")
    text, rows = table_of(before)
    check("ranks" not in text, f"the launcher is one process:\n{text}")
    check(float(rows["wall"][0]) >= 0.2, f"it took as long as its ranks:\n{text}")

    failing = ["sh", "-c", "exit 3"]
    bare = Run([*launcher, *failing], folder)
    before = Run([*measured, *launcher, *failing], folder, arenas)
    check(bare.status != 0, "the job fails")
    check_equal(before.status, bare.status, "the exit status of a job that fails")
    table_of(before)

    absent = Run([*measured, "there-is-no-such-command"], folder, arenas)
    check_equal(absent.status, 127, "the exit status of a command that is not there")
    check(re.fullmatch(r"timemory: cannot run .*\n", absent.stderr), absent.stderr)
    print(f"{len(rows)} metrics, {ranks} ranks, as the command alone")
