"""Call trees that were measured, combined, filtered and shown: `timemory-analyze`, `python -m timemory.analyze`.

    frame = timemory.analyze.load("timemory-heat-output/wall.tree.json")
    timemory.analyze.dump_tree(timemory.analyze.search(frame, "solve"))

A call tree is a `GraphFrame` of hatchet (PyPI: llnl-hatchet), which is imported when the first one is
loaded. Its columns are named as hatchet names them: `sum.wall_clock (inc)` is the total, and
`sum.wall_clock` what is in no region below; the same with `mean`, `min`, `max`, `sqr` and `stddev`.
Functions that take call trees take one or several, and return as many as they got.
"""

from __future__ import annotations

import os
import re
import sys
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Union

    from hatchet import GraphFrame
    from hatchet.graph import Graph
    from hatchet.node import Node
    from pandas import DataFrame

    from timemory._load import Result

    Frames = Union[GraphFrame, Sequence[GraphFrame]]

__all__ = [
    "add",
    "dump",
    "dump_dot",
    "dump_flamegraph",
    "dump_html",
    "dump_markdown",
    "dump_markdown_grid",
    "dump_table",
    "dump_tree",
    "embedded_analyze",
    "expression",
    "group",
    "load",
    "match",
    "search",
    "sort",
    "subtract",
    "unify",
]

_METRIC = r"^sum\..*\(inc\)$"
_ENDINGS = {
    "dot": ".dot",
    "flamegraph": ".folded",
    "tree": ".tree.txt",
    "table": ".table.txt",
    "markdown": ".md",
    "html": ".html",
    "markdown_grid": ".grid.md",
}
_TEXTS = ("name", "type", "file", "line")
_TABLES = ("table", "markdown", "html", "markdown_grid")
# Stacks have whole numbers: millionths of the unit, so microseconds of what is shown in seconds.
_PARTS_OF_UNIT = 1_000_000


def load(
    data: GraphFrame | Result | dict[str, Any] | str | os.PathLike[str] | None = None,
    select: Iterable[str] = (),
    per_thread: bool = False,
    per_rank: bool = False,
) -> GraphFrame:
    """Return a call tree.

    Parameters
    ----------
    data : path, dict or timemory.Result, optional
        A `<label>.tree.json` (of this version or of timemory 3), or what `timemory.load` reads, such
        as an output folder; what `timemory.get(hierarchy=True)` returned; by default what this
        process has measured so far. A GraphFrame may be given too.
    select : list of str, optional
        Which components, by id or label; by default all.
    per_thread, per_rank : bool, optional
        Keep the values of threads and ranks apart where the data do. By default there is one row for
        each call path: sums are added, of `min` and `max` the least and the greatest are taken.

    Raises
    ------
    ImportError
        If hatchet is missing.
    ValueError
        If the data are no call tree, or have none of the components.
    """
    try:
        import hatchet
    except ImportError as problem:
        raise ImportError(
            f"timemory.analyze needs hatchet, PyPI's llnl-hatchet ({problem})"
        ) from None
    if isinstance(data, hatchet.GraphFrame):
        frame = data
    else:
        try:
            frame = _read(data, [select] if isinstance(select, str) else list(select))
        except RecursionError:
            what = repr(os.fspath(data)) if isinstance(data, (str, os.PathLike)) else "the data"
            raise ValueError(f"{what}: regions nest deeper than Python's recursion limit") from None
    wanted = {"node", *["rank"] * per_rank, *["thread"] * per_thread}
    levels = [level for level in frame.dataframe.index.names if level in wanted]
    rows = frame.dataframe.reset_index()
    if len(levels) > 1:
        rows = rows[rows["count"] > 0]  # hatchet adds those that a rank or a thread doesn't have
    return _with_rows(frame, frame.graph, _combined(frame, rows, levels))


