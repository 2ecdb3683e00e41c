"""The profiler: what a program calls is what the results say."""

import json
import sys

import pytest

FIB = "def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\n"


def fib_laps(n, above=()):
    """The calls of fib(n) by call path."""
    path = (*above, "fib")
    laps = {path: 1}
    for m in (n - 1, n - 2) if n >= 2 else ():
        for inner, count in fib_laps(m, path).items():
            laps[inner] = laps.get(inner, 0) + count
    return laps


def test_a_call_tree_has_the_calls_of_the_program(run):
    ended = run(
        FIB
        + """
from timemory.profiler import profile
@profile(["wall_clock"])
def work(n): return fib(n)
class Thing:
    @profile(["wall_clock"])
    def method(self): return self.other()
    def other(self): return fib(2)
    @staticmethod
    @profile(["wall_clock"])
    def alone(): return 1
    @profile(["wall_clock"])
    @classmethod
    def of_class(cls): return cls
assert work(7) == 13 and Thing().method() == 1 and Thing.alone() == 1 and Thing.of_class() is Thing
fib(3)
with profile(["wall_clock"]):
    fib(4)
assert work.__name__ == "work"
"""
    )
    expected = {("work",): 1, ("method",): 1, ("method", "other"): 1, ("alone",): 1}
    expected[("of_class",)] = 1
    for laps in (
        fib_laps(7, ("work",)),
        fib_laps(2, ("method", "other")),
        fib_laps(4),
    ):
        expected.update(laps)
    assert ended.laps() == expected
    assert ended.err == ""


def test_without_parentheses_and_with_the_settings_components(run):
    for environment, label in (
        ({}, "wall"),
        ({"TIMEMORY_GLOBAL_COMPONENTS": "trip_count"}, "trip_count"),
        (
            {"TIMEMORY_GLOBAL_COMPONENTS": "cpu_clock", "TIMEMORY_COMPONENTS": "trip_count"},
            "trip_count",
        ),
        (
            {"TIMEMORY_COMPONENTS": "cpu_clock", "TIMEMORY_PROFILER_COMPONENTS": "trip_count"},
            "trip_count",
        ),
        (
            {
                "TIMEMORY_PROFILER_COMPONENTS": "cpu_clock",
                "TIMEMORY_TRACE_COMPONENTS": "trip_count",
            },
            "trip_count",
        ),
    ):
        ended = run(
            FIB + "from timemory.profiler import profile\nprofile(fib)(3)\n",
            environment=environment,
        )
        assert ended.laps(label) == fib_laps(3)
        assert [f.name for f in (ended.folder / "timemory-program-output").glob("*.txt")] == [
            f"{label}.txt"
        ]
        for file in (ended.folder / "timemory-program-output").iterdir():
            file.unlink()
    ended = run(
        FIB + "from timemory.profiler import profile\nprofile(fib)(3)\n",
        environment={"TIMEMORY_PROFILER_COMPONENTS": "none", "TIMEMORY_COMPONENTS": "wall_clock"},
    )
    assert list((ended.folder / "timemory-program-output").glob("*.txt")) == []


def test_flat_and_timeline(run):
    ended = run(
        FIB
        + """
from timemory.profiler import Profiler, profile
from timemory.util import marker
with marker(["wall_clock"], "tree"), profile(["wall_clock"], flat=True): fib(5)
with profile(["wall_clock"], flat=True, timeline=True): fib(1), fib(0)
"""
    )
    text = (ended.folder / "timemory-program-output/wall.json").read_text()
    (rank,) = json.loads(text)["timemory"]["wall_clock"]["ranks"]
    assert {row["depth"] for row in rank["graph"]} == {0}
    laps = sorted((row["prefix"], row["entry"]["laps"]) for row in rank["graph"])
    calls = sum(fib_laps(5).values())
    assert laps == [(">>> fib", 1), (">>> fib", 1), (">>> fib", calls), (">>> tree", 1)]


@pytest.mark.parametrize(
    ("option", "label"),
    [
        ("include_filename", "[fib][program.py]"),
        ("include_line", "[fib]:1"),
        ("include_filename=config.include_line", "[fib][program.py:1]"),
        ("include_args", "fib(n=0, *rest=(), **more={})"),
        ("include_filename=config.full_filepath", "[fib][{}/program.py]"),
    ],
)
def test_labels(run, tmp_path, option, label):
    ended = run(
        "def fib(n, *rest, **more): pass\n"
        "import os\nfrom timemory.profiler import config, profile\n"
        f"config.{option} = True\n"
        "fib.__code__ = fib.__code__.replace(co_filename=os.path.abspath('program.py'))\n"
        "with profile(): fib(0), fib(0)\n"
    )
    assert ended.laps() == {(label.format(tmp_path, {}) if "{}/" in label else label,): 2}


