"""Every count, sum, minimum, maximum and deviation equals what the threads wrote down themselves."""

import collections
import importlib.util
import json
import math
import os
import pathlib
import re
import socket
import subprocess
import sys

import h5py
from job import Folder, Run, check, check_equal, load, mpirun, rows

ranks = int(sys.argv[1])
apart = {a.split("=")[0] for a in sys.argv[2:] if a.endswith("=apart")}


class Tally:
    """Laps of one path, exactly."""

    def __init__(self):
        self.laps = self.sum = self.squares = 0
        self.least, self.greatest = math.inf, -math.inf
        self.of_ranks = collections.Counter()

    def add(self, rank, laps, total, squares, least, greatest):
        self.laps += laps
        self.sum += total
        self.squares += squares
        self.least = min(self.least, least)
        self.greatest = max(self.greatest, greatest)
        self.of_ranks[rank] += total

    def key(self):
        return self.laps, self.sum, self.squares, self.least, self.greatest

    def deviation(self):
        return math.sqrt(self.laps * self.squares - self.sum**2) / self.laps


def read_logs(folder):
    """What each thread did: (rank, thread) -> path -> numbers."""
    threads = {}
    for file in folder.iterdir():
        rank, thread = map(int, file.stem.split("-"))
        lines = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
        threads[rank, thread] = {path: tuple(map(int, numbers)) for path, *numbers in lines}
    return threads


def merged(threads):
    """The tallies of some threads together: path -> Tally."""
    result = collections.defaultdict(Tally)
    for (rank, _), paths in threads.items():
        for path, numbers in paths.items():
            result[path].add(rank, *numbers)
    return result


def check_ticks(got, expected, where):
    """Rows of `ticks` against tallies: path -> Row, path -> Tally."""
    check_equal(
        sorted(set(got) ^ set(expected)), [], f"paths in only one of result and logs, {where}"
    )
    for path, row in got.items():
        tally, what = expected[path], f"{where}, {path}"
        check_equal(row.laps, tally.laps, f"laps of {what}")
        check_equal(row.value, tally.sum, f"sum of {what}")
        check_equal(row.stats["count"], tally.laps, f"count of {what}")
        check_equal(row.stats["sum"], tally.sum, f"sum in the statistics of {what}")
        check_equal(row.stats["sqr"], tally.squares, f"squares of {what}")
        check_equal(row.stats["min"], tally.least, f"minimum of {what}")
        check_equal(row.stats["max"], tally.greatest, f"maximum of {what}")
        check(
            math.isclose(row.stats["stddev"], tally.deviation(), rel_tol=1e-12),
            f"deviation of {what}: {row.stats['stddev']} and not {tally.deviation()}",
        )
        if len(apart) == 0 or apart == {"threads"}:
            check_over_ranks(row.over_ranks, tally, what)


def check_over_ranks(got, tally, what):
    """Statistics over ranks, of each rank's total; absent ranks do not count."""
    if "threads" in apart:
        return  # over the ranks that have a thread of that number
    totals = sorted(tally.of_ranks.items())
    least, greatest = min(t for _, t in totals), max(t for _, t in totals)
    expected = {
        "count": len(totals),
        "sum": tally.sum,
        "min": least,
        "min_rank": next(r for r, t in totals if t == least),
        "max": greatest,
        "max_rank": next(r for r, t in totals if t == greatest),
    }
    check_equal({k: got[k] for k in expected}, expected, f"over the ranks, {what}")


def by_thread(of_rank):
    """thread number -> path -> Row."""
    result = collections.defaultdict(dict)
    for row in of_rank:
        check(row.path not in result[row.thread], f"path {row.path} twice in thread {row.thread}")
        result[row.thread][row.path] = row
    return result


def check_threads(got, expected, where):
    """The threads of a rank, in any order: each is one of those that wrote a log."""
    trees = collections.Counter(
        tuple(sorted((p, r.laps, r.value, r.stats["min"], r.stats["max"]) for p, r in tree.items()))
        for tree in got.values()
    )
    logs = collections.Counter(
        tuple(sorted((path, n[0], n[1], n[3], n[4]) for path, n in paths.items()))
        for paths in expected.values()
    )
    check_equal(len(got), len(expected), f"threads of {where}")
    check(trees == logs, f"the trees of the threads of {where} are not those of the logs")