def _read(data: Any, select: list[str]) -> GraphFrame:
    import json
    import warnings

    import hatchet

    import timemory

    what = "the data"
    if data is None:
        data = timemory.get(hierarchy=True)
    elif isinstance(data, timemory.Result):
        what, data = repr(data.path), data.get(hierarchy=True)
    elif not isinstance(data, dict):
        path, what = os.fspath(data), repr(os.fspath(data))
        data = _tree_document(path) or timemory.load(path).get(hierarchy=True)
    try:
        found = data["timemory"]
        metrics = {
            name: metric
            for name, metric in found.items()
            if not select or name in select or metric.get("type") in select
        }
        if not metrics:
            wanted = f"none of the components {', '.join(select)}; " if select else "no component; "
            raise ValueError(f"{what} has {wanted}it has: {', '.join(found) or 'nothing'}")
        # Hatchet takes the document apart, and reads threads where ranks are only.
        metrics = json.loads(json.dumps(metrics))
        for metric in metrics.values():
            if "graph" in metric and _has_threads(metric["graph"]):
                metric["mpi"] = metric.pop("graph")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return hatchet.GraphFrame.from_timemory({"timemory": metrics})
    except (KeyError, TypeError, AttributeError, IndexError) as problem:
        raise ValueError(f"{what}: no call tree of timemory ({problem!r})") from None


def _tree_document(path: str) -> Any:
    """What is in a tree JSON; None if the path is of something else."""
    from timemory._json import loads

    if not path.endswith(".json") or os.path.isdir(path):
        return None
    with open(path, encoding="utf-8") as file:
        try:
            document = loads(file.read())
        except ValueError as problem:
            raise ValueError(f"{path!r}: not JSON ({problem})") from None
    metrics = document.get("timemory") if isinstance(document, dict) else None
    first = next(iter(metrics.values()), None) if isinstance(metrics, dict) else None
    is_tree = isinstance(first, dict) and {"graph", "mpi", "upc", "upcxx"} & set(first)
    return document if is_tree else None


def _has_threads(processes: Any) -> bool:
    open_nodes = [root for p in processes for root in (p if isinstance(p, list) else [p])]
    while open_nodes:
        tree = open_nodes.pop()
        if tree["node"]["tid"] not in (0, [0]):
            return True
        open_nodes += tree.get("children", ())
    return False


def _metrics(frame: GraphFrame) -> list[str]:
    return [c for c in frame.dataframe.columns if c in {*frame.exc_metrics, *frame.inc_metrics}]


def _with_rows(frame: GraphFrame, graph: Graph, rows: DataFrame) -> GraphFrame:
    import hatchet

    result = hatchet.GraphFrame(graph, rows, default_metric=frame.default_metric)
    result.exc_metrics = [c for c in frame.exc_metrics if c in rows.columns]
    result.inc_metrics = [c for c in frame.inc_metrics if c in rows.columns]
    return result


def _combined(frame: GraphFrame, rows: DataFrame, keys: list[str]) -> DataFrame:
    """The rows that are equal in the keys as one, and indexed by them."""
    import numpy

    metrics = [c for c in _metrics(frame) if c in rows.columns]
    rows = rows[[*keys, *(c for c in _TEXTS if c not in keys), "count", *metrics]]
    rows = rows.copy()
    rows[metrics] = rows[metrics].astype(float).fillna(0.0)
    if not rows.duplicated(keys).any():
        return rows.set_index(keys)  # differences too stay what they are
    laps = rows["count"].astype(float)
    rules: dict[str, str] = {}
    for column in rows.columns:
        if column in keys:
            continue
        statistic, _, of = column.partition(".")
        mean = f"mean.{of}"
        rules[column] = "first"
        if column in metrics or column == "count":
            rules[column] = statistic if statistic in ("min", "max") else "sum"
        if column in metrics and statistic in ("min", "max"):
            rows[column] = rows[column].where(laps > 0)  # a row without laps says nothing
        elif column in metrics and statistic == "stddev" and mean in metrics:
            rows[column] = (rows[column] ** 2 + rows[mean] ** 2) * laps
    means = [c for c in metrics if c.startswith("mean.")]
    for column in means:
        rows[column] *= laps
    result = rows.groupby(keys, sort=False).agg(rules)
    with numpy.errstate(all="ignore"):
        for column in means:
            result[column] /= result["count"]
        for column in metrics:
            statistic, _, of = column.partition(".")
            if statistic == "stddev" and f"mean.{of}" in metrics:
                square = result[column] / result["count"] - result[f"mean.{of}"] ** 2
                result[column] = numpy.sqrt(square.clip(lower=0.0))
    result[metrics] = result[metrics].fillna(0.0)
    result["count"] = result["count"].astype(int)
    return result


