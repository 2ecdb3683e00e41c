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

from timemory import _figures
from timemory._figures import plot_parameters
from timemory._plot_data import plot_data, read, timem_table, timemory_data
from timemory.common import dart_measurement_file

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
    "timem",
    "timemory_data",
]


def svg(data: plot_data) -> list[str]:
    """Draw one value of a component as texts of SVG.

    An icicle where its parts add up, else bars; and a heat map where ranks are told apart, else bars
    with lines from the least to the greatest rank where there were several.
    """
    import io

    import matplotlib

    parameters = plot_parameters(img_type="svg")
    figures = [
        _figures.icicle(data, parameters) if data.adds_up else _figures.bars([data], parameters)
    ]
    if data.has_ranks:
        figures.append(_figures.heat_map(data, parameters))
    elif data.ranks > 1 and data.adds_up:
        figures.append(_figures.bars([data], parameters))
    pictures = []
    # Names stay text, and the same data gives the same bytes.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "timemory"}):
        for figure in figures:
            text = io.StringIO()
            figure.savefig(text, format="svg", metadata={"Date": None})
            pictures.append(text.getvalue())
    return pictures


def _save(figure: Figure, folder: str, stem: str, parameters: plot_parameters) -> str:
    if folder:
        os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{stem}.{parameters.img_type}")
    figure.savefig(path, dpi=parameters.img_dpi)
    return path


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
        folder = os.path.dirname(path) if output_dir is None else output_dir
        drawn += [(item, folder) for item in _read_file(path)]
    for (item, _), title in zip(drawn, titles):
        item.description = title
    pictures = []
    if combine and drawn:
        series = [item for item, _ in drawn]
        figure = _figures.bars(series, parameters)
        pictures.append(_save(figure, drawn[0][1], f"{series[0].stem}_combined", parameters))
    else:
        for item, folder in drawn:
            pictures.append(_save(_figures.bars([item], parameters), folder, item.stem, parameters))
            if item.has_ranks:
                figure = _figures.heat_map(item, parameters)
                pictures.append(_save(figure, folder, f"{item.stem}_heatmap", parameters))
    for picture in pictures:
        print(f"[plot]|0> Outputting '{picture}'...")
        if echo_dart:
            _print_dart(picture)
    return pictures


def _json(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        try:
            return json.load(file)
        except ValueError as problem:
            raise ValueError(f"{path}: not JSON ({problem})") from None


def _read_file(path: str) -> list[plot_data]:
    try:
        return read(_json(path), os.path.splitext(os.path.basename(path))[0])
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"{path}: not a result of timemory ({problem!r})") from None
    except ValueError as problem:
        known = str(problem).startswith(f"{path}: ")
        raise ValueError(str(problem) if known else f"{path}: {problem}") from None


def _print_dart(picture: str) -> None:
    ending = picture.rpartition(".")[2]
    kind = {"svg": "svg+xml"}.get(ending, ending)
    name, path = os.path.basename(picture), os.path.abspath(picture)
    dart_measurement_file(name, path, kind, "application" if ending == "pdf" else "image")


def timem(
    files: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    data: Iterable[dict[str, Any]] = (),
) -> str:
    """Print what timemory 3's `timem` measured of a command as a table.

    Parameters
    ----------
    files : path or list of paths
        JSON files that `timem -o` wrote.
    data : list of dict, optional
        What such files say.

    Returns
    -------
    str
        The table: a row for each component, with mean, least and greatest where there were ranks.
    """
    paths = [files] if isinstance(files, (str, os.PathLike)) else list(files)
    documents = [(os.fspath(path), _json(os.fspath(path))) for path in paths]
    documents += [("the data", document) for document in data]
    tables = []
    for path, document in documents:
        try:
            tables.append(timem_table(document))
        except (KeyError, TypeError, AttributeError, ValueError) as problem:
            raise ValueError(f"{path}: not written by timem ({problem})") from None
    text = "\n\n".join(tables)
    print(text)
    return text


def _print_tables(files: Iterable[str]) -> None:
    from timemory import load

    for path in files:
        document = _json(path)
        if isinstance(document, dict) and "timem" in document.get("timemory", ()):
            timem(path)
        else:
            print(load(path).get_text(), end="")


def plot_all(data: Iterable[plot_data], **options: Any) -> list[str]:
    """Draw a picture for each; the same as `plot`."""
    return plot(data, **options)


def plot_generic(data: plot_data, output: str, plot_params: plot_parameters | None = None) -> str:
    """Draw one picture of bars as the file `output`, without its ending."""
    folder, stem = os.path.split(output)
    parameters = plot_params or plot_parameters()
    return _save(_figures.bars([data], parameters), folder, stem, parameters)


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
    return _save(_figures.bars([largest], parameters), output_dir, output_name, parameters)


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
    parser.add_argument(
        "-T", "--table", action="store_true", help="print tables instead of drawing pictures"
    )
    options = parser.parse_args(args)
    if options.table:
        _print_tables(options.files)
        return []
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
            results += _read_file(path)
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
