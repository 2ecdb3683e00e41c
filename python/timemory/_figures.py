"""Figures of matplotlib: bars, heat maps and icicles of what was measured."""

from __future__ import annotations

import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from matplotlib.figure import Figure

    from timemory._plot_data import plot_data, timemory_data

_MOST_ROWS = 400
_MOST_LETTERS = 44
_BAR_COLOUR = ("#3b6ea5", "#d1812c", "#4f9a58", "#a8476b", "#7a68a6", "#8a8a8a")
_LINE_COLOUR = "#20242a"
_ICICLE_COLOUR = ("#f2b880", "#f4cf8b", "#e9a07c", "#f0d9a0", "#dcb07e", "#eec1a2")


class plot_parameters:
    """How pictures look.

    Parameters
    ----------
    min_percent : float
        Regions below this share of the largest one are left out.
    img_dpi : int
        Dots per inch.
    img_size : tuple of float, optional
        Width and height in inches. By default the height follows from the number of regions.
    img_type : str
        Ending of the files, as matplotlib knows it: png, svg, pdf.
    log_x : bool
        A logarithmic axis.
    """

    def __init__(
        self,
        min_percent: float = 0.0,
        img_dpi: int = 100,
        img_size: tuple[float, float] | None = None,
        img_type: str = "png",
        log_x: bool = False,
    ) -> None:
        self.min_percent = min_percent
        self.img_dpi = img_dpi
        self.img_size = img_size
        self.img_type = img_type.lstrip(".")
        self.log_x = log_x