def _on_one_graph(
    frames: Sequence[GraphFrame], tables: Sequence[DataFrame]
) -> tuple[Graph, list[DataFrame]]:
    """A graph with what these rows are of, and the rows of each frame with the nodes of it.

    What was below a node that has no row is below the next one above. Equal call paths are one.
    """
    from hatchet.graph import Graph
    from hatchet.node import Node

    places: dict[tuple[Any, ...], Node] = {}
    roots: list[Node] = []
    moved_tables = []
    for frame, rows in zip(frames, tables):
        kept = set(rows.index.get_level_values("node"))
        moved: dict[Node, Node] = {}
        for root in frame.graph.roots:
            for node in root.traverse():
                if node not in kept:
                    continue
                path = tuple(n.frame for n in node.path() if n in kept)
                if path not in places:
                    above = places.get(path[:-1])
                    places[path] = Node(node.frame.copy(), above)
                    if above is None:
                        roots.append(places[path])
                    else:
                        above.add_child(places[path])
                moved[node] = places[path]
        levels = list(rows.index.names)
        table = rows.reset_index()
        table["node"] = [moved[node] for node in table["node"]]
        moved_tables.append((table, levels))
    # Before this, all new nodes count as equal, in an index too.
    graph = Graph(roots)
    graph.enumerate_traverse()
    return graph, [table.set_index(levels) for table, levels in moved_tables]


def _each(data: Frames, function: Callable[[GraphFrame], Any]) -> Any:
    if isinstance(data, (list, tuple)):
        return [function(frame) for frame in data]
    return function(data)


def _columns(columns: Iterable[str], metric: str) -> list[str]:
    """The columns that a regular expression is found in, also by their names in old hatchets."""
    columns = list(columns)
    if metric in columns:
        return [metric]
    pattern = _pattern(metric)
    found = [c for c in columns if pattern.search(c) or pattern.search(c.replace(" (inc)", ".inc"))]
    if not found:
        raise ValueError(f"no metric is like {metric!r}; there are: {', '.join(columns)}")
    return found


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as problem:
        raise ValueError(f"{text!r} is no regular expression: {problem}") from None


def _filtered(frame: GraphFrame, keep: Callable[[DataFrame], Any], what: str) -> GraphFrame:
    rows = frame.dataframe[keep(frame.dataframe.reset_index())]
    if rows.empty:
        raise ValueError(f"no region is left: {what}")
    graph, (table,) = _on_one_graph([frame], [rows])
    keys = list(table.index.names)
    return _with_rows(frame, graph, _combined(frame, table.reset_index(), keys))


def _texts(rows: DataFrame, field: str) -> list[str]:
    if field not in rows.columns or field == "node":
        known = [c for c in rows.columns if c != "node"]
        raise ValueError(f"no column is called {field!r}; there are: {', '.join(known)}")
    return [str(value) for value in rows[field]]


def match(data: Frames, pattern: str, field: str = "name") -> Any:
    """Return the regions of which a column begins with what the regular expression describes."""
    test = _pattern(pattern).match
    return _each(
        data,
        lambda frame: _filtered(
            frame,
            lambda rows: [test(text) is not None for text in _texts(rows, field)],
            f"no {field} matches {pattern!r}",
        ),
    )


def search(data: Frames, pattern: str, field: str = "name") -> Any:
    """Return the regions in a column of which the regular expression is found."""
    test = _pattern(pattern).search
    return _each(
        data,
        lambda frame: _filtered(
            frame,
            lambda rows: [test(text) is not None for text in _texts(rows, field)],
            f"{pattern!r} is found in no {field}",
        ),
    )


