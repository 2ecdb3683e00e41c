"""Objects of `timemory.component`: components that are measured by hand."""


def test_values_of_a_counter(run):
    ended = run(
        """
        import json, timemory
        count, water = 0, 0
        timemory.component.register("cells", lambda: count, unit="kcell", unit_value=1000)
        timemory.component.register("water", lambda: water, kind="high_water")
        timemory.component.register("heat", lambda: count / 4, real=True)
        from timemory.component import Cells, Heat, Water
        c = Cells("mesh")
        assert (c.key(), c.laps(), c.get(), c.get_raw(), c.get_last()) == ("mesh", 0, 0, 0, 0)
        c.stop()  # nothing has begun
        assert c.laps() == 0
        for n in (500, 1500):
            c.start()
            assert c.get_value() == count
            count += n
            c.stop()
            assert c.get_value() == c.get_last() == n
        assert (c.laps(), c.get(), c.get_raw(), c.get_accum()) == (2, 2.0, 2000, 2000)
        assert Cells.unit() == 1000 and Cells.display_unit() == "kcell" and Cells.record() == 2000
        c.measure()
        assert c.get_value() == 2000
        both = c + c
        assert (both.get_raw(), both.laps(), c.laps()) == (4000, 4, 2)
        both -= c
        assert (both.get_raw(), both.laps()) == (2000, 2)
        both += c
        assert both.get_raw() == 4000 and (both - c).get_raw() == 2000
        try: c + 1
        except TypeError: pass
        else: assert False
        c.reset()
        assert (c.laps(), c.get()) == (0, 0)
        c.sample()
        count = 1000
        c.sample()
        assert c.get_accum() == 2000
        w = Water()
        for water in (5, 9, 7):
            w.start(), w.stop()
        assert (w.get(), w.get_last(), w.laps()) == (9, 7, 3)
        h = Heat()
        h.start()
        count += 2
        h.stop()
        assert h.get() == 0.5
        c.rekey("other")
        assert c.key() == "other" and c.hash() == timemory.get_hash("other")
        c.mark_begin(1), c.mark_end(1), Cells.configure(), Cells.thread_init()
        print("done", timemory.get())
        """
    )
    # Nothing was pushed, so nothing is in the results.
    assert ended.out == "done {'timemory': {}}\n" and ended.err == ""


def test_what_is_pushed_is_booked(run):
    ended = run(
        """
        import timemory
        from timemory.util import marker
        count = 0
        timemory.component.register("cells", lambda: count)
        c, inner = timemory.component.Cells("c"), timemory.component.Cells("inner")
        with marker(["wall_clock"], "region"):
            c.push()
            for n in (3, 1, 2):
                c.start()
                count += n
                c.stop()
                count += 100  # not between start and stop
            inner.push()
            inner.start(); count += 7; inner.stop()
            with marker(["wall_clock"], "below"): pass
            c.pop()  # out of order
            inner.pop()
            c.start(); count += 1; c.stop()  # no longer pushed
            c.pop()
        """
    )
    cells = ended.entries("cells")
    assert {p: (e["laps"], e["value"]) for p, e in cells.items()} == {
        ("c",): (3, 6),
        ("c", "inner"): (1, 7),
    }
    assert ended.laps() == {("region",): 1, ("region", "below"): 1}
    assert ended.err == ""


def test_pushed_on_one_thread_and_stopped_on_another(run):
    ended = run(
        """
        import threading, timemory
        count = 0
        timemory.component.register("cells", lambda: count)
        c = timemory.component.Cells("c")
        def work():
            global count
            c.start(); count += 5; c.stop()
            c.pop()
        c.push()
        t = threading.Thread(target=work)
        t.start(); t.join()
        """
    )
    assert {p: (e["laps"], e["value"]) for p, e in ended.entries("cells").items()} == {
        ("c",): (1, 5)
    }


def test_clocks_and_quotients(run):
    run(
        """
        import math, time, timemory
        from timemory.component import CpuUtil, ThreadCpuClock, ThreadCpuUtil, WallClock
        def busy(seconds):
            end = time.thread_time() + seconds
            while time.thread_time() < end: pass
        wall, cpu, util = WallClock("a"), ThreadCpuClock("a"), ThreadCpuUtil("a")
        for _ in range(2):
            for c in (wall, cpu, util): c.start()
            busy(0.03)
            time.sleep(0.03)
            for c in (util, cpu, wall): c.stop()
        assert wall.get() >= 0.12 and wall.get_raw() == round(wall.get() * 1e9)
        assert 0.06 <= cpu.get() <= wall.get()
        used, over = util.get_raw()
        assert math.isclose(util.get(), 100 * used / over)
        # A hypervisor that takes the CPU away adds to both: only bounds are certain.
        assert 60_000_000 <= used <= cpu.get_raw(), (used, cpu.get_raw())
        assert used + 50_000_000 < over <= wall.get_raw(), (used, over, wall.get_raw())
        timemory.settings.timing_units = "msec"
        assert wall.get() == wall.get_raw() / 1e6 and WallClock.display_unit() == "msec"
        assert CpuUtil.display_unit() == "%" and WallClock.unit() == 1_000_000
        """
    )


