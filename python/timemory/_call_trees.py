"""Call trees as GraphFrames of hatchet: read, with other rows, and on one graph."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Union

    from hatchet import GraphFrame
    from hatchet.graph import Graph
    from hatchet.node import Node
    from pandas import DataFrame

    from timemory._load import Result

    Frames = Union[GraphFrame, Sequence[GraphFrame]]

TEXTS = ("name", "type", "file", "line")


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
    return with_rows(frame, frame.graph, combined(frame, rows, levels))


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


def metrics_of(frame: GraphFrame) -> list[str]:
    return [c for c in frame.dataframe.columns if c in {*frame.exc_metrics, *frame.inc_metrics}]


def with_rows(frame: GraphFrame, graph: Graph, rows: DataFrame) -> GraphFrame:
    import hatchet

    result = hatchet.GraphFrame(graph, rows, default_metric=frame.default_metric)
    result.exc_metrics = [c for c in frame.exc_metrics if c in rows.columns]
    result.inc_metrics = [c for c in frame.inc_metrics if c in rows.columns]
    return result


def combined(frame: GraphFrame, rows: DataFrame, keys: list[str]) -> DataFrame:
    """The rows that are equal in the keys as one, and indexed by them."""
    import numpy

    metrics = [c for c in metrics_of(frame) if c in rows.columns]
    rows = rows[[*keys, *(c for c in TEXTS if c not in keys), "count", *metrics]]
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


def on_one_graph(
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


def columns_like(columns: Iterable[str], metric: str) -> list[str]:
    """The columns that a regular expression is found in, also by their names in old hatchets."""
    columns = list(columns)
    if metric in columns:
        return [metric]
    pattern = pattern_of(metric)
    found = [c for c in columns if pattern.search(c) or pattern.search(c.replace(" (inc)", ".inc"))]
    if not found:
        raise ValueError(f"no metric is like {metric!r}; there are: {', '.join(columns)}")
    return found


def pattern_of(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as problem:
        raise ValueError(f"{text!r} is no regular expression: {problem}") from None
