"""Markers in programs of every shape: each call path is counted exactly."""


def test_one_marker_nested_and_used_again(run):
    ended = run(
        """
        from timemory.util import marker
        m = marker(["wall_clock"], "m")
        for _ in range(3):
            with m:
                with m as inner:
                    assert inner is m
                    with m: pass
                with m: pass
        """
    )
    assert ended.laps() == {("m",): 3, ("m", "m"): 6, ("m", "m", "m"): 3}
    assert ended.err == ""


def test_decorated_recursion(run):
    ended = run(
        """
        from timemory.util import marker
        @marker(["wall_clock", "cpu_clock"])
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        assert fib(6) == 8
        """
    )
    # The calls of fib(6) by depth.
    by_depth = {0: 1, 1: 2, 2: 4, 3: 8, 4: 8, 5: 2}
    for label in ("wall", "cpu"):
        assert ended.laps(label) == {
            ("fib",) * (depth + 1): calls for depth, calls in by_depth.items()
        }


def test_one_marker_in_many_threads(run):
    ended = run(
        """
        import threading, sys
        from timemory.util import marker
        sys.setswitchinterval(1e-5)
        shared = marker(["wall_clock"], "shared")
        @marker(["wall_clock"])
        def work(n):
            for _ in range(n):
                with shared:
                    with shared:
                        with marker(["wall_clock"], "own"): pass
        threads = [threading.Thread(target=work, args=(500 + i,)) for i in range(8)]
        for t in threads: t.start()
        for t in threads: t.join()
        """
    )
    total = sum(500 + i for i in range(8))
    assert ended.laps() == {
        ("work",): 8,
        ("work", "shared"): total,
        ("work", "shared", "shared"): total,
        ("work", "shared", "shared", "own"): total,
    }


def test_begun_on_one_thread_and_ended_on_another(run):
    ended = run(
        """
        import threading
        from timemory.util import marker
        m = marker(["wall_clock"], "m")
        m.start()
        t = threading.Thread(target=m.stop)
        t.start(), t.join()
        m.stop()  # nothing is open any more
        """
    )
    assert ended.laps() == {("m",): 1}


def test_exceptions_pass_without_a_word(run):
    ended = run(
        """
        from timemory.util import marker
        class Odd(Exception): pass
        odd = Odd("it")
        @marker(["wall_clock"])
        def fail():
            with marker(["wall_clock"], "inside"):
                raise odd
        for _ in range(2):
            try:
                fail()
            except Odd as caught:
                assert caught is odd and caught.__context__ is None
        with marker(["wall_clock"], "after"): pass
        try:
            with marker(["wall_clock"], "exit"): raise SystemExit(3)
        finally:
            print("done")
        """,
        fails=True,
    )
    assert ended.code == 3
    assert ended.err == ""
    assert ended.laps() == {("fail",): 2, ("fail", "inside"): 2, ("after",): 1, ("exit",): 1}


def test_the_traceback_of_an_uncaught_exception_is_the_programs_own(run):
    source = """
        from timemory.util import marker
        def measured(f): return marker(["wall_clock"])(f) if {on} else f
        @measured
        def divide(): return 1 / 0
        divide()
        """
    with_marker = run(source.format(on=True), fails=True)
    bare = run(source.format(on=False), fails=True)
    assert with_marker.code == bare.code == 1
    assert with_marker.err.replace("True", "False") == bare.err


