"""PAPI, the library of hardware counters: this build has none, and every name says so."""

from __future__ import annotations

__all__ = ["is_available"]


def is_available() -> bool:
    """Whether hardware counters can be measured."""
    return False


def __getattr__(name: str) -> None:
    raise AttributeError(f"timemory.api.papi has no {name!r}: this build has no PAPI")
