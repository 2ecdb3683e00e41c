"""The fault matrix: whatever a rank does, the job ends as without us, and nothing measured is lost.

    matrix_test.py <ranks> <file for the table> marked|preloaded [<name of a row>...]

A row is a fault, a column the rank that has it and the language of the program. In each cell the job is run
with timemory and without it. Checked are

* the exit status, and what the program and the launcher print;
* where the bare job hangs, that ours hangs too;
* that our files are whole, and there within `finalize_timeout` of the fault;
* that every lap that the program had ended is in the result, or else in what `timemory recover` finds: per path
  the laps, and their sum, least and greatest value are those of the log that the program kept.

`marked` programs have regions of ours; `preloaded` are those that know nothing of us, with libtimemory-mpip: of
these the calls and bytes of the messages that each rank has sent are compared.
"""

import collections
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

from job import BINARIES, HAS_HDF5, LAUNCHER_ENVIRONMENT, MPI, MPIEXEC, by_path, end_session, rows

HERE = pathlib.Path(__file__).parent
ranks, table_file = int(sys.argv[1]), pathlib.Path(sys.argv[2])
preloaded, only = sys.argv[3] == "preloaded", sys.argv[4:]
if preloaded:
    from preloaded import Tables
TIMEOUT = 8  # finalize_timeout, seconds
SLACK = 10  # for machines that are busy with other tests
HANGS = 12  # a job that goes on for so long when all is done goes on for ever
LONGEST = 60
PROGRAM = BINARIES / "timemory"


class Wrong(Exception):
    """What a cell shows instead of `ok`."""


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    fault: str = "plain"  # what the program is told to do
    # Where the launcher ends the others: how the faulty rank ends, as wait(2) says it.
    ends: "int | None" = None
    settings: tuple = ()  # of the faulty rank
    before: str = ""  # shell commands before the job, in a mount namespace of its own
    # Whether the job has its one result, where the faulty rank is 0 and where it is another.
    whole: tuple = (False, False)
    own: str = ""  # who writes a profile of its own: "faulty", "others", "all", or nobody has to
    says: str = ""  # what one of our lines has to say, if the faulty rank is 0
    columns: tuple = (0, 1)  # 0: rank 0 has the fault, 1: another


def disk_full(name, options, fault="plain", **more):
    """The faulty rank's output folder is on a disk that takes no more than `options` say."""
    return Row(
        name,
        fault,
        settings=("output_path=disk/out",),
        before=f"mkdir disk && mount -t tmpfs -o {options} tmpfs disk || exit 77",
        says="disk/out.*No space left on device",
        **more,
    )


# As many files as a result has: so many inodes are left besides those of the disk and the folder.
OUTPUTS = 16 if preloaded else 9
ROWS = [
    Row("SIGKILL", "kill", ends=signal.SIGKILL),
    Row("SIGSEGV", "segv", ends=signal.SIGSEGV),
    Row("SIGTERM", "term", ends=signal.SIGTERM),
    Row("SIGINT", "int", ends=signal.SIGINT),
    Row("SIGABRT", "abrt", ends=signal.SIGABRT),
    Row("_exit", "_exit", ends=3 << 8),
    # libtimemory-mpip sees it coming.
    Row("MPI_Abort", "abort", ends=3 << 8, own="faulty" if preloaded else ""),
    Row("exit without MPI_Finalize", "exit", ends=7 << 8, own="faulty"),
    Row("return from main without it", "return", ends=0, own="faulty"),
    Row("timemory_finalize by one rank only", "one", whole=(True, True)),
    Row("stuck in a loop at finalize", "loop", own="others"),
    Row("MPI finalized first", "mpi first", whole=(True, True)),
    Row("first region after MPI_Finalize", "late", own="all")
    if not preloaded
    else Row("MPI_Finalize before the others", "late", whole=(True, True)),
    *(
        disk_full(
            f"disk full at output {n + 1}", f"nr_inodes={2 + n}", whole=(False, True), columns=(0,)
        )
        for n in range(OUTPUTS)
    ),
    disk_full("disk full within an output", "size=4k", whole=(False, True)),
    disk_full("disk full at a rank's own profile", "nr_inodes=2", "exit", ends=7 << 8),
    Row(
        "output folder cannot be made",
        settings=("output_path=file/out",),
        before="echo >file",
        whole=(False, True),
        says="file/out.*Not a directory",
    ),
    Row("output folder removed", "removed", before="mkdir out; touch out/old", whole=(True, True)),
    Row(
        "working folder removed", "no folder", whole=(False, True), says="No such file or directory"
    ),
    Row(
        "arena folder full",
        settings=("arena_path=small",),
        says="arena_path: .*No space left on device",
        before="mkdir small && mount -t tmpfs -o size=4k tmpfs small || exit 77; "
        "head -c 4096 /dev/zero >small/full",
        whole=(True, True),
    ),
    Row(
        "arena folder absent",
        settings=("arena_path=nowhere",),
        says="arena_path: .*No such file or directory",
        whole=(True, True),
    ),
    Row(
        "arena folder unwritable",
        settings=("arena_path=fixed",),
        says="arena_path: .*Read-only file system",
        before="mkdir fixed && mount -t tmpfs -o ro tmpfs fixed || exit 77",
        whole=(True, True),
    ),
]


