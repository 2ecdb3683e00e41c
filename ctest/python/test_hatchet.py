"""Hatchet reads the tree of a serial and of a threaded run, with the values of our own JSON and counts we know."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("hatchet")

PROGRAM = """
import sys, threading, timemory
from timemory.util import marker

def work():
    with marker(["wall_clock"], "outer"):
        for _ in range(3):
            with marker(["wall_clock"], "inner"):
                pass

threads = [threading.Thread(target=work) for _ in range(int(sys.argv[1]))]
for t in threads:
    t.start()
for t in threads:
    t.join()
work()
timemory.finalize()
"""


@pytest.mark.parametrize("threads", [0, 4])
def test_hatchet_reads_the_tree(tmp_path: pathlib.Path, threads: int) -> None:
    """Counts are the program's own, sums those of the flat JSON."""
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    subprocess.run([sys.executable, "program.py", str(threads)], cwd=tmp_path, check=True)
    out = tmp_path / "timemory-program-output"
    flat = json.loads((out / "wall.json").read_text())["timemory"]["wall_clock"]
    rows = flat["ranks"][0]["graph"]
    assert [r["entry"]["laps"] for r in rows] == [threads + 1, 3 * (threads + 1)]
    expected = {
        path: {"0": {"sum": row["entry"]["repr_data"], "count": laps}}
        for path, row, laps in zip(
            ["outer", "outer > inner"], rows, [threads + 1, 3 * (threads + 1)]
        )
    }
    (tmp_path / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
    checker = pathlib.Path(__file__).parent / "hatchet_check.py"
    read = subprocess.run(
        [sys.executable, checker, out / "wall.tree.json", tmp_path / "expected.json"],
        capture_output=True,
        text=True,
    )
    assert read.returncode == 0, read.stdout + read.stderr
    assert "2 values are as expected" in read.stdout


VECTOR = """
import os, timemory
from timemory.util import marker

with open(os.devnull, "wb", buffering=0) as null:
    with marker(["written_char", "current_peak_rss"], "outer"):
        null.write(bytes(1_000_000))
        with marker(["written_char", "current_peak_rss"], "inner"):
            null.write(bytes(3_000_000))
timemory.finalize()
"""


def test_hatchet_reads_a_component_of_several_values(tmp_path: pathlib.Path) -> None:
    """Each value is a column, named by its label."""
    import hatchet

    (tmp_path / "vector.py").write_text(VECTOR, encoding="utf-8")
    subprocess.run([sys.executable, "vector.py"], cwd=tmp_path, check=True)
    out = tmp_path / "timemory-vector-output"
    frame = hatchet.GraphFrame.from_timemory(str(out / "written_char.tree.json")).dataframe
    totals = dict(zip(frame["name"], frame["sum.written-char (inc)"]))
    assert totals == {"outer": 4.0, "inner": 3.0}
    assert dict(zip(frame["name"], frame["sum.written-char"])) == {"outer": 1.0, "inner": 3.0}
    assert (frame["sum.written-char-rate (inc)"] > 0).all()
    marks = hatchet.GraphFrame.from_timemory(str(out / "current_peak_rss.tree.json")).dataframe
    assert (marks["max.stop-peak-rss (inc)"] >= marks["max.start-peak-rss (inc)"]).all()
    assert (marks["max.start-peak-rss (inc)"] > 1).all()
