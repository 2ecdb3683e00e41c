"""Another name of `timemory.util`."""

from __future__ import annotations

from timemory.util import auto_timer, auto_tuple, marker, rss_usage, timer

__all__ = ["auto_timer", "auto_tuple", "marker", "rss_usage", "timer"]