def test_decorated_functions_stay_what_they_were(run):
    run(
        """
        import copy, functools, inspect, pickle, typing, weakref
        from timemory.util import marker
        def plain(a: int, b: str = "x") -> float:
            "The doc."
            return a, b
        plain.mark = 1
        f = marker(["wall_clock"])(plain)
        for name in ("__name__", "__qualname__", "__doc__", "__module__", "__annotations__", "mark"):
            assert getattr(f, name) == getattr(plain, name), name
        assert f.__wrapped__ is plain and inspect.unwrap(f) is plain
        assert inspect.signature(f) == inspect.signature(plain)
        assert typing.get_type_hints(f) == typing.get_type_hints(plain)
        assert f(1) == (1, "x") and f(b=2, a=3) == (3, 2) and f(*[4], **{"b": 5}) == (4, 5)
        f.other = 2
        assert f.other == 2 and weakref.ref(f)() is f
        try: f()
        except TypeError as e: assert "missing 1 required positional argument" in str(e)
        else: assert False

        @marker(["wall_clock"])
        def at_the_top(x): return x
        assert pickle.loads(pickle.dumps(at_the_top)) is at_the_top
        assert copy.deepcopy(at_the_top) is at_the_top
        assert functools.partial(at_the_top, 7)() == 7

        class C:
            @marker(["wall_clock"])
            def method(self, x): return self, x
            @marker(["wall_clock"])
            @staticmethod
            def static(x): return x
            @staticmethod
            @marker(["wall_clock"])
            def static_too(x): return x
            @classmethod
            @marker(["wall_clock"])
            def of_class(cls, x): return cls, x
            @property
            @marker(["wall_clock"])
            def value(self): return 11
            plain = marker(["wall_clock"])(len)
        c = C()
        assert c.method(1) == (c, 1) and C.method(c, x=2) == (c, 2)
        bound = c.method
        assert bound(3) == (c, 3) and bound.__self__ is c and bound.__name__ == "method"
        assert C.static(4) == c.static(4) == 4 and c.static_too(5) == 5
        assert c.of_class(6) == (C, 6) and c.value == 11
        """
    )


def test_a_marker_without_parentheses_is_an_error_that_says_so(run):
    source = "from timemory.util import {0}\n@{0}\ndef f(): return 1\nf()\n"
    for name in ("marker", "auto_timer"):
        ended = run(source.format(name), fails=True)
        assert ended.code == 1 and "write @marker() with parentheses" in ended.err
    ended = run("import timemory\ntimemory.marker\n", fails=True)
    assert "'timemory' has no attribute 'marker': it is timemory.util.marker" in ended.err


def test_a_class_can_not_be_decorated(run):
    ended = run("from timemory.util import marker\n@marker()\nclass C: pass\n", fails=True)
    assert (
        "TypeError: a marker measures functions and methods, not <class '__main__.C'>" in ended.err
    )


def test_a_marker_decorates_many_functions_and_is_a_context_too(run):
    ended = run(
        """
        from timemory.util import marker
        m = marker(["wall_clock"], "k")
        @m
        def f(): pass
        @m
        def g(): f()
        g()
        with m: f()
        """
    )
    assert ended.laps() == {("g/k",): 1, ("g/k", "f/k"): 1, ("k",): 1, ("k", "f/k"): 1}


def test_a_class_derived_from_marker(run):
    ended = run(
        """
        from timemory.util import marker
        class clock(marker):
            def __init__(self, key): super().__init__(["wall_clock"], key=f"clock {key}")
        for _ in range(200):
            with clock("a"): pass
        @clock("b")
        def f(): pass
        f()
        """
    )
    assert ended.laps() == {("clock a",): 200, ("f/clock b",): 1}


def test_a_marker_that_is_never_ended_ends_when_it_goes(run):
    ended = run(
        """
        from timemory.util import marker
        def leave_open():
            m = marker(["wall_clock"], "open")
            m.start(), m.start()
        leave_open()
        with marker(["wall_clock"], "after"): pass
        """
    )
    assert ended.laps() == {("open",): 1, ("open", "open"): 1, ("after",): 1}


def test_generators(run):
    ended = run(
        """
        import inspect, timemory
        from timemory.util import marker
        @marker(["wall_clock"])
        def numbers(n):
            for i in range(n):
                with marker(["wall_clock"], "inside"):
                    got = yield i
                    assert got == (None if got is None else "sent")
            return "result"
        assert inspect.isgeneratorfunction(numbers)
        def outer():
            assert (yield from numbers(2)) == "result"
        with marker(["wall_clock"], "loop"):
            a, b = numbers(3), outer()
            assert [next(a), next(b)] == [0, 0]
            with marker(["wall_clock"], "body"): pass
            assert a.send("sent") == 1
            assert list(b) == [1] and list(a) == [2]
        stopped = numbers(5)
        next(stopped); stopped.close()
        raised = numbers(5)
        next(raised)
        try: raised.throw(KeyError("k"))
        except KeyError: pass
        else: assert False
        numbers(1)  # never started
        """
    )
    # A generator has a stack of its own: it does not nest in what the program does meanwhile.
    assert ended.laps() == {
        ("numbers",): 4,
        ("numbers", "inside"): 7,
        ("loop",): 1,
        ("loop", "body"): 1,
    }
    assert ended.err == ""


