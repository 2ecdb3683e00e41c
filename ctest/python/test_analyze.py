"""timemory.analyze: call trees combined, filtered and shown in each format, with the program's own values."""

import json
import os
import re
import sys

import pytest

pytest.importorskip("hatchet")
from timemory import analyze
from timemory._condition import condition
from timemory._tree_views import ENDINGS

OUT = "timemory-program-output"
COMMAND = os.environ["COMMAND_UNDER_TEST"]
APART = {"TIMEMORY_COLLAPSE_PROCESSES": "off"}
ANALYZE = [sys.executable, "-m", "timemory.analyze"]

# Cells of the regions, their own and with those below, in thousands: twice each.
PROGRAM = """
import sys
import timemory
from timemory.util import marker

cells = 0
timemory.component.register("cells", lambda: cells, unit="kcell", unit_value=1000)
timemory.settings.cout_output = False
for n in (1000, 2000):
    with marker(["cells"], "main"):
        cells += 500
        with marker(["cells"], 'a|<b>;"c"'):
            cells += n
            with marker(["cells"], "solve"): cells += 250
        with marker(["cells"], "solve"): cells += 4000
        if sys.argv[1:]:
            with marker(["cells"], "more"): cells += int(sys.argv[1])
timemory.finalize()
"""
ODD = 'a|<b>;"c"'
TOTALS = {("main",): 12.5, ("main", ODD): 3.5, ("main", ODD, "solve"): 0.5, ("main", "solve"): 8}


@pytest.fixture
def tree(run, tmp_path):
    run(PROGRAM)
    return str(tmp_path / OUT / "cells.tree.json")


@pytest.fixture
def other(run, tmp_path):
    run(PROGRAM, "3000", environment={"TIMEMORY_OUTPUT_PATH": "other"})
    return str(tmp_path / "other" / "cells.tree.json")


def values(frame, column="sum.cells (inc)"):
    """The value of each call path."""
    found = {}
    for node, value in frame.dataframe[column].items():
        found[tuple(n.frame["name"] for n in node.path())] = value
    return found


FORMATS = {
    "tree": f"12.500 main\n├─ 3.500 {ODD}\n│  └─ 0.500 solve\n└─ 8.000 solve\n",
    "flamegraph": """\
main 1000000
main;a|<b>:"c" 3000000
main;a|<b>:"c";solve 500000
main;solve 8000000
""",
    "table": f"""\
     name  count  sum.cells (inc)
     main      2             12.5
{ODD}      2              3.5
    solve      2              0.5
    solve      2                8
""",
    "markdown": r"""| name       | count | sum.cells (inc) |
| ---------- | ----: | --------------: |
| main       |     2 |            12.5 |
| a\|<b>;"c" |     2 |             3.5 |
| solve      |     2 |             0.5 |
| solve      |     2 |               8 |
""",
    "markdown_grid": r"""+------------+-------+-----------------+
| name       | count | sum.cells (inc) |
+============+=======+=================+
| main       |     2 |            12.5 |
+------------+-------+-----------------+
| a\|<b>;"c" |     2 |             3.5 |
+------------+-------+-----------------+
| solve      |     2 |             0.5 |
+------------+-------+-----------------+
| solve      |     2 |               8 |
+------------+-------+-----------------+
""",
}


def test_formats(run, tree, tmp_path, capsys):
    for name, expected in FORMATS.items():
        analyze.embedded_analyze([tree, "-f", name])
        assert capsys.readouterr().out == expected
    # `-f FORMAT... FILE` is meant as it reads, and names are made of the one that is given.
    ended = run(None, "-f", *FORMATS, "dot", "html", tree, "-o", "new/name", "-e", command=ANALYZE)
    files = re.findall("Outputting '(.*)'", ended.out)
    assert [f"new/name{ENDINGS[n]}" for n in (*FORMATS, "dot", "html")] == files
    assert ended.out.count("<DartMeasurementFile ") == 7
    for path, expected in zip(files, FORMATS.values()):
        assert (tmp_path / path).read_text() == expected
    dot = (tmp_path / "new/name.dot").read_text()
    labels = dict(re.findall(r'"(\d)" \[.*label="(.*)" shape', dot))
    edges = re.findall(r'"(\d)" -> "(\d)"', dot)
    assert list(labels.values()) == ["main", r"a|<b>;\"c\"", "solve", "solve"]
    assert edges == [("0", "1"), ("1", "2"), ("0", "3")]
    cells = re.findall("<t[dh]>(.*)</t", (tmp_path / "new/name.html").read_text())
    assert cells[3:] == [
        *("main", "2", "12.5", 'a|&lt;b&gt;;"c"', "2", "3.5"),
        *("solve", "2", "0.5", "solve", "2", "8"),
    ]
    (only,) = analyze.dump_tree(analyze.load(tree), file=tmp_path / "given.text")
    assert only == str(tmp_path / "given.text")
    print(f"{len(files)} formats")


