"""How numbers and tables look."""

from __future__ import annotations

import re

from effect import WORK, Effect
from ended import Ended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MEMORY = """
from timemory.util import marker
with marker(["peak_rss"], key="work"):
    pass
"""

LONG_NAME = """
from timemory.util import marker
with marker(["wall_clock"], key="x" * 60):
    pass
"""


def digits(count: int, label: str) -> Callable[[Ended], bool]:
    """Whether the sums have so many digits after the point."""
    return lambda ended: all(
        re.fullmatch(rf"\d+\.\d{{{count}}}", cell) for cell in ended.cells("SUM", label)
    )


def wide(width: int, label: str) -> Callable[[Ended], bool]:
    """Whether the sums have so much room."""
    return lambda ended: len(ended.raw_cells("SUM", label)[0]) >= width


def scientific(label: str) -> Callable[[Ended], bool]:
    """Whether the sums have an exponent."""
    return lambda ended: all(re.search(r"\de[-+]\d", cell) for cell in ended.cells("SUM", label))


def in_unit(unit: str, label: str) -> Callable[[Ended], bool]:
    """Whether the table is in this unit."""
    return lambda ended: {cell.lower() for cell in ended.cells("UNITS", label)} == {unit}


EFFECTS = [
    Effect(
        "time_format",
        "stamp",
        lambda ended: ended.exists("stamp/wall.json"),
        environment={"TIMEMORY_TIME_OUTPUT": "on"},
    ),
    Effect("precision", "2", digits(2, "wall")),
    Effect("width", "30", wide(30, "wall")),
    Effect("max_width", "30", lambda ended: ended.cells("LABEL")[0].endswith("..."), LONG_NAME),
    Effect("scientific", "on", scientific("wall")),
    Effect(
        "separator_frequency",
        "1",
        lambda ended: sum(line.startswith("|---") for line in ended.table_lines()) > 4,
    ),
    Effect("timing_units", "msec", in_unit("msec", "wall")),
    Effect("memory_units", "kib", in_unit("kib", "peak_rss"), MEMORY),
    Effect("timing_precision", "2", digits(2, "wall")),
    Effect("timing_width", "30", wide(30, "wall")),
    Effect("timing_scientific", "on", scientific("wall"), WORK),
    Effect("memory_precision", "2", digits(2, "peak_rss"), MEMORY),
    Effect("memory_width", "30", wide(30, "peak_rss"), MEMORY),
    Effect("memory_scientific", "on", scientific("peak_rss"), MEMORY),
]