def test_which_functions_are_recorded(run):
    ended = run(
        """
        import functools, json, sys
        from timemory.profiler import config, profile
        def outer(): return [inner(lambda: leaf()) for _ in range(2)][0]
        def inner(f): return f()
        def leaf(): return functools.reduce(int.__add__, [1, 2])
        def profiled(key, **options):
            for name, value in options.items(): setattr(config, name, value)
            def top(): return outer()
            top.__code__ = top.__code__.replace(co_name=key)
            with profile(["wall_clock"]): top()
            for name in options: setattr(config, name, type(options[name])())
        profiled("all")
        profiled("skipped", skip_functions=["^inner$", "leaf"])
        profiled("only", only_functions="only|inner")
        profiled("lambdas", only_functions=["lambdas", "<lambda>"])
        profiled("no file", skip_filenames=["program"])
        profiled("depth", max_stack_depth=2)
        config.max_stack_depth = 65535
        profiled("c", trace_c=True, skip_functions=["tuple|setattr"])
        for wrong in ({"skip_functions": ["("]}, {"no_such": 1}):
            try: profiled("wrong", **wrong)
            except (ValueError, AttributeError) as error: print(error)
        """
    )
    laps = {path: n for path, n in ended.laps().items() if path[0] not in ("c", "int.__add__")}
    assert laps == {
        ("all",): 1,
        ("all", "outer"): 1,
        ("all", "outer", "inner"): 2,
        ("all", "outer", "inner", "leaf"): 2,
        ("skipped",): 1,
        ("skipped", "outer"): 1,
        ("only",): 1,
        ("only", "inner"): 2,
        ("lambdas",): 1,
        ("lambdas", "<lambda>"): 2,
        ("depth",): 1,
        ("depth", "outer"): 1,
    }
    in_c = {path: n for path, n in ended.laps().items() if path[0] == "c"}
    leaf = ("c", "outer", "inner", "leaf")
    assert in_c[(*leaf, "_functools.reduce" if (*leaf, "_functools.reduce") in in_c else "reduce")]
    lines = ended.out.splitlines()
    assert any("'(' is no regular expression" in line for line in lines)
    assert any("has no option 'no_such'" in line for line in lines)


def test_exceptions_and_a_profile_function_that_was_there(run):
    ended = run(
        """
        import cProfile, sys
        from timemory.profiler import profile
        def fails(): raise KeyError("mine")
        def catches():
            try: fails()
            except KeyError: return 1
        seen = []
        def mine(frame, event, argument): seen.append(frame.f_code.co_name)
        sys.setprofile(mine)
        with profile(["wall_clock"]): catches()
        assert sys.getprofile() is mine
        seen.clear()
        catches()
        assert "fails" in seen
        sys.setprofile(None)
        theirs = cProfile.Profile()
        theirs.enable()
        try:
            with profile(["wall_clock"]): fails()
        except KeyError: pass
        catches()
        theirs.disable()
        assert sys.getprofile() is None
        assert any("catches" in str(entry.code) for entry in theirs.getstats())
        with profile(["wall_clock"]):
            sys.setprofile(None)
            catches()
        with profile(["wall_clock"]): catches()
        """
    )
    assert ended.laps() == {("catches",): 2, ("catches", "fails"): 2, ("fails",): 1}
    (line,) = ended.err.splitlines()
    assert line.startswith("timemory: profiler: the program has set another profile function")


def test_generators_coroutines_and_tasks(run):
    ended = run(
        """
        import asyncio
        from timemory.profiler import config, profile
        config.skip_filenames = ["asyncio", "contextvars", "selectors"]
        def leaf(): pass
        def numbers():
            for i in range(3):
                leaf()
                yield i
        def consume(): return list(numbers())
        @profile(["wall_clock"])
        def generated():
            leaf()
            yield 1
            leaf()
        async def step(n):
            leaf()
            await asyncio.sleep(0.001 * n)
            leaf()
        @profile(["wall_clock"])
        async def both(): await asyncio.gather(step(1), step(2))
        @profile(["wall_clock"])
        async def produced():
            leaf()
            yield 1
        async def take(): return [x async for x in produced()]
        with profile(["wall_clock"]):
            consume()
            broken = numbers()
            next(broken)
            del broken
        for _ in generated(): leaf()
        asyncio.run(both())
        asyncio.run(take())
        """
    )
    laps = ended.laps()
    # A generator is called once for each step, the last one included.
    assert laps[("consume", "numbers")] == 4 and laps[("consume", "numbers", "leaf")] == 3
    # Python 3.13 ends a suspended one without running it, where it has nothing left to do.
    assert laps[("numbers",)] in (1, 2) and laps[("numbers", "leaf")] == 1
    assert laps[("generated",)] == 2 and laps[("generated", "leaf")] == 2
    assert laps[("produced",)] == 2 and laps[("produced", "leaf")] == 1
    assert laps[("step", "leaf")] == 4
    assert not any("step" in path[1:] for path in laps)
    assert ended.err == ""