def test_every_form_is_the_same_tree(run, tree, tmp_path):
    run(
        "import json, timemory; from timemory import analyze\n"
        + PROGRAM.replace(
            "timemory.finalize()",
            """document = timemory.get(hierarchy=True)
before = json.dumps(document)
assert analyze.load().dataframe["sum.cells (inc)"].tolist() == [12.5, 3.5, 0.5, 8.0]
assert analyze.load(document, ["cells"]).dataframe["count"].tolist() == [2, 2, 2, 2]
assert json.dumps(document) == before
""",
        )
    )
    for path in (tree, tmp_path / OUT, tmp_path / OUT / "cells.json", analyze.load(tree)):
        assert values(analyze.load(path)) == TOTALS
    frame = analyze.load(tree)
    assert values(frame, "sum.cells")["main",] == 1.0
    assert [
        values(frame, f"{s}.cells (inc)")["main",] for s in ("min", "mean", "max", "stddev")
    ] == [
        *(5.75, 6.25, 6.75, 0.5),
    ]


def test_several_together(tree, other):
    first, second = analyze.load(tree), analyze.load(other)
    more = ("main", "more")
    both = analyze.add([first, second])
    assert values(both) == {
        **{path: 2 * value for path, value in TOTALS.items()},
        ("main",): 31.0,
        more: 6.0,
    }
    assert values(both, "count") == {**dict.fromkeys(TOTALS, 4), more: 2}
    # Laps of 5.75, 6.75, 8.75 and 9.75.
    found = [values(both, f"{s}.cells (inc)")["main",] for s in ("min", "mean", "max", "stddev")]
    assert found == [5.75, 7.75, 9.75, pytest.approx(2.5**0.5)]
    difference = {**dict.fromkeys(TOTALS, 0), ("main",): 6.0, more: 6.0}
    assert values(analyze.subtract([second, first])) == difference
    assert values(analyze.subtract([first, second])) == {p: -v for p, v in difference.items()}
    # A filter leaves what it keeps as it is.
    kept = analyze.search(analyze.subtract([second, first]), "main")
    assert values(kept, "mean.cells (inc)") == {("main",): 3.0}
    left, right = analyze.unify([first, second])
    assert left.graph is right.graph and values(left) == {**TOTALS, more: 0}
    assert values(right) == values(second) and values(first) == TOTALS  # as it was
    with pytest.raises(ValueError, match="takes two call trees"):
        analyze.add([first])


def test_filters(tree):
    frame = analyze.load(tree)
    # Of two that stand under the same then, one is made.
    assert values(analyze.search(frame, "olv")) == {("solve",): 8.5}
    assert values(analyze.match([frame], "main|sol")[0]) == {
        ("main",): 12.5,
        ("main", "solve"): 8.5,
    }
    assert values(analyze.match(frame, "2", field="count")) == TOTALS
    assert values(analyze.expression(frame, "x >= 3.5 && !(x > 12)")) == {
        (ODD,): 3.5,
        ("solve",): 8.0,
    }
    assert values(analyze.expression(frame, "x == 1", "sum.cells$")) == {("main",): 12.5}
    assert values(analyze.expression(frame, "x == 1", "^sum.cells$")) == values(
        analyze.expression(frame, "x > 12", r"sum.*(.inc)$")  # as old hatchets call it
    )
    for none in (
        lambda: analyze.search(frame, "nix"),
        lambda: analyze.match(frame, "olve"),
        lambda: analyze.expression(frame, "x > 13"),
    ):
        with pytest.raises(ValueError, match="no region is left"):
            none()