def _shortened(text: str, most: int = _MOST_LETTERS) -> str:
    """The text on one line, its middle left out if it is long; nothing in it is a formula."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    if len(text) > most:
        half = (most - 1) // 2
        text = f"{text[:half]}…{text[len(text) - half :]}"
    return text.replace("$", r"\$")


def _formatted(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}".strip()


def _chosen(data: plot_data, parameters: plot_parameters) -> tuple[list[timemory_data], int]:
    """The rows that are drawn, in their order, and how many are not."""
    largest = max((abs(row.value) for row in data.rows), default=0.0)
    least = largest * parameters.min_percent / 100.0
    rows = [row for row in data.rows if abs(row.value) >= least]
    if len(rows) > _MOST_ROWS:
        limit = sorted((abs(row.value) for row in rows), reverse=True)[_MOST_ROWS - 1]
        rows = [row for row in rows if abs(row.value) >= limit][:_MOST_ROWS]
    return rows, len(data.rows) - len(rows)


def _label(row: timemory_data) -> str:
    indent = "\N{NO-BREAK SPACE}" * 2 * min(row.depth, 12)  # SVG would drop other spaces
    return f"{indent}{_shortened(row.name, _MOST_LETTERS - len(indent))}  x{row.laps}"


def _figure(width: float, rows: int, parameters: plot_parameters) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = parameters.img_size or (width, 1.3 + 0.2 * max(rows, 4))
    figure = Figure(figsize=size, dpi=parameters.img_dpi, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _name_rows(axes: Any, labels: list[str]) -> None:
    axes.set_yticks(range(len(labels)), labels, fontsize=8, fontfamily="monospace", ha="left")
    # Beginning at one line, so that the indents can be seen.
    axes.tick_params(axis="y", length=0, pad=7 + 5.0 * max(len(label) for label in labels))
    axes.set_ylim(len(labels) - 0.4, -0.6)


def bars(series: list[plot_data], parameters: plot_parameters) -> Figure:
    """One bar for each region, or one for each series, and what they were over ranks."""
    chosen = [_chosen(data, parameters) for data in series]
    left_out = sum(count for _, count in chosen)
    order: dict[tuple[tuple[str, ...], int], timemory_data] = {}
    places: list[dict[tuple[tuple[str, ...], int], timemory_data]] = []
    for rows, _ in chosen:
        seen: dict[tuple[str, ...], int] = {}
        place = {}
        for row in rows:
            seen[row.path] = repeat = seen.get(row.path, -1) + 1
            place[row.path, repeat] = row
            order.setdefault((row.path, repeat), row)
        places.append(place)

    figure = _figure(11, len(order) * (1 if len(series) == 1 else len(series) * 0.6), parameters)
    axes = figure.add_subplot()
    height = 0.72 / len(series)
    position = {key: i for i, key in enumerate(order)}
    furthest = 0.0
    for number, (data, place) in enumerate(zip(series, places)):
        shift = (number - (len(series) - 1) / 2) * height
        at = [position[key] + shift for key in place]
        values = [row.value for row in place.values()]
        spread = [
            [max(row.value - row.low, 0.0) for row in place.values()],
            [max(row.high - row.value, 0.0) for row in place.values()],
        ]
        over_ranks = any(low or high for low, high in zip(*spread))
        axes.barh(
            at,
            values,
            height=height,
            color=_BAR_COLOUR[number % len(_BAR_COLOUR)],
            xerr=spread if over_ranks else None,
            error_kw={"ecolor": _LINE_COLOUR, "elinewidth": 1.0, "capsize": 2.5},
            label=data.stem,
        )
        for y, row in zip(at, place.values()):
            end = max(row.value, row.high, 0.0)
            furthest = max(furthest, end)
            axes.annotate(
                _formatted(row.value, data.unit),
                (end, y),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=7,
                color="#555555",
            )
    _name_rows(axes, [_label(row) for row in order.values()])
    if parameters.log_x:
        axes.set_xscale("log")
    elif furthest > 0:
        axes.set_xlim(right=furthest * 1.14)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    first = series[0]
    axes.set_xlabel(f"{first.label} [{first.unit}]" if first.unit else first.label, fontsize=9)
    axes.tick_params(axis="x", labelsize=8, top=len(order) > 40, labeltop=len(order) > 40)
    lines = [_shortened(first.title, 90)]
    if any(data.ranks > 1 for data in series):
        lines.append(f"mean over {first.ranks} ranks; the line goes from the least to the greatest")
    if left_out:
        lines.append(f"{left_out} smaller regions are left out")
    axes.set_title("\n".join(lines), fontsize=10, loc="left")
    if len(series) > 1:
        axes.legend(fontsize=8, loc="lower right")
    return figure


def heat_map(data: plot_data, parameters: plot_parameters) -> Figure:
    """Each rank's value of each region, over the mean of the region."""
    rows, left_out = _chosen(data, parameters)
    ranks = sorted({rank for row in data.rows for rank in row.by_rank})
    cells = [
        [
            row.by_rank[rank] / row.value if rank in row.by_rank and row.value else float("nan")
            for rank in ranks
        ]
        for row in rows
    ]
    figure = _figure(min(7.5 + 0.25 * len(ranks), 20), len(rows), parameters)
    axes = figure.add_subplot()
    import matplotlib

    colours = matplotlib.colormaps["RdBu_r"].with_extremes(bad="#c8c8c8")
    image = axes.imshow(
        cells, aspect="auto", interpolation="nearest", cmap=colours, vmin=0.0, vmax=2.0
    )
    _name_rows(
        axes,
        [f"{_label(row)}  {_formatted(row.value, data.unit)}" for row in rows],
    )
    step = max(1, -(-len(ranks) // 40))
    axes.set_xticks(range(0, len(ranks), step), [str(rank) for rank in ranks[::step]], fontsize=8)
    axes.tick_params(axis="x", top=len(rows) > 40, labeltop=len(rows) > 40)
    axes.set_xlabel("rank", fontsize=9)
    lines = [_shortened(data.title, 90), "each rank over the mean of the region (beside its name)"]
    if left_out:
        lines.append(f"{left_out} smaller regions are left out")
    figure.suptitle("\n".join(lines), fontsize=10, x=0.01, ha="left")
    bar = figure.colorbar(image, ax=axes, extend="max", fraction=0.04, aspect=40, pad=0.02)
    bar.set_label("1 = mean; grey: not there", fontsize=8)
    bar.ax.tick_params(labelsize=8)
    return figure


def icicle(data: plot_data, parameters: plot_parameters) -> Figure:
    """A rectangle for each call path, as wide as its value, below the one that it is in."""
    from matplotlib.patches import Rectangle

    # Rows of different threads or laps may have one path.
    places: dict[tuple[str, ...], float] = {}
    for row in data.rows:
        places[row.path] = places.get(row.path, 0.0) + max(row.value, 0.0)
    total = sum(value for path, value in places.items() if len(path) == 1) or 1.0
    least = total * max(parameters.min_percent / 100.0, 1 / 2000)
    figure = _figure(11, 2 * max((len(path) for path in places), default=1), parameters)
    axes = figure.add_subplot()
    filled: dict[tuple[str, ...], float] = {}  # where the next one below a path begins
    for path, value in places.items():
        left = filled.get(path[:-1], 0.0)
        filled[path[:-1]] = left + value
        filled[path] = left
        if value < least:
            continue
        place = Rectangle(
            (left / total, len(path) - 1),
            value / total,
            1.0,
            facecolor=_ICICLE_COLOUR[zlib.crc32(path[-1].encode()) % len(_ICICLE_COLOUR)],
            edgecolor="white",
            linewidth=0.5,
            gid=path[-1],
        )
        axes.add_patch(place)
        letters = int(120 * value / total)
        if letters >= 3:
            text = axes.text(
                left / total + 0.003, len(path) - 0.5, _shortened(path[-1], letters), fontsize=8
            )
            text.set(va="center", clip_path=place)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(max((len(path) for path in places), default=1), 0)
    axes.set_axis_off()
    axes.set_title(
        f"{_shortened(data.title, 90)}: {_formatted(total, data.unit)}", fontsize=10, loc="left"
    )
    return figure