def test_threads_that_start_meanwhile(run):
    ended = run(
        FIB
        + """
import sys, threading
from timemory.profiler import profile
hooks = []
before = lambda *event: hooks.append(sys.getprofile())
threading.setprofile(before)
stopped, go_on = threading.Event(), threading.Event()
def stays():
    fib(2)
    stopped.set()
    go_on.wait()
    fib(2)
    hooks.append(sys.getprofile())
def in_thread(): return fib(5)
with profile(["wall_clock"]):
    threads = [threading.Thread(target=in_thread) for _ in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    last = threading.Thread(target=stays)
    last.start()
    stopped.wait()
go_on.set()
last.join()
assert hooks == [None], hooks
assert threading._profile_hook is before
"""
    )
    expected = {path: 3 * n for path, n in fib_laps(5, ("in_thread",)).items()}
    expected.update(fib_laps(2, ("stays",)))
    laps = {path: n for path, n in ended.laps().items() if path[0] in ("in_thread", "stays")}
    assert laps == {("in_thread",): 3, ("stays",): 1, **expected}


def test_a_fork_goes_on_for_itself(run):
    ended = run(
        FIB
        + """
import os
from timemory.profiler import profile
def outer():
    pid = os.fork()
    fib(2 if pid == 0 else 4)
    return pid
with profile(["wall_clock"]): pid = outer()
if pid == 0: raise SystemExit(0)
os.waitpid(pid, 0)
print(pid)
"""
    )
    assert ended.laps() == {("outer",): 1, **fib_laps(4, ("outer",))}
    (pid,) = [line for line in ended.out.splitlines() if line.isdigit()]
    text = (ended.folder / f"timemory-program-output/{pid}-wall.json").read_text()
    (rank,) = json.loads(text)["timemory"]["wall_clock"]["ranks"]
    laps = sum(row["entry"]["laps"] for row in rank["graph"] if row["prefix"].endswith("fib"))
    assert laps == sum(fib_laps(2).values())


def test_own_functions_and_markers_inside(run):
    ended = run(
        """
        import timemory
        from timemory.profiler import config, profile
        from timemory.util import marker
        timemory.component.register("answer", lambda: calls(), kind="high_water")
        def calls(): return 42
        def work():
            timemory.get()
            with marker(["wall_clock", "answer"], "inside"): leaf()
            decorated()
        def leaf(): pass
        @marker(["wall_clock"], add_args=True)
        def decorated(n=[leaf]): leaf()
        with profile(["wall_clock"]): work()
        config.include_internal = True
        with profile(["wall_clock"]): timemory.region.push("x"); timemory.region.pop("x")
        """
    )
    laps = ended.laps()
    assert laps[("work",)] == 1 and laps[("work", "inside")] == 1
    assert laps[("work", "inside", "leaf")] == 1
    assert {path[1] for path in laps if path[0] == "work" and len(path) > 1} == {
        "inside",
        next(path[1] for path in laps if "decorated" in path[-1]),
    }
    assert laps[("push",)] == 1 and laps[("push", "x", "pop")] == 1
    assert not any("calls" in path for path in laps)


def test_by_hand(run):
    ended = run(
        FIB
        + """
import timemory
from timemory.profiler import Config, FakeProfiler, Profiler, config, profile
assert profile is Profiler and timemory.profiler.config is config
p = Profiler(["wall_clock"])
p.start(); p.start(); p.stop(); fib(1); p.stop(); fib(1)
p.stop()
assert p.runcall(fib, 1) == 1
p.run("fib(1)")
p.runctx("f(1)", {"f": fib}, {})
Profiler.condition(lambda: False)
assert not Profiler.is_enabled()
with p: fib(1)
Profiler.condition(None)
with FakeProfiler(): fib(1)
assert FakeProfiler()(fib) is fib and FakeProfiler().runcall(fib, 1) == 1
timemory.settings.enabled = False
with p: fib(1)
timemory.settings.enabled = True
timemory.disable()
with p: fib(1)
timemory.enable()
with p: fib(1)
"""
    )
    assert ended.laps() == {("fib",): 5}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {("work",): 1, **fib_laps(3, ("work",))}),
        (["-c", "trip_count", "wall_clock", "--"], {("work",): 1, **fib_laps(3, ("work",))}),
        (["-l", "-f", "on"], None),
        (["-m", "1"], {("work",): 1}),
        (["--skip-funcs", "^fib$", "--"], {("work",): 1}),
        (["--only-funcs", "^fib$", "--"], fib_laps(3)),
        (["-b"], {**fib_laps(2), ("inner",): 1}),
        (["-s", "setup.py"], {("work",): 1, **fib_laps(3, ("work",))}),
    ],
)
def test_command(run, tmp_path, words, expected):
    (tmp_path / "setup.py").write_text("import builtins; builtins.ready = True\n")
    script = (
        FIB
        + """
import sys
if __name__ != "__main__" or sys.argv != ["my_script.py", "-x", "--", "3"]: sys.exit(f"{__name__} {sys.argv}")
import __main__
assert __main__.fib is fib and sys.path[0] == __file__[:-len("/my_script.py")] or "/" not in __file__
def work(n): fib(n)
if "profile" in dir(__builtins__):
    with profile: fib(2)
    profile.enable(); fib(0); profile.disable()
    @profile
    def inner(): pass
    inner()
work(int(sys.argv[3]))
print("done")
"""
    )
    command = [sys.executable, "-m", "timemory.profiler", *words]
    (tmp_path / "my_script.py").write_text(script)
    ended = run(None, "my_script.py", "-x", "--", "3", command=command)
    assert ended.out.splitlines()[0] == "done"
    assert ended.err == ""
    laps = ended.laps(output="timemory-my-script-profiler-output")
    if "-b" in words:
        laps[("fib",)] -= 1  # fib(0)
    if expected is None:
        assert laps[("[work][my_script.py:7]",)] == 1
    else:
        assert laps == expected
    if "trip_count" in words:
        assert laps == ended.laps("trip_count", "timemory-my-script-profiler-output")


