"""The command line of programs in C and C++, and the same settings in the other ways."""

from __future__ import annotations

from pathlib import Path

import pytest
from ways import WAYS, run_program

PROGRAM = "settings-program"


@pytest.mark.parametrize("way", ["", *WAYS])
def test_a_cpp_program_takes_settings_in_each_way(way: str, tmp_path: Path) -> None:
    ended = run_program(PROGRAM, tmp_path, [("flat_profile", "on"), ("output_prefix", "x")], way)
    assert ended.code == 0 and ended.err == ""
    assert ended.exists("x-wall.json") == (way != "")
    text = (tmp_path / "timemory-program-output" / f"{'x-' if way else ''}wall.txt").read_text()
    assert ("|_inner" in text) == (way == "")


def test_options_are_taken_from_the_command_line(tmp_path: Path) -> None:
    words = ["-n", "3", "--timemory-output-prefix", "x", "input", "--timemory-args"]
    words += ["precision=2", "--verbose", "--", "--timemory-width=5"]
    ended = run_program(PROGRAM, tmp_path, arguments=words)
    left = ["-n", "3", "input", "--verbose", "--", "--timemory-width=5"]
    assert ended.out.splitlines()[:7] == [
        *[f"argument: {word}" for word in left],
        "end of arguments: null",
    ]
    assert ended.err == "" and ended.exists("x-wall.json")


def test_wrong_options_are_one_line_each(tmp_path: Path) -> None:
    words = ["--timemory-presicion=3", "--timemory-precision=many", "--timemory-args", "widht=3"]
    words += ["--timemory-width"]
    ended = run_program(PROGRAM, tmp_path, arguments=words)
    assert ended.code == 0
    assert ended.err.splitlines() == [
        "timemory: there is no option --timemory-presicion; the nearest is --timemory-precision",
        "timemory: option --timemory-width needs a value",
        "timemory: setting 'precision': 'many' is not a whole number; keeping -1",
        "timemory: there is no setting 'widht'; the nearest name is 'width'",
    ]
    assert ended.out.splitlines()[:3] == [
        "argument: --timemory-presicion=3",
        "argument: --timemory-width",
        "end of arguments: null",
    ]


def test_the_command_line_says_which_files_are_read(tmp_path: Path) -> None:
    (tmp_path / ".timemory.cfg").write_text("output_prefix = home")
    (tmp_path / "job.cfg").write_text("output_prefix = job\nno_setting = 1\n")
    ended = run_program(PROGRAM, tmp_path, arguments=["--timemory-config", "job.cfg"])
    assert ended.exists("job-wall.json")
    (line,) = ended.err.splitlines()
    assert line.startswith("timemory: job.cfg:2: there is no setting 'no_setting'")
    without = run_program(PROGRAM, tmp_path, arguments=["--timemory-suppress-config=on"])
    assert without.exists("wall.json") and without.err == ""
    missing = run_program(PROGRAM, tmp_path, arguments=["--timemory-config=not-there.cfg"])
    assert missing.err == (
        "timemory: configuration file not-there.cfg: No such file or directory; it is left out\n"
    )


def test_the_order_of_precedence(tmp_path: Path) -> None:
    (tmp_path / ".timemory.cfg").write_text("output_prefix = file")
    environment = {"TIMEMORY_OUTPUT_PREFIX": "environment"}
    option = ["--timemory-output-prefix=line"]
    code = {"SETTINGS_IN_CODE": "output_prefix=code"}
    assert run_program(PROGRAM, tmp_path).exists("file-wall.json")
    assert run_program(PROGRAM, tmp_path, more=environment).exists("environment-wall.json")
    run = run_program(PROGRAM, tmp_path, more={**environment, **code})
    assert run.exists("code-wall.json")
    run = run_program(PROGRAM, tmp_path, more={**environment, **code}, arguments=option)
    assert run.exists("line-wall.json"), "the later of code and command line"
