"""From `import timemory` to the files."""

import json
import shutil
import sys

from conftest import ROOT, paths

REGION = "import timemory\nwith timemory.util.marker(['wall_clock'], 'x'): pass\n"


def test_import_changes_nothing(run):
    ended = run(
        """
        import atexit, gc, os, signal, sys, threading
        def state():
            return (
                [signal.getsignal(s) for s in range(1, 32)],
                sys.argv[:], dict(os.environ), os.getcwd(), sys.getprofile(), sys.gettrace(),
                sys.excepthook, sys.unraisablehook, threading.excepthook, atexit._ncallbacks(),
                gc.isenabled(), sys.getswitchinterval(), threading.active_count(), sys.meta_path[:],
                len(os.listdir("/proc/self/task")), sorted(os.listdir("/proc/self/fd")), os.listdir("."),
            )
        before, modules = state(), set(sys.modules)
        import timemory
        assert state() == before
        new = {name.split(".")[0] for name in set(sys.modules) - modules}
        print(*sorted(new))
        """,
        "--timemory-flat-profile",
        "--help",
    )
    # Neither numpy nor matplotlib nor json nor argparse.
    assert set(ended.out.split()) <= {"timemory", "__future__"}
    assert ended.err == ""
    assert [path.name for path in ended.folder.iterdir()] == ["program.py"]


def test_nothing_is_written_where_nothing_was_measured(run):
    ended = run(
        "import timemory\nprint(timemory.get(), repr(timemory.get_text()))\ntimemory.finalize()"
    )
    assert ended.out == "{'timemory': {}} ''\n"
    assert [path.name for path in ended.folder.iterdir()] == ["program.py"]


def test_basic_of_the_walkthrough(run, tmp_path):
    shutil.copy(ROOT / "examples" / "basic.py", tmp_path / "basic.py")
    ended = run(None, name="basic.py")
    folder = "timemory-basic-output"
    lines = ended.out.splitlines()
    assert [line for line in lines if line] == [
        f"[wall]|0> Outputting '{folder}/wall.{ending}'..."
        for ending in ("flamegraph.json", "json", "tree.json", "txt")
    ]
    assert ended.err == ""
    table = (tmp_path / folder / "wall.txt").read_text().splitlines()
    rule = "|" + "-" * 114 + "|"
    assert table[0] == table[2] == table[6] == rule
    assert table[1].strip("|").strip() == "REAL-CLOCK TIMER (I.E. WALL-CLOCK TIMER)"
    assert table[3] == (
        "| LABEL   | COUNT  | DEPTH  | METRIC | UNITS  |   SUM     |   MEAN    |   MIN     |   MAX     "
        "|  STDDEV   | % SELF |"
    )
    cells = [cell.strip() for cell in table[5].strip("|").split("|")]
    assert cells[:5] == [">>> run", "1", "0", "wall", "sec"]
    assert (
        cells[5] == cells[6] == cells[7] == cells[8]
        and cells[5][1] == "."
        and cells[5][5:7] == "e-"
    )
    assert cells[9:] == ["0.000e+00", "100.0"]
    assert len(table[5]) == len(rule)
    assert len(table) == 7


def test_the_output_folder_is_named_after_the_script(run):
    ended = run(REGION, name="my_long__name.py")
    assert ended.laps(output="timemory-my-long-name-output") == {("x",): 1}


def test_the_output_folder_of_a_command(run):
    import sys

    ended = run(None, command=[sys.executable, "-c", REGION])
    assert ended.laps(output="timemory-python-output") == {("x",): 1}


def test_the_output_folder_of_a_package_is_named_after_it(run, tmp_path):
    (tmp_path / "some_package").mkdir()
    (tmp_path / "some_package" / "__main__.py").write_text(
        "from timemory.util import marker\nwith marker(['wall_clock'], 'x'): pass\n"
    )
    ended = run(None, command=[sys.executable, "-m", "some_package"])
    assert ended.laps(output="timemory-some-package-output") == {("x",): 1}


def test_init_names_the_folder(run):
    first = "import timemory\ntimemory.init({})\nwith timemory.util.marker([], 'x'): pass\ntimemory.finalize()"
    run(first.format("['a/b/my_app.exe', 'arg']")).laps(output="timemory-my-app-output")
    run(first.format("'other.py', prefix='p-', suffix='-s'")).laps(output="p-other-s")
    run(first.format("")).laps(output="timemory-program-output")
    ended = run(first.format("['named']"), environment={"TIMEMORY_OUTPUT_PATH": "mine"})
    assert ended.laps(output="mine") == {("x",): 1}


def test_what_the_program_prints_comes_first(run):
    ended = run(
        "import timemory\nprint('before')\nwith timemory.util.marker([], 'x'): pass\nprint('then')\n"
        "timemory.finalize()\nprint('after')"
    )
    lines = ended.out.splitlines()
    assert lines[:2] == ["before", "then"] and lines[-1] == "after"
    assert lines[2].startswith("[wall]|0> Outputting ")


def test_finalize_twice_and_regions_afterwards(run):
    ended = run(
        REGION
        + "import timemory\n"
        + "timemory.finalize(), timemory.timemory_finalize()\n"
        + "m = timemory.util.marker(['wall_clock'], 'late')\n"
        + "with m:\n    with m: pass\n"
        + "@m\ndef f(): return 5\n"
        + "assert f() == 5\n"
        + "print(timemory.get() is not None)"
    )
    assert ended.out.count("wall.json") == 1
    assert ended.laps() == {("x",): 1}
    assert len(ended.err.splitlines()) == 1
    assert "3" in ended.err and "finalize" in ended.err