def test_coroutines_that_interleave_do_not_nest(run):
    ended = run(
        """
        import asyncio, inspect
        from timemory.util import marker
        @marker(["wall_clock"])
        async def inner(): await asyncio.sleep(0.01); return 1
        @marker(["wall_clock"])
        async def task(n):
            total = 0
            for _ in range(n): total += await inner()
            return total
        @marker(["wall_clock"])
        async def numbers(n):
            for i in range(n):
                await asyncio.sleep(0)
                yield i
        @marker(["wall_clock"])
        async def fails():
            await asyncio.sleep(0)
            raise KeyError("k")
        assert inspect.iscoroutinefunction(task) and inspect.isasyncgenfunction(numbers)
        async def main():
            assert await asyncio.gather(task(2), task(3), task(4)) == [2, 3, 4]
            assert [i async for i in numbers(3)] == [0, 1, 2]
            async for i in numbers(3): break
            results = await asyncio.gather(fails(), fails(), return_exceptions=True)
            assert [type(r) for r in results] == [KeyError] * 2
            waiting = asyncio.ensure_future(task(100))
            await asyncio.sleep(0.02)
            waiting.cancel()
            try: await waiting
            except asyncio.CancelledError: pass
            else: assert False
        asyncio.run(main())
        """
    )
    laps = ended.laps()
    cancelled = laps.pop(("inner",)) - (2 + 3 + 4)
    assert cancelled >= 1
    assert laps == {("task",): 4, ("numbers",): 2, ("fails",): 2}
    entries = ended.entries("wall")
    # Two laps of at least 10 ms each: from first start to end, the waiting included.
    assert entries[("task",)]["value"] >= 90_000_000
    assert ended.err == ""


def test_regions_by_name(run):
    ended = run(
        """
        import timemory
        from timemory import region
        for _ in range(2):
            region.push("a"); region.push("b"); region.pop("b"); region.pop("a")
        one = region.begin("one"); two = region.begin("two", ["cpu_clock"])
        region.end(one); region.end(two)
        region.end(two)  # a second time: nothing
        region.push_components(["peak_rss"])
        region.push("memory"); region.pop("memory")
        with timemory.util.marker([], "default"): pass
        region.pop_components()
        with timemory.util.marker([], "default"): pass
        region.pause()
        with timemory.util.marker([], "paused"): pass
        region.resume()
        with timemory.util.marker([], "resumed"): pass
        """
    )
    assert ended.laps() == {("a",): 2, ("a", "b"): 2, ("one",): 1, ("default",): 1, ("resumed",): 1}
    assert ended.laps("cpu") == {("two",): 1}
    assert ended.laps("peak_rss") == {("memory",): 1, ("default",): 1}


def test_report_at_exit(run):
    ended = run(
        """
        import timemory
        from timemory.util import marker
        timemory.settings.cout_output = False
        m = marker(["wall_clock", "peak_rss"], "m", report_at_exit=True)
        with m: pass
        with m: pass
        @marker(["wall_clock"], report_at_exit=True)
        def f(): return 1
        assert f() == 1
        """
    )
    lines = [line for line in ended.out.splitlines() if "Outputting" not in line and line]
    assert [line.split(":")[0] for line in lines] == ["m", "m", "f"]
    assert lines[0].endswith(" MB peak_rss [laps: 1]") and " sec wall, " in lines[0]
    assert lines[1].endswith("[laps: 2]")
    assert lines[2].endswith(" sec wall [laps: 1]")
