"""What the extension module asks for once per region: names, labels and lines."""

from __future__ import annotations

import os
import sys

from timemory import _timemory
from timemory._life import first_use
from timemory.component import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

__all__ = [
    "blank",
    "encoded",
    "enter_later",
    "exit_later",
    "first_use",
    "label",
    "label_of_frame",
    "print_report",
    "resolve",
    "resolve_auto_timer",
]

_AUTO_TIMER = "wall_clock,cpu_clock,cpu_util,peak_rss"


def resolve_auto_timer() -> str | None:
    """The components of `auto_timer`."""
    return resolve([_AUTO_TIMER, _timemory.get_setting("global_components") or ""])


def encoded(text: str) -> bytes:
    """A label as the C ABI takes it: what has no place in UTF-8 or in a C string as an escape."""
    return str(text).encode("utf-8", "backslashreplace").replace(b"\0", b"\\x00")


def blank(key: str) -> str:
    """The label of a key alone."""
    return key.strip("/")


def label(mode: str, key: str, name: str, arguments: str, place: str) -> str:
    """The label of a region.

    `blank` is `key+args`, `basic` is `func+args/key`, `full` is `func+args@file:line/key`.
    """
    key = key.strip("/")
    if mode == "blank" and key:
        return f"{key}{arguments}".strip("/")
    where = f"@{place}" if mode == "full" and place else ""
    return f"{name}{arguments}{where}/{key}".strip("/")


def text_of(value: Any) -> str:
    """repr(value), whatever it does."""
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__}>"


def label_of_frame(
    key: str, mode: str, add_args: int, is_class: int, frame: FrameType | None
) -> str:
    """The label of a with statement in the function of `frame`."""
    mode = "blank" if mode == "defer" else mode
    if frame is None:
        return key.strip("/") or "<unknown>"
    code = frame.f_code
    name, arguments = code.co_name, ""
    if add_args or is_class:
        values = frame.f_locals
        count = code.co_argcount + code.co_kwonlyargcount
        names = list(code.co_varnames[:count])
        if is_class and names and names[0] in values:
            name = f"{type(values[names.pop(0)]).__name__}.{name}"
        if add_args:
            for flag, stars in ((0x04, "*"), (0x08, "**")):
                if code.co_flags & flag:
                    names.append(stars + code.co_varnames[count])
                    count += 1
            shown = (
                f"{n}={text_of(values[n.lstrip('*')])}" for n in names if n.lstrip("*") in values
            )
            arguments = f"({', '.join(shown)})"
    place = f"{os.path.basename(code.co_filename)}:{frame.f_lineno}"
    return label(mode, key, name, arguments, place)


async def enter_later(marker: _timemory.marker) -> _timemory.marker:
    """`async with`: begin the region when it is awaited."""
    marker.start()
    return marker


async def exit_later(marker: _timemory.marker) -> None:
    """End it."""
    marker.stop()


def print_report(name: str, components: str) -> None:
    """Print the totals of the label `name`, as markers with `report_at_exit` do.

    What it called of its own name is part of them.
    """
    from timemory._results import get

    laps, totals = 0, []
    for metric in get(components=components)["timemory"].values():
        for rank in metric["ranks"]:
            within = sys.maxsize
            for row in rank["graph"]:
                if row["depth"] > within:
                    continue
                within = sys.maxsize
                if row["prefix"].split(">>> ", 1)[-1].lstrip(" |_") == name.lstrip(" |_"):
                    within = row["depth"]
                    entry = row["entry"]
                    laps = max(laps, entry["laps"])
                    shown = (entry["repr_data"], metric["unit_repr"], metric["type"])
                    columns = shown if isinstance(metric["type"], list) else [[v] for v in shown]
                    for value, unit, label in zip(*columns):
                        number = f"{value:.3f} {unit}" if unit else f"{value:g}"
                        totals.append(f"{number} {label}")
    if totals:
        print(f"{name}: {', '.join(totals)} [laps: {laps}]", flush=True)
