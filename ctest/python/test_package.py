"""The modules and functions of the package beside markers, components and settings."""

import re
import subprocess

from conftest import ROOT


def test_all_names(run):
    ended = run(
        """
        import sys, timemory
        assert not {"argparse", "json", "inspect", "difflib"} & set(sys.modules)
        for name in timemory.__all__:
            assert getattr(timemory, name) is not None, name
        assert set(timemory.__all__) <= set(dir(timemory))
        exec("from timemory import *")
        try: timemory.no_such_name
        except AttributeError as e: print(e)
        import timemory.bundle, timemory.util
        assert timemory.bundle.marker is timemory.util.marker is timemory.util.auto_tuple
        """
    )
    assert ended.out == "module 'timemory' has no attribute 'no_such_name'\n" and ended.err == ""


def test_storage(run):
    ended = run(
        """
        import os, timemory
        from timemory.util import marker
        count = 0
        timemory.component.register("cells", lambda: count)
        for _ in range(2):
            with marker(["wall_clock", "cells"], "a"):
                count += 1
                for n in (2, 3):
                    with marker(["wall_clock", "cells"], "b"): count += n
        with marker(["cells", "cpu_util", "current_peak_rss"], "c"): pass
        storage = timemory.storage
        rows = storage.CellsStorage.get()
        found = [(r.prefix, r.depth, r.data.laps(), r.data.get(), r.stats.count, r.stats.max) for r in rows]
        assert found == [(">>> a", 0, 2, 12, 2, 6), (">>> |_b", 1, 4, 10, 4, 3), (">>> c", 0, 1, 0, 1, 0)]
        a, b, c = rows
        assert b.hierarchy == [a.hash, b.hash] and c.hierarchy == [c.hash]
        assert a.hash == timemory.get_hash("a") and timemory.get_hash_identifier(b.hash) == "b"
        assert b.rolling_hash not in (a.rolling_hash, b.hash) and a.pid == os.getpid() and a.tid == 0
        (root,) = storage.CellsStorage.get_tree()
        nodes = {n.value().prefix: n.value() for n in root if n.value().hash}
        assert set(nodes) == {"a", "b", "c"} and nodes["a"].inclusive.data.get() == 12
        assert nodes["a"].exclusive.data.get() == 2 and nodes["a"].tid == [0] and nodes["b"].depth == 2
        for kind in ("WallClock", "Cells", "CpuUtil", "CurrentPeakRss"):
            own = getattr(storage, f"{kind}Storage")
            names = [getattr(timemory.component, kind)]
            assert own.dumps(own.dmp_get()) == own.dumps(own.get()) == timemory.get(components=names)
            assert own.dumps(own.dmp_get_tree()) == timemory.get(hierarchy=True, components=names)
            assert len(own.mpi_get()) == 1 and len(own.get()) >= 1
            assert all(r.data.laps() > 0 for r in own.get())
        (pair,) = storage.CurrentPeakRssStorage.get()
        assert len(pair.data.get()) == len(pair.stats) == 2
        assert storage.PageRssStorage.get() == [] and "WallClockStorage" in dir(storage)
        try: storage.NoSuchStorage
        except AttributeError as e: print(e)
        timemory.finalize()
        path = "timemory-program-output/cells"
        loaded = storage.CellsStorage.load_json(f"{path}.json")
        assert [r.data.get() for r in loaded] == [12, 10, 0]
        assert len(list(storage.CellsStorage.load_json(f"{path}.tree.json")[0])) == 4
        """
    )
    assert (
        "module 'timemory.storage' has no 'NoSuchStorage': there is no such component" in ended.out
    )


def test_regions_nest_deeper_than_pythons_own_reader_goes(run):
    run(
        """
        import sys, timemory
        from timemory.util import marker
        timemory.settings.auto_output = False
        depth = 3 * sys.getrecursionlimit()
        markers = [marker(["wall_clock"], f"r{i}") for i in range(depth)]
        for m in markers: m.__enter__()
        for m in reversed(markers): m.__exit__(None, None, None)
        def names(document):
            (node,) = document["timemory"]["wall_clock"]["graph"][0]
            while node["children"]:
                (node,) = node["children"]
                yield node["node"]["prefix"]
        expected = [f"r{i}" for i in range(depth)]
        assert list(names(timemory.get(hierarchy=True))) == expected
        (tree,) = timemory.storage.WallClockStorage.get_tree()
        assert [node.value().prefix for node in tree][1:] == expected
        timemory.report("out")
        (tree,) = timemory.storage.WallClockStorage.load_json("out/wall.tree.json")
        assert len(list(tree)) == depth + 1
        assert list(names(timemory.load("out").get(hierarchy=True))) == expected
        """
    )


