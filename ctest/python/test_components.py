"""Which components a marker measures, and components of one's own."""


def test_the_ways_to_name_components(run):
    ended = run(
        """
        import timemory
        from timemory import component
        from timemory.util import marker
        given = {
            "list": ["wall_clock"],
            "tuple": ("wall_clock", "cpu_clock"),
            "string": "wall_clock, cpu_clock;peak_rss",
            "member": [component.wall_clock],
            "class": [component.WallClock, component.CpuClock],
            "alias": [component.real_clock],
            "case": ["WALL_CLOCK", "Cpu-Clock"],
            "functions": ["wall_clock", lambda: ["cpu_clock"]],
            "function": lambda: ("wall_clock", [component.cpu_clock]),
            "twice": ["wall_clock", "wall_clock", component.WallClock],
            "set": {"wall_clock"},
            "generator": (name for name in ["wall_clock"]),
            "none": [],
        }
        for key, components in given.items():
            with marker(components, key): pass
        with marker(components="cpu_clock", key="named"): pass
        with marker(): pass
        """
    )
    assert ended.err == ""
    every = "list tuple string member class alias case functions function twice set generator none <module>"
    assert ended.laps() == {(key,): 1 for key in every.split()}
    assert set(ended.laps("cpu")) == {
        (k,) for k in "tuple string class case functions function named".split()
    }
    assert ended.laps("peak_rss") == {("string",): 1}


def test_an_unknown_component_is_left_out_and_said_once(run):
    ended = run(
        """
        from timemory.util import marker
        for i in range(3):
            with marker(["wall_clokc", "wall_clock"], f"some {i}"): pass
            with marker(["wall_clokc"], "nothing"): pass
            with marker([5, None, dict], "odd"): pass
        @marker(["peek_rss", "wall_clock"])
        def f(): return 1
        assert f() == 1
        """
    )
    assert ended.err.splitlines() == [
        "timemory: there is no component 'wall_clokc'; the nearest name is 'wall_clock'; it is left out",
        *(line for line in ended.err.splitlines() if "'5'" in line or "<class 'dict'>" in line),
        "timemory: there is no component 'peek_rss'; the nearest name is 'peak_rss'; it is left out",
    ]
    assert len(ended.err.splitlines()) == 4
    assert ended.laps() == {("some 0",): 1, ("some 1",): 1, ("some 2",): 1, ("f",): 1}


def test_members_and_classes(run):
    run(
        """
        import timemory
        from timemory import component
        names = "wall_clock cpu_clock thread_cpu_clock cpu_util peak_rss page_rss virtual_memory"
        for name in names.split():
            member = getattr(component, name)
            assert str(member) == name and repr(member) == f"timemory.component.{name}"
            cls = getattr(component, "".join(word.capitalize() for word in name.split("_")))
            assert issubclass(cls, component.Base) and cls.id() == name and cls.available is True
            assert cls.label() == member.label and cls.description() == member.description
            assert component.is_available(name) and component.is_available(cls)
        assert component.WallClock.label() == "wall" and component.WallClock.display_unit() == "sec"
        assert component.WallClock.unit() == 1_000_000_000 and component.PeakRss.unit() == 1_000_000
        assert component.PeakRss.display_unit() == "MB"
        assert not component.is_available("wall_clokc")
        """
    )


def test_a_component_of_ones_own_has_exact_values(run):
    ended = run(
        """
        import timemory
        from timemory.util import marker
        cells, level, heat = 0, 0, 0.0
        member = timemory.component.register(
            "cells", lambda: cells, description="Cells that were updated", unit="kcell", unit_value=1000)
        timemory.component.register("water", lambda: level, kind="high_water", label="water_level")
        timemory.component.register("heat", lambda: heat, real=True)
        assert member is timemory.component.cells and timemory.component.Cells.id() == "cells"
        assert timemory.component.Cells.unit() == 1000 and timemory.component.Cells.display_unit() == "kcell"
        @marker([member, "water", timemory.component.Heat])
        def update(n):
            global cells, level, heat
            cells += n; level = n; heat += n / 4
            if n > 1: update(n - 1)
        for n in (3, 1, 2): update(n)
        """
    )
    cells = ended.entries("cells")
    assert {path: entry["value"] for path, entry in cells.items()} == {
        ("update",): (3 + 2 + 1) + 1 + (2 + 1),
        ("update",) * 2: (2 + 1) + 1,
        ("update",) * 3: 1,
    }
    assert cells[("update",)]["repr_data"] == 0.010
    # Read when a call ends, and so after the calls inside it.
    assert {path: entry["value"] for path, entry in ended.entries("water_level").items()} == {
        ("update",): 1,
        ("update",) * 2: 1,
        ("update",) * 3: 1,
    }
    assert ended.entries("heat")[("update",)]["value"] == 2.5
    assert ended.err == ""


