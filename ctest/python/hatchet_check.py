#!/usr/bin/env python3
"""Compare what hatchet reads from a tree JSON with what is expected.

    hatchet_check.py tree.json expected.json

`expected.json` is ``{path: {place: value}}``:

* ``path`` is the names from the outermost region to the region, joined by `` > ``. Hatchet takes
  names such as ``function@file:line/label`` apart; here they stand as hatchet shows them.
* ``place`` is a rank (``"2"``), a rank and a thread (``"2:1"``), or ``"0"`` where there is neither.
* ``value`` is the inclusive total in display units, or an object with any of ``sum``, ``count``,
  ``min``, ``max``, ``mean``, ``stddev`` (inclusive) and ``exclusive`` (the exclusive total).

Every value in the tree must be expected: hatchet fills places where a path does not occur with 0,
so all other values must be 0. Ends with status 0 and one line if all is equal, else with status 1
and a line for each difference.
"""

from __future__ import annotations

import json
import math
import sys
from typing import Any

import hatchet

SEPARATOR = " > "


def read_tree(file: str) -> dict[str, dict[str, dict[str, float]]]:
    """Return what hatchet reads: ``{path: {place: {"sum": …, "count": …, …}}}``."""
    with open(file, encoding="utf-8") as stream:
        metrics = list(json.load(stream)["timemory"])
    if len(metrics) != 1:
        raise SystemExit(f"{file}: one component expected, found {metrics}")
    metric = metrics[0].lower()
    frame = hatchet.GraphFrame.from_timemory(file).dataframe
    levels = list(frame.index.names)
    values: dict[str, dict[str, dict[str, float]]] = {}
    for index, row in frame.iterrows():
        where = dict(zip(levels, index if isinstance(index, tuple) else (index,)))
        path = SEPARATOR.join(n.frame["name"] for n in where["node"].path())
        place = str(int(where.get("rank", 0)))
        if "thread" in where:
            place += f":{int(where['thread'])}"
        here = {"count": float(row["count"])}
        for stat in ("sum", "min", "max", "mean", "stddev"):
            here[stat] = float(row[f"{stat}.{metric} (inc)"])
        here["exclusive"] = float(row[f"sum.{metric}"])
        values.setdefault(path, {})[place] = here
    return values


def differences(
    found: dict[str, dict[str, dict[str, float]]], expected: dict[str, dict[str, Any]]
) -> list[str]:
    """Return a line for each value that is not as expected."""
    lines = []
    for path, places in expected.items():
        for place, wanted in places.items():
            if not isinstance(wanted, dict):
                wanted = {"sum": wanted}
            here = found.get(path, {}).get(place)
            if here is None:
                lines.append(f"{path!r} at {place}: not in the tree")
                continue
            for key, value in wanted.items():
                if not math.isclose(here[key], value, rel_tol=1e-9, abs_tol=1e-15):
                    lines.append(f"{path!r} at {place}: {key} is {here[key]!r}, not {value!r}")
    for path, places in found.items():
        for place, here in places.items():
            if place not in expected.get(path, {}) and any(here.values()):
                lines.append(f"{path!r} at {place}: not expected, sum {here['sum']!r}")
    return lines


def main() -> int:
    """Compare the two files named on the command line."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    with open(sys.argv[2], encoding="utf-8") as stream:
        expected = json.load(stream)
    if not any(expected.values()):
        print(f"{sys.argv[2]}: nothing is expected", file=sys.stderr)
        return 1
    found = read_tree(sys.argv[1])
    wrong = differences(found, expected)
    for line in wrong:
        print(line, file=sys.stderr)
    if not wrong:
        count = sum(len(places) for places in expected.values())
        print(f"{sys.argv[1]}: {count} values are as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
