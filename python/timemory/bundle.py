"""Another name of `timemory.util`."""

from __future__ import annotations

from timemory.util import auto_timer, marker

__all__ = ["auto_timer", "marker"]
