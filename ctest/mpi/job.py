"""Running a job as a user would, and reading what it left behind."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BINARIES = pathlib.Path(os.environ["TIMEMORY_TEST_BINARIES"])
MPIEXEC = os.environ["TIMEMORY_TEST_MPIEXEC"]
MPI = os.environ["TIMEMORY_TEST_MPI"]  # openmpi or mpich
HAS_HDF5 = (BINARIES.parent / "lib/timemory/timemory-hdf5").exists()
# For MPI libraries whose launcher refuses root, or more ranks than cores, without them.
LAUNCHER_ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
}


def check(condition, message):
    """Ends the test with `message` unless `condition` holds."""
    if not condition:
        print(f"FAILED: {message}", file=sys.stderr)
        sys.exit(1)


def check_equal(got, expected, what):
    check(got == expected, f"{what}: got {got!r}, expected {expected!r}")


def processes_of(session):
    """The processes of a session that still run."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] not in "ZX":
            found.append(int(folder.name))
    return found


def end_session(session):
    """Kill what is left of a job whose launcher was started with `start_new_session`, until nothing is."""
    while left := processes_of(session):
        for process in left:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.01)


class Folder:
    """A temporary folder to run in; it stays where a test fails."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="timemory-test-"))

    def __enter__(self):
        return self.path

    def __exit__(self, kind, *_):
        if kind is None:
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            print(f"the folder of the test is {self.path}", file=sys.stderr)


class Run:
    """A job that has ended: its exit status, and its lines."""

    def __init__(self, arguments, folder, settings=None, timeout=250):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")}
        environment.update(LAUNCHER_ENVIRONMENT)
        environment.update(settings or {})
        done = subprocess.run(
            [str(a) for a in arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        self.status = done.returncode
        self.stdout = done.stdout
        self.stderr = done.stderr

    @property
    def program_lines(self):
        """The program's own lines on stdout, in an order that does not depend on the ranks'.

        Open MPI's launcher passes on what it has of a line: its end may come behind another's.
        """
        return sorted(re.findall(r"program:.*?(?=program:|$)", self.stdout, re.MULTILINE))

    @property
    def our_lines(self):
        """What we said on stderr."""
        return [x for x in self.stderr.splitlines() if x.startswith("timemory:")]

    def check_status(self, status=0):
        check(
            self.status == status,
            f"exit status {self.status}, expected {status}\n{self.stdout}{self.stderr}",
        )
        return self


def mpirun(ranks, program, *arguments):
    """The command line of a job. `ranks` may also be a list of (ranks, program), for an MPMD job."""
    parts = ranks if isinstance(ranks, list) else [(ranks, program)]
    line = [MPIEXEC]
    for i, (n, executable) in enumerate(parts):
        line += [":"] * (i > 0) + ["-n", str(n), BINARIES / executable, *arguments]
    return line


def load(file):
    """The only component in a JSON file of ours."""
    with open(file, encoding="utf-8") as f:
        components = json.load(f)["timemory"]
    check_equal(len(components), 1, f"components in {file}")
    return next(iter(components.values()))


class Row:
    """A row of `<label>.json`."""

    def __init__(self, path, thread, raw):
        self.path = path
        self.thread = thread
        self.laps = raw["entry"]["laps"]
        self.value = raw["entry"]["accum"]
        self.stats = raw["stats"]
        self.over_ranks = raw.get("ranks")


def rows(file):
    """The rows of `<label>.json`: for each rank a list, paths joined with slashes."""
    result = {}
    for rank in load(file)["ranks"]:
        stack, of_rank = [], []
        check_equal(len(rank["graph"]), rank["graph_size"], "graph_size")
        for raw in rank["graph"]:
            prefix, name = raw["prefix"].split(">>> ", 1)
            if raw["depth"] > 0:
                name = name.lstrip(" ")
                check(name.startswith("|_"), f"no indent in {raw['prefix']!r}")
                name = name[2:]
            del stack[raw["depth"] :]
            stack.append(name)
            check_equal(len(stack), raw["depth"] + 1, f"depth of {raw['prefix']!r}")
            numbers = [n for n in prefix.split("|") if n]
            thread = int(numbers[-1]) if numbers else None
            of_rank.append(Row("/".join(stack), thread, raw))
        check(rank["rank"] not in result, f"rank {rank['rank']} twice")
        result[rank["rank"]] = of_rank
    return result


def by_path(of_rank):
    """The rows of one rank by path; no path twice."""
    result = {}
    for row in of_rank:
        check(row.path not in result, f"path {row.path} twice")
        result[row.path] = row
    return result
