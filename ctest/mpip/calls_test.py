"""What programs in several languages logged of their calls is what their results say, and the same in each.

    calls_test.py <ranks> <threads> <library> <program>...

The library is preloaded, but to programs with `-linked` at the end of their names, which are linked with it. Compared
are, of each rank: the calls, by function, communicator and peer; the bytes, besides by direction; those to windows and
of files. And all programs compute what the first does without the library.
"""

import collections
import sys

from job import BINARIES, MPIEXEC, Folder, Run, check, check_equal
from preloaded import Tables, environment

RANKS, THREADS, LIBRARY, *PROGRAMS = sys.argv[1:]
NOT_LOGGED = {"MPI_Init", "MPI_Init_thread", "MPI_Finalize"}


def run(program, folder, preload):
    """The lines of a program that ended well."""
    settings = environment()
    line = [MPIEXEC, "-n", RANKS]
    if preload and not program.endswith("-linked"):
        line += ["env", f"LD_PRELOAD={LIBRARY}", "LD_BIND_NOW=1"]
    (folder / "log").mkdir(parents=True)
    line += [BINARIES / program, "log", THREADS]
    done = Run(line, folder, settings).check_status()
    check_equal(done.our_lines, [], f"lines of ours from {program}")
    check(done.program_lines, f"{program} says nothing: {done.stderr}")
    return done.program_lines


def read_log(folder):
    """Per kind, the count and the bytes of each (rank, what stands between)."""
    result = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    for rank in range(int(RANKS)):
        for line in (folder / f"log/log-{rank}.txt").read_text(encoding="utf-8").splitlines():
            kind, rest = line.split(" ", 1)
            keys, number = rest.rsplit(" ", 1) if kind != "call" else (rest, "0")
            entry = result[kind][(rank, *keys.split(" "))]
            entry[0] += 1
            entry[1] += int(number)
    return result


def read_tables(file):
    """The same of a result."""
    result = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    tables = Tables(file)
    for kind, table, keys in (
        ("call", "mpi_times", ("call", "communicator", "peer")),
        ("message", "mpi_traffic", ("call", "communicator", "peer", "direction")),
        ("window", "mpi_windows", ("call", "window", "peer", "direction")),
        ("file", "mpi_files", ("call", "file", "direction")),
    ):
        for row, (count, total, _, _) in tables.rows(table):
            if kind == "call" and row["call"] in NOT_LOGGED:
                continue
            entry = result[kind][(row["rank"], *(str(row[k]) for k in keys))]
            entry[0] += count
            entry[1] += total if kind != "call" else 0
    return result


def compare(program, log, tables):
    """Says each row that differs, and counts those that don't."""
    for kind in ("call", "message", "window", "file"):
        for key in sorted(set(log[kind]) | set(tables[kind])):
            if log[kind].get(key) != tables[kind].get(key):
                print(
                    f"{program}: {kind} {key}: logged {log[kind].get(key)}, got {tables[kind].get(key)}",
                    file=sys.stderr,
                )
    for kind, rows in log.items():
        check(rows == tables[kind], f"{program}: {kind}: rows differ")
    print(
        f"{program}: "
        + ", ".join(f"{sum(n for n, _ in rows.values())} {kind}s" for kind, rows in log.items())
        + f" in {sum(len(rows) for rows in log.values())} rows, all equal"
    )


seen = {}
with Folder() as folder:
    first, *others = PROGRAMS
    bare = run(first, folder / "bare", preload=False)
    for program in PROGRAMS:
        check_equal(run(program, folder / program, preload=True), bare, f"lines of {program}")
        tables = read_tables(folder / program / "out/timemory.h5")
        compare(program, read_log(folder / program), tables)
        # How often one has to test until a message is there differs from run to run.
        seen[program] = {kind: dict(rows) for kind, rows in tables.items() if kind != "call"}
    for program in others:
        for kind, rows in seen[program].items():
            check(rows == seen[first][kind], f"{program}: {kind}: not as {first}")
    print(f"{len(PROGRAMS)} programs moved the same, and computed what {first} does alone")
