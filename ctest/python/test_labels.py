"""The label of a region: the modes of `marker` and `auto_timer`."""

import pytest

DECORATED = """
from timemory.util import marker

class Solver:
    @marker(["wall_clock"], {arguments})
    def solve(self, n, *rest, flag=True, **named):
        return n

assert Solver().solve(3, 4, extra=5) == 3
"""

WITH = """
from timemory.util import marker

class Solver:
    def solve(self, n):
        with marker(["wall_clock"], {arguments}):
            return n

assert Solver().solve(3) == 3
"""

CALL = "(n=3, rest=(4,), flag=True, named={'extra': 5})".replace("rest", "*rest").replace(
    "named", "**named"
)


@pytest.mark.parametrize(
    "arguments, label",
    [
        ("", "solve"),
        ("key='k'", "solve/k"),
        ("key='/k/'", "solve/k"),
        ("key='k', mode='basic'", "solve/k"),
        ("key='k', mode='blank'", "k"),
        ("key='/a/b/', mode='blank'", "a/b"),
        ("mode='blank'", "solve"),
        ("key='k', mode='full'", "solve@program.py:5/k"),
        ("mode='full'", "solve@program.py:5"),
        ("is_class=True", "Solver.solve"),
        ("key='k', is_class=True, mode='full'", "Solver.solve@program.py:5/k"),
        ("is_class=True, add_args=True", f"Solver.solve{CALL}"),
        ("key='k', is_class=True, add_args=True, mode='blank'", f"k{CALL}"),
        (
            "key='k', is_class=True, add_args=True, mode='full'",
            f"Solver.solve{CALL}@program.py:5/k",
        ),
    ],
)
def test_decorator(run, arguments, label):
    assert run(DECORATED.format(arguments=arguments)).laps() == {(label,): 1}


@pytest.mark.parametrize(
    "arguments, label",
    [
        ("'k'", "k"),
        ("key='/k/'", "k"),
        ("key='k', mode='blank'", "k"),
        ("", "solve"),
        ("key='k', mode='basic'", "solve/k"),
        ("key='k', mode='full'", "solve@program.py:6/k"),
        ("mode='full'", "solve@program.py:6"),
        ("key='k', is_class=True, mode='basic'", "Solver.solve/k"),
        ("key='k', is_class=True, add_args=True", "k(n=3)"),
        ("is_class=True, add_args=True, mode='full'", "Solver.solve(n=3)@program.py:6"),
    ],
)
def test_with_statement(run, arguments, label):
    assert run(WITH.format(arguments=arguments)).laps() == {(label,): 1}


def test_auto_timer(run):
    ended = run(
        """
        from timemory.util import auto_timer
        @auto_timer()
        def plain(): pass
        @auto_timer("k", mode="full")
        def full(): pass
        plain(), full()
        with auto_timer("block"): pass
        with auto_timer(): pass
        """
    )
    labels = {("plain",): 1, ("full@program.py:5/k",): 1, ("block",): 1, ("<module>",): 1}
    for label in ("wall", "cpu", "cpu_util", "peak_rss"):
        assert ended.laps(label) == labels


def test_auto_timer_takes_the_global_components_too(run):
    ended = run(
        """
        import timemory
        with timemory.util.auto_timer("before"): pass
        timemory.settings.global_components = "thread_cpu_clock"
        for _ in range(2):
            with timemory.util.auto_timer("after"): pass
        """
    )
    assert ended.laps("wall") == {("before",): 1, ("after",): 2}
    assert ended.laps("thread_cpu") == {("after",): 2}


def test_keys_of_any_text(run):
    keys = ["m", "x", "größe", "a\nb", "nul\0nul", "\ud800", "%s%n", "y" * 500]
    ended = run(
        f"""
        from timemory.util import marker
        for key in {keys!r}:
            with marker(["wall_clock"], key): pass
        """
    )
    laps = ended.laps()
    assert len(laps) == len(keys)
    assert set(laps.values()) == {1}
    assert {("m",), ("x",), ("größe",), ("nul\\x00nul",), ("\\ud800",), ("y" * 500,)} <= set(laps)


def test_an_unknown_mode_is_an_error(run):
    ended = run("from timemory.util import marker\nmarker(['wall_clock'], mode='fuul')", fails=True)
    assert "ValueError: mode 'fuul' is none of 'blank', 'basic', 'full', 'defer'" in ended.err