def test_json_of_any_depth_is_read_as_python_reads_it():
    import json

    import pytest

    from timemory._json import _deep, loads

    for text in (
        '{"a": [1, {"b": null, "c": "x\\"]\\n"}], "d": -1.5e3}',
        "[]",
        "{}",
        '"x"',
        " 3\n",
    ):
        assert _deep(text) == loads(text) == json.loads(text)
    wrong = ("", "[", '{"a": 1', "]", "[}", "[] []", '["b', "[nope]", "{1: 2}", "{[]: 2}", "{{}}")
    for text in wrong:
        for reader in (_deep, loads):
            with pytest.raises(ValueError):
                reader(text)
        deep = "[" * 100000 + text
        with pytest.raises(ValueError):
            loads(deep)
    print(f"{len(wrong)} refused")


def test_socket(run):
    ended = run(
        """
        import socket, threading, time
        import timemory
        with socket.create_server(("127.0.0.1", 0)) as free: port = free.getsockname()[1]
        channel = timemory.socket
        heard, handled = [], []
        def hear():
            heard.extend(channel.listen("in", port, max_packets=2, handler=handled.append))
        thread = threading.Thread(target=hear)
        thread.start()
        for _ in range(1000):
            try: channel.connect("out", "127.0.0.1", port)
            except OSError: time.sleep(0.01)
            else: break
        channel.send("out", "step 1"), channel.send("out", "ü" * 100000)
        thread.join()
        channel.close("out")
        assert heard == handled == ["step 1", "ü" * 100000]
        for wrong in (lambda: channel.send("out", "x"), lambda: channel.connect("out", "127.0.0.1", port)):
            try: wrong()
            except (ValueError, ConnectionError) as e: print(e)
            else: assert False
        """
    )
    said = ended.out.splitlines()
    assert said[0] == "the channel 'out' is not open; open are: none" and ended.err == ""
    assert said[1].startswith("channel 'out': can't connect to 127.0.0.1:")


def test_clear_and_size(run):
    ended = run(
        """
        import threading, timemory
        from timemory import component
        from timemory.util import marker
        def regions():
            with marker(["wall_clock", "peak_rss"], "both"):
                with marker(["cpu_clock"], "cpu"): pass
        regions()
        thread = threading.Thread(target=regions)
        thread.start(); thread.join()
        assert timemory.size() == {component.wall_clock: 1, component.cpu_clock: 1, component.peak_rss: 1}
        index = component.PageRss.index()
        assert timemory.size([index]) == {index: 0} and timemory.size(["wall_clock"])[component.wall_clock] == 1
        timemory.clear(["cpu_clock"])
        assert timemory.size() == {component.wall_clock: 1, component.peak_rss: 1}
        timemory.clear(["wall_clock"])  # measured together with another: stays
        assert timemory.size() == {component.wall_clock: 1, component.peak_rss: 1}
        timemory.clear(["wall_clock", component.PeakRss])
        assert timemory.get() == {"timemory": {}}
        regions(), regions()
        with marker(["wall_clock", "peak_rss"], "open"): timemory.clear()
        """
    )
    assert ended.err.splitlines() == [
        "timemory: clear: regions that measure wall_clock with 'peak_rss' were not cleared; list both"
    ]
    assert ended.laps() == {("open",): 1} and ended.laps("peak_rss") == {("open",): 1}


def test_statistics(run):
    run(
        """
        import statistics as python, timemory
        from timemory.statistics import Statistics
        s = Statistics([3, 1, 2])
        assert (s.count, s.sum, s.min, s.max, s.sqr, s.mean) == (3, 6, 1, 3, 14, 2)
        assert abs(s.stddev - python.pstdev([1, 2, 3])) < 1e-12 and abs(s.variance - 2 / 3) < 1e-12
        both = s + Statistics([10])
        assert (both.count, both.max, s.count) == (4, 10, 3) and (both - 10).sum == 6
        both += 20.0
        assert both.max == 20 and both == Statistics([1, 2, 3, 10, 20])
        assert Statistics().mean == Statistics().stddev == 0 and "count=3" in repr(s)
        s.reset()
        assert s == Statistics() and timemory.statistics.statistics is Statistics
        """
    )