def expression(data: Frames, expr: str, metric: str = _METRIC) -> Any:
    """Return the regions of whose values a condition is true.

    Parameters
    ----------
    data : GraphFrame or list of GraphFrame
        The call trees.
    expr : str
        A condition on `x`, such as `x > 0.1 and x <= 2e3`: comparisons of sums, differences, products,
        quotients and powers of `x` and numbers, joined by `and`, `or`, `not` (or `&&`, `||`, `!`).
    metric : str, optional
        A regular expression for the columns that `x` stands for; it must be true of one of them.
    """
    from timemory._condition import condition

    is_true = condition(expr)

    def keep(frame: GraphFrame) -> GraphFrame:
        columns = _columns(_metrics(frame), metric)

        def of(rows: DataFrame) -> Any:
            return is_true(rows[columns].to_numpy(dtype=float)).any(axis=1)

        return _filtered(frame, of, f"{expr!r} is true of no value of {', '.join(columns)}")

    return _each(data, keep)


def sort(data: Frames, metric: str = _METRIC, ascending: bool = False) -> Any:
    """Return the call trees with their rows in the order of a metric; it shows in tables."""

    def in_order(frame: GraphFrame) -> GraphFrame:
        column = _columns(_metrics(frame), metric)[0]
        rows = frame.dataframe.sort_values(column, ascending=ascending, kind="stable")
        return _with_rows(frame, frame.graph, rows)

    return _each(data, in_order)


def group(data: Frames, metric: str = _METRIC, field: str = "name", ascending: bool = False) -> Any:
    """Return a table with a row for each value of a column, in the order of a metric.

    A region inside another one of its group is part of that one's inclusive values already, and
    isn't added to them again.

    Parameters
    ----------
    data : GraphFrame or list of GraphFrame
        The call trees.
    metric : str, optional
        A regular expression; the first column like it gives the order.
    field : str, optional
        The column: `name`, `file`, or `rank` and `thread` where these are kept apart.
    ascending : bool, optional
        The least first.

    Returns
    -------
    pandas.DataFrame or list of pandas.DataFrame
    """

    def grouped(frame: GraphFrame) -> DataFrame:
        rows = frame.dataframe.reset_index()
        values = _texts(rows, field)
        levels = [c for c in frame.dataframe.index.names if c not in ("node", field)]
        # A node is in several groups only where these are ranks or threads.
        groups: dict[Node, set[str]] = {}
        for node, value in zip(rows["node"], values):
            groups.setdefault(node, set()).add(value)
        inside = [
            any(value in groups.get(above, ()) for above in node.path()[:-1])
            for node, value in zip(rows["node"], values)
        ]
        result = _combined(frame, rows, [field, *levels])
        outermost = _combined(frame, rows[[not i for i in inside]], [field, *levels])
        result[frame.inc_metrics] = outermost[frame.inc_metrics]
        column = _columns(_metrics(frame), metric)[0]
        return result.sort_values(column, ascending=ascending, kind="stable")

    return _each(data, grouped)


def unify(data: Sequence[GraphFrame]) -> list[GraphFrame]:
    """Return the call trees with one graph: each has the call paths of all, 0 where it has none."""
    if not data:
        return []
    graph, tables = _on_one_graph(data, [frame.dataframe for frame in data])
    levels = [
        level for level in tables[0].index.names if all(level in t.index.names for t in tables)
    ]
    tables = [_combined(frame, table.reset_index(), levels) for frame, table in zip(data, tables)]
    index = tables[0].index
    for table in tables[1:]:
        index = index.union(table.index, sort=False)
    frames = []
    for frame, table in zip(data, tables):
        rows = table.reindex(index)
        for column in _TEXTS:
            for other in tables:
                rows[column] = rows[column].fillna(other[column].reindex(index))
        numbers = ["count", *_metrics(frame)]
        rows[numbers] = rows[numbers].fillna(0)
        rows["count"] = rows["count"].astype(int)
        frames.append(_with_rows(frame, graph, rows))
    return frames


def add(data: Sequence[GraphFrame]) -> GraphFrame:
    """Return one call tree with the values of all together, as if it were one measurement."""
    import pandas

    frames = unify(_several(data, "add"))
    rows = pandas.concat([frame.dataframe.reset_index() for frame in frames])
    result = frames[0]
    for frame in frames[1:]:
        result.exc_metrics += [c for c in frame.exc_metrics if c not in result.exc_metrics]
        result.inc_metrics += [c for c in frame.inc_metrics if c not in result.inc_metrics]
    levels = list(result.dataframe.index.names)
    result = _with_rows(result, result.graph, rows.set_index(levels))
    return _with_rows(result, result.graph, _combined(result, rows, levels))


