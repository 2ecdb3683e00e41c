"""Running programs with libtimemory-mpip preloaded, and reading its tables."""

import sys

import h5py
from job import BINARIES, MPIEXEC, check, check_equal

PROGRAM = BINARIES / "timemory"


def environment(**settings):
    """The settings of a job: files, and no tables on the screen."""
    given = {"output_path": "out", "cout_output": "off", **settings}
    return {f"TIMEMORY_{name.upper()}": str(value) for name, value in given.items()}


def job(ranks, program, *arguments):
    """The command line of a job whose program is started by `timemory run --mpi`."""
    executable = program if str(program).startswith("/") else BINARIES / program
    return [
        MPIEXEC,
        "-n",
        str(ranks),
        PROGRAM,
        "run",
        "--mpi",
        "--quiet",
        "--",
        executable,
        *arguments,
    ]


class Tables:
    """The tables of a timemory.h5."""

    def __init__(self, path):
        self.file = h5py.File(path)["tables"]

    def rows(self, name):
        """Yields the keys of each row, by name, and its count, sum, least and greatest value."""
        if name not in self.file:
            return
        table = self.file[name]
        texts = [t.decode() for t in table["texts"]]
        kinds = table["key_kinds"][:]
        names = [n.decode() for n in table["key_names"]]
        keys = [table["keys"][n][:] for n in names]
        numbers = [table[n][:] for n in ("count", "sum", "min", "max")]
        for i in range(len(numbers[0])):
            row = {
                n: texts[column[i]] if kind == 1 else int(column[i])
                for n, kind, column in zip(names, kinds, keys)
            }
            yield row, tuple(int(column[i]) for column in numbers)


def logged(folder, ranks):
    """What the ranks of a program with log.hpp have written down: kind, then (rank, call, place, peer, direction), then the numbers."""
    result = {"message": {}, "window": {}, "file": {}}
    for rank in range(ranks):
        for line in (folder / f"log.{rank}").read_text(encoding="utf-8").splitlines():
            kind, call, place, peer, direction, *numbers = line.split("\t")
            key = (rank, call, place, int(peer), int(direction))
            result[kind][key] = tuple(int(n) for n in numbers)
    return result


def compare(expected, got, what):
    """Says each row that differs."""
    for key in sorted(set(expected) | set(got)):
        if expected.get(key) != got.get(key):
            print(
                f"{what} {key}: expected {expected.get(key)}, got {got.get(key)}", file=sys.stderr
            )
    check_equal(len(got), len(expected), f"rows of {what}")
    check(got == expected, f"{what}: rows differ")


def compare_traffic(log, tables):
    """Compares what the ranks have logged with the tables of messages, windows and files."""
    for kind, table, place in (
        ("message", "mpi_traffic", "communicator"),
        ("window", "mpi_windows", "window"),
        ("file", "mpi_files", "file"),
    ):
        got = {}
        for r, (count, total, least, greatest) in tables.rows(table):  # of files by sizes, too
            key = (r["rank"], r["call"], r[place], r.get("peer", -1), r["direction"])
            before = got.get(key, (0, 0, least, greatest))
            got[key] = (
                before[0] + count,
                before[1] + total,
                min(before[2], least),
                max(before[3], greatest),
            )
        compare(log[kind], got, f"{kind}s")