def check_laps(got, expected, open_regions, where):
    """wall_clock has the same laps, and the regions that were open at the end."""
    laps = collections.Counter()
    for row in got:
        laps[row.path] += row.laps
        check(row.value >= 0, f"negative time in {row.path}")
    wanted = {path: tally.laps for path, tally in expected.items()}
    if open_regions:
        wanted["still open"] = open_regions
    check_equal(dict(laps), wanted, f"laps of wall_clock of {where}")


def check_processes(folder):
    """Where the ranks ran, and how they ended: in timemory.h5 and in the table over ranks."""
    ended = "came to MPI_Finalize"
    with h5py.File(folder / "out/timemory.h5") as file:
        table = file["tables/processes"]
        texts = {text.decode() for text in table["texts"]}
        numbers = [sum(map(int, table[column])) for column in ("count", "sum")]
        threads = max(map(int, table["keys/threads"]))
    check_equal(texts, {socket.gethostname(), ended}, "hosts and ends")
    check_equal(numbers, [ranks, sum(range(ranks))], "processes, and the sum of their ranks")
    shown = Run(
        [os.environ["COMMAND_UNDER_TEST"], "report", "out", "--format", "ranks"], folder
    ).check_status()
    lines = shown.stdout[shown.stdout.index(" PROCESSES ") :].splitlines()[4:-1]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    check_equal({(row[0], row[4]) for row in rows}, {(socket.gethostname(), ended)}, "ends")
    check_equal(sum(int(row[2]) for row in rows), ranks, "processes in the table")
    check_equal(max(int(row[3]) for row in rows), threads, "threads in the table")
    print(f"{ranks} processes on {socket.gethostname()}, {ended}")


def check_hdf5(folder, ticks, logs):
    """timemory.h5 has what the logs have, and every output can be made from it again."""
    again = Run(
        [os.environ["COMMAND_UNDER_TEST"], "report", "out", "--output", "again"],
        folder,
        {"TIMEMORY_COUT_OUTPUT": "off"},
    ).check_status()
    check_equal([x for x in again.our_lines if "regions" not in x], [], "lines of the report")
    names = sorted(p.name for p in (folder / "again").iterdir())
    check_equal(len(names), 9, f"files made again: {names}")
    for name in names:
        made, first = ((folder / x / name).read_bytes() for x in ("again", "out"))
        if name == "metadata.json":  # it names the files
            made = made.replace(b'"again/', b'"out/')
        check(made == first, f"{name} made from timemory.h5 is not the one of the job")
    print(f"{len(names)} outputs made again from timemory.h5 are the same bytes")
    check_processes(folder)

    if "threads" in apart:
        return  # the rows of the outputs were compared with the logs
    wanted = []
    for rank in ticks:
        mine = {k: v for k, v in logs.items() if k[0] == rank} if "ranks" in apart else logs
        for path, tally in merged(mine).items():
            values = dict(zip(("laps", "value", "squares", "min", "max"), tally.key()))
            wanted.append([rank, path.replace("/", " > "), {**values, "sum": tally.sum}])
    (folder / "log.json").write_text(json.dumps({"ticks": wanted}), encoding="utf-8")
    checker = pathlib.Path(__file__).parents[1] / "python" / "hdf5_check.py"
    for python in ("/usr/bin/python3", sys.executable):  # Debian's h5py, and PyPI's
        read = subprocess.run(
            [python, checker, folder / "out/timemory.h5", folder / "log.json"],
            capture_output=True,
            text=True,
        )
        check_equal(read.returncode, 0, f"what h5py says: {read.stdout}{read.stderr}")
        print(read.stdout, end="")
    dumped = subprocess.run(
        ["h5dump", "-y", "-d", "/components/ticks/sum", folder / "out/timemory.h5"],
        capture_output=True,
        text=True,
    )
    check_equal(dumped.returncode, 0, f"what h5dump says: {dumped.stderr}")
    numbers = re.findall(r"\d+", dumped.stdout.split("DATA {")[1])
    check_equal(
        sorted(map(int, numbers)), sorted(v["sum"] for _, _, v in wanted), "sums that h5dump shows"
    )
    print(f"h5dump: {len(numbers)} values equal")