def test_at_exit_after_an_error(run):
    ended = run(REGION + "raise SystemExit(4)", fails=True)
    assert ended.code == 4 and ended.laps() == {("x",): 1}
    ended = run(REGION + "raise KeyError('gone')", fails=True)
    assert ended.code == 1 and ended.err.splitlines()[-1] == "KeyError: 'gone'"
    assert ended.laps() == {("x",): 1}


def test_disabled_by_the_environment(run):
    ended = run(
        REGION + "print(timemory.is_enabled(), timemory.get())",
        environment={"TIMEMORY_ENABLED": "off"},
    )
    assert ended.out == "False {'timemory': {}}\n" and ended.err == ""
    assert [path.name for path in ended.folder.iterdir()] == ["program.py"]


def test_enable_and_disable(run):
    ended = run(
        """
        import timemory
        from timemory.util import marker
        on = []
        def region():
            on.append(timemory.is_enabled() and timemory.enabled())
            with marker(["wall_clock"], "x"): pass
        region(); timemory.disable(); region(); timemory.enable(); region()
        timemory.toggle(False); region(); timemory.toggle(); region()
        timemory.settings.enabled = False; region(); timemory.settings.enabled = True; region()
        m = marker(["wall_clock"], "open")
        with m: timemory.disable()
        with m: timemory.enable()
        assert on == [True, False, True, False, True, False, True], on
        """
    )
    assert ended.laps() == {("x",): 4, ("open",): 1}


def test_get(run):
    ended = run(
        """
        import json, timemory
        from timemory.util import marker
        for _ in range(3):
            with marker(["wall_clock", "peak_rss"], "a"):
                with marker(["wall_clock"], "b"): pass
        flat, tree = timemory.get(), timemory.get(hierarchy=True, components=["wall_clock"])
        some = timemory.get(components=[timemory.component.PeakRss])
        text = timemory.get_text(components="peak_rss")
        assert timemory.get(components=["wall_clokc"]) == {"timemory": {}}
        timemory.settings.auto_output = False
        print(json.dumps([flat, tree, some, text]))
        """
    )
    flat, tree, some, text = ended.json()
    assert set(flat["timemory"]) == {"wall_clock", "peak_rss"}
    rows = [
        (row["prefix"], row["depth"], row["entry"]["laps"])
        for row in flat["timemory"]["wall_clock"]["ranks"][0]["graph"]
    ]
    assert rows == [(">>> a", 0, 3), (">>> |_b", 1, 3)]
    assert list(tree["timemory"]) == ["wall_clock"]
    assert {p: e["laps"] for p, e in paths(tree["timemory"]["wall_clock"]).items()} == {
        ("a",): 3,
        ("a", "b"): 3,
    }
    assert set(some["timemory"]) == {"peak_rss"}
    lines = text.splitlines()
    assert lines[1].startswith("| LABEL") and lines[3].startswith("| >>> a")
    assert "HIGH-WATER" not in text


def test_report_writes_and_goes_on(run):
    ended = run(
        """
        import timemory
        from timemory.util import marker
        with marker(["wall_clock"], "x"): pass
        timemory.report("first")
        with marker(["wall_clock"], "x"): pass
        timemory.report()
        with marker(["wall_clock"], "x"): pass
        """
    )
    assert ended.laps(output="first") == {("x",): 1}
    assert ended.laps() == {("x",): 3}


def test_an_output_folder_that_can_not_be_made(run):
    ended = run(
        "import timemory\ntimemory.settings.output_path = 'program.py/out'\n"
        "with timemory.util.marker(['wall_clock'], 'x'): pass\nprint('goes on')"
    )
    assert ended.out.splitlines()[0] == "goes on"
    assert "program.py/out" in ended.err and "Traceback" not in ended.err


def test_closed_stdout_and_no_argv(run):
    ended = run(
        "import sys, timemory\nsys.stdout.close()\ndel sys.argv\n"
        "with timemory.util.marker(['wall_clock'], 'x'): pass\n"
    )
    assert ended.err == ""
    assert ended.laps(output="timemory-python-output") == {("x",): 1}


def test_processes_that_are_forked(run):
    ended = run(
        """
        import multiprocessing, timemory
        from timemory.util import marker
        timemory.settings.cout_output = False
        @marker(["wall_clock"])
        def work(n): return n * n
        if __name__ == "__main__":
            work(1)
            with multiprocessing.get_context("fork").Pool(2) as pool:
                assert pool.map(work, range(4)) == [0, 1, 4, 9]
            work(2)
        """
    )
    # The parent's own calls, and neither the children's nor its own twice.
    assert ended.laps() == {("work",): 2}


def test_versions(run):
    ended = run(
        "import json, timemory\n"
        "print(json.dumps([timemory.version, timemory.version_info, timemory.has_mpi_support(),"
        " timemory.bundle.marker is timemory.util.marker]))"
    )
    version, info, mpi, alias = ended.json()
    assert version == "4.0.0" and info == [4, 0, 0] and alias is True
    assert isinstance(mpi, bool)


def test_the_program_owns_its_threads(run):
    """A thread inside a region when the program ends: neither a crash nor a lost file."""
    ended = run(
        """
        import threading, time
        from timemory.util import marker
        started = threading.Event()
        def work():
            with marker(["wall_clock"], "open"):
                started.set()
                time.sleep(60)
        threading.Thread(target=work, daemon=True).start()
        started.wait()
        with marker(["wall_clock"], "x"): pass
        """
    )
    assert ended.laps() == {("x",): 1, ("open",): 1}


def test_json_is_valid(run):
    ended = run(REGION)
    json.loads((ended.folder / "timemory-program-output" / "wall.json").read_text())