def subtract(data: Sequence[GraphFrame]) -> GraphFrame:
    """Return one call tree with the values and laps of the first, less those of all others."""
    frames = unify(_several(data, "subtract"))
    result = frames[0]
    numbers = ["count", *_metrics(result)]
    for frame in frames[1:]:
        missing = [c for c in numbers if c not in frame.dataframe.columns]
        if missing:
            raise ValueError(f"can't subtract: one call tree has no {', '.join(missing)}")
        result.dataframe[numbers] -= frame.dataframe[numbers]
    return result


def _several(data: Sequence[GraphFrame], what: str) -> Sequence[GraphFrame]:
    if not isinstance(data, (list, tuple)) or len(data) < 2:
        raise ValueError(f"to {what} takes two call trees at least")
    return data


def dump(
    data: Frames | DataFrame | Sequence[DataFrame],
    metric: str = _METRIC,
    dtype: str = "tree",
    file: str | os.PathLike[str] | None = None,
    echo_dart: bool = False,
) -> list[str]:
    """Show call trees, or write them into files.

    Parameters
    ----------
    data : GraphFrame, what `group` returned, or a list of them
        What is shown.
    metric : str, optional
        A regular expression for the columns. Of `dot`, `flamegraph` and `tree` there is one for each
        (and each rank and thread, if kept apart), and tables have all of them.
    dtype : str, optional
        `dot` (Graphviz), `flamegraph` (stacks with millionths of the unit that is in no region below,
        as flamegraph.pl and speedscope read them), `tree`, `table`, `markdown`, `html` or
        `markdown_grid`.
    file : path, optional
        Where it is written, by default to stdout. What it is of is added to the name where there
        are several, and the ending where it has none.
    echo_dart : bool, optional
        Print tags by which CTest attaches the files to a test.

    Returns
    -------
    list of str
        The files.
    """
    import contextlib
    import io

    from timemory.common import dart_measurement_file

    if dtype not in _ENDINGS:
        raise ValueError(f"no format is called {dtype!r}; there are: {', '.join(_ENDINGS)}")
    items = data if isinstance(data, (list, tuple)) else [data]
    pieces: list[tuple[str, str]] = []
    for position, item in enumerate(items):
        if dtype in _TABLES:
            found = [("", _table(item, metric, dtype))]
        else:
            # Hatchet asks stdout whether it shows colours; a file doesn't.
            plain = contextlib.redirect_stdout(io.StringIO() if file is not None else sys.stdout)
            with plain:
                found = _pictures(item, metric, dtype)
        number = str(position + 1) if len(items) > 1 else ""
        pieces += [(" ".join(filter(None, (number, title))), text) for title, text in found]
    if file is None:
        for title, text in pieces:
            print(f"{title}:\n{text}" if title else text, end="" if text.endswith("\n") else "\n")
        return []
    root, ending = os.path.splitext(os.fspath(file))
    os.makedirs(os.path.dirname(root) or ".", exist_ok=True)
    written = []
    for title, text in pieces:
        title = re.sub(r"[^\w.]+", "-", title).strip("-")
        path = f"{root}{'-' if title else ''}{title}{ending or _ENDINGS[dtype]}"
        with open(path, "w", encoding="utf-8") as out:
            out.write(text if text.endswith("\n") else f"{text}\n")
        print(f"[analyze]|0> Outputting '{path}'...")
        if echo_dart:
            kind = "html" if dtype == "html" else "plain"
            dart_measurement_file(os.path.basename(path), os.path.abspath(path), kind, "text")
        written.append(path)
    return written


dump_dot = partial(dump, dtype="dot")
dump_flamegraph = partial(dump, dtype="flamegraph")
dump_html = partial(dump, dtype="html")
dump_markdown = partial(dump, dtype="markdown")
dump_markdown_grid = partial(dump, dtype="markdown_grid")
dump_table = partial(dump, dtype="table")
dump_tree = partial(dump, dtype="tree")