with Folder() as folder:
    (folder / "logs").mkdir()
    settings = {"TIMEMORY_OUTPUT_PATH": "out", "TIMEMORY_COUT_OUTPUT": "off"}
    if "ranks" in apart:
        settings["TIMEMORY_COLLAPSE_PROCESSES"] = "off"
    if "threads" in apart:
        settings["TIMEMORY_COLLAPSE_THREADS"] = "off"
    run = Run(mpirun(ranks, "mpi-exact", "logs"), folder, settings).check_status()

    logs = read_logs(folder / "logs")
    recording = ranks - 1
    check_equal(len(logs), 32 * recording, "logs")
    check_equal(len(merged(logs)), 10 * 5 + 50 + 1, "paths in the logs")
    check_equal(
        run.our_lines,
        [
            f"timemory: {recording} regions open at finalize were ended there: "
            "their time goes up to that moment",
            f"timemory: {recording} regions after finalize were not recorded: "
            "call timemory_finalize later, or not at all",
        ][: len(run.our_lines)],
        "lines on stderr",
    )
    check(len(run.our_lines) >= 1, "no line about the regions that were open")

    ticks = rows(folder / "out/ticks.json")
    wall = rows(folder / "out/wall.json")
    expected_ranks = list(range(recording)) if "ranks" in apart else [0]
    check_equal(list(ticks), expected_ranks, "ranks with ticks")
    check_equal(list(wall), expected_ranks, "ranks with wall_clock")
    check_equal(load(folder / "out/ticks.json")["mpi_size"], ranks, "mpi_size")
    for rank, of_rank in ticks.items():
        mine = {k: v for k, v in logs.items() if k[0] == rank} if "ranks" in apart else logs
        where = f"rank {rank}" if "ranks" in apart else "the job"
        expected = merged(mine)
        check_equal("only here" in expected, rank == 1 or "ranks" not in apart, "only on rank 1")
        check_laps(wall[rank], expected, 1 if "ranks" in apart else recording, where)
        if "threads" not in apart:
            check_ticks({r.path: r for r in of_rank}, expected, where)
            check_equal(len(of_rank), len(expected), f"rows of {where}")
        elif "ranks" in apart:
            check_threads(by_thread(of_rank), mine, where)
        else:
            # Threads of equal numbers are folded over the ranks: what they had together counts.
            trees = by_thread(of_rank)
            check(32 <= len(trees) <= 33, f"{len(trees)} threads in the result")
            laps, sums = collections.Counter(), collections.Counter()
            for tree in trees.values():
                for path, row in tree.items():
                    laps[path] += row.laps
                    sums[path] += row.value
            check_equal(
                sorted(set(laps) ^ set(expected)), [], "paths in only one of result and logs"
            )
            check_equal(dict(laps), {p: t.laps for p, t in expected.items()}, "laps")
            check_equal(dict(sums), {p: t.sum for p, t in expected.items()}, "sums")

    # Hatchet reads the same from the tree; the rows it is compared with were compared with the logs above.
    if importlib.util.find_spec("hatchet") is None:
        print("hatchet is not installed: the tree was not read")
    else:
        values = collections.defaultdict(dict)
        for rank, of_rank in ticks.items():
            for row in of_rank:
                place = f"{rank}:{row.thread}" if "threads" in apart else f"{rank}"
                values[row.path.replace("/", " > ")][place] = {"sum": row.value, "count": row.laps}
        (folder / "expected.json").write_text(json.dumps(values), encoding="utf-8")
        checker = pathlib.Path(__file__).parents[1] / "python" / "hatchet_check.py"
        read = subprocess.run(
            [sys.executable, checker, folder / "out/ticks.tree.json", folder / "expected.json"],
            capture_output=True,
            text=True,
        )
        check_equal(read.returncode, 0, f"what hatchet says: {read.stdout}{read.stderr}")
        print(read.stdout)

    if (folder / "out/timemory.h5").exists():
        check_hdf5(folder, ticks, logs)
    else:
        print("built without HDF5: no timemory.h5 was read")
