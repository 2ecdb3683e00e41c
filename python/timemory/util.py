"""Decorators and context managers that measure regions."""

from __future__ import annotations

from timemory._timemory import auto_timer, marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Mode = Literal["blank", "basic", "full", "defer"]

__all__ = ["auto_timer", "auto_tuple", "marker", "rss_usage", "timer"]

auto_tuple = marker


class timer(auto_timer):
    """Measure what `auto_timer` does, and print a line with the totals whenever the region ends."""

    def __init__(
        self,
        key: str = "",
        add_args: bool = False,
        is_class: bool = False,
        mode: Mode = "defer",
        report_at_exit: bool = True,
    ) -> None:
        super().__init__(key, add_args, is_class, report_at_exit, mode)


class rss_usage(marker):
    """Measure memory, page faults and context switches, and print a line whenever the region ends.

    The resident memory, the faults and the switches are the change over the region; `peak_rss` is
    the high-water mark of the process when it ended.
    """

    def __init__(
        self,
        key: str = "",
        add_args: bool = False,
        is_class: bool = False,
        mode: Mode = "defer",
        report_at_exit: bool = True,
    ) -> None:
        super().__init__(
            (
                "page_rss",
                "peak_rss",
                "num_minor_page_faults",
                "num_major_page_faults",
                "voluntary_context_switch",
                "priority_context_switch",
            ),
            key,
            add_args,
            is_class,
            mode,
            report_at_exit,
        )