def test_units_and_scope(run):
    ended = run(
        """
        import timemory
        from timemory import scope, units
        from timemory.util import marker
        assert units.sec == 10**9 and units.hr == 3600 * units.sec and units.msec == 10**6 * units.nsec
        assert units.megabyte == 10**6 * units.byte and units.mib == 2**20
        assert scope.TREE.tree and not scope.FLAT.tree and scope.TIMELINE.timeline
        assert scope.config() == scope.TREE and scope.config(flat=True) == scope.FLAT
        timemory.settings.flat_profile = True
        assert scope.config() == scope.FLAT and scope.config(False, True) == scope.TIMELINE
        def regions():
            with marker(["wall_clock"], "a"):
                with marker(["wall_clock"], "b"): pass
        regions()
        scope.TREE.apply()
        regions()
        """
    )
    assert ended.laps() == {("a",): 2, ("b",): 1, ("a", "b"): 1}


def test_where_the_caller_is(run):
    run(
        """
        import timemory
        def f(): return timemory.func(), timemory.FUNC(1), timemory.line(), timemory.file(basename=True)
        own, caller, line, file = f()
        assert (own, caller, file) == ("f", "<module>", "program.py") and line == 3
        assert timemory.frame().f_code.co_name == "<module>" and timemory.FILE().endswith("program.py")
        assert timemory.get_hash("x") == timemory.add_hash_id("x")
        assert timemory.get_hash_identifier(12345) == "unknown-hash=12345"
        info = timemory.build_info()
        assert info["version"] == timemory.version and info["library"].endswith(".so.4")
        """
    )


def test_what_this_build_does_not_have_says_so(run):
    ended = run(
        """
        import timemory
        timemory.set_rusage_self(), timemory.mpi_finalize()
        timemory.set_rusage_children()
        assert timemory.start_mpip() == 0 and timemory.stop_mpip(0) == 0
        assert timemory.start_function_wrappers("nccl", mpi=False, ompt=True) == [0, 0]
        assert timemory.stop_function_wrappers([0, 0]) == [0, 0]
        timemory.upcxx_init()
        assert timemory.mpi_support.enable_mpip() is False
        counters = timemory.hardware_counters
        assert counters.is_available("PAPI_TOT_INS") is False and not list(counters.preset)
        print(counters.Info("PAPI_TOT_INS"))
        try: counters.preset.PAPI_TOT_INS
        except AttributeError as e: print(e)
        try: timemory.start_function_wrappers("mip")
        except ValueError as e: print(e)
        assert timemory.mpi.is_supported() is timemory.has_mpi_support()
        timemory.mpi.mpi_exe_info(), timemory.mpi.mpi_c_info(), timemory.mpi.mpi_cxx_info()
        """
    )
    assert ended.out.splitlines()[:2] == [
        "<PAPI_TOT_INS: not available: this build has no PAPI>",
        "PAPI_TOT_INS is not available: this build has no PAPI",
    ]
    assert ended.out.splitlines()[2].startswith(
        "there are no function wrappers 'mip'; there are mpi"
    )
    assert len(ended.err.splitlines()) == 6
    assert all(line.startswith("timemory: ") for line in ended.err.splitlines())


def test_signals(run):
    def signalled(number, given="", before="", disable="", fails=True):
        source = f"""
            import os, signal, sys, timemory
            from timemory.util import marker
            Signal = timemory.signals.Signal
            timemory.set_exit_action(lambda number: print("action", number))
            {before}
            timemory.enable_signal_detection({given})
            with marker(["wall_clock"], "x"): pass
            {disable}
            os.kill(os.getpid(), {number})
            print("goes on")
            """
        return run(source, fails=fails)

    ended = signalled("signal.SIGTERM")
    assert ended.code == -15 and "action 15" in ended.out and "goes on" not in ended.out
    assert ended.laps() == {("x",): 1}
    # The program's own handler comes after ours.
    ended = signalled(
        "Signal.User1",
        "[Signal.User1, Signal.SegFault, Signal.Kill]",
        before="signal.signal(signal.SIGUSR1, lambda n, f: print('own', n))",
        fails=False,
    )
    assert ended.out.index("action 10") < ended.out.index("own 10") < ended.out.index("goes on")
    assert ended.err == "timemory: SIGKILL can't be handled by any program; it is left out\n"
    disable = "timemory.disable_signal_detection()"
    ended = signalled("signal.SIGHUP", "[Signal.Hangup]", disable=disable)
    assert ended.code == -1 and "action" not in ended.out


