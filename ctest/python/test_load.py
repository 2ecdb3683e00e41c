"""timemory.load: every form that a result has is read as the same values."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

import timemory

pandas = pytest.importorskip("pandas")
ROOT = Path(__file__).resolve().parents[2]
OUT = "timemory-program-output"
COMMAND = os.environ["COMMAND_UNDER_TEST"]

# It counts its laps itself, and prints them last. "NA" is what pandas takes for nothing.
PROGRAM = """
import json, os, signal, sys, threading
import timemory
from timemory.util import marker

value = 0
def read():
    global value
    value += 1
    return value

timemory.component.register("own_counter", read, label="own", unit="", real=True)
laps = {}
def region(name, above):
    path = above + (name,)
    laps[path] = laps.get(path, 0) + 1
    return path

def work(times):
    for i in range(times):
        path = region("main", ())
        with marker(["wall_clock", "peak_rss", "cpu_util", "own_counter"], key="main"):
            for name in ("solve", "NA", 'a, "b"\\n'):
                region(name, path)
                with marker(["wall_clock", "own_counter"], key=name):
                    sum(range(100 * i))

work(5)
thread = threading.Thread(target=work, args=(3,))
thread.start()
thread.join()
print(json.dumps([[list(path), count] for path, count in laps.items()]), flush=True)
if sys.argv[1:] == ["killed"]:
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(params=["together", "apart"])
def ended(request, run):
    return run(
        PROGRAM,
        environment={
            "TIMEMORY_PROFILE_OUTPUT": "on",
            "TIMEMORY_COLLAPSE_THREADS": "off" if request.param == "apart" else "on",
        },
    )


def counts(frame, component="wall_clock"):
    """How often each path was measured, over all threads."""
    mine = frame[frame.component == component]
    names = mine.set_index(["ranks", "thread", "row"]).name.to_dict()
    parents = mine.set_index(["ranks", "thread", "row"]).parent.to_dict()
    found = {}
    for row in mine.itertuples():
        path, at = [], row.row
        while not pandas.isna(at):
            key = row.ranks, row.thread, at
            path.insert(0, names[key])
            at = parents[key]
        found[tuple(path)] = found.get(tuple(path), 0) + row.count
    return found


def logged(text):
    return {tuple(path): count for path, count in json.loads(text)}


def equal(a, b, exact=True, ranks=True):
    """All values of two tables; of a process without a rank there are none over ranks."""
    if not ranks:
        over_ranks = [name for name in a if "rank" in name] + ["imbalance"]
        a, b = (table.drop(columns=over_ranks) for table in (a, b))
    pandas.testing.assert_frame_equal(a, b, check_exact=exact, rtol=1e-9, atol=1e-12)
    return a.size


def test_every_form_of_a_result_has_the_same_values(ended):
    out = ended.folder / OUT
    expected = logged(ended.out.splitlines()[0])
    (profile,) = out.glob("*.timemory")
    h5 = timemory.load(out)
    assert h5.components == ["wall_clock", "cpu_util", "peak_rss", "own_counter"]
    frame = h5.to_dataframe()
    assert counts(frame) == expected
    values = equal(frame, timemory.load(out / "timemory.h5").to_dataframe())
    values += equal(frame, timemory.load(profile).to_dataframe(), ranks=False)

    # The JSON files alone, as a folder and one by one.
    (out / "timemory.h5").unlink()
    values += equal(frame, timemory.load(out).to_dataframe())
    profile.unlink()
    values += equal(frame, timemory.load(out).to_dataframe(), exact=False, ranks=False)
    for label, component in (
        ("wall", "wall_clock"),
        ("cpu_util", "cpu_util"),
        ("own", "own_counter"),
    ):
        one = timemory.load(out / f"{label}.json")
        assert one.components == [component]
        of_one = frame[frame.component == component].reset_index(drop=True)
        if component != "own_counter":  # what is known here
            values += equal(of_one, one.to_dataframe(), exact=False, ranks=False)
        assert one.to_dataframe()["count"].tolist() == of_one["count"].tolist()
    print(f"{len(expected)} paths, {values} values are the same in each form")


def test_an_arena_is_read_before_it_is_recovered(run, tmp_path):
    arenas = tmp_path / "arenas"
    arenas.mkdir()
    ended = run(PROGRAM, "killed", fails=True, environment={"TIMEMORY_ARENA_PATH": str(arenas)})
    assert ended.code == -signal.SIGKILL
    (arena,) = arenas.iterdir()
    for path in (arena, arenas):
        assert counts(timemory.load(path).to_dataframe()) == logged(ended.out)


