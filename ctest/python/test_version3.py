"""Scripts as they are written for timemory 3, with nothing but documented calls: they run unchanged."""

import pytest


def test_flat(run):
    run(
        """
        import os
        import timemory as tim
        from timemory.bundle import marker
        tim.initialize([__file__])
        tim.settings.auto_output = False
        def fibonacci(n, with_marker=True):
            with marker(["wall_clock", "current_peak_rss"], key="fib"):
                return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)
        from timemory.profiler import config, profile
        def last_depth():
            graph = tim.get()["timemory"]["wall_clock"]["ranks"][0]["graph"]
            return graph[-1]["depth"], len(graph)
        for flat, expected in ((False, (4, 5)), (True, (0, 1))):
            os.environ["TIMEMORY_FLAT_PROFILE"] = "ON" if flat else "OFF"
            tim.settings.parse()
            assert tim.settings.flat_profile is flat
            tim.clear()
            fibonacci(5)
            assert last_depth() == expected, last_depth()
        import sys
        tim.settings.flat_profile = False
        config.include_internal = True
        for flat, depth in ((False, 4), (True, 0)):
            tim.clear()
            def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
            with profile(["wall_clock"], flat=flat): fib(5)
            graph = tim.get()["timemory"]["wall_clock"]["ranks"][0]["graph"]
            assert max(row["depth"] for row in graph) == depth, graph
            assert sys.getprofile() is None and sys.gettrace() is None
        """
    )


def test_general(run):
    run(
        """
        import timemory as tim
        tim.initialize([__file__])
        tim.settings.auto_output = False
        for name in ("foo", "bar", "a long name/with:colons", "ü"):
            number = tim.get_hash(name)
            assert number == tim.add_hash_id(name) and tim.get_hash_identifier(number) == name
        with tim.util.marker(["wall_clock", "cpu_clock"], key="spam"): pass
        assert tim.has_mpi_support() in (True, False) and tim.enabled()
        """
    )


def test_hatchet_markers(run):
    ended = run(
        """
        import timemory as tim
        from timemory.util import marker
        from timemory.component import WallClock, CpuClock
        tim.settings.auto_output = False
        components = [WallClock.id(), CpuClock.id()]
        def fib(n, mode):
            with marker(components, mode=mode, key=""):
                return n if n < 2 else fib(n - 1, mode) + fib(n - 2, mode)
        with marker(components, key="main"):
            fib(4, "full")
            fib(3, "defer")
        tree = tim.get(hierarchy=True, components=components)
        assert set(tree["timemory"]) == {"wall_clock", "cpu_clock"}
        rows = len(tim.get(components=[WallClock])["timemory"]["wall_clock"]["ranks"][0]["graph"])
        assert rows == tim.size([WallClock.index()])[WallClock.index()]
        print(sorted({r["prefix"].split(">>> ")[1].lstrip(" |_") for r in
                      tim.get()["timemory"]["wall_clock"]["ranks"][0]["graph"]}))
        """
    )
    assert ended.out.strip() == "['fib', 'fib@program.py:8', 'main']"


def test_hatchet_and_analyze(run, tmp_path):
    """The columns are called as hatchet calls them now: ` (inc)`, where version 3 expects `.inc`."""
    pytest.importorskip("hatchet")
    ended = run(
        """
        import os
        import timemory as tim
        from timemory.component import CurrentPeakRss, WallClock
        from timemory.util import marker
        import hatchet as ht
        tim.settings.auto_output = False
        components = [WallClock.id(), CurrentPeakRss.id()]
        def fib(n, mode):
            with marker(components, mode=mode, key=""):
                return n if n < 2 else fib(n - 1, mode) + fib(n - 2, mode)
        with marker(components, key="main"):
            fib(5, "full")
            fib(5, "full")
        data = tim.get(hierarchy=True, components=components)
        gf = ht.GraphFrame.from_timemory(tim.get(hierarchy=True, components=components))
        for column in ("sum.wall_clock", "sum.wall_clock (inc)", "sum.start-peak-rss", "sum.start-peak-rss (inc)"):
            assert column in gf.dataframe.columns, list(gf.dataframe.columns)
            print(gf.tree(column))
        assert len(gf.dataframe) == tim.size([WallClock.index()])[WallClock.index()]
        gf = ht.GraphFrame.from_timemory(tim.get(hierarchy=True), select=["wall_clock"])
        from timemory.analyze import embedded_analyze
        args = ["-f", "dot", "flamegraph", "tree", "table", "-o", "out/fib", "--per-thread", "--per-rank",
                "--select", "wall_clock", "--search", "fib", "--expression", "x > 0", "-s", "ascending", "-e"]
        (found,) = embedded_analyze(args, data=[data])
        assert found.dataframe["count"].sum() == 30, found.dataframe
        assert sorted(os.listdir("out")) == ["fib.dot", "fib.folded", "fib.table.txt", "fib.tree.txt"]
        """
    )
    assert ended.out.count("main") == 4 and ended.err == ""