def test_groups_and_order(tree, capsys):
    frame = analyze.load(tree)
    table = analyze.group(frame)
    assert list(table.index) == ["main", "solve", ODD]
    assert table["sum.cells (inc)"].tolist() == [12.5, 8.5, 3.5]
    assert table["sum.cells"].tolist() == [1.0, 8.5, 3.0] and table["count"].tolist() == [2, 4, 2]
    ordered = analyze.sort(frame, ascending=True).dataframe
    assert ordered["sum.cells (inc)"].tolist() == [0.5, 3.5, 8.0, 12.5]
    args = [tree, tree, "-M", "group", "-s", "ascending", "-f", "markdown"]
    analyze.embedded_analyze(args)
    shown = capsys.readouterr().out.splitlines()
    assert [line.split("|")[-2].strip() for line in shown[2:]] == ["7", "17", "25"]
    analyze.embedded_analyze([tree, "-g", "name"])
    assert "main      2             12.5" in capsys.readouterr().out


def test_recursion_counts_once_in_a_group(run, tmp_path):
    run(
        """
        import timemory
        from timemory.util import marker
        cells = 0
        timemory.component.register("cells", lambda: cells)
        @marker(["cells"])
        def f(n):
            global cells
            cells += 1
            if n: f(n - 1)
        f(4)
        timemory.finalize()
        """
    )
    table = analyze.group(analyze.load(tmp_path / OUT / "cells.tree.json"))
    assert table.loc["f", ["count", "sum.cells", "sum.cells (inc)"]].tolist() == [5, 5, 5]


def test_ranks_and_threads(run_ranks, run, tmp_path, capsys):
    run_ranks(
        """
        import os, threading, timemory
        from timemory.util import marker
        rank = int(os.environ["RANK"])
        cells = 0
        timemory.component.register("cells", lambda: cells)
        with marker(["cells"], "main"):
            cells += 10 ** rank
            if rank:
                with marker(["cells"], "not on all"): cells += 5
        timemory.finalize()
        """
    )
    run(None, "merge", "out", "-o", "all", command=[COMMAND], environment=APART)
    frame = analyze.load(tmp_path / "all", per_rank=True)
    assert frame.dataframe.index.names == ["node", "rank"]
    rows = frame.dataframe.reset_index()[["name", "rank", "count", "sum.cells (inc)"]]
    assert rows.to_numpy().tolist() == [
        *(["main", 0, 1, 1.0], ["main", 1, 1, 15.0], ["main", 2, 1, 105.0]),
        *(["not on all", 1, 1, 5.0], ["not on all", 2, 1, 5.0]),
    ]
    assert values(analyze.load(tmp_path / "all")) == {("main",): 121, ("main", "not on all"): 10}
    analyze.embedded_analyze([str(tmp_path / "all"), "--per-rank"])
    assert capsys.readouterr().out == (
        "rank 0:\n1.000 main\nrank 1:\n15.000 main\n└─ 5.000 not on all\n"
        "rank 2:\n105.000 main\n└─ 5.000 not on all\n"
    )
    by_rank = analyze.group(frame, field="rank")
    assert by_rank["sum.cells (inc)"].to_dict() == {2: 105, 1: 15, 0: 1}


def test_conditions():
    import numpy

    x = numpy.array([[-1.0, 0.0, 2.0]])
    for text, expected in {
        "x > 0": [0, 0, 1],
        "!(x > 0) && x != 0": [1, 0, 0],
        "not x < 0 or x == -1": [1, 1, 1],
        "-1 <= x < 2": [1, 1, 0],
        "(x + 1) * 2 - 1 >= x ** 2 % 3 / 1e0": [0, 1, 1],
        "1 / x > 1": [0, 1, 0],
        "9 ** 9 ** 9 ** 9 > x": [1, 1, 1],
    }.items():
        assert condition(text)(x).tolist() == [[bool(e) for e in expected]], text
    refused = [
        *(
            "",
            "x",
            "1",
            "x >",
            "y > 1",
            "x > '1'",
            "x.real > 1",
            "x[0] > 1",
            "abs(x) > 1",
            "x in 1",
        ),
        *(
            "__import__('os').abort() > x",
            "(lambda: x)() > 1",
            "x > 1 if x else 1",
            "x := 1",
            "x > True",
        ),
        *(
            "x = 1",
            "x > 1; x",
            "x > 1\nx",
            "[x > 1]",
            "x > 1j",
            "x @ x > 1",
            "x" + "+1" * 10000 + "> 1",
        ),
        *("(" * 5000 + "x > 1" + ")" * 5000, "x > \0"),
    ]
    for text in refused:
        with pytest.raises(ValueError, match="is no condition: accepted are comparisons of x"):
            condition(text)
    print(f"{len(refused)} refused")


