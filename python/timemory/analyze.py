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
import sys

from timemory._call_trees import (
    TEXTS,
    columns_like,
    combined,
    load,
    metrics_of,
    on_one_graph,
    pattern_of,
    with_rows,
)
from timemory._tree_views import (
    ENDINGS,
    METRIC,
    dump,
    dump_dot,
    dump_flamegraph,
    dump_html,
    dump_markdown,
    dump_markdown_grid,
    dump_table,
    dump_tree,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from hatchet import GraphFrame
    from hatchet.node import Node
    from pandas import DataFrame

    from timemory._call_trees import Frames

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


def _each(data: Frames, function: Callable[[GraphFrame], Any]) -> Any:
    if isinstance(data, (list, tuple)):
        return [function(frame) for frame in data]
    return function(data)


def _filtered(frame: GraphFrame, keep: Callable[[DataFrame], Any], what: str) -> GraphFrame:
    rows = frame.dataframe[keep(frame.dataframe.reset_index())]
    if rows.empty:
        raise ValueError(f"no region is left: {what}")
    graph, (table,) = on_one_graph([frame], [rows])
    keys = list(table.index.names)
    return with_rows(frame, graph, combined(frame, table.reset_index(), keys))


def _texts(rows: DataFrame, field: str) -> list[str]:
    if field not in rows.columns or field == "node":
        known = [c for c in rows.columns if c != "node"]
        raise ValueError(f"no column is called {field!r}; there are: {', '.join(known)}")
    return [str(value) for value in rows[field]]


def match(data: Frames, pattern: str, field: str = "name") -> Any:
    """Return the regions of which a column begins with what the regular expression describes."""
    return _where(data, pattern_of(pattern).match, field, f"no {field} matches {pattern!r}")


def search(data: Frames, pattern: str, field: str = "name") -> Any:
    """Return the regions in a column of which the regular expression is found."""
    return _where(data, pattern_of(pattern).search, field, f"{pattern!r} is found in no {field}")


def _where(data: Frames, test: Callable[[str], Any], field: str, otherwise: str) -> Any:
    def keep(rows: DataFrame) -> list[bool]:
        return [test(text) is not None for text in _texts(rows, field)]

    return _each(data, lambda frame: _filtered(frame, keep, otherwise))


def expression(data: Frames, expr: str, metric: str = METRIC) -> Any:
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
        columns = columns_like(metrics_of(frame), metric)

        def of(rows: DataFrame) -> Any:
            return is_true(rows[columns].to_numpy(dtype=float)).any(axis=1)

        return _filtered(frame, of, f"{expr!r} is true of no value of {', '.join(columns)}")

    return _each(data, keep)


def sort(data: Frames, metric: str = METRIC, ascending: bool = False) -> Any:
    """Return the call trees with their rows in the order of a metric; it shows in tables."""

    def in_order(frame: GraphFrame) -> GraphFrame:
        column = columns_like(metrics_of(frame), metric)[0]
        rows = frame.dataframe.sort_values(column, ascending=ascending, kind="stable")
        return with_rows(frame, frame.graph, rows)

    return _each(data, in_order)


def group(data: Frames, metric: str = METRIC, field: str = "name", ascending: bool = False) -> Any:
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
        result = combined(frame, rows, [field, *levels])
        outermost = combined(frame, rows[[not i for i in inside]], [field, *levels])
        result[frame.inc_metrics] = outermost[frame.inc_metrics]
        column = columns_like(metrics_of(frame), metric)[0]
        return result.sort_values(column, ascending=ascending, kind="stable")

    return _each(data, grouped)


def unify(data: Sequence[GraphFrame]) -> list[GraphFrame]:
    """Return the call trees with one graph: each has the call paths of all, 0 where it has none."""
    if not data:
        return []
    graph, tables = on_one_graph(data, [frame.dataframe for frame in data])
    levels = [
        level for level in tables[0].index.names if all(level in t.index.names for t in tables)
    ]
    tables = [combined(frame, table.reset_index(), levels) for frame, table in zip(data, tables)]
    index = tables[0].index
    for table in tables[1:]:
        index = index.union(table.index, sort=False)
    frames = []
    for frame, table in zip(data, tables):
        rows = table.reindex(index)
        for column in TEXTS:
            for other in tables:
                rows[column] = rows[column].fillna(other[column].reindex(index))
        numbers = ["count", *metrics_of(frame)]
        rows[numbers] = rows[numbers].fillna(0)
        rows["count"] = rows["count"].astype(int)
        frames.append(with_rows(frame, graph, rows))
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
    result = with_rows(result, result.graph, rows.set_index(levels))
    return with_rows(result, result.graph, combined(result, rows, levels))


def subtract(data: Sequence[GraphFrame]) -> GraphFrame:
    """Return one call tree with the values and laps of the first, less those of all others."""
    frames = unify(_several(data, "subtract"))
    result = frames[0]
    numbers = ["count", *metrics_of(result)]
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
        help=f"how they are shown, of {', '.join(ENDINGS)}; default: tree",
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
        default=METRIC,
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
    formats = [word for word in options.format if word in ENDINGS]
    files = [word for word in options.format if word not in ENDINGS] + options.files
    for word in options.format:
        if word not in ENDINGS and not os.path.exists(word):
            parser.error(f"{word!r} is no file, and no format: {', '.join(ENDINGS)}")
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