def test_rusage(run):
    run(
        """
        import timemory as tim
        from timemory.component import CurrentPeakRss, PageRss, PeakRss, ReadBytes, WrittenBytes
        tim.settings.memory_units = "KiB"
        tim.settings.precision = 0
        def measured(kind):
            c = kind("key")
            c.start()
            data = [bytearray(b"a") * (1024 * 1024) for _ in range(32)]
            with open("file", "wb") as out: out.write(data[0]); out.flush()
            c.stop()
            return c
        page = measured(PageRss)
        assert abs(page.get() - 32 * 1024) < 3000, page.get()
        peak = measured(PeakRss)
        assert peak.get() > 32 * 1024
        current = measured(CurrentPeakRss)
        assert current.get()[1] >= current.get()[0] > 32 * 1024
        for kind in (ReadBytes, WrittenBytes):
            c = measured(kind)
            if kind.available: assert c.get()[0] >= 0 and c.get_raw()[0] % 512 == 0
        page.reset()
        assert page.get() == 0 and PageRss.available is True
        """
    )


def test_storage(run):
    run(
        """
        import json
        import timemory as tim
        from timemory.util import marker
        tim.settings.auto_output = False
        @marker(["wall_clock"])
        def f(n): return f(n - 1) if n else 0
        f(3), f(2)
        for hierarchy in (False, True):
            expected = tim.get(hierarchy=hierarchy, components=["wall_clock"])
            storage = tim.storage.WallClockStorage
            result = storage.dumps(storage.dmp_get_tree() if hierarchy else storage.dmp_get())
            assert json.dumps(result, indent=4) == json.dumps(expected, indent=4)
        assert [r.depth for r in tim.storage.WallClockStorage.get()] == [0, 1, 2, 3]
        """
    )


def test_timeline(run):
    run(
        """
        import timemory as tim
        from timemory.util import marker
        tim.settings.auto_output = False
        tim.settings.timing_units = "usec"
        tim.settings.memory_units = "byte"
        def counts():
            tim.clear()
            for _ in range(3):
                with marker(["wall_clock", "peak_rss"], "work"): pass
            graph = tim.get()["timemory"]["wall_clock"]["ranks"][0]["graph"]
            return [entry["stats"]["count"] for entry in graph if entry["prefix"].endswith("work") and entry["entry"]["laps"]]
        assert counts() == [3]
        tim.settings.timeline_profile = True
        assert counts() == [1, 1, 1]
        tim.settings.timeline_profile = False
        assert counts() == [3]
        assert tim.component.WallClock.display_unit() == "usec"
        """
    )


