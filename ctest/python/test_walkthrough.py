"""The four commands of the walkthrough's intermediate step, line by line but for numbers and paths.

The flame graphs and the differences are written by the library; the last test needs them.
"""

from __future__ import annotations

import re
import shutil
import sys

import pytest
from conftest import ROOT

TABLE = """\
Outputting wall clock data to output.json

|{b}|
|{label_head}| COUNT  | DEPTH  | METRIC | UNITS  |   SUM     |   MEAN    |   MIN     |   MAX     |  STDDEV   | % SELF |
|{a}|--------|--------|--------|--------|-----------|-----------|-----------|-----------|-----------|--------|
| >>> {label} |      1 |      0 | cpu    | sec    | # | # | # | # | 0.000e+00 |  100.0 |
|{b}|
|{c}|
|{label_head}| COUNT  | DEPTH  | METRIC   | UNITS  |   SUM     |   MEAN    |   MIN     |   MAX     |  STDDEV   | % SELF |
|{a}|--------|--------|----------|--------|-----------|-----------|-----------|-----------|-----------|--------|
| >>> {label} |      1 |      0 | page_rss | MB     | # | # | # | # | 0.000e+00 |  % |
|{c}|
"""
COMPONENTS = ("cpu", "wall", "peak_rss", "page_rss", "virtual_memory")
CLOCKS = ("cpu", "wall")


@pytest.fixture
def intermediate(run, tmp_path):
    shutil.copy(ROOT / "examples" / "intermediate.py", tmp_path)

    def run_it(*arguments):
        return run(
            None,
            *arguments,
            command=[sys.executable, "intermediate.py"],
            environment={"COLUMNS": "80"},
        )

    return run_it


def tables(label: str) -> list[str]:
    filled = TABLE.format(
        label=label,
        label_head="   LABEL     " if len(label) > 5 else " LABEL   ",
        a="-" * (len(label) + 6),
        b="-" * (len(label) + 111),
        c="-" * (len(label) + 113),
    )
    return filled.splitlines()


def comparable(lines: list[str]) -> list[str]:
    """Cells that hold a number as #: the deviation of one lap is 0, the share 0 or 100."""
    text = "\n".join(lines)
    text = re.sub(r" -?(\d\.\d{3}e[-+]\d\d|#) (?=\|)", " # ", text)
    return re.sub(r"\|  *(100\.0|0\.0|%) \|$", "| % |", text, flags=re.M).split("\n")


def announcement(component: str, folder: str) -> list[str]:
    """The lines about the files of one component."""
    endings = ["json", "tree.json", "txt"]
    if component in CLOCKS:
        endings.insert(0, "flamegraph.json")
    return [f"[{component}]|0> Outputting '{folder}/{component}.{ending}'..." for ending in endings]


def test_help(intermediate):
    ended = intermediate("-h")
    expected = """\
usage: example [-h] [-n FIBONACCI_VALUE] {timemory-config} ...

positional arguments:
  {timemory-config}     sub-command help

optional arguments:
  -h, --help            show this help message and exit
  -n FIBONACCI_VALUE, --fibonacci-value FIBONACCI_VALUE
                        Starting fibonacci value
"""
    if sys.version_info >= (3, 10):
        expected = expected.replace("optional arguments:", "options:")
    if sys.version_info >= (3, 13):
        expected = expected.replace("-n FIBONACCI_VALUE, --fib", "-n, --fib")
    assert ended.out == expected and ended.err == ""


def test_help_of_the_settings(intermediate):
    # The text itself is compared in test_arguments.
    ended = intermediate("timemory-config", "-h")
    assert ended.out.startswith("usage: example timemory-config [-h] [-C VALUE]")
    assert "(default:\n                        timemory-intermediate-output)" in ended.out


@pytest.mark.parametrize(
    ("arguments", "label"),
    [((), "run(15)"), (("-n", "20", "timemory-config", "--flat-profile=False"), "run(20)")],
)
def test_outputs(intermediate, arguments, label):
    ended = intermediate(*arguments)
    lines = ended.out.splitlines()
    expected = comparable(tables(label))
    assert comparable(lines[: len(expected)]) == expected
    announced = [""]
    for component in COMPONENTS:
        announced += [*announcement(component, "timemory-intermediate-output"), ""]
    assert lines[len(expected) :] == announced
    assert ended.err == ""


def test_difference(intermediate):
    intermediate()
    before, after = "timemory-intermediate-output", "timemory-intermediate-diff-output"
    ended = intermediate(
        *f"timemory-config --input-path {before} --diff-output=1 --output-path {after}".split()
    )
    lines = ended.out.splitlines()
    expected = comparable(tables("run(15)"))
    assert comparable(lines[: len(expected)]) == expected
    announced = [""]
    for component in COMPONENTS:
        announced += [
            f"Checking for existing input at {before}/{component}.json...",
            f"[{component}]|0> Reading '{before}/{component}.json'...",
            *announcement(component, after),
            "",
            f"[{component}]|0> Outputting '{after}/{component}.diff.json'...",
            f"[{component}]|0> Outputting '{after}/{component}.diff.txt'...",
            "",
        ]
    assert lines[len(expected) :] == announced
    assert ended.err == ""
