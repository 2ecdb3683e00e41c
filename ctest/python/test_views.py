"""The views of `timemory report`, read back by readers that are not ours, values compared."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FOUR_RANKS

COMMAND = os.environ["COMMAND_UNDER_TEST"]
OUT = "timemory-program-output"

# Nested and flat regions, a thread, names that formats take for their own signs.
PROGRAM = """
import threading
from timemory.util import marker

def work(laps):
    for i in range(laps):
        with marker(["wall_clock", "peak_rss"], key="main"):
            with marker(["wall_clock"], key="solve"):
                with marker(["wall_clock"], key="a;b, \\"c\\" | `d` -> e"):
                    sum(range(2000))
            with marker(["wall_clock"], key="größe"):
                sum(range(1000))
    with marker(["cpu_clock"], key="last"):
        sum(range(1000))

work(3)
thread = threading.Thread(target=work, args=(2,))
thread.start()
thread.join()
"""
ODD = 'a;b, "c" | `d` -> e'
PATHS = [("main",), ("main", "solve"), ("main", "solve", ODD), ("main", "größe")]


@pytest.fixture(params=["together", "apart"])
def result(request, run):
    """A result with the threads folded, or kept apart; and whether they are."""
    apart = request.param == "apart"
    ended = run(
        PROGRAM,
        environment={
            "TIMEMORY_PROFILE_OUTPUT": "on",
            "TIMEMORY_COLLAPSE_THREADS": "off" if apart else "on",
        },
    )
    return ended, apart


def report(folder, *options):
    (file,) = (folder / OUT).glob("*.timemory")
    done = subprocess.run(
        [COMMAND, "report", str(file), *options],
        env={k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def rows(ended, label="wall"):
    """(thread, path) → (laps, inclusive and own raw value), from the tree JSON."""
    document = json.loads((ended.folder / OUT / f"{label}.tree.json").read_text())
    (metric,) = document["timemory"].values()
    found = {}

    def visit(tree, above):
        node, path = tree["node"], above
        if node["prefix"] != "unknown-hash=0":
            path = (*above, node["prefix"])
            inclusive, exclusive = node["inclusive"]["entry"], node["exclusive"]["entry"]
            key = (min(node["tid"]), path)
            assert key not in found
            found[key] = (inclusive["laps"], inclusive["value"], exclusive["value"])
        for child in tree["children"]:
            visit(child, path)

    for process in metric.get("mpi", metric.get("graph", [])):
        for root in process:
            visit(root, ())
    return found


def by_thread(found, apart):
    """The same with the thread as 0, 1 (apart) or None."""
    threads = sorted({thread for thread, _ in found})
    number = {thread: i if apart else None for i, thread in enumerate(threads)}
    return {(number[thread], path): value for (thread, path), value in found.items()}


def expected(result, label="wall"):
    ended, apart = result
    found = by_thread(rows(ended, label), apart)
    assert len(found) == (8 if apart else 4) or label != "wall"
    return found


def test_collapsed(result):
    gprof2dot = pytest.importorskip("gprof2dot")
    ended, apart = result
    text = report(ended.folder, "--format", "collapsed", "-c", "wall")
    got = {}
    for line in text.splitlines():
        stack, own = line.rsplit(" ", 1)
        frames = tuple(stack.split(";"))
        thread = None
        if apart:
            thread, frames = int(re.fullmatch(r"thread (\d)", frames[0]).group(1)), frames[1:]
        got[thread, frames] = int(own)
    plain = lambda path: tuple(name.replace(";", ":") for name in path)  # noqa: E731
    assert got == {
        (thread, plain(path)): own
        for (thread, path), (_, _, own) in expected(result).items()
        if own > 0
    }
    # gprof2dot splits at spaces: what it finds are the sums over all stacks.
    read = gprof2dot.CollapseParser(io.StringIO(text)).parse()
    names = {function.name for function in read.functions.values()}
    assert "main" in names
    assert "größe" in names
    assert read[gprof2dot.SAMPLES] == sum(got.values())


SPEEDSCOPE = {
    "type": "object",
    "required": ["$schema", "profiles", "shared"],
    "properties": {
        "$schema": {"const": "https://www.speedscope.app/file-format-schema.json"},
        "activeProfileIndex": {"type": "integer", "minimum": 0},
        "exporter": {"type": "string"},
        "name": {"type": "string"},
        "shared": {
            "type": "object",
            "required": ["frames"],
            "properties": {
                "frames": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": {"type": "string"}},
                    },
                }
            },
        },
        "profiles": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": [
                    "type",
                    "name",
                    "unit",
                    "startValue",
                    "endValue",
                    "samples",
                    "weights",
                ],
                "properties": {
                    "type": {"const": "sampled"},
                    "name": {"type": "string"},
                    "unit": {
                        "enum": [
                            "none",
                            "nanoseconds",
                            "microseconds",
                            "milliseconds",
                            "seconds",
                            "bytes",
                        ]
                    },
                    "startValue": {"type": "number"},
                    "endValue": {"type": "number"},
                    "samples": {
                        "type": "array",
                        "items": {"type": "array", "items": {"type": "integer", "minimum": 0}},
                    },
                    "weights": {"type": "array", "items": {"type": "number", "minimum": 0}},
                },
            },
        },
    },
}


def test_speedscope(result):
    jsonschema = pytest.importorskip("jsonschema")
    ended, apart = result
    document = json.loads(report(ended.folder, "--format", "speedscope"))
    jsonschema.validate(document, SPEEDSCOPE)
    frames = [frame["name"] for frame in document["shared"]["frames"]]
    assert len(set(frames)) == len(frames)
    got = {}
    for profile in document["profiles"]:
        component, _, owner = profile["name"].partition(" of ")
        assert profile["unit"] == "nanoseconds"
        assert len(profile["samples"]) == len(profile["weights"])
        assert profile["endValue"] == sum(profile["weights"])
        thread = int(owner.split()[-1]) if apart else None
        for stack, weight in zip(profile["samples"], profile["weights"]):
            got[component, thread, tuple(frames[i] for i in stack)] = weight
    wanted = {}
    for component, label in (("wall_clock", "wall"), ("cpu_clock", "cpu")):
        for (thread, path), (_, _, own) in expected(result, label).items():
            wanted[component, thread, path] = max(own, 0)
    assert got == wanted, "peak_rss has no parts, and no stacks"


def test_csv(result):
    pandas = pytest.importorskip("pandas")
    ended, apart = result
    table = pandas.read_csv(io.StringIO(report(ended.folder, "--format", "csv")))
    assert set(table["component"]) == {"wall_clock", "cpu_clock", "peak_rss"}
    wall = table[table["component"] == "wall_clock"]
    got = {}
    names = {}
    for row in wall.itertuples():
        above = () if pandas.isna(row.parent) else names[row.parent]
        names[row.row] = (*above, row.name)
        assert row.path == " > ".join(names[row.row])
        assert row.depth == len(above)
        thread = int(row.thread) if apart else None
        got[thread, names[row.row]] = (row.count, round(row.sum * 1e9), round(row.self_sum * 1e9))
        assert row.mean == pytest.approx(row.sum / row.count, rel=1e-12)
        assert row.min <= row.mean <= row.max
    assert got == expected(result)
    assert table[table["component"] == "peak_rss"]["self_sum"].isna().all()


def test_markdown(result):
    markdown_it = pytest.importorskip("markdown_it")
    ended, _ = result
    text = report(ended.folder, "--format", "markdown", "-c", "wall")
    tokens = markdown_it.MarkdownIt("commonmark").enable("table").parse(text)
    cells = [token.children for token in tokens if token.type == "inline"]
    title, cells = cells[0][0].content, cells[1:]
    assert title == "Real-clock timer (i.e. wall-clock timer)"
    columns = [cell[0].content for cell in cells[:11]]
    assert columns[:2] == ["LABEL", "COUNT"]
    lines = [cells[i : i + 11] for i in range(11, len(cells), 11)]
    # As the text table has them.
    plain = report(ended.folder, "-c", "wall")
    rows = [line for line in plain.splitlines() if ">>>" in line]
    assert len(rows) == len(lines)
    wanted = [
        re.match(rf"\| (.*?) *\| +{cell[1][0].content} \|", row) for row, cell in zip(rows, lines)
    ]
    assert all(cell[0][0].type == "code_inline" for cell in lines)
    assert [cell[0][0].content for cell in lines] == [m.group(1) for m in wanted]


def test_extrap(run):
    python = os.environ.get("EXTRAP_PYTHON", "")
    if not Path(python).exists():
        pytest.skip("there is no Extra-P")
    lines = ""
    for size in (1, 2, 4, 8, 16):
        source = f"""
        from timemory.util import marker
        for _ in range({size}):
            with marker(["wall_clock"], key="main"):
                with marker(["wall_clock"], key="solve"):
                    pass
        """
        ended = run(
            source,
            environment={
                "TIMEMORY_PROFILE_OUTPUT": "on",
                "TIMEMORY_OUTPUT_PATH": f"out{size}",
            },
        )
        (file,) = (ended.folder / f"out{size}").glob("*.timemory")
        done = subprocess.run(
            [COMMAND, "report", file, "--format", "extrap", "--param", f"n={size}"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        lines += done.stdout
    (ended.folder / "all.jsonl").write_text(lines)
    script = """