class Job:
    """A job that has ended, or was ended because it would not do so."""

    def __init__(self, arguments, folder, settings, before="", own_profiles=()):
        folder.mkdir()
        (folder / "arenas").mkdir()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")}
        environment.update(LAUNCHER_ENVIRONMENT)
        environment.update(settings)
        line = [str(a) for a in arguments]
        if before:
            # What is on a disk of the job's own is gone with it. `timemory run` has moved what the processes
            # left into the folders of their results.
            folders = "disk/out out" if preloaded else "disk/out"
            script = (
                f'{before}; "$@"; status=$?; '
                "if [ -d disk ]; then cp -r disk left; "
                f"if [ -x {PROGRAM} ]; then {PROGRAM} recover {folders} --output recovered "
                ">recover.out 2>recover.err; echo $? >recover.status; fi; fi; exit $status"
            )
            line = ["unshare", "-r", "-m", "sh", "-c", script, "sh", *line]
        with open(folder / "stdout", "w") as out, open(folder / "stderr", "w") as err:
            self.process = subprocess.Popen(
                line,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        self.folder = folder
        self.hangs = self.wait(own_profiles)
        self.status = self.process.returncode
        self.out = (folder / "stdout").read_text(errors="replace").splitlines()
        self.err = (folder / "stderr").read_text(errors="replace").splitlines()

    def wait(self, own_profiles):
        """Waits for the end; a job that goes on for HANGS after all is done is killed. Whether it was."""
        start = done = time.time()
        while self.process.poll() is None:
            time.sleep(0.02)
            now = time.time()
            at_fault = self.fault_time()
            late = at_fault is not None and now - at_fault > TIMEOUT + SLACK
            if at_fault is None or not all((self.folder / p).exists() for p in own_profiles):
                done = now
            if now - start > LONGEST or late or now - done > HANGS:
                self.kill()
                return True
        self.kill()  # what the launcher has left
        return False

    def kill(self):
        # Not the processes of the job first: the launcher would print what it thinks of that.
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        end_session(self.process.pid)

    def fault_time(self):
        try:
            return (self.folder / "fault").stat().st_mtime
        except FileNotFoundError:
            return None

    def programs_lines(self, lines):
        """The lines that are not ours, without what differs from run to run."""
        result = []
        for line in lines:
            if line.startswith("timemory: ") or re.match(r"\[\w+\]\|0> Outputting '", line):
                continue
            # The frames of a backtrace, and the frame of the launcher's notices.
            if re.match(r"(\[[^]]*:\d+\] )?\s*\[? *\d+\]? +/|[-=]*$|==== backtrace", line):
                continue
            # To ranks that end without us MPI has sent what nobody took; UCX tells.
            if MPI == "mpich" and "UCX  WARN" in line:
                continue
            # Of MPI_Abort Open MPI's launcher writes this or that.
            if MPI == "openmpi" and re.search(
                "ORTE_ERROR_LOG|MPI_ABORT|errorcode|exactly when", line
            ):
                continue
            if line.startswith("You may or may not see output"):
                continue
            # UCX fills up the number of a process to five places.
            line = re.sub(r"0x[0-9a-f]+|\d{3,} *(?=:)|\d{3,}", "N", line)
            # Open MPI numbers jobs from 1, most of them with more places.
            line = re.sub(r"\[\[\d+,", "[[N,", line)
            result.append(line)
        return sorted(result)

    @property
    def ours(self):
        return [line for line in self.err if line.startswith("timemory: ")]


HYDRA = re.compile(
    r"=   |YOUR APPLICATION TERMINATED|This typically refers|Please see the FAQ|\[(mpiexec|proxy)"
)


def compare(run, bare, row, column):
    """Exit status and output are those of the bare program."""
    if run.hangs != bare.hangs:
        raise Wrong(f"hangs: {run.hangs}, bare: {bare.hangs}")
    got = [run.programs_lines(run.out), run.programs_lines(run.err)]
    expected = [run.programs_lines(bare.out), run.programs_lines(bare.err)]
    lost = row.ends is not None and not run.hangs and MPI == "mpich"
    if lost:
        # MPICH's launcher ends with the statuses of all ranks together, and kills the others when it comes
        # to it; what they have just printed may be lost.
        for ended, what in ((run, "ours"), (bare, "bare")):
            possible = set()
            for other in (0, signal.SIGTERM, signal.SIGKILL):
                status = int(row.ends) | other
                possible.add(status & 127 or status >> 8)
            if ended.status not in possible:
                raise Wrong(f"exit status {ended.status} ({what}) and none of {sorted(possible)}")
        got, expected = (
            [[x for x in lines if not HYDRA.match(x)] for lines in both] for both in (got, expected)
        )
    elif run.status != bare.status:
        raise Wrong(f"exit status {run.status}, bare: {bare.status}")
    for ours, bares, where in zip(got, expected, ("stdout", "stderr")):
        more = collections.Counter(ours) - collections.Counter(bares)
        less = collections.Counter(bares) - collections.Counter(ours)
        if lost:
            more = {x: n for x, n in more.items() if not x.startswith("Abort(")}
            less = {}
        if more or less:
            raise Wrong(f"{where}: more: {list(more)}, less: {list(less)}")


EXCHANGED = (10, 55, 1, 10)  # messages: how many, their bytes, the least, the greatest


def check_calls(folder):
    """A result has the calls of the program, and the bytes of its messages."""
    # mpi4py takes the form with large counts where MPI has it.
    laps = {}
    for path, row in by_path(rows(folder / "wall.json")[0]).items():
        name = path.removesuffix("_c")
        laps[name] = laps.get(name, 0) + row.laps
    if laps.get("MPI_Sendrecv") != EXCHANGED[0] * ranks:
        raise Wrong(f"laps of MPI_Sendrecv: {laps}")
    # Where others wait for a rank that has a fault, they do so in a second barrier.
    if not ranks <= laps.get("MPI_Barrier", 0) <= 2 * ranks:
        raise Wrong(f"laps of MPI_Barrier: {laps}")
    if not HAS_HDF5:
        return
    got = {
        (r["rank"], r["communicator"], r["peer"], r["direction"]): numbers
        for r, numbers in Tables(folder / "timemory.h5").rows("mpi_traffic")
        if r["call"].removesuffix("_c") == "MPI_Sendrecv"
    }
    expected = {
        (rank, "MPI_COMM_WORLD", (rank + step) % ranks, direction): EXCHANGED
        for rank in range(ranks)
        for step, direction in ((1, 0), (-1, 1))
    }
    if got != expected:
        raise Wrong(f"mpi_traffic: {got}")


ENTRY = struct.Struct("<q56s")


def read_logs(folder, ranks):
    """What the ranks have written down: path -> (laps, sum, least, greatest)."""
    laps = collections.defaultdict(list)
    for rank in range(ranks):
        for ticks, path in ENTRY.iter_unpack((folder / f"log-{rank}").read_bytes()):
            if path := path.rstrip(b"\0").decode():
                laps[path].append(ticks)
    return {path: (len(x), sum(x), min(x), max(x)) for path, x in laps.items()}


def check_laps(file, expected):
    """A result has just the laps of the logs, and perhaps the region that was open."""
    got = {
        path: (row.laps, row.value, row.stats["min"], row.stats["max"])
        for path, row in by_path(rows(file)[0]).items()
    }
    for path in sorted(got.keys() | expected.keys()):
        if path == "open" and path not in expected:
            continue
        if got.get(path) != expected.get(path):
            raise Wrong(f"{path}: {got.get(path)}, logged: {expected.get(path)}")


def is_running(process):
    try:
        state = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def wait_for_ends(run):
    """The launcher may have ended before the ranks that it kills; those that run are not recovered."""
    until = time.monotonic() + LONGEST
    for arena in (run.folder / "arenas").glob("timemory-*.arena"):
        while is_running(arena.name.split("-")[1]) and time.monotonic() < until:
            time.sleep(0.05)


def recover(run):
    """What is left of a job, as a user gets it back: the folder with the files of the result."""
    wait_for_ends(run)
    if "recover" not in subprocess.run([PROGRAM, "--help"], capture_output=True, text=True).stdout:
        raise Wrong("needs recover")
    output = run.folder / "recovered"
    if (run.folder / "recover.status").exists():
        status = int((run.folder / "recover.status").read_text())
        said = (run.folder / "recover.err").read_text()
    else:
        done = subprocess.run(
            [PROGRAM, "recover", "out", "--output", "recovered"],
            cwd=run.folder,
            env={**os.environ, "TIMEMORY_ARENA_PATH": str(run.folder / "arenas")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=250,
        )
        status, said = done.returncode, done.stderr
    if status != 0:
        raise Wrong(f"recover: {status}: {said.strip()}")
    return output


def check_files(run, folders):
    """Every file of ours is whole."""
    for folder in folders:
        for file in folder.rglob("*"):
            # `timemory run` may have been killed by the launcher when it began to copy.
            if file.name.endswith(".tmp") and not file.name.endswith(".arena.tmp"):
                raise Wrong(f"{file.name} was left")
            if file.suffix == ".json":
                json.loads(file.read_text())
            at_fault = run.fault_time()
            if at_fault is not None and file.stat().st_mtime > at_fault + TIMEOUT + SLACK:
                raise Wrong(f"{file.name} came {file.stat().st_mtime - at_fault:.1f} s after")


SAID = re.compile(
    r"timemory: (arena_path: no file can be had|cannot make the output folder|rank \d+ wrote its own profile to "
    r"|cannot write ('|the profile of )|\d+ regions open at finalize were "
    r"|the profiles of \d+ ranks did not arrive |what was recorded is kept in )"
    # `timemory run`, of a process that was killed.
    + (r"|timemory: \d+ process(es)? ended without writing results" if preloaded else "")
)


KEPT = "what was recorded is kept in "


def check_cell(row, column, run, bare, faulty):
    compare(run, bare, row, column)
    folders = [f for f in (run.folder / "out", run.folder / "left/out") if f.exists()]
    check_files(run, folders)
    for line in run.ours:
        if not SAID.match(line):
            raise Wrong(f"says {line!r}")
    if row.says and column == 0 and not any(re.search(row.says, x) for x in run.ours):
        raise Wrong(f"does not say {row.says!r}: {run.ours}")
    if row.says and not row.whole[column] and not any(KEPT in x for x in run.ours):
        raise Wrong(f"does not say that what was recorded is kept: {run.ours}")
    if row.whole[column]:
        if [x for x in run.ours if "open at finalize" not in x and not row.says]:
            raise Wrong(f"says {run.ours}")
        if list((run.folder / "out").glob("*.timemory")):
            raise Wrong("a profile was left beside the result")
        if left := list((run.folder / "arenas").iterdir()):
            raise Wrong(f"{left[0].name} was left")
        check_result(run.folder, run.folder / "out")
        return
    for profile in own_profiles(row, faulty):
        if not (run.folder / profile).exists():
            raise Wrong(f"no {profile}")
    check_result(run.folder, recover(run))


def check_result(folder, result):
    """The files of a result have what the job in `folder` did."""
    if preloaded:
        check_calls(result)
    else:
        check_laps(result / "ticks.json", read_logs(folder, ranks))


def own_profiles(row, faulty):
    """The ranks that are to write a profile of their own, as names of files."""
    whose = {
        "faulty": [faulty],
        "others": [r for r in range(ranks) if r != faulty],
        "all": range(ranks),
        "": [],
    }[row.own]
    return [f"out/profile-{rank}.timemory" for rank in whose]


def python_for_mpi():
    """The environment in which Python has an mpi4py for this MPI, or None."""
    own = os.environ["TIMEMORY_TEST_PYTHONPATH"]
    which = "import mpi4py.MPI as m; print(m.get_vendor()[0], flush=True); import os; os._exit(0)"
    for path in (own, own + os.pathsep + os.environ["TIMEMORY_TEST_MPI4PY"]):
        found = subprocess.run(
            [sys.executable, "-c", which],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
        )
        if found.stdout.strip() == {"openmpi": "Open MPI", "mpich": "MPICH"}[MPI]:
            return path
    return None


class Matrix:
    """All cells, of which several are worked on at once."""

    def __init__(self, folder):
        self.folder = folder
        self.bare_jobs = {}
        self.lock = threading.Lock()
        self.python_path = python_for_mpi()
        self.kept = []

    def command(self, language, measured, fault, faulty, settings=()):
        marked = measured and not preloaded
        if language == "C++":
            program = [BINARIES / ("mpi-matrix" if marked else "mpi-matrix-bare")]
        else:
            program = [sys.executable, HERE / "matrix_program.py", "measured" if marked else "bare"]
        program += [fault, faulty]
        if not measured or not preloaded:
            return [MPIEXEC, "-n", ranks, *program, *settings]
        program = [PROGRAM, "run", "--mpi", "--quiet", "--", *program]
        if not settings:
            return [MPIEXEC, "-n", ranks, *program]
        # They are of the faulty rank alone.
        given = [
            f"TIMEMORY_{name.upper()}={value}" for name, value in (x.split("=") for x in settings)
        ]
        line = [MPIEXEC]
        for n, before in ((faulty, []), (1, ["env", *given]), (ranks - 1 - faulty, [])):
            if n > 0:
                line += [":"] * (len(line) > 1) + ["-n", n, *before, *program]
        return line

    def environment(self, language):
        environment = {"PYTHONDONTWRITEBYTECODE": "1"}
        if language == "Python":
            environment["PYTHONPATH"] = self.python_path
        return environment

    def bare(self, language, row, faulty):
        """The job without us; the same one for all rows in which the program does the same."""
        key = language, row.fault, faulty
        with self.lock:
            first = key not in self.bare_jobs
            if first:
                self.bare_jobs[key] = concurrent.futures.Future()
            future = self.bare_jobs[key]
        if first:
            try:
                future.set_result(
                    Job(
                        self.command(language, False, row.fault, faulty),
                        self.folder / f"bare {language} {row.fault} {faulty}".replace(" ", "-"),
                        self.environment(language),
                        "mkdir out; touch out/old" if row.fault == "removed" else "",
                    )
                )
            except BaseException as e:
                future.set_exception(e)
        return future.result()

    def cell(self, row, column, language):
        if column not in row.columns:
            return "-"
        if language == "Python" and self.python_path is None:
            return "skipped"
        faulty = 0 if column == 0 else ranks - 1
        folder = self.folder / f"{row.name} {faulty} {language}".replace(" ", "-")
        settings = {
            **self.environment(language),
            "TIMEMORY_OUTPUT_PATH": "out",
            "TIMEMORY_COUT_OUTPUT": "off",
            "TIMEMORY_FINALIZE_TIMEOUT": str(TIMEOUT),
            "TIMEMORY_ARENA_PATH": str(folder / "arenas"),
        }
        try:
            bare = self.bare(language, row, faulty)
            run = Job(
                self.command(language, True, row.fault, faulty, row.settings),
                folder,
                settings,
                row.before,
                own_profiles(row, faulty),
            )
            if run.status == 77:
                return "skipped"
            check_cell(row, column, run, bare, faulty)
        except Wrong as e:
            self.kept.append(f"{row.name}, rank {faulty}, {language}: {e}; see {folder}")
            return str(e)
        shutil.rmtree(folder)
        return "ok"


def main():
    chosen = [row for row in ROWS if not only or row.name in only]
    columns = [(column, language) for language in ("C++", "Python") for column in (0, 1)]
    heads = [f"{language}, rank {0 if column == 0 else ranks - 1}" for column, language in columns]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="timemory-matrix-"))
    matrix = Matrix(folder)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        cells = {
            (row, column): pool.submit(matrix.cell, row, *column)
            for row in chosen
            for column in columns
        }
    results = {key: future.result() for key, future in cells.items()}

    width = max(len(row.name) for row in chosen)
    lines = [
        f"{MPI}: the rank and language of the program that has the fault, of {ranks} ranks",
        "",
    ]
    lines.append("  ".join([" " * width, *(f"{head:14}" for head in heads)]).rstrip())
    for row in chosen:
        texts = [results[row, column] for column in columns]
        shown = [x if len(x) <= 14 else "wrong" for x in texts]
        lines.append("  ".join([f"{row.name:{width}}", *(f"{x:14}" for x in shown)]).rstrip())
    table = "\n".join(lines) + "\n"
    table_file.write_text(table)
    print(table)
    for line in matrix.kept:
        print(line)
    skipped = sum(x == "skipped" for x in results.values())
    if skipped:
        print(f"{skipped} cells skipped: no mpi4py for this MPI, or no tmpfs can be mounted here")
    if matrix.kept:
        sys.exit(1)
    shutil.rmtree(folder)


main()