def _pictures(frame: Any, metric: str, dtype: str) -> list[tuple[str, str]]:
    """A title and a text for each metric of each rank and thread that is kept apart."""
    if not hasattr(frame, "graph"):
        raise ValueError(f"groups are no tree: {dtype} can't show them, {', '.join(_TABLES)} can")
    columns = _columns(_metrics(frame), metric)
    levels = [level for level in frame.dataframe.index.names if level != "node"]
    places: list[tuple[str, DataFrame]] = [("", frame.dataframe)]
    if levels:
        places = []
        for key, rows in frame.dataframe.groupby(level=levels if levels[1:] else levels[0]):
            key = key if isinstance(key, tuple) else (key,)
            title = " ".join(f"{level} {value}" for level, value in zip(levels, key))
            places.append((title, rows.droplevel(levels)))
    found = []
    for place, rows in places:
        graph, (table,) = _on_one_graph([frame], [rows])
        one = _with_rows(frame, graph, table)
        for column in columns:
            title = " ".join(filter(None, (place, column if len(columns) > 1 else "")))
            found.append((title, _picture(one, column, dtype)))
    return found


def _picture(frame: GraphFrame, column: str, dtype: str) -> str:
    import math

    import numpy

    if dtype == "flamegraph":
        return _stacks(frame, column)
    if dtype == "dot":
        frame.dataframe["_label"] = [
            name.replace("\\", "\\\\").replace('"', '\\"') for name in frame.dataframe["name"]
        ]
        with numpy.errstate(all="ignore"):  # where all values are equal
            return str(frame.to_dot(column, name="_label"))
    rows = frame.dataframe
    if (rows["file"] == "<unknown>").all():
        frame = _with_rows(frame, frame.graph, rows.drop(columns="file"))
    # Four digits of the largest value, and three behind the point at least.
    largest = float(rows[column].abs().max())
    digits = 3 if largest == 0 else min(9, max(3, 3 - math.floor(math.log10(largest))))
    return str(frame.tree(column, precision=digits, expand_name=True, render_header=False))


def _stacks(frame: GraphFrame, column: str) -> str:
    """A line for each call path with what is in no region below it."""
    own = column.replace(" (inc)", "")
    if own not in frame.dataframe.columns:
        raise ValueError(f"no flame graph of {column}: there is no {own}")
    lines = []
    for node, value in frame.dataframe[own].items():
        path = ";".join(
            str(n.frame["name"]).replace(";", ":").replace("\n", " ") for n in node.path()
        )
        lines.append(f"{path} {max(0, round(value * _PARTS_OF_UNIT))}\n")
    return "".join(lines)


def _table(item: Any, metric: str, dtype: str) -> str:
    import pandas
    from pandas.api.types import is_numeric_dtype

    if isinstance(item, pandas.DataFrame):
        metrics = [c for c in item.columns if c not in ("count", *_TEXTS)]
        rows = item[["count", *_columns(metrics, metric)]].reset_index()
    else:
        levels = [level for level in item.dataframe.index.names if level != "node"]
        rows = item.dataframe.reset_index()[
            ["name", *levels, "count", *_columns(_metrics(item), metric)]
        ]
    if dtype == "table":
        return str(rows.to_string(index=False, float_format="{:.6g}".format))
    if dtype == "html":
        return str(rows.to_html(index=False, float_format="{:.6g}".format))
    cells = [[str(c) for c in rows.columns]]
    for row in rows.itertuples(index=False):
        cells.append([f"{c:.6g}" if isinstance(c, float) else str(c) for c in row])
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in cells]
    widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(cells[0]))]
    # Names to the left, numbers to the right.
    text = [not is_numeric_dtype(rows[c]) for c in rows.columns]
    lines = [
        "| "
        + " | ".join(c.ljust(w) if left else c.rjust(w) for c, w, left in zip(row, widths, text))
        + " |"
        for row in cells
    ]
    if dtype == "markdown":
        marks = ["-" * w if left else "-" * (w - 1) + ":" for w, left in zip(widths, text)]
        return "\n".join([lines[0], "| " + " | ".join(marks) + " |", *lines[1:]])
    rule = "+" + "+".join("-" * (w + 2) for w in widths) + "+"
    body = [line for row in lines[1:] for line in (row, rule)]
    return "\n".join([rule, lines[0], rule.replace("-", "="), *body])


