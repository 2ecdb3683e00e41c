"""What can be drawn of results: the regions of a component, with their values over the ranks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class timemory_data:
    """One region, with its value on each rank or over the ranks.

    Attributes
    ----------
    path : tuple of str
        Names from the outermost region to this one.
    laps : int
        How often it was measured, on all ranks together.
    value, low, high : float
        What the bar shows, and from where to where the line through its end goes.
    by_rank : dict of int to float
        The value of each rank, where ranks are told apart.
    """

    def __init__(self, path: tuple[str, ...], laps: int, value: float) -> None:
        self.path = path
        self.laps = laps
        self.value = self.low = self.high = value
        self.by_rank: dict[int, float] = {}

    @property
    def name(self) -> str:
        """The region's own name."""
        return self.path[-1]

    @property
    def depth(self) -> int:
        """How many regions it is in."""
        return len(self.path) - 1

    def spread(self) -> None:
        """Take mean, least and greatest from the values of the ranks."""
        values = list(self.by_rank.values())
        self.value = sum(values) / len(values)
        self.low, self.high = min(values), max(values)


class plot_data:
    """One value of a component, for all regions.

    Attributes
    ----------
    label, description, unit : str
        Of the component, or of one of its values.
    stem : str
        Name of the picture without folder and ending.
    ranks : int
        How many processes were measured.
    rows : list of timemory_data
        The regions, depth first.
    """

    def __init__(self, label: str, description: str, unit: str, ranks: int) -> None:
        self.label = label
        self.description = description
        self.unit = unit
        self.ranks = ranks
        self.stem = label
        self.rows: list[timemory_data] = []

    @property
    def has_ranks(self) -> bool:
        """Whether ranks are told apart."""
        return any(len(row.by_rank) > 1 for row in self.rows)

    @property
    def adds_up(self) -> bool:
        """Whether what is measured in regions below is part of what is measured in one."""
        below: dict[tuple[str, ...], float] = {}
        of: dict[tuple[str, ...], float] = {}
        for row in self.rows:
            of[row.path] = of.get(row.path, 0.0) + row.value
            below[row.path[:-1]] = below.get(row.path[:-1], 0.0) + row.value
        return self.unit != "%" and all(
            value <= of[path] * 1.001 for path, value in below.items() if path in of
        )

    @property
    def title(self) -> str:
        """What stands above a picture."""
        return self.description or self.label


def _element(value: Any, index: int) -> Any:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return value[index] if index < len(value) else None
    return value


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _names(prefix: str, depth: int, above: list[str]) -> tuple[str, tuple[str, ...]]:
    """Who measured a row (`|0`), and its path."""
    holder, _, name = prefix.partition(">>>")
    name = name[1:] if name.startswith(" ") else name
    indent = " " * (2 * (depth - 1)) + "|_"
    if depth > 0 and name.startswith(indent):
        name = name[len(indent) :]
    del above[depth:]
    above.append(name)
    return holder.strip(), tuple(above)


def _read_component(about: dict[str, Any], index: int) -> plot_data:
    label = _element(about.get("type", ""), index)
    data = plot_data(
        str(label),
        str(_element(about.get("description", ""), index) or ""),
        str(_element(about.get("unit_repr", ""), index) or ""),
        int(about.get("num_ranks", 1)),
    )
    lists = [entry for entry in about["ranks"] if entry.get("graph")]
    rows: dict[tuple[str, tuple[str, ...], int], timemory_data] = {}
    for entry in lists:
        rank = int(entry.get("rank", 0))
        above: list[str] = []
        seen: dict[tuple[str, tuple[str, ...]], int] = {}
        for node in entry["graph"]:
            holder, path = _names(str(node["prefix"]), int(node.get("depth", 0)), above)
            laps = int(node["entry"].get("laps", 0))
            if laps == 0:
                continue
            # Where ranks are told apart the first number is the rank: `|0`, or `|0|1`.
            thread = "|".join(holder.split("|")[2:]) if len(lists) > 1 else holder
            seen[thread, path] = repeat = seen.get((thread, path), -1) + 1
            values = node["entry"].get("repr_data", node["entry"].get("repr"))
            value = _number(_element(values, index))
            over_ranks = node.get("ranks")
            row = rows.get((thread, path, repeat))
            if row is None:
                rows[thread, path, repeat] = row = timemory_data(path, 0, value)
                data.rows.append(row)
            row.laps += laps
            if len(lists) > 1:
                row.by_rank[rank] = row.by_rank.get(rank, 0.0) + value
            elif isinstance(over_ranks, dict):
                row.value = _number(_element(over_ranks.get("mean"), index))
                row.low = _number(_element(over_ranks.get("min"), index))
                row.high = _number(_element(over_ranks.get("max"), index))
    for row in data.rows:
        if row.by_rank:
            row.spread()
    return data