def test_a_process_wide_component_is_not_summed_over_threads(run):
    ended = run(
        """
        import threading, timemory
        from timemory.util import marker
        counts = {"mine": threading.local()}
        total = 0
        def own():
            return getattr(counts["mine"], "n", 0)
        timemory.component.register("own", own, scope="thread")
        timemory.component.register("total", lambda: total, scope="process")
        barrier = threading.Barrier(4)
        def work(i):
            global total
            with marker(["own", "total"], "work"):
                barrier.wait()
                counts["mine"].n = i
                if i == 3: total = 100
                barrier.wait()
        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for t in threads: t.start()
        for t in threads: t.join()
        """
    )
    assert ended.entries("own")[("work",)]["value"] == 0 + 1 + 2 + 3
    assert ended.entries("total")[("work",)]["value"] == 100


def test_a_read_function_that_fails_is_said_once(run):
    ended = run(
        """
        import timemory
        from timemory.util import marker
        calls = 0
        def read():
            global calls
            calls += 1
            if calls > 2: raise OSError("no such counter")
            return 10 * calls
        timemory.component.register("broken", read)
        timemory.component.register("wrong", lambda: 1.5)
        with marker(["broken"], "good"): pass
        for _ in range(3):
            try:
                with marker(["broken", "wrong"], "bad"): raise KeyError("mine")
            except KeyError as e: assert e.args == ("mine",)
        """
    )
    assert ended.err.splitlines() == [
        "timemory: component 'broken': its read function failed (OSError: no such counter); its value stays as it was",
        "timemory: component 'wrong': its read function failed (TypeError: returned a float; register it with"
        " real=True); its value stays as it was",
    ]
    values = {
        path: (entry["laps"], entry["value"]) for path, entry in ended.entries("broken").items()
    }
    assert values == {("good",): (1, 10), ("bad",): (3, 0)}


def test_regions_inside_a_read_function_are_not_measured(run):
    ended = run(
        """
        import timemory
        from timemory.util import marker
        @marker(["wall_clock"])
        def helper(): return 1
        def read():
            with marker(["wall_clock"], "inside"), timemory.util.auto_timer("auto"): return helper()
        timemory.component.register("nested", read)
        for _ in range(3):
            with marker(["nested", "wall_clock"], "region"): helper()
        """
    )
    assert ended.laps() == {("region",): 3, ("region", "helper"): 3}
    assert ended.laps("nested") == {("region",): 3}


def test_what_is_wrong_with_a_registration(run):
    ended = run(
        """
        import timemory
        register = timemory.component.register
        def wrong(*arguments, **named):
            try: register(*arguments, **named)
            except (TypeError, ValueError) as e: print(type(e).__name__, e)
            else: print("accepted")
        wrong("wall_clock", int)
        wrong("mine", int, label="wall")
        wrong("no space", int)
        wrong("mine", 5)
        wrong("mine", int, kind="low_water")
        wrong("mine", int, scope="rank")
        wrong("mine", int)
        wrong("mine", int)
        """
    )
    assert ended.out.splitlines()[:8] == [
        "ValueError component 'wall_clock': 'wall_clock' already names 'wall_clock'",
        "ValueError component 'mine': 'wall' already names 'wall_clock'",
        "ValueError component 'no space': an id is made of letters, digits and _",
        "TypeError component 'mine': read must be callable, not 5",
        "ValueError component 'mine': kind 'low_water' is neither 'difference' nor 'high_water'",
        "ValueError component 'mine': scope 'rank' is neither 'thread' nor 'process'",
        "accepted",
        "ValueError component 'mine': 'mine' already names 'mine'",
    ]


def test_a_name_that_is_registered_later(run):
    ended = run(
        """
        import timemory
        from timemory.util import marker
        for n in range(2):
            for _ in range(2):
                with marker(["late", "wall_clock"], "region"): pass
            if n == 0: timemory.component.register("late", lambda: 7, kind="high_water")
        """
    )
    assert ended.laps() == {("region",): 4}
    assert ended.entries("late")[("region",)]["value"] == 7
    assert ended.laps("late") == {("region",): 2}
    assert ended.err.count("there is no component 'late'") == 1


def test_a_component_that_needs_more_is_known_and_said_once(run):
    ended = run(
        """
        from timemory import component
        from timemory.util import marker
        assert component.CudaProfiler.available is False and component.cuda_profiler.needs == "CUDA"
        assert component.SysClock.available and component.system_clock is component.sys_clock
        for _ in range(2):
            with marker(["wall_clock", "papi_vector"], "region"): pass
        """
    )
    assert ended.err.splitlines() == [
        "timemory: component 'papi_vector' needs PAPI, which this build does not have; it is left out"
    ]
    assert ended.laps() == {("region",): 2}
