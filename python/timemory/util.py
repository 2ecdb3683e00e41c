"""Decorators and context managers that measure regions."""

from __future__ import annotations

from timemory._timemory import auto_timer, marker

__all__ = ["auto_timer", "marker"]