def test_ranks_that_were_not_folded_are_joined(run_ranks, capfd):
    ended = run_ranks(PROGRAM)
    frame = timemory.load(ended.folder / "out").to_dataframe("wall")
    assert set(frame.ranks) == {"0-2"}
    assert set(frame.rank_count) == {3}
    assert capfd.readouterr().err == ""
    assert counts(frame) == {path: 3 * n for path, n in logged(ended.out.splitlines()[0]).items()}
    next((ended.folder / "out").glob("*.timemory")).unlink()
    assert len(set(timemory.load(ended.folder / "out").to_dataframe("wall").ranks)) == 1
    assert "timemory: of 3 ranks these are missing: " in capfd.readouterr().err


def test_what_version_3_wrote_is_read():
    samples = ROOT.parent / "shared/reference/samples"
    if not samples.is_dir():
        pytest.skip("no files of version 3 here")
    read = 0
    for folder in sorted(samples.iterdir()):
        for file in sorted(folder.glob("*.json")):
            document = json.loads(file.read_text())
            (about,) = document["timemory"].values() if "timemory" in document else ({},)
            if "ranks" not in about:
                continue
            frame = timemory.load(file).to_dataframe()
            rows = [row for rank in about["ranks"] for row in rank["graph"]]
            assert frame["count"].sum() == sum(row["entry"]["laps"] for row in rows), file
            if folder.name.endswith("timeline"):
                continue  # laps that stood apart are one row
            assert frame["sum"].sum() == pytest.approx(
                sum(row["entry"]["repr_data"] for row in rows), rel=1e-6
            ), file
            read += 1
    print(f"{read} files of version 3 are read")
    assert read >= 10


def test_hatchet_has_the_tree(ended):
    hatchet = pytest.importorskip("hatchet")
    graph = timemory.load(ended.folder / OUT).to_hatchet("wall_clock")
    assert isinstance(graph, hatchet.GraphFrame)
    names = {node.frame["name"] for node in graph.graph.traverse()}
    assert names == {"main", "solve", "NA", 'a, "b"\n'}
    visits = graph.dataframe["count"].sum()
    assert visits == sum(logged(ended.out.splitlines()[0]).values())


def test_the_metadata_is_that_of_the_run(ended):
    out = ended.folder / OUT
    written = json.loads((out / "metadata.json").read_text())["timemory"]["metadata"]
    recorded = timemory.load(out).metadata
    assert recorded["info"] == written["info"]
    assert recorded["settings"] == written["settings"]
    (out / "timemory.h5").unlink()
    for profile in out.glob("*.timemory"):
        profile.unlink()
    assert timemory.load(out).metadata == written, "of the folder's JSON files"


def test_components_are_chosen_by_name_label_or_object(ended):
    result = timemory.load(ended.folder / OUT)
    for chosen in (
        "wall_clock",
        "wall",
        timemory.component.wall_clock,
        timemory.component.WallClock,
    ):
        assert set(result.to_dataframe(chosen).component) == {"wall_clock"}
        assert set(result.get(components=chosen)["timemory"]) == {"wall_clock"}
    assert set(result.to_dataframe(["wall", "own_counter"]).component) == {
        "wall_clock",
        "own_counter",
    }
    assert "main" in result.get_text("own_counter")
    with pytest.raises(
        ValueError, match="has none of the components 'nothing'; it has: wall_clock"
    ):
        result.get(components="nothing")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        (b"", "it is neither a timemory.h5, a profile"),
        (b"import os", "it is neither a timemory.h5, a profile"),
        (b"{", "not JSON"),
        (b"{}", "no object 'timemory'"),
        (b"TIMEPROFxxxx", "."),
        (b"tmemory1xxxx", "."),
        (b"\x89HDF\r\n\x1a\nxx", "."),
    ],
)
def test_what_is_no_result_is_a_value_error(tmp_path, capfd, content, why):
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=why) as error:
        timemory.load(file)
    assert str(error.value).startswith(f"'{file}': ") and "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")


def test_the_command_reads_the_same_forms(ended):
    """What `timemory report` makes of our JSON is the table that was written beside it."""
    out = ended.folder / OUT
    for label in ("wall", "peak_rss", "cpu_util"):
        done = subprocess.run(
            [COMMAND, "report", str(out / f"{label}.json")],
            env={k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.rstrip("\n") == (out / f"{label}.txt").read_text().rstrip("\n")


def test_reading_starts_nothing(run):
    ended = run("import timemory; print(timemory.load('x.json').components)", fails=True)
    assert "ValueError: 'x.json': No such file or directory" in ended.err
    assert not (ended.folder / OUT).exists()
