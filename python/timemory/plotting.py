"""Pictures of results, from `<label>.json` files: `timemory-plotter`, `python -m timemory.plotting`.

`<label>.png` has a bar for each region. Where several ranks were measured, a bar is the mean over
the ranks, and a line through its end goes from the least to the greatest of them. Where the ranks
are told apart (`collapse_processes` off), `<label>_heatmap.png` shows each rank of each region.

Needs matplotlib, which is imported when the first picture is drawn.
"""

from __future__ import annotations

import json
import os
import sys
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from matplotlib.figure import Figure

__all__ = [
    "embedded_plot",
    "plot",
    "plot_all",
    "plot_data",
    "plot_generic",
    "plot_maximums",
    "plot_parameters",
    "read",
    "svg",
    "timemory_data",
]

_MOST_ROWS = 400
_MOST_LETTERS = 44
_BAR_COLOUR = ("#3b6ea5", "#d1812c", "#4f9a58", "#a8476b", "#7a68a6", "#8a8a8a")
_LINE_COLOUR = "#20242a"
_ICICLE_COLOUR = ("#f2b880", "#f4cf8b", "#e9a07c", "#f0d9a0", "#dcb07e", "#eec1a2")


def svg(data: plot_data) -> list[str]:
    """Draw one value of a component as texts of SVG.

    An icicle where its parts add up, else bars; and a heat map where ranks are told apart, else bars
    with lines from the least to the greatest rank where there were several.
    """
    import io

    import matplotlib

    parameters = plot_parameters(img_type="svg")
    figures = [_draw_icicle(data, parameters) if data.adds_up else _draw_bars([data], parameters)]
    if data.has_ranks:
        figures.append(_draw_heat_map(data, parameters))
    elif data.ranks > 1 and data.adds_up:
        figures.append(_draw_bars([data], parameters))
    pictures = []
    # Names stay text, and the same data gives the same bytes.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "timemory"}):
        for figure in figures:
            text = io.StringIO()
            figure.savefig(text, format="svg", metadata={"Date": None})
            pictures.append(text.getvalue())
    return pictures


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
    """Take what can be plotted from the flat JSON of `timemory.get()` or a `<label>.json`.

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
        raise ValueError("no object 'timemory'")
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


def _save(figure: Figure, folder: str, stem: str, parameters: plot_parameters) -> str:
    if folder:
        os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{stem}.{parameters.img_type}")
    figure.savefig(path, dpi=parameters.img_dpi)
    return path


def _name_rows(axes: Any, labels: list[str]) -> None:
    axes.set_yticks(range(len(labels)), labels, fontsize=8, fontfamily="monospace", ha="left")
    # Beginning at one line, so that the indents can be seen.
    axes.tick_params(axis="y", length=0, pad=7 + 5.0 * max(len(label) for label in labels))
    axes.set_ylim(len(labels) - 0.4, -0.6)


def _draw_bars(series: list[plot_data], parameters: plot_parameters) -> Figure:
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


def _draw_heat_map(data: plot_data, parameters: plot_parameters) -> Figure:
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


def _draw_icicle(data: plot_data, parameters: plot_parameters) -> Figure:
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


def plot(
    data: Iterable[plot_data] = (),
    files: Iterable[str] = (),
    plot_params: plot_parameters | None = None,
    combine: bool = False,
    output_dir: str | None = None,
    echo_dart: bool = False,
    titles: Sequence[str] = (),
) -> list[str]:
    """Draw pictures and announce each on stdout.

    Parameters
    ----------
    data : list of plot_data, optional
        What `read` returned.
    files : list of str, optional
        `<label>.json` files.
    plot_params : plot_parameters, optional
        How the pictures look.
    combine : bool, optional
        One picture with a bar for each file instead of a picture for each.
    output_dir : str, optional
        The folder; by default that of each file.
    echo_dart : bool, optional
        Print tags by which CTest attaches the pictures to a test.
    titles : list of str, optional
        What stands above the pictures, in order.

    Returns
    -------
    list of str
        The pictures.
    """
    parameters = plot_params or plot_parameters()
    drawn: list[tuple[plot_data, str]] = [(item, output_dir or "") for item in data]
    for path in files:
        with open(path, encoding="utf-8") as file:
            try:
                document = json.load(file)
            except ValueError as problem:
                raise ValueError(f"{path}: not JSON ({problem})") from None
        stem = os.path.splitext(os.path.basename(path))[0]
        folder = os.path.dirname(path) if output_dir is None else output_dir
        try:
            drawn += [(item, folder) for item in read(document, stem)]
        except (KeyError, TypeError, AttributeError, ValueError) as problem:
            raise ValueError(f"{path}: not a result of timemory ({problem})") from None
    for (item, _), title in zip(drawn, titles):
        item.description = title
    pictures = []
    if combine and drawn:
        series = [item for item, _ in drawn]
        figure = _draw_bars(series, parameters)
        pictures.append(_save(figure, drawn[0][1], f"{series[0].stem}_combined", parameters))
    else:
        for item, folder in drawn:
            pictures.append(_save(_draw_bars([item], parameters), folder, item.stem, parameters))
            if item.has_ranks:
                figure = _draw_heat_map(item, parameters)
                pictures.append(_save(figure, folder, f"{item.stem}_heatmap", parameters))
    for picture in pictures:
        print(f"[plot]|0> Outputting '{picture}'...")
        if echo_dart:
            _print_dart(picture)
    return pictures


def _print_dart(picture: str) -> None:
    from xml.sax.saxutils import escape, quoteattr

    kind = {"svg": "image/svg+xml", "pdf": "application/pdf"}.get(
        picture.rpartition(".")[2], f"image/{picture.rpartition('.')[2]}"
    )
    name, path = quoteattr(os.path.basename(picture)), escape(os.path.abspath(picture))
    print(f'<DartMeasurementFile name={name} type="{kind}">{path}</DartMeasurementFile>')


def plot_all(data: Iterable[plot_data], **options: Any) -> list[str]:
    """Draw a picture for each; the same as `plot`."""
    return plot(data, **options)


def plot_generic(data: plot_data, output: str, plot_params: plot_parameters | None = None) -> str:
    """Draw one picture of bars as the file `output`, without its ending."""
    folder, stem = os.path.split(output)
    parameters = plot_params or plot_parameters()
    return _save(_draw_bars([data], parameters), folder, stem, parameters)


def plot_maximums(
    output_name: str,
    title: str,
    data: Sequence[plot_data],
    plot_params: plot_parameters | None = None,
    output_dir: str = "",
) -> str:
    """Draw the largest region of each of several results, as `<output_name>.png`."""
    if not data:
        raise ValueError("there is nothing to plot")
    largest = plot_data(data[0].label, title, data[0].unit, data[0].ranks)
    for item in data:
        row = max(item.rows, key=lambda row: row.value)
        shown = timemory_data((f"{item.stem}: {row.name}",), row.laps, row.value)
        shown.low, shown.high = row.low, row.high
        largest.rows.append(shown)
    parameters = plot_params or plot_parameters()
    return _save(_draw_bars([largest], parameters), output_dir, output_name, parameters)


def embedded_plot(args: Sequence[str] | None = None, data: Iterable[plot_data] = ()) -> list[str]:
    """Do what `timemory-plotter` does with these arguments, and plot `data` too."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="timemory-plotter", description="Draw pictures of timemory's <label>.json files"
    )
    parser.add_argument("-f", "--files", nargs="*", default=[], help="the JSON files")
    parser.add_argument("-t", "--titles", nargs="*", default=[], help="titles, in order")
    parser.add_argument("-c", "--combine", action="store_true", help="one picture for all files")
    parser.add_argument("-o", "--output-dir", help="folder of the pictures")
    parser.add_argument(
        "-e", "--echo-dart", action="store_true", help="print tags that attach them in CTest"
    )
    parser.add_argument(
        "--min-percent",
        type=float,
        default=0.0,
        help="leave out regions below this share of the largest",
    )
    parser.add_argument("--img-dpi", type=int, default=100, help="dots per inch")
    parser.add_argument(
        "--img-size", type=float, nargs=2, metavar=("WIDTH", "HEIGHT"), help="inches"
    )
    parser.add_argument("--img-type", default="png", help="png, svg or pdf")
    parser.add_argument("--plot-max", metavar="NAME", help="one picture of the largest regions")
    parser.add_argument("--log-x", action="store_true", help="a logarithmic axis")
    options = parser.parse_args(args)
    parameters = plot_parameters(
        options.min_percent,
        options.img_dpi,
        tuple(options.img_size) if options.img_size else None,
        options.img_type,
        options.log_x,
    )
    if options.plot_max:
        results = list(data)
        for path in options.files:
            with open(path, encoding="utf-8") as file:
                results += read(json.load(file), os.path.splitext(os.path.basename(path))[0])
        title = options.titles[0] if options.titles else ""
        picture = plot_maximums(
            options.plot_max, title, results, parameters, options.output_dir or ""
        )
        print(f"[plot]|0> Outputting '{picture}'...")
        return [picture]
    return plot(
        data,
        options.files,
        parameters,
        options.combine,
        options.output_dir,
        options.echo_dart,
        options.titles,
    )


def main() -> int:
    """Run `timemory-plotter`."""
    try:
        embedded_plot()
    except ImportError as problem:
        print(f"timemory: {sys.executable} can't plot: {problem}", file=sys.stderr)
        return 1
    except (OSError, ValueError, KeyError) as problem:
        print(f"timemory: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
