"""Results that were written, read again."""

from __future__ import annotations

import os
from collections.abc import Iterable

from timemory import _timemory
from timemory.component import Base, Component

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hatchet import GraphFrame
    from pandas import DataFrame

    from timemory.component import Components

_TEXT, _JSON, _TREE, _CSV, _METADATA, _TABLES = range(6)

# What may be missing in a row, so that pandas would make real numbers of them.
_WHOLE_NUMBERS = ("thread", "parent", "rank_count", "min_rank", "max_rank")
_TEXTS = ("component", "metric", "unit", "ranks", "name", "path")


def load(path: str | os.PathLike[str]) -> Result:
    """Read a result, whatever form it is in.

    Parameters
    ----------
    path : path-like
        A `timemory.h5`, a profile that a rank left (`*.timemory`), an arena, a `<label>.json` (also
        timemory 3's); or the folder that such files are in.

    Raises
    ------
    ValueError
        If it can't be read; the message says why.
    """
    return Result(path)


class Result:
    """What a job has measured; see `load`.

    Where a method takes components, they are named as in `components`, or by label or alias, or given
    as `timemory.component` has them; none means all. A ValueError says where the result has none of
    them.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._result = _timemory.Result(self.path)

    def __repr__(self) -> str:
        return f"<timemory.Result of {self.path!r}: {', '.join(self.components) or 'empty'}>"

    def _repr_html_(self) -> str:
        """Show it in a notebook: a table and pictures, as far as pandas and matplotlib are there."""
        from timemory import _notebook

        return _notebook.page(self)

    @property
    def components(self) -> list[str]:
        """Return the ids of the components that were measured, such as `wall_clock`."""
        import csv

        rows = csv.reader(self._text(_CSV, ()).splitlines(keepends=True))
        next(rows)
        return list(dict.fromkeys(row[0] for row in rows))

    @property
    def metadata(self) -> dict[str, Any]:
        """Return what is known of the run, as `metadata.json` has it; empty if the file has none."""
        import json

        text = self._result.text(_METADATA, None)
        document = json.loads(text) if text else {}
        metadata: dict[str, Any] = document.get("timemory", {}).get("metadata", {})
        return metadata

    @property
    def tables(self) -> dict[str, DataFrame]:
        """Return what was counted beside the call paths, such as the messages of MPI, by name.

        A row stands for its keys, the first columns; `count`, `sum`, `mean`, `min`, `max` and
        `stddev` are of its values: nanoseconds or bytes, as `attrs["unit"]` of the table says. What
        a value is, is in `attrs["description"]`. Where ranks were kept apart, `ranks` says which.
        """
        import json

        import pandas

        found = {}
        document = json.loads(self._result.text(_TABLES, None))
        for name, table in document["timemory"]["tables"].items():
            found[name] = pandas.DataFrame(table["columns"])
            found[name].attrs = {k: table[k] for k in ("description", "unit", "keys")}
        return found

    def get(self, hierarchy: bool = False, components: Components = ()) -> dict[str, Any]:
        """Return the document of `<label>.json`, or of `<label>.tree.json`; see `timemory.get`."""
        from timemory._json import loads

        document: dict[str, Any] = loads(self._text(_TREE if hierarchy else _JSON, components))
        return document

    def get_text(self, components: Components = ()) -> str:
        """Return the tables, without banner; see `timemory.get_text`."""
        return self._text(_TEXT, components)

    def to_dataframe(self, components: Components = ()) -> DataFrame:
        """Return a row for each call path of each component (and rank and thread, if kept apart).

        `sum`, `mean`, `min`, `max` and `stddev` are over laps, in `unit`; `self_sum` is what is in
        no region below. `rank_…` are statistics over the ranks' totals. `parent` is the `row` of the
        region above.
        """
        import io

        import pandas

        text = self._text(_CSV, components)
        columns = text[: text.index("\n")].split(",")
        return pandas.read_csv(
            io.StringIO(text),
            dtype={**dict.fromkeys(_TEXTS, str), **dict.fromkeys(_WHOLE_NUMBERS, "Int64")},
            # A region may be called "NA".
            keep_default_na=False,
            na_values={name: [""] for name in columns if name not in _TEXTS},
            float_precision="round_trip",
        )

    def to_hatchet(self, components: Components = ()) -> GraphFrame:
        """Return the call trees as hatchet (PyPI: llnl-hatchet) has them."""
        import hatchet

        return hatchet.GraphFrame.from_timemory(self.get(hierarchy=True, components=components))

    def _text(self, format: int, components: Components) -> str:
        wanted = ",".join(_names(components)) or None
        if wanted and not _has_rows(self._result.text(_CSV, wanted)):
            raise ValueError(
                f"{self.path!r} has none of the components {wanted!r}; "
                f"it has: {', '.join(self.components)}"
            )
        return self._result.text(format, wanted)


def _names(components: Components) -> list[str]:
    """The names given: a result may have components that are not known or can't be measured here."""
    if components is None:
        return []
    if isinstance(components, str):
        return [components]
    if isinstance(components, Component):
        return [components.name]
    if isinstance(components, type) and issubclass(components, Base):
        return [components._component.name]
    if isinstance(components, Iterable):
        return [name for item in components for name in _names(item)]
    raise TypeError(f"not a component: {components!r}")


def _has_rows(table: str) -> bool:
    return "\n" in table.rstrip("\n")
