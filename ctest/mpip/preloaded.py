"""Running programs with libtimemory-mpip preloaded, and reading its tables."""

import h5py
from job import BINARIES, MPIEXEC

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
