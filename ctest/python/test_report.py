"""`timemory report`, `diff` and `avail`: results that are read again, and what there is."""

import json
import os
import subprocess
from pathlib import Path

import pytest

COMMAND = os.environ["COMMAND_UNDER_TEST"]
OUT = "timemory-program-output"
HAS_HDF5 = (Path(COMMAND).parent.parent / "lib/timemory/timemory-hdf5").exists()

PROGRAM = """
import sys, threading
from timemory.util import marker
def work(laps):
    for _ in range(laps):
        with marker(["wall_clock"], key="outer"):
            with marker(["wall_clock"], key="fast"): pass
            with marker(["wall_clock"], key="slow"): sum(range(3000))
    with marker(["cpu_clock"], key="last"): pass
work(int(sys.argv[1]))
t = threading.Thread(target=work, args=(1,)); t.start(); t.join()
"""


def command(folder, *arguments, fails=False):
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode != 0) == fails, done.stderr
    if fails:
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        return done.stderr
    assert done.stderr == ""
    return done.stdout


def table(text):
    """Label (without padding) and count of each row."""
    rows = [line.strip("|").split(" | ") for line in text.splitlines() if ">>>" in line]
    return [(row[0].strip(), int(row[1])) for row in rows]


@pytest.fixture
def result(run):
    """The folder of a program whose result is in a profile, and in timemory.h5 where there is HDF5."""
    ended = run(PROGRAM, "3", environment={"TIMEMORY_PROFILE_OUTPUT": "on"})
    return ended.folder


def profile(folder, output=OUT):
    (file,) = (folder / output).glob("*.timemory")
    return str(file)


def test_everything_and_parts_of_it(result):
    file = profile(result)
    whole = command(result, "report", file)
    assert table(whole) == [
        (">>> last", 2),
        (">>> outer", 4),
        (">>> |_fast", 4),
        (">>> |_slow", 4),
    ]
    report = lambda *options: table(command(result, "report", file, *options))  # noqa: E731
    assert report("-c", "wall") == [(">>> outer", 4), (">>> |_fast", 4), (">>> |_slow", 4)]
    assert report("-c", "cpu_clock") == [(">>> last", 2)]
    assert report("--depth", "1") == [(">>> last", 2), (">>> outer", 4)]
    assert report("--filter", "^slow$") == [(">>> outer", 4), (">>> |_slow", 4)]
    assert report("--filter", "outer") == [(">>> outer", 4), (">>> |_fast", 4), (">>> |_slow", 4)]
    assert report("-c", "wall", "--sort", "sum") == [
        (">>> outer", 4),
        (">>> |_slow", 4),
        (">>> |_fast", 4),
    ]
    assert report("-c", "wall", "--sort", "name")[1] == (">>> |_fast", 4)


def test_formats(result):
    file = profile(result)
    flat = json.loads(command(result, "report", file, "--format", "json"))["timemory"]
    assert sorted(flat) == ["cpu_clock", "wall_clock"]
    own = json.loads((result / OUT / "wall.json").read_text())["timemory"]["wall_clock"]
    assert flat["wall_clock"]["ranks"] == own["ranks"]
    tree = json.loads(command(result, "report", file, "--format", "tree"))["timemory"]
    assert sorted(tree) == ["cpu_clock", "wall_clock"]
    trace = command(result, "report", file, "--format", "flamegraph", "-c", "wall")
    assert trace == (result / OUT / "wall.flamegraph.json").read_text()
    dart = command(result, "report", file, "--format", "dart", "-c", "wall")
    assert dart.count("<DartMeasurement ") == 1  # dart_count


def test_threads(run):
    ended = run(
        PROGRAM,
        "3",
        environment={"TIMEMORY_PROFILE_OUTPUT": "on", "TIMEMORY_COLLAPSE_THREADS": "off"},
    )
    file = profile(ended.folder)
    rows = table(command(ended.folder, "report", file, "-c", "wall", "--threads", "1"))
    assert [count for _, count in rows] == [1, 1, 1]
    rows = table(command(ended.folder, "report", file, "-c", "wall", "--threads", "0-1"))
    assert [count for _, count in rows] == [3, 3, 3, 1, 1, 1]


