"""Call trees as texts: trees, tables, Graphviz and stacks."""

from __future__ import annotations

import os
import re
import sys
from functools import partial

from timemory._call_trees import TEXTS, columns_like, metrics_of, on_one_graph, with_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from hatchet import GraphFrame
    from pandas import DataFrame

    from timemory._call_trees import Frames

METRIC = r"^sum\..*\(inc\)$"
ENDINGS = {
    "dot": ".dot",
    "flamegraph": ".folded",
    "tree": ".tree.txt",
    "table": ".table.txt",
    "markdown": ".md",
    "html": ".html",
    "markdown_grid": ".grid.md",
}
_TABLES = ("table", "markdown", "html", "markdown_grid")
# Stacks have whole numbers: millionths of the unit, so microseconds of what is shown in seconds.
_PARTS_OF_UNIT = 1_000_000


def dump(
    data: Frames | DataFrame | Sequence[DataFrame],
    metric: str = METRIC,
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

    if dtype not in ENDINGS:
        raise ValueError(f"no format is called {dtype!r}; there are: {', '.join(ENDINGS)}")
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
        path = f"{root}{'-' if title else ''}{title}{ending or ENDINGS[dtype]}"
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
    columns = columns_like(metrics_of(frame), metric)
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
        graph, (table,) = on_one_graph([frame], [rows])
        one = with_rows(frame, graph, table)
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
        frame = with_rows(frame, frame.graph, rows.drop(columns="file"))
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
        metrics = [c for c in item.columns if c not in ("count", *TEXTS)]
        rows = item[["count", *columns_like(metrics, metric)]].reset_index()
    else:
        levels = [level for level in item.dataframe.index.names if level != "node"]
        rows = item.dataframe.reset_index()[
            ["name", *levels, "count", *columns_like(metrics_of(item), metric)]
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