def test_memory_and_files(run):
    run(
        """
        import resource, timemory
        from timemory.component import CurrentPeakRss, PageRss, PeakRss, ReadChar, WrittenChar
        # A program begins with the high-water mark of the one that started it: go beyond that.
        mark = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        size = mark + 64 * 1024 * 1024
        page, peak, current = PageRss("a"), PeakRss("a"), CurrentPeakRss("a")
        for c in (page, peak, current): c.start()
        block = bytearray(b"x") * size
        for c in (page, peak, current): c.stop()
        assert abs(page.get() - size / 1e6) < 2, page.get()
        assert peak.get() > size / 1e6
        first, last = current.get()
        assert last - first > 67, (first, last)
        assert CurrentPeakRss.display_unit() == ("MB", "MB"), CurrentPeakRss.display_unit()
        timemory.settings.memory_units = "KiB"
        assert abs(page.get() - size / 1024) < 2000
        written, read = WrittenChar("a"), ReadChar("a")
        written.start()
        with open("file", "wb") as out: out.write(b"x" * 1_000_000)
        written.stop()
        read.start()
        with open("file", "rb", buffering=0) as file: file.read()
        read.stop()
        assert 0 <= written.get_raw()[0] - 1_000_000 < 10_000
        assert 0 <= read.get_raw()[0] - 1_000_000 < 10_000
        assert written.get()[0] == written.get_raw()[0] / 1024
        """
    )


def test_every_class(run):
    ended = run(
        """
        import timemory
        from timemory import component
        types = component.get_types()
        available = component.get_available_types()
        assert set(available) < set(types)
        assert component.WallClock in component.get_available_types(arithmetic=True)
        assert component.CurrentPeakRss not in component.get_available_types(arithmetic=True)
        for kind in available:
            c = kind("key")
            c.push(); c.start(); c.stop(); c.pop()
            assert c.get() is not None and c.get_raw() is not None and str(c)
            assert kind.index() is getattr(component, kind.id()) and kind.has_value()
            assert component.get_generator(kind.id()) is kind
        assert component.id.wall_clock is component.wall_clock
        assert component.id("wall_clock") is component.wall_clock is component.id(int(component.wall_clock))
        assert component.wall_clock in list(component.id)
        try: component.id.no_such_thing
        except AttributeError as e: print(e)
        try: component.get_generator("wall_clokc")
        except ValueError as e: print(e)
        try: component.NoSuchThing
        except AttributeError as e: print(e)
        papi = component.PapiVector("x")
        papi.push(); papi.start(); papi.stop(); papi.pop()
        print(papi.available, papi.get(), component.is_available("papi_vector"), papi.laps())
        """
    )
    assert ended.out.splitlines()[:4] == [
        "there is no component 'no_such_thing'",
        "'wall_clokc' is not one component",
        "module 'timemory.component' has no component 'NoSuchThing'",
        "False 0 False 1",
    ]
    # Where there is no GPU, cupti_activity says so.
    lines = [line for line in ended.err.splitlines() if " GPU activity " not in line]
    assert lines[0].startswith("timemory: there is no component 'wall_clokc'; the nearest name is")
    assert lines[1:] == [
        "timemory: component 'papi_vector' needs PAPI, which this build does not have; it is left out"
    ]


def test_bundles_by_hand(run):
    ended = run(
        """
        import timemory
        timemory.settings.cout_output = False
        count = 0
        timemory.component.register("cells", lambda: count, unit="kcell", unit_value=1000)
        b = timemory.component_tuple(["cells", timemory.component.wall_clock], key="b")
        b.push(), b.start()
        count = 3000
        b.stop(), b.pop()
        assert b.get()["cells"] == 3 and b.get_raw()["cells"] == 3000 and b.get()["wall"] > 0
        b.report()
        b.reset()
        assert b.get() == {"cells": 0, "wall": 0}
        t = timemory.timer("t")
        t.start(), t.stop()
        assert t.real_elapsed() > 0 and t.user_elapsed() >= 0 and t.sys_elapsed() >= 0
        t.report()
        r = timemory.rss_usage("r", record=True)
        assert 0 < r.current() <= r.peak() and (r - r).get() == (0, 0)
        place = timemory.component_bundle("func", "file.py", 3, ["extra"])
        place.start(), place.stop()
        print(place)
        """
    )
    lines = ended.out.splitlines()
    assert lines[0].startswith("b: 3.000 kcell cells, ") and lines[0].endswith(" wall [laps: 1]")
    assert lines[1].startswith("t: 0.")
    assert lines[2].startswith("func@file.py:3/extra: 0.") and "sec wall" in lines[2]
    assert {p: e["laps"] for p, e in ended.entries("cells").items()} == {("b",): 1}


def test_values_are_stored_under_their_key_or_at_the_region(run):
    ended = run(
        """
        import timemory
        from timemory.component import DataTrackerFloating, DataTrackerInteger, DataTrackerUnsigned
        from timemory.util import marker
        steps, size, error = DataTrackerInteger(), DataTrackerUnsigned("size"), DataTrackerFloating("e")
        with marker(["wall_clock"], key="solve"):
            for n in (3, -1, 10):
                steps.store(n)
            size.store(1 << 40)
            error.store(0.5)
            error.store(min, 0.25)  # of the last value and this one
            error.store(1)
        size.store(2)
        assert (steps.laps(), steps.get(), steps.get_last()) == (3, 12, 10)
        assert (error.laps(), error.get(), error.get_last()) == (3, 1.75, 1)
        for wrong, what in ((steps, 1.5), (size, -1), (steps, 1 << 70), (error, "x"), (steps, None)):
            try: wrong.store(what)
            except (TypeError, ValueError): pass
            else: assert False, what
        try: steps.store(1)
        except ValueError: print("no region")
        assert steps.laps() == 3
        timemory.settings.cout_output = False
        """
    )
    assert ended.out.startswith("no region\n")
    assert ended.err == (
        "timemory: a value of data_tracker_integer was not stored: no region is open on this thread; "
        "give it a name\n"
    )
    assert ended.laps("data_integer") == {("solve",): 3}
    # Regions without a value of the component are left out of its tree.
    assert ended.laps("data_unsigned") == {("size",): 2}
    assert ended.laps("data_floating") == {("e",): 3}
    (row,) = ended.entries("data_floating").values()
    assert row["value"] == 1.75
