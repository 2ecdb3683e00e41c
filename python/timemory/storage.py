"""What was measured so far, by component: `timemory.storage.WallClockStorage.get()`.

There is one class for each component, named as the class of the component with `Storage` behind it.
All of them show this process only, also under MPI: the ranks meet in `timemory.report` and inside
`MPI_Finalize`.
"""

from __future__ import annotations

import os

from timemory import component
from timemory._json import loads
from timemory._results import get as _get
from timemory.statistics import Statistics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["Result", "Storage", "Tree", "Value"]


def _data(kind: type[component.Base], entry: dict[str, Any], key: str) -> component.Base:
    data = kind(key)
    data.load(entry["laps"], entry["value"], entry["accum"])
    return data


def _statistics(stats: dict[str, Any]) -> Statistics | list[Statistics]:
    """One for each value of a component of several."""
    columns = {name: value for name, value in stats.items() if isinstance(value, list)}
    if not columns:
        return Statistics.of(stats)
    count = len(next(iter(columns.values())))
    return [
        Statistics.of({**stats, **{name: values[i] for name, values in columns.items()}})
        for i in range(count)
    ]


class Result:
    """One row of a flat result.

    Attributes
    ----------
    tid, pid : int
        The thread and the process that measured it, the first where several did.
    depth : int
        How many rows it stands under.
    hash, rolling_hash : int
        Of the name, and of the path.
    prefix : str
        The label as tables have it.
    hierarchy : list of int
        The hashes of the names from the outermost region to this one.
    data : component
        The values, as an object of the component's class.
    stats : timemory.statistics.Statistics
        The statistics of the laps; a list of them for a component of several values.
    row : dict
        The row as it stands in the JSON document.
    """

    __slots__ = (
        "data",
        "depth",
        "hash",
        "hierarchy",
        "pid",
        "prefix",
        "rolling_hash",
        "row",
        "stats",
        "tid",
    )

    def __init__(self, kind: type[component.Base], row: dict[str, Any], above: list[int]) -> None:
        self.row = row
        self.depth: int = row["depth"]
        self.hash: int = row["hash"]
        self.rolling_hash: int = row["rolling_hash"]
        self.prefix: str = row["prefix"]
        self.hierarchy = [*above[: self.depth], self.hash]
        self.tid: int = row.get("tid", 0)
        self.pid: int = row.get("pid", os.getpid())
        self.data = _data(kind, row["entry"], self.prefix.split(">>> ", 1)[-1].lstrip(" |_"))
        self.stats = _statistics(row["stats"])

    def __repr__(self) -> str:
        return f"<{self.prefix} {self.data.get()} laps: {self.data.laps()}>"


class Value:
    """One node of a tree: `Tree.value()`."""

    __slots__ = ("depth", "exclusive", "hash", "inclusive", "is_dummy", "pid", "prefix", "tid")

    def __init__(self, kind: type[component.Base], node: dict[str, Any]) -> None:
        self.is_dummy: bool = bool(node.get("is_dummy", False))
        self.tid: list[int] = node["tid"]
        self.pid: list[int] = node["pid"]
        self.depth: int = node["depth"]
        self.hash: int = node["hash"]
        self.prefix: str = node["prefix"]
        self.inclusive = _Part(kind, node["inclusive"], self.prefix)
        self.exclusive = _Part(kind, node["exclusive"], self.prefix)


class _Part:
    """The values of a node, with or without what is below it."""

    __slots__ = ("data", "stats")

    def __init__(self, kind: type[component.Base], part: dict[str, Any], key: str) -> None:
        self.data = _data(kind, part["entry"], key)
        self.stats = _statistics(part["stats"])


class Tree:
    """A node and what is below it."""

    __slots__ = ("_kind", "node")

    def __init__(self, kind: type[component.Base], node: dict[str, Any]) -> None:
        self._kind = kind
        self.node = node

    def value(self) -> Value:
        """Return the values of this node."""
        return Value(self._kind, self.node["node"])

    def children(self) -> list[Tree]:
        """Return the nodes directly below."""
        return [Tree(self._kind, child) for child in self.node.get("children", [])]

    def __iter__(self) -> Iterator[Tree]:
        """All nodes from here down, in depth-first order."""
        below = [self]
        while below:
            tree = below.pop()
            yield tree
            below += reversed(tree.children())