def test_timing(run):
    run(
        """
        import time
        import timemory as tim
        from timemory import component as comp
        tim.settings.timing_precision = 9
        tim.init()
        def busy(seconds):
            end = time.thread_time() + seconds
            while time.thread_time() < end: pass
        wall = ["WallClock", "MonotonicClock", "MonotonicRawClock"]
        cpu = ["SysClock", "UserClock", "CpuClock", "ThreadCpuClock", "ProcessCpuClock"]
        utilisations = ["CpuUtil", "ThreadCpuUtil", "ProcessCpuUtil"]
        objects = {name: getattr(comp, name)(name) for name in wall + cpu + utilisations}
        # The program's own clocks, around all of it.
        whole, whole_cpu = -time.perf_counter(), -time.process_time()
        for c in objects.values(): c.push(); c.start()
        busy(0.15)
        time.sleep(0.05)
        for c in objects.values(): c.stop(); c.pop()
        whole, whole_cpu = whole + time.perf_counter(), whole_cpu + time.process_time()
        for name in wall: assert 0.2 <= objects[name].get() <= whole, name
        times = {name: objects[name].get() for name in cpu}
        times["both"] = times.pop("SysClock") + times.pop("UserClock")
        for name, value in times.items(): assert 0.14 <= value <= whole_cpu + 0.02, (name, value)
        for name in utilisations:
            assert 14 / whole <= objects[name].get() <= 100 * (whole_cpu + 0.02) / 0.2, name
        assert tim.size([comp.wall_clock])[comp.wall_clock] == 1
        """
    )


def test_tools(run):
    ended = run(
        """
        import timemory as tim
        from timemory.component import MallocGotcha
        from timemory.storage import MallocGotchaStorage
        from timemory.tools import function_wrappers
        tim.settings.auto_output = False
        number = tim.start_mallocp()
        with tim.util.marker(["wall_clock"], "allocates"): data = [bytearray(1000) for _ in range(10)]
        assert tim.stop_mallocp(number) == 0
        if MallocGotcha.available: assert MallocGotchaStorage.get()
        with function_wrappers("mpi", ompt=False): pass
        """
    )
    assert all(line.startswith("timemory: ") for line in ended.err.splitlines())


def test_throttle(run):
    run(
        """
        import threading, time
        import timemory as tim
        from timemory import region, trace
        tim.settings.throttle_count, tim.settings.throttle_value = 1000, 100000
        tim.settings.auto_output = False
        trace.init("wall_clock", False, "throttle_tests")
        failed = []
        def expect(what, value):
            if what is not value: failed.append(what)
        def short(key):
            for _ in range(4 * tim.settings.throttle_count): trace.push(key); trace.pop(key)
        def long(key):
            end = 2 * tim.settings.throttle_value
            for _ in range(1001):
                trace.push(key)
                start = time.perf_counter_ns()
                while time.perf_counter_ns() - start < end: pass
                trace.pop(key)
        def all_of_them():
            short("fast"), long("slow")
            expect(trace.is_throttled("fast"), True)
            expect(trace.is_throttled("slow"), False)
            number = tim.get_hash("by number")
            short(number)
            expect(trace.is_throttled(number), True)
            expect(trace.is_throttled("by number"), True)
            trace.reset_throttle("fast")
            expect(trace.is_throttled("fast"), False)
            for _ in range(2000): region.push("region"); region.pop("region")
            expect(trace.is_throttled("region"), False)
        all_of_them()
        # Of the calling thread only.
        thread = threading.Thread(target=all_of_them)
        thread.start(); thread.join()
        assert not failed, failed
        try: trace.push(12345)
        except ValueError as e: assert "12345 is not the number of a name" in str(e)
        else: assert False
        trace.finalize()
        """
    )


def test_exercise_of_the_walkthrough(run):
    ended = run(
        """
        import timemory
        from timemory.util import auto_timer, marker
        def get_config(items): return items
        @marker(components=("wall_clock", timemory.component.peak_rss))
        def fib_decorator(n=10):
            return n if n < 2 else fib_decorator(n - 1) + fib_decorator(n - 2)
        @auto_timer()
        def run(n):
            with marker(get_config(["wall_clock", "peak_rss"]), key="marker_ctx_manager"):
                fib_decorator(n)
        timemory.settings.cout_output = False
        run(3)
        timemory.finalize()
        """
    )
    inside = ("run", "marker_ctx_manager")
    assert ended.laps() == {
        ("run",): 1,
        inside: 1,
        (*inside, "fib_decorator"): 1,
        (*inside, *["fib_decorator"] * 2): 2,
        (*inside, *["fib_decorator"] * 3): 2,
    }