def test_what_is_wrong_is_one_line(result):
    file = profile(result)
    report = lambda *words: command(result, "report", *words, fails=True)  # noqa: E731
    assert "can't be told apart any more" in report(file, "--threads", "0")
    assert "can't be told apart any more" in report(file, "--ranks", "0")
    assert "'(' is no regular expression" in report(file, "--filter", "(")
    assert "nothing of the result is selected" in report(file, "--filter", "absent")
    assert "there are: cpu_clock, wall_clock" in report(file, "-c", "page_rss")
    assert "No such file" in report("absent")
    assert "neither a timemory.h5, a profile" in report("program.py")
    assert "see 'timemory --help'" in report(file, "--format", "jpeg")
    assert "those of another would take their place" in report(file, file, "--output", "x")
    (result / "torn").write_bytes(Path(file).read_bytes()[:-9])
    assert report("torn").startswith("timemory: 'torn': ")


def test_a_full_standard_output_is_one_line(result):
    done = subprocess.run(
        ["sh", "-c", f"exec {COMMAND} report {profile(result)} >/dev/full"],
        cwd=result,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr == "timemory: cannot write the standard output: No space left on device\n"


def test_no_flame_graph(run):
    ended = run(
        """
        from timemory.util import marker
        with marker(["peak_rss"], key="a"): pass
        """,
        environment={"TIMEMORY_PROFILE_OUTPUT": "on"},
    )
    line = command(
        ended.folder, "report", profile(ended.folder), "--format", "flamegraph", fails=True
    )
    assert "has no component that a flame graph shows" in line


@pytest.mark.skipif(not HAS_HDF5, reason="built without HDF5")
def test_each_result_has_its_own_format(run):
    for unit in ("msec", "usec"):
        ended = run(
            PROGRAM, "1", environment={"TIMEMORY_TIMING_UNITS": unit, "TIMEMORY_OUTPUT_PATH": unit}
        )
    run(PROGRAM, "1", environment={"TIMEMORY_OUTPUT_PATH": "plain"})
    text = command(ended.folder, "report", "msec", "usec", "plain", "-c", "wall")
    units = [line.split("|")[5].strip() for line in text.splitlines() if ">>> outer" in line]
    assert units == ["msec", "usec", "sec"]


@pytest.mark.skipif(not HAS_HDF5, reason="built without HDF5")
def test_a_folder(result):
    assert command(result, "report", OUT) == command(result, "report", profile(result))


def test_difference(run, result):
    Path(profile(result)).rename(result / "before.timemory")
    run(None, "5", environment={"TIMEMORY_PROFILE_OUTPUT": "on"})
    text = command(result, "diff", "before.timemory", profile(result), "-c", "wall")
    assert table(text) == [(">>> outer", 2), (">>> |_fast", 2), (">>> |_slow", 2)]
    assert "REAL-CLOCK TIMER (I.E. WALL-CLOCK TIMER) VS. BEFORE.TIMEMORY" in text.upper()
    document = json.loads(
        command(
            result, "diff", "before.timemory", profile(result), "-c", "wall", "--format", "json"
        )
    )
    rows = document["timemory"]["wall_clock"]["ranks"][0]["graph"]
    assert [row["entry"]["laps"] for row in rows] == [2, 2, 2]
    same = command(result, "diff", f"{OUT}/wall.json", f"{OUT}/wall.json")
    assert [count for _, count in table(same)] == [0, 0, 0]
    assert "have no component in common" in command(
        result, "diff", f"{OUT}/wall.json", f"{OUT}/cpu.json", fails=True
    )


def test_available():
    found = json.loads(command(".", "avail", "--json"))
    known = {row["id"]: row for row in found["components"]}
    assert known["wall_clock"]["available"] and known["wall_clock"]["unit"] == "sec"
    assert not known["papi_array"]["available"] if "papi_array" in known else True
    assert any(row["name"] == "hdf5_output" for row in found["settings"])
    assert len(found["components"]) > 30 and len(found["settings"]) > 100
    only = json.loads(command(".", "avail", "--json", "--components", "resident"))
    assert list(only) == ["components"] and 0 < len(only["components"]) < 10
    text = command(".", "avail", "peak_rss")
    assert text.startswith("COMPONENT") and "peak_rss" in text
    assert "nothing has 'xyzzy'" in command(".", "avail", "xyzzy", fails=True)