class _Results(list):  # type: ignore[type-arg]
    """Rows or trees, with the document they come from."""

    def __init__(self, items: Any, document: dict[str, Any]) -> None:
        super().__init__(items)
        self.document = document


class Storage:
    """The results of one component."""

    component_type: type[component.Base] = component.Base

    @classmethod
    def get(cls) -> list[Result]:
        """Return the rows of this process, as `<label>.json` has them."""
        return cls._rows(_get(components=[cls.component_type]))

    @classmethod
    def get_tree(cls) -> list[Tree]:
        """Return the trees of this process, as `<label>.tree.json` has them."""
        return cls._trees(_get(hierarchy=True, components=[cls.component_type]))

    @classmethod
    def dmp_get(cls) -> list[list[Result]]:
        """Return the rows by process. There is one: this one."""
        rows = cls.get()
        return _Results([rows], rows.document)  # type: ignore[attr-defined]

    @classmethod
    def dmp_get_tree(cls) -> list[list[Tree]]:
        """Return the trees by process. There is one: this one."""
        trees = cls.get_tree()
        return _Results([trees], trees.document)  # type: ignore[attr-defined]

    mpi_get = upcxx_get = dmp_get
    mpi_get_tree = upcxx_get_tree = dmp_get_tree

    @classmethod
    def load(cls, document: dict[str, Any]) -> list[Result] | list[Tree]:
        """Return the rows or the trees of a document that is in memory."""
        metric = document.get("timemory", {}).get(cls.component_type.id(), {})
        return cls._rows(document) if "ranks" in metric else cls._trees(document)

    @classmethod
    def load_json(cls, filename: str | os.PathLike[str]) -> list[Result] | list[Tree]:
        """Return the rows of a `<label>.json`, or the trees of a `<label>.tree.json`."""
        with open(filename, encoding="utf-8") as file:
            return cls.load(loads(file.read()))

    load_json_tree = load_json

    @classmethod
    def dumps(cls, items: list[Any]) -> dict[str, Any]:
        """Return the document that rows or trees came from, as `timemory.get` gives it."""
        document = getattr(items, "document", None)
        if document is None:
            raise TypeError("dumps takes what get, get_tree and load of a storage return")
        result: dict[str, Any] = document
        return result

    @classmethod
    def _rows(cls, document: dict[str, Any]) -> list[Result]:
        rows = []
        for metric in cls._metrics(document):
            for rank in metric["ranks"]:
                above: list[int] = []
                for row in rank["graph"]:
                    rows.append(Result(cls.component_type, row, above))
                    above = rows[-1].hierarchy
        return _Results(rows, document)

    @classmethod
    def _trees(cls, document: dict[str, Any]) -> list[Tree]:
        trees = []
        for metric in cls._metrics(document):
            for process in metric.get("graph") or metric.get("mpi") or metric.get("upcxx") or []:
                nodes = process if isinstance(process, list) else [process]
                trees += [Tree(cls.component_type, node) for node in nodes]
        return _Results(trees, document)

    @classmethod
    def _metrics(cls, document: dict[str, Any]) -> list[dict[str, Any]]:
        metric = document.get("timemory", {}).get(cls.component_type.id())
        return [] if metric is None else [metric]


def __getattr__(name: str) -> Any:
    kind = getattr(component, name[: -len("Storage")], None) if name.endswith("Storage") else None
    if not (isinstance(kind, type) and issubclass(kind, component.Base)):
        raise AttributeError(f"module {__name__!r} has no {name!r}: there is no such component")
    made = type(name, (Storage,), {"component_type": kind, "__module__": __name__})
    globals()[name] = made
    return made


def __dir__() -> list[str]:
    return [*__all__, *(f"{kind.__name__}Storage" for kind in component.get_types())]