FAULT = """
    import faulthandler, os, signal, timemory
    {before}
    with timemory.util.marker(["wall_clock"], "outer"):
        with timemory.util.marker(["wall_clock"], "inner"):
            {after}
            os.kill(os.getpid(), signal.SIGSEGV)
    """
SAID = "timemory: signal SIGSEGV in region 'inner'\n"


def test_faults_name_their_region(run):
    enable = "timemory.enable_signal_detection()"
    ended = run(FAULT.format(before=enable, after="pass"), fails=True)
    assert ended.code == -11 and ended.err == SAID
    both = f"{enable}; timemory.disable_signal_detection()"
    ended = run(FAULT.format(before=both, after="pass"), fails=True)
    assert ended.code == -11 and ended.err == ""
    forbidden = f"timemory.settings.allow_signal_handler = False; {enable}"
    ended = run(FAULT.format(before=forbidden, after="pass"), fails=True)
    assert ended.code == -11
    assert ended.err == (
        "timemory: signals are not handled: the setting 'allow_signal_handler' is off\n"
    )


def test_faults_reach_faulthandler(run):
    environment = {"TIMEMORY_ENABLE_SIGNAL_HANDLER": "on"}
    for before, after in [("faulthandler.enable()", "pass"), ("pass", "faulthandler.enable()")]:
        source = FAULT.format(before=before, after=after)
        ended = run(source, fails=True, environment=environment)
        assert ended.code == -11
        assert ended.err.count(SAID) == 1
        assert ended.err.count("Fatal Python error: Segmentation fault") == 1
        assert "program.py" in ended.err


def test_handlers_of_the_program_go_on(run):
    ended = run(
        """
        import os, signal, timemory
        signal.signal(signal.SIGUSR1, lambda n, f: print("first"))
        with timemory.util.marker(["wall_clock"], "x"):
            signal.signal(signal.SIGUSR2, lambda n, f: print("second"))
            os.kill(os.getpid(), signal.SIGUSR1)
            os.kill(os.getpid(), signal.SIGUSR2)
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except KeyboardInterrupt:
                print("interrupted")
        """,
        environment={"TIMEMORY_ENABLE_ALL_SIGNALS": "on", "TIMEMORY_COUT_OUTPUT": "off"},
    )
    assert ended.out.splitlines()[:3] == ["first", "second", "interrupted"]
    assert ended.laps() == {("x",): 1}


def test_common(run):
    ended = run(
        """
        import subprocess, sys, timemory
        from timemory import common
        assert common.popen([sys.executable, "-c", "raise SystemExit(3)"]) == 3
        try: common.popen([sys.executable, "-c", "raise SystemExit(3)"], keep_going=False)
        except subprocess.CalledProcessError as e: assert e.returncode == 3
        else: assert False
        with open("out", "w") as out: common.popen([sys.executable, "-c", "print(5)"], outf=out)
        assert open("out").read() == "5\\n"
        common.dart_measurement("a <b>", 1.5)
        common.dart_measurement_file("plot", "a&b.png")
        assert common.write_ctest_notes([]) is None
        print(common.write_ctest_notes(["out"], "notes"))
        common.write_ctest_notes(["program.py"], "notes", append=True)
        assert common.get_bin_script("sh") and common.get_bin_script("no-such-script") is None
        """
    )
    assert ended.out.splitlines() == [
        '<DartMeasurement type="numeric/double" name="a &lt;b&gt;">1.5</DartMeasurement>',
        '<DartMeasurementFile name="plot" type="image/png">a&amp;b.png</DartMeasurementFile>',
        "notes/CTestNotes.cmake",
    ]
    script = ended.folder / "notes" / "show.cmake"
    script.write_text(
        'include("${CMAKE_CURRENT_LIST_DIR}/CTestNotes.cmake")\nmessage("${CTEST_NOTES_FILES}")\n'
    )
    shown = subprocess.run(["cmake", "-P", script], capture_output=True, text=True, check=True)
    assert shown.stderr.strip() == f"{ended.folder}/out;{ended.folder}/program.py"