def test_a_script_ends_as_it_does_alone(run, tmp_path):
    scripts = {
        "raises.py": "def f(): raise KeyError('mine')\ndef g():\n    f()\ng()\n",
        "exits.py": "import sys\ndef f(): sys.exit(3)\nf()\n",
        "is_wrong.py": "def f(:\n",
        "reads.py": "import pickle\nclass C: pass\nassert type(pickle.loads(pickle.dumps(C()))) is C\n",
        "starts.py": "import multiprocessing as m\ndef f(n): return n + 1\n"
        "if __name__ == '__main__':\n"
        "    with m.get_context('spawn').Pool(1) as p: print(p.map(f, [1]))\n",
    }
    for name, text in scripts.items():
        (tmp_path / name).write_text(text)
        alone = run(None, name, command=[sys.executable], fails=True)
        ours = run(
            None,
            name,
            command=[sys.executable, "-m", "timemory.profiler", "-d", "out"],
            environment={"TIMEMORY_COUT_OUTPUT": "off"},
            fails=True,
        )
        assert (ours.code, ours.err) == (alone.code, alone.err), name
        assert ours.out.startswith(alone.out)
        if name == "exits.py":
            assert ours.laps(output="out") == {("f",): 1}


def test_a_module_runs_as_python_runs_it(run, tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "part.py").write_text("def f(): return 1\n")
    (tmp_path / "package" / "__main__.py").write_text(
        "import sys\nfrom .part import f\n"
        "print(f(), __name__, __package__, __spec__.name, __file__, sys.argv, sys.path[0])\n"
    )
    words = ["-m", "package", "-v", "5"]
    alone = run(None, *words, command=[sys.executable])
    only = ["--only-files", "part.py", "-f"]
    for before in (only, [*only, "--"]):
        ours = run(None, *before, *words, command=[sys.executable, "-m", "timemory.profiler"])
        assert ours.out.splitlines()[0] == alone.out.strip() and ours.err == ""
        assert ours.laps(output="timemory-package-profiler-output") == {("[f][part.py]",): 1}
    (tmp_path / "test_own.py").write_text("import package.part\ndef test(): package.part.f()\n")
    tests = ["--only-files", "part", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ours = run(None, *tests, command=[sys.executable, "-m", "timemory.profiler"])
    assert "1 passed" in ours.out
    assert ours.laps(output="timemory-pytest-profiler-output") == {("f",): 1}


def test_a_command_line_that_is_wrong(run, tmp_path):
    for words, line in (
        ([], "there is no script"),
        (["--", "none.py"], "there is no file 'none.py'"),
        (["none.py"], "there is no file 'none.py'"),
        (["-s", "none.py", "setup.cfg"], "there is no file 'none.py'"),
        (["-q", "setup.cfg"], "there is no option '-q'"),
        (["-m", "no.such_module"], "there is no module 'no.such_module' that can be run"),
        (["--", "-m"], "there is no module"),
        (["--skip-funcs", "(", "--", "setup.cfg"], "'(' is no regular expression"),
        (["-a", "perhaps", "setup.cfg"], "'perhaps' is neither true nor false"),
    ):
        (tmp_path / "setup.cfg").write_text("")
        ended = run(None, *words, command=[sys.executable, "-m", "timemory.profiler"], fails=True)
        assert ended.code == 2 and line in ended.err