import json, sys
from extrap.fileio.file_reader.jsonlines_file_reader import read_jsonlines_file
e = read_jsonlines_file(sys.argv[1])
values = [
    [str(m.coordinate), m.callpath.name, m.metric.name, m.mean]
    for all in e.measurements.values() for m in all
]
print(json.dumps([[p.name for p in e.parameters], values]))
"""
    done = subprocess.run(
        [python, "-c", script, "all.jsonl"],
        cwd=ended.folder,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTHON")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    parameters, values = json.loads(done.stdout.splitlines()[-1])
    assert parameters == ["p", "n"]
    visits = {(at, path): mean for at, path, metric, mean in values if metric == "visits"}
    assert len(visits) == 10
    assert len(values) == 20
    for (at, path), mean in visits.items():
        assert path in ("main", "main->solve")
        assert float(re.findall(r"[\d.]+", at)[-1]) == mean


RANK = (
    FOUR_RANKS
    + """
with marker(["cells"], key="main"):
    if rank == 2:
        with marker(["cells"], key="only"):
            cells += 5000
    cells += 10000 * (rank + 1) - (5000 if rank == 2 else 0)
"""
)


def test_ranks(run):
    ended = run(
        RANK,
        command=[COMMAND, "run", "--merge", "--output", "out", "--", sys.executable, "program.py"],
    )
    folder = ended.folder
    subprocess.run(
        [COMMAND, "merge", "out", "-o", "again", "--profile", "all.timemory"],
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=True,
    )
    text = subprocess.run(
        [COMMAND, "report", "all.timemory", "--format", "ranks"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    lines = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines()[1:]
    ]
    assert lines[0] == ["CELLS, OVER RANKS"]
    rows = [line for line in lines if line[0].startswith(">>>")]
    assert rows == [
        [
            ">>> main",
            "4",
            "cells",
            "kcell",
            "4",
            *"100.000 25.000 10.000 0 40.000 3".split(),
            "60.0 %",
        ],
        [
            ">>> |_only",
            "1",
            "cells",
            "kcell",
            "1",
            *"5.000 5.000 5.000 2 5.000 2".split(),
            "300.0 %",
        ],
    ]


def test_ranks_of_a_program_without(result):
    ended, _ = result
    (file,) = (ended.folder / OUT).glob("*.timemory")
    file.rename(ended.folder / "one.timemory")
    done = subprocess.run(
        [COMMAND, "report", "one.timemory", "--format", "ranks"],
        cwd=ended.folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "timemory: 'one.timemory': it is not of a job with ranks\n"