def test_timers_that_print(run):
    ended = run(
        """
        import timemory
        from timemory.util import auto_tuple, marker, rss_usage, timer
        timemory.settings.cout_output = timemory.settings.file_output = False
        with timer("t"): pass
        @rss_usage()
        def f(): return 1
        assert f() == 1
        with auto_tuple(["wall_clock"], "a"): pass
        # Both orders of the last two arguments.
        with marker(["wall_clock"], "m", False, False, True, "basic"): pass
        with marker(["wall_clock"], "n", False, False, "blank", True): pass
        """
    )
    lines = [line for line in ended.out.splitlines() if line]
    assert [line.split(":")[0] for line in lines] == ["t", "f", "<module>/m", "n"]
    assert "sec wall" in lines[0] and "% cpu_util" in lines[0] and lines[0].endswith("[laps: 1]")
    assert (
        "MB page_rss" in lines[1] and "minor_page_flts" in lines[1] and "vol_cxt_swch" in lines[1]
    )
    assert ended.err == ""


def test_a_timer_within_itself_prints_each_total_once(run):
    ended = run(
        """
        import timemory
        from timemory.util import marker, timer
        timemory.settings.cout_output = timemory.settings.file_output = False
        @timer()
        def down(n): return down(n - 1) if n else 0
        down(2)
        with marker(["wall_clock"], "other", report_at_exit=True):
            with marker(["wall_clock"], "other"): pass
        """
    )
    lines = [line for line in ended.out.splitlines() if line]
    assert [line.split(":")[0] for line in lines] == [*["down"] * 3, "other"]
    assert [line.count(" wall") for line in lines] == [1] * 4
    assert lines[-2].endswith("[laps: 1]")


def test_everything_is_typed():
    """Each function of the package has annotations, and mypy's marker file is there."""
    import ast

    package = ROOT / "python" / "timemory"
    assert (package / "py.typed").exists()
    missing = []
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                arguments = [*node.args.args, *node.args.kwonlyargs]
                untyped = [
                    a.arg
                    for a in arguments
                    if a.annotation is None and a.arg not in ("self", "cls")
                ]
                if node.returns is None or untyped:
                    missing.append(f"{path.name}:{node.lineno} {node.name}")
    assert not missing


def test_the_syntax_is_that_of_python_3_8():
    import ast

    for path in (ROOT / "python" / "timemory").rglob("*.py"):
        ast.parse(path.read_text(), feature_version=(3, 8))
        text = path.read_text()
        # Annotations are not evaluated; everything else is, on Python 3.8 too.
        assert "from __future__ import annotations" in text or not re.search(
            r"\) ->|: \w+ \|", text
        )


def test_manager(run):
    ended = run(
        """
        import json, timemory
        from timemory import manager
        timemory.settings.cout_output = False
        assert manager.text_files == manager.json_files == []
        for label, value in {"text": 'a "b"', "number": 3, "real": 0.5, "list": [1, "x"]}.items():
            manager.add_metadata(label, value)
        info = manager.get_metadata()["info"]
        assert (info["text"], info["number"], info["real"], info["list"]) == ('a "b"', 3, 0.5, [1, "x"])
        try: manager.set_write_metadata(2)
        except ValueError as e: print(e)
        assert manager.write_ctest_notes() is None
        with timemory.util.marker(["wall_clock"], "x"): pass
        timemory.finalize()
        folder = "timemory-program-output"
        assert manager.text_files == [f"{folder}/wall.txt"], manager.text_files
        assert f"{folder}/wall.tree.json" in manager.json_files
        assert json.load(open(f"{folder}/metadata.json"))["timemory"]["metadata"]["info"]["number"] == 3
        path = manager.write_ctest_notes("notes")
        assert path == "notes/CTestNotes.cmake" and f"{folder}/wall.txt" in open(path).read()
        """
    )
    assert "set_write_metadata: 2 is none of -1, 0 and 1" in ended.out and ended.err == ""