def test_what_is_wrong_is_said_in_one_line(run, tree, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.tree.json").write_text("{")
    (tmp_path / "empty.tree.json").write_text('{"timemory": {"a": {"graph": [[]]}}}')
    (tmp_path / "odd.tree.json").write_text('{"timemory": {"a": {"graph": [3]}}}')
    (tmp_path / "metadata.json").write_text('{"timemory": {"metadata": {}}}')
    wrong = {
        ("no.tree.json",): "No such file or directory: 'no.tree.json'",
        ("broken.tree.json",): "'broken.tree.json': not JSON",
        ("empty.tree.json",): "'empty.tree.json': no call tree of timemory",
        ("odd.tree.json",): "'odd.tree.json': no call tree of timemory",
        ("metadata.json",): "metadata.json': ",
        (tree, "--search", "("): "'(' is no regular expression",
        (
            tree,
            "--search",
            "a",
            "--field",
            "nix",
        ): "no column is called 'nix'; there are: name, type,",
        (tree, "--select", "nix"): "has none of the components nix; it has: cells",
        (tree, "-m", "nix"): "no metric is like 'nix'; there are: sum.cells, ",
        (tree, "-M", "subtract"): "to subtract takes two call trees at least",
        (tree, "-g", "name", "-f", "dot"): "groups are no tree: dot can't show them, table, ",
        (tree, "--expression", "exec"): "'exec' is no condition",
    }
    for arguments, line in wrong.items():
        monkeypatch.setattr(sys, "argv", ["timemory-analyze", *arguments])
        assert analyze.main() == 1, arguments
        said = capsys.readouterr()
        assert line in said.err and said.err.startswith("timemory: "), said.err
        assert said.err.count("\n") == 1 and said.out == "", said
    for arguments in ((), (tree, "-f", "tre")):
        with pytest.raises(SystemExit, match="2"):
            analyze.embedded_analyze(arguments)
        assert capsys.readouterr().err.startswith("usage: timemory-analyze")
    ended = run(
        "import sys; sys.modules['hatchet'] = None\nfrom timemory.analyze import main\nsys.exit(main())",
        tree,
        fails=True,
    )
    assert ended.code == 1
    assert ended.err.startswith("timemory: timemory.analyze needs hatchet, PyPI's llnl-hatchet (")
    print(f"{len(wrong)} faults")


def test_files_of_version_3_with_threads(run, tmp_path):
    """Under `graph`, where hatchet alone fails."""
    node = {"hash": 1, "prefix": "work", "pid": [1], "depth": 1, "is_dummy": False}
    entry = {"entry": {"laps": 2}, "stats": {"sum": 3.0, "count": 2, "min": 1.0, "max": 2.0}}
    both = {"inclusive": entry, "exclusive": entry}
    threads = [{"node": {**node, "tid": [t], **both}, "children": []} for t in (0, 1)]
    root = {"node": {**node, "hash": 0, "tid": [0], **both}, "children": threads}
    document = {"timemory": {"wall_clock": {"type": "wall", "graph": [[root]]}}}
    path = tmp_path / "wall.tree.json"
    path.write_text(json.dumps(document))
    assert values(analyze.load(path), "sum.wall_clock (inc)") == {("work",): 6.0}
    apart = analyze.load(path, ["wall"], per_thread=True)
    assert apart.dataframe["sum.wall_clock (inc)"].tolist() == [3.0, 3.0]
    assert apart.dataframe.index.names == ["node", "thread"]