def embedded_analyze(args: Sequence[str] | None = None, data: Iterable[Any] = ()) -> list[Any]:
    """Do what `timemory-analyze` does with these arguments, and with `data` too.

    Parameters
    ----------
    args : list of str, optional
        The arguments; by default those of the program.
    data : list, optional
        What `load` takes, such as `timemory.get(hierarchy=True)`.

    Returns
    -------
    list of GraphFrame or pandas.DataFrame
        What was shown.
    """
    import argparse

    parser = argparse.ArgumentParser(
        prog="timemory-analyze",
        description="Combine, filter and show call trees, from timemory's <label>.tree.json and others",
    )
    parser.add_argument(
        "files", metavar="file", nargs="*", help="tree JSON files, or other results"
    )
    parser.add_argument(
        "-f",
        "--format",
        nargs="+",
        default=[],
        metavar="FORMAT",
        help=f"how they are shown, of {', '.join(_ENDINGS)}; default: tree",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="a file instead of stdout")
    parser.add_argument(
        "-M",
        "--mode",
        choices=("add", "subtract", "unify", "group"),
        help="make one of all (add, subtract), give them the same call paths (unify), or add them and group",
    )
    parser.add_argument(
        "-m",
        "--metric",
        default=_METRIC,
        metavar="REGEX",
        help="the columns, default: %(default)s",
    )
    parser.add_argument(
        "-s",
        "--sort",
        nargs="?",
        const="descending",
        choices=("ascending", "descending"),
        help="order the rows of tables by the metric",
    )
    parser.add_argument("-g", "--group", metavar="COLUMN", help="a row for each value of a column")
    parser.add_argument(
        "--field",
        default="name",
        metavar="COLUMN",
        help="the column of --search and --match, default: %(default)s",
    )
    parser.add_argument("--search", metavar="REGEX", help="only regions that it is found in")
    parser.add_argument("--match", metavar="REGEX", help="only regions that begin with it")
    parser.add_argument(
        "--expression",
        metavar="CONDITION",
        help="only regions of which it is true: 'x > 0.1 and x < 2'",
    )
    parser.add_argument(
        "-e", "--echo-dart", action="store_true", help="print tags that attach the files in CTest"
    )
    parser.add_argument("--per-thread", action="store_true", help="keep threads apart")
    parser.add_argument("--per-rank", action="store_true", help="keep ranks apart")
    parser.add_argument(
        "--select", nargs="+", default=[], metavar="COMPONENT", help="only these components"
    )
    options = parser.parse_args(args)
    # `-f tree wall.tree.json` is meant as it reads.
    formats = [word for word in options.format if word in _ENDINGS]
    files = [word for word in options.format if word not in _ENDINGS] + options.files
    for word in options.format:
        if word not in _ENDINGS and not os.path.exists(word):
            parser.error(f"{word!r} is no file, and no format: {', '.join(_ENDINGS)}")
    frames: Any = [
        load(item, options.select, options.per_thread, options.per_rank) for item in (*files, *data)
    ]
    if not frames:
        parser.error("there is nothing to analyze: name files")
    if options.mode in ("add", "group") and len(frames) > 1:
        frames = [add(frames)]
    elif options.mode == "add" or options.mode == "subtract":
        frames = [add(frames) if options.mode == "add" else subtract(frames)]
    elif options.mode == "unify":
        frames = unify(frames)
    if options.search:
        frames = search(frames, options.search, options.field)
    if options.match:
        frames = match(frames, options.match, options.field)
    if options.expression:
        frames = expression(frames, options.expression, options.metric)
    if options.group or options.mode == "group":
        frames = group(frames, options.metric, options.group or "name", options.sort == "ascending")
        formats = formats or ["table"]
    elif options.sort:
        frames = sort(frames, options.metric, options.sort == "ascending")
    output = options.output
    if output and len(formats) > 1:
        output = os.path.splitext(output)[0]
    for name in formats or ["tree"]:
        dump(frames, options.metric, name, output, options.echo_dart)
    return list(frames)


def main() -> int:
    """Run `timemory-analyze`."""
    try:
        embedded_analyze()
    except (ImportError, OSError, ValueError) as problem:
        print(f"timemory: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
