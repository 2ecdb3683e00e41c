"""Settings of what is not built in: accepted, checked, and one line says that they do nothing.

Each way is tried with all of them in one program.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from effects import cupti
from ended import Ended
from ways import WAYS, run_program

from timemory import _timemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

GROUPS = {
    "papi",
    "cupti",
    "ompt",
    "nccl",
    "kokkos",
    "upcxx",
    "roofline",
    "craypat",
}
ROWS = {
    row[0]: row
    for row in _timemory.describe_settings()
    if row[4] in GROUPS and row[0] not in {effect.name for effect in cupti.EFFECTS}
}
# Of what is done otherwise, or of a part of what the group is about.
REASONS = {
    "cuda_event_batch_size": "cuda_event makes CUDA events as it needs them, and uses them again",
    "nvtx_marker_device_sync": "an NVTX range ends with its region, and waits for no device",
    "cupti": "this build has no CUPTI counter and sampling support",
}
PROGRAM = "import timemory\ntimemory.init()\n"


def another_value(name: str) -> str:
    """A value that is accepted and not the default."""
    _, _, kind, standard, _, _, _, choices = ROWS[name]
    if kind == "bool":
        return "off" if standard == "true" else "on"
    if kind == "std::string":
        return next((c for c in choices.split("|") if c != standard), "") or "something"
    return str(int(standard) + 1)


def has_wrong_values(name: str) -> bool:
    return ROWS[name][2] != "std::string" or ROWS[name][7] != ""


@pytest.fixture(scope="module")
def run_all(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bool], Ended]:
    """Runs the program with a value for each of the settings, once for each way."""
    done: dict[tuple[str, bool], Ended] = {}

    def run(way: str, wrong: bool = False) -> Ended:
        if (way, wrong) not in done:
            folder: Path = tmp_path_factory.mktemp("all")
            values = [
                (name, "wrong" if wrong else another_value(name))
                for name in ROWS
                if not wrong or has_wrong_values(name)
            ]
            done[way, wrong] = run_program(PROGRAM, folder, values, way)
            assert done[way, wrong].code == 0, done[way, wrong].err
        return done[way, wrong]

    return run


def lines_about(name: str, ended: Ended) -> list[str]:
    return [line for line in ended.err.splitlines() if f"setting '{name}'" in line]


@pytest.mark.parametrize("name", ROWS)
def test_one_line_says_that_it_does_nothing(name: str, run_all: Callable[..., Ended]) -> None:
    assert lines_about(name, run_all("")) == []
    for way in WAYS:
        (line,) = lines_about(name, run_all(way))
        group = ROWS[name][4]
        reason = REASONS.get(name, REASONS.get(group, f"this build has no {group} support"))
        if name.startswith("cupti_activity"):  # without libtimemory-cupti
            reason = "libtimemory-cupti.so is not installed"
        assert line.endswith(f"'{name}' has no effect: {reason}"), way
        place = ".timemory.cfg:" in line
        assert place == (way == "file"), line


@pytest.mark.parametrize("name", [name for name in ROWS if has_wrong_values(name)])
def test_a_wrong_value_is_refused(name: str, run_all: Callable[..., Ended]) -> None:
    for way in ["environment", "command line", "code"]:
        (line,) = lines_about(name, run_all(way, True))
        assert f"setting '{name}': 'wrong'" in line and "keeping" in line, way


def test_wrong_values_in_a_file_are_counted(run_all: Callable[..., Ended]) -> None:
    said = run_all("file", True).err.splitlines()
    wrong = sum(has_wrong_values(name) for name in ROWS)
    assert len(said) == 11
    assert said[-1].endswith(f".timemory.cfg: {wrong - 10} more lines are wrong")
