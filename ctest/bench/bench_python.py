#!/usr/bin/env python3
"""What measuring costs in Python: each figure beside its floor, taken in the same run.

    PYTHONPATH=<build>/python bench_python.py [<build>]

The floor under `with marker(...)` is a context manager in C that does nothing, made anew each time
from the same arguments; under a decorated call it is the bare call. The two clock reads of a region
are in the difference. Every record is counted afterwards; the script fails if one is missing.
"""

import contextlib
import cProfile
import os
import statistics
import subprocess
import sys
import tempfile
import time

if len(sys.argv) > 1 and os.path.isdir(sys.argv[1]):
    sys.path.insert(0, os.path.join(os.path.abspath(sys.argv[1]), "python"))

import timemory
from timemory._timemory import null_context
from timemory.profiler import profile
from timemory.util import auto_timer, marker

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(timemory.__file__)))
LAPS = 5_000  # short enough that a busy machine leaves some rounds alone
ROUNDS = 200
IMPORTS = 20


def bare_import_times():
    """Seconds of an interpreter that does nothing and of one that imports timemory, in turns."""
    environment = dict(os.environ, PYTHONPATH=PACKAGE)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    seconds = {"pass": [], "import timemory": []}
    for _ in range(IMPORTS + 1):
        for statement, taken in seconds.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", statement], env=environment, check=True)
            taken.append(time.perf_counter() - start)
    # The first run of each reads the files and writes their byte code.
    return [statistics.median(taken[1:]) for taken in seconds.values()]


def measure(floor, ours):
    """Nanoseconds a lap of both, the least of all rounds, which are taken in turns."""
    least = [float("inf")] * 2
    for _ in range(ROUNDS):
        for index, loop in enumerate((floor, ours)):
            start = time.perf_counter_ns()
            loop(LAPS)
            least[index] = min(least[index], (time.perf_counter_ns() - start) / LAPS)
    return least


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def profiled_fib():
    """Print what fib(20) costs under the profiler, and under cProfile; whether calls are missing."""
    times = {"bare": float("inf"), "timemory": float("inf"), "cProfile": float("inf")}
    contexts = {
        "bare": contextlib.nullcontext,
        "timemory": lambda: profile(["wall_clock"]),
        "cProfile": cProfile.Profile,
    }
    rounds = 40
    for _ in range(rounds):
        for name, context in contexts.items():
            with context():
                start = time.perf_counter_ns()
                fib(20)
                times[name] = min(times[name], time.perf_counter_ns() - start)
    (metric,) = timemory.get(components=["wall_clock"])["timemory"].values()
    rows = [row for rank in metric["ranks"] for row in rank["graph"]]
    got = sum(row["entry"]["laps"] for row in rows if row["prefix"].endswith("fib"))
    expected = 21_891 * rounds
    for name in ("timemory", "cProfile"):
        more = times[name] - times["bare"]
        print(
            f"fib(20) under {name:22}{times['bare'] / 1e6:8.2f} {times[name] / 1e6:8.2f} "
            f"{more / 1e6:8.2f} ms, {more / 21_891:.0f} ns a call"
        )
    print(f"  {got} calls recorded" if got == expected else f"  {got} of {expected} calls: WRONG")
    return got != expected


def main():
    timemory.settings.cout_output = False
    timemory.settings.file_output = False
    active = timemory.is_enabled()

    def with_null_alone(laps):
        for _ in range(laps):
            with null_context():
                pass

    def with_null(laps):
        for _ in range(laps):
            with null_context(["wall_clock"], "one"):
                pass

    def with_one(laps):
        for _ in range(laps):
            with marker(["wall_clock"], "one"):
                pass

    def with_one_no_arguments_in_floor(laps):
        for _ in range(laps):
            with marker(["wall_clock"], "one, floor without arguments"):
                pass

    def with_null_three(laps):
        for _ in range(laps):
            with null_context(["wall_clock", "page_rss", "peak_rss"], "three"):
                pass

    def with_three(laps):
        for _ in range(laps):
            with marker(["wall_clock", "page_rss", "peak_rss"], "three"):
                pass

    def with_null_name(laps):
        for _ in range(laps):
            with null_context("auto"):
                pass

    def with_auto_timer(laps):
        for _ in range(laps):
            with auto_timer("auto"):
                pass

    kept_null, kept_marker = null_context(), marker(["wall_clock"], "kept")

    def with_kept_null(laps):
        for _ in range(laps):
            with kept_null:
                pass

    def with_kept(laps):
        for _ in range(laps):
            with kept_marker:
                pass

    def bare():
        pass

    @marker(["wall_clock"])
    def decorated():
        pass

    def call_bare(laps):
        for _ in range(laps):
            bare()

    def call_decorated(laps):
        for _ in range(laps):
            decorated()

    rows = [
        ("with marker, 1 component", with_null, with_one, "one", 60),
        (
            "  over a context without arguments",
            with_null_alone,
            with_one_no_arguments_in_floor,
            "one, floor without arguments",
            60,
        ),
        ("with marker, 3 components", with_null_three, with_three, "three", None),
        ("with one marker kept", with_kept_null, with_kept, "kept", None),
        ("decorated call, 1 component", call_bare, call_decorated, "decorated", 50),
        ("with auto_timer, 4 components", with_null_name, with_auto_timer, "auto", None),
    ]
    if not active:
        rows = [row for row in rows if row[3] in ("one", "decorated")]

    print(
        f"{'nanoseconds' if active else 'with TIMEMORY_ENABLED=off':36}"
        f"{'floor':>8} {'ours':>8} {'more':>8} {'ratio':>7} {'aim':>5}   records"
    )
    results = [(row, *measure(row[1], row[2])) for row in rows]
    # The label is the key of the marker, or the name of the function.
    counted = {}
    for metric in timemory.get(components=["wall_clock"])["timemory"].values():
        for rank in metric["ranks"]:
            for row in rank["graph"]:
                counted[row["prefix"].replace(">>> ", "")] = row["entry"]["laps"]
    missing = 0
    for (name, _, _, label, aim), floor, ours in results:
        expected = LAPS * ROUNDS if active else 0
        got = counted.get(label, 0)
        missing += got != expected
        shown = f"{got}" if got == expected else f"{got} of {expected}: WRONG"
        print(
            f"{name:36}{floor:8.1f} {ours:8.1f} {ours - floor:8.1f} {ours / floor:7.2f} "
            f"{aim if active and aim else '':>5}   {shown}"
        )
    return missing


if __name__ == "__main__":
    failed = main()
    if os.environ.get("TIMEMORY_ENABLED") != "off":
        print(flush=True)
        off = dict(os.environ, TIMEMORY_ENABLED="off")
        failed += subprocess.run([sys.executable, *sys.argv], env=off).returncode
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            bare, imported = bare_import_times()
        failed += profiled_fib()
        print(
            f"\nimport timemory: {1e3 * (imported - bare):.1f} ms over a bare interpreter "
            f"({1e3 * bare:.1f} ms), median of {IMPORTS}; aim 40 ms"
        )
    sys.exit(1 if failed else 0)
