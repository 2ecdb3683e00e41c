"""What timemory 3 did wrong when it was run, and ours must get right: one test a fault, by its number.

Faults that need several ranks are in ctest/mpi/observed_test.py.
"""

import json
import re
import subprocess
import sys

import pytest
from conftest import ROOT


def rows(table):
    """The cells of the rows of a text table."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in table.splitlines()
        if ">>>" in line
    ]


def test_fault_01_a_thread_inside_a_marker_at_the_end(run):
    ended = run(
        """
        import threading, time
        from timemory.util import marker
        inside = threading.Event()
        def stay():
            with marker(["wall_clock"], "stays"):
                inside.set()
                time.sleep(60)
        threading.Thread(target=stay, daemon=True).start()
        inside.wait()
        with marker(["wall_clock"], "main"): pass
        """
    )
    assert ended.laps() == {("stays",): 1, ("main",): 1}
    assert "1 regions open at finalize" in ended.err


def test_fault_04_one_marker_nested_in_itself(run):
    ended = run(
        """
        from timemory.util import marker
        m = marker(["wall_clock"], "m")
        def descend(n):
            with m:
                if n: descend(n - 1)
        with m:
            with m: pass
        descend(3)
        """
    )
    assert ended.laps() == {("m",) * depth: n for depth, n in zip((1, 2, 3, 4), (2, 2, 1, 1))}
    assert ended.err == ""


def test_fault_05_a_profile_function_never_stays(run):
    ended = run(
        """
        import sys
        from timemory.profiler import profile
        def inner(): raise KeyError("mine")
        @profile(["wall_clock"])
        def raises(): inner()
        for _ in range(3):
            try: raises()
            except KeyError as e: assert e.args == ("mine",)
            assert sys.getprofile() is None
        try:
            with profile(["wall_clock"]): raises()
        except KeyError: pass
        assert sys.getprofile() is None
        """
    )
    assert ended.laps() == {("raises",): 4, ("raises", "inner"): 4}
    assert ended.err == ""


@pytest.mark.parametrize("name", ["m", "x", "f", "a", "b", "Pi", "i", "PKc", "St6vectorIiSaIiEE"])
def test_fault_06_names_are_not_demangled(run, name):
    ended = run(
        f"""
        import timemory
        from timemory.util import marker
        with marker(["wall_clock"], {name!r}): pass
        timemory.region.push({name!r}); timemory.region.pop({name!r})
        print(timemory.get_text(["wall_clock"]))
        """
    )
    assert ended.laps() == {(name,): 2}
    assert f">>> {name} " in ended.out


def test_fault_07_cpu_time_of_a_few_milliseconds(run):
    ended = run(
        """
        import time
        from timemory.util import marker
        for _ in range(10):
            with marker(["cpu_clock", "cpu_util"], "busy"):
                end = time.process_time() + 0.003
                while time.process_time() < end: pass
            with marker(["cpu_util"], "asleep"): time.sleep(0.02)
        """
    )
    document = json.loads((ended.folder / "timemory-program-output/cpu.json").read_text())
    (entry,) = document["timemory"]["cpu_clock"]["ranks"][0]["graph"]
    assert entry["entry"]["laps"] == 10
    # No lap in steps of 10 ms: each took at least its 3 ms, none was nothing.
    assert entry["stats"]["min"] >= 0.003
    table = (ended.folder / "timemory-program-output/cpu_util.txt").read_text()
    asleep = next(row for row in rows(table) if "asleep" in row[0])
    assert float(asleep[5]) < 25


def test_fault_08_memory_is_counted_in_bytes(run):
    ended = run(
        """
        import mmap
        from timemory.util import marker
        with marker(["peak_rss", "page_rss", "virtual_memory"], "64 MiB"):
            block = mmap.mmap(-1, 64 << 20)
            for at in range(0, 64 << 20, 4096): block[at] = 1
        """
    )
    megabytes = 64 * 1.048576
    for label in ("page_rss", "virtual_memory"):
        table = (ended.folder / f"timemory-program-output/{label}.txt").read_text()
        assert megabytes <= float(rows(table)[0][5]) < megabytes + 1, label
    peak = (ended.folder / "timemory-program-output/peak_rss.txt").read_text()
    assert float(rows(peak)[0][5]) > megabytes  # the mark itself: the interpreter's memory too


def test_fault_09_tasks_do_not_nest_in_each_other(run):
    ended = run(
        """
        import asyncio
        from timemory.util import marker
        @marker(["wall_clock"])
        async def task(n): await asyncio.sleep(0.01 * n)
        async def named(name, n):
            with marker(["wall_clock"], name): await asyncio.sleep(0.01 * n)
        async def main():
            await asyncio.gather(named("A", 3), named("B", 1), named("C", 2), task(1), task(2))
        asyncio.run(main())
        """
    )
    assert all(len(path) == 1 for path in ended.laps())
    assert sum(ended.laps().values()) == 5


def test_fault_10_generators_and_coroutines_are_measured_to_their_end(run):
    ended = run(
        """
        import asyncio, time
        from timemory.util import marker
        @marker(["wall_clock"])
        def numbers():
            for i in range(3):
                time.sleep(0.02)
                yield i
        @marker(["wall_clock"])
        async def sleeps(): await asyncio.sleep(0.05)
        assert list(numbers()) == [0, 1, 2]
        asyncio.run(sleeps())
        """
    )
    values = {path[0].split("/")[0]: e["value"] for path, e in ended.entries("wall").items()}
    assert values["numbers"] >= 0.06e9 and values["sleeps"] >= 0.05e9


def test_fault_11_a_flame_graph_is_in_microseconds_and_no_share_is_above_100(run):
    ended = run(
        """
        import time
        from timemory.util import marker
        for _ in range(2):
            with marker(["wall_clock"], "outer"):
                with marker(["wall_clock"], "inner"): time.sleep(0.05)
        """
    )
    folder = ended.folder / "timemory-program-output"
    events = json.loads((folder / "wall.flamegraph.json").read_text())["traceEvents"]
    durations = {e["name"]: e["dur"] for e in events if e["ph"] == "X"}
    assert 100_000 <= durations["inner"] <= durations["outer"]
    for row in rows((folder / "wall.txt").read_text()):
        assert 0 <= float(row[-1]) <= 100


def test_fault_13_workers_keep_their_markers_and_write_their_own_files(run):
    ended = run(
        """
        import multiprocessing, os
        from timemory.util import marker
        def work(n):
            with marker(["wall_clock"], "poolwork"): return n * n
        if __name__ == "__main__":
            with marker(["wall_clock"], "parent"): pass
            with multiprocessing.get_context("fork").Pool(2) as pool:
                assert pool.map(work, range(8)) == [n * n for n in range(8)]
                pool.close(); pool.join()
            pid = os.fork()
            if pid == 0:
                with marker(["wall_clock"], "child"): pass
                raise SystemExit(0)
            os.waitpid(pid, 0)
        """
    )
    laps = {}
    for file in (ended.folder / "timemory-program-output").glob("*wall.json"):
        for entry in json.loads(file.read_text())["timemory"]["wall_clock"]["ranks"][0]["graph"]:
            laps[entry["prefix"]] = laps.get(entry["prefix"], 0) + entry["entry"]["laps"]
    assert laps == {">>> parent": 1, ">>> poolwork": 8, ">>> child": 1}
    assert ended.laps() == {("parent",): 1}


def test_fault_14_nothing_is_lost_silently(run):
    ended = run(
        """
        import timemory
        from timemory.util import marker
        with marker(["wall_clokc", "wall_clock"], "x"): pass
        try: timemory.settings.no_such_setting = 3
        except AttributeError as e: print(e)
        timemory.region.push("open")
        timemory.finalize()
        with marker(["wall_clock"], "late"): pass
        """
    )
    assert "wall_clokc" in ended.err and "wall_clock" in ended.err
    assert "there is no setting 'no_such_setting'" in ended.out
    assert "1 regions open at finalize" in ended.err
    assert "1 regions after finalize" in ended.err
    assert ended.laps() == {("x",): 1, ("open",): 1}


def test_fault_15_exceptions_pass_without_a_word(run):
    ended = run(
        """
        import sys
        from timemory.util import marker
        try:
            with marker(["wall_clock"], "raises"): raise KeyError("mine")
        except KeyError as e: assert e.args == ("mine",)
        with marker(["wall_clock"], "exits"): sys.exit(0)
        """
    )
    assert ended.err == ""
    assert ended.laps() == {("raises",): 1, ("exits",): 1}


def test_fault_16_short_times_are_seen(run):
    ended = run(
        """
        from timemory.util import marker
        with marker(["wall_clock"], "short"): sum(range(1000))
        """
    )
    table = (ended.folder / "timemory-program-output/wall.txt").read_text()
    assert float(rows(table)[0][5]) > 0


def test_fault_17_no_files_means_no_files(run):
    ended = run(
        """
        import timemory
        timemory.settings.file_output = False
        from timemory.util import marker
        with marker(["wall_clock"], "x"): pass
        """
    )
    assert "Outputting" not in ended.out and ended.err == ""
    assert [f.name for f in ended.folder.iterdir()] == ["program.py"]


def test_fault_17_an_import_alone_does_nothing(run):
    ended = run("import sys, timemory\nassert sys.argv == ['program.py', '-x']", "-x")
    assert (ended.out, ended.err) == ("", "")
    assert [f.name for f in ended.folder.iterdir()] == ["program.py"]


def test_fault_18_a_newline_in_a_name_keeps_the_table_whole(run):
    long = "n" * 200
    ended = run(
        f"""
        import timemory
        from timemory.util import marker
        with marker(["wall_clock"], "two\\nlines | and\\ttabs"): pass
        with marker(["wall_clock"], "{long}"): pass
        """
    )
    folder = ended.folder / "timemory-program-output"
    table = (folder / "wall.txt").read_text()
    assert len({len(line) for line in table.splitlines() if line}) == 1
    assert ("two\nlines | and\ttabs",) in ended.laps() and (long,) in ended.laps()


def test_fault_20_a_node_takes_little_room(run):
    ended = run(
        """
        from timemory.util import marker
        for i in range(2000):
            with marker(["wall_clock"], f"n{i}"): pass
        """,
        environment={"TIMEMORY_COUT_OUTPUT": "off"},
    )
    folder = ended.folder / "timemory-program-output"
    assert len(ended.laps()) == 2000
    assert (folder / "wall.json").stat().st_size / 2000 < 600  # timemory 3: about 1,200


def test_fault_21_a_component_that_is_not_there_is_one_line(run):
    ended = run(
        """
        from timemory.util import marker
        for _ in range(3):
            with marker(["papi_vector", "wall_clock"], "x"): pass
        """,
        environment={"TIMEMORY_PAPI_EVENTS": "PAPI_TOT_INS"},
    )
    assert ended.laps() == {("x",): 3}
    lines = ended.err.splitlines()
    assert sum("papi_vector" in line for line in lines) == 1
    assert all(line.startswith("timemory: ") for line in lines) and len(lines) <= 2


def test_each_fault_has_a_test():
    """The numbers of the list, and the tests that are named after them, here and in ctest/mpi."""
    numbers = [str(n) for n in range(1, 22)] + ["11b", "11c"]
    mpi = (ROOT / "ctest" / "mpi" / "CMakeLists.txt").read_text()
    (several,) = re.findall(
        r"foreach\(fault ((?:\d+ ?)+)\)\n *timemory_add_mpi_test\(observed", mpi
    )
    found = {n: f"mpi.observed.fault_{n}" for n in several.split()}
    for number in re.findall(r"observed\.fault_(\w+) ", mpi):
        found[number] = f"mpi.observed.fault_{number}"
    for name in globals():
        number = re.match(r"test_fault_(\d+)_", name)
        if number:
            found[str(int(number[1]))] = f"python.observed: {name}"
    for number in numbers:
        print(number, found.get(number))
    assert sorted(found) == sorted(numbers)


def test_cost_import_is_small():
    """`import timemory` took 340 ms and 105 MB, for matplotlib."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys, timemory; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    modules = set(done.stdout.split())
    assert not modules & {"matplotlib", "numpy", "pandas", "six", "mpi4py", "argparse", "json"}