def read(document: dict[str, Any], stem: str = "") -> list[plot_data]:
    """Take what can be plotted from `timemory.get()`, a `<label>.json`, or what `timem` wrote.

    Parameters
    ----------
    document : dict
        The document.
    stem : str, optional
        Name of the pictures; by default the component's label.

    Returns
    -------
    list of plot_data
        One for each value of each component.
    """
    found: list[plot_data] = []
    components = document.get("timemory") if isinstance(document, dict) else None
    if not isinstance(components, dict):
        raise ValueError("not a result of timemory (no object 'timemory')")
    if "timem" in components:
        return _read_timem(components, stem)
    for about in components.values():
        if not isinstance(about, dict) or "ranks" not in about:
            continue
        types = about.get("type", "")
        count = len(types) if isinstance(types, list) else 1
        for index in range(count):
            data = _read_component(about, index)
            data.stem = stem or data.label
            if count > 1:
                data.stem += f"_{data.label}"
            data.stem = data.stem.replace("/", "_")
            if data.rows:
                found.append(data)
    return found


def _read_timem(about: dict[str, Any], stem: str = "") -> list[plot_data]:
    """What timemory 3's `timem` measured of a command: each component has one row, the command."""
    words = about.get("command_line") or [stem or "command"]
    command = " ".join(map(str, words)) if isinstance(words, list) else str(words)
    found: dict[tuple[str, int], plot_data] = {}
    for rank, measured in enumerate(about["timem"]):
        for name, entry in measured.items():
            if not isinstance(entry, dict) or "laps" not in entry:
                continue  # the history
            values = entry.get("repr", entry.get("value"))
            count = len(values) if isinstance(values, (list, dict)) else 1
            for index in range(count):
                # The values of a component of several have numbers, or names where they come with them.
                part = list(values)[index] if isinstance(values, dict) else index
                label = f"{name}_{part}" if count > 1 else name
                data = found.get((name, index))
                if data is None:
                    unit = str(_element(entry.get("unit_repr", ""), index) or "")
                    data = found[name, index] = plot_data(label, label, unit, len(about["timem"]))
                    data.stem = f"{stem or 'timem'}_{label}".replace("/", "_")
                    data.rows.append(timemory_data((command,), 0, 0.0))
                row = data.rows[0]
                row.laps += int(entry["laps"])
                row.by_rank[rank] = _number(_element(values, index))
    for data in found.values():
        data.rows[0].spread()
    return list(found.values())


def timem_table(document: dict[str, Any]) -> str:
    """What timemory 3's `timem` wrote, as a table with a row for each component."""
    found = _read_timem(document["timemory"])
    if not found:
        raise ValueError("it has no component")
    ranks = found[0].ranks
    lines = [["METRIC", "UNITS", *(["MEAN", "MIN", "MAX"] if ranks > 1 else ["VALUE"])]]
    for data in found:
        row = data.rows[0]
        values = [row.value, row.low, row.high] if ranks > 1 else [row.value]
        lines.append([data.label, data.unit, *(f"{value:.6g}" for value in values)])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    rule = "|".join("-" * (width + 2) for width in widths)
    texts = [
        " | ".join(
            c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths))
        )
        for line in lines
    ]
    over = f", {ranks} ranks" if ranks > 1 else ""
    title = f"{found[0].rows[0].name}{over}"
    return "\n".join(
        [title, f"|{rule}|", f"| {texts[0]} |", f"|{rule}|"] + [f"| {t} |" for t in texts[1:]]
    )
