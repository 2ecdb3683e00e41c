"""Hardware counters. This build has no PAPI: no counter is available, and each says so."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Info", "is_available", "preset"]

_MISSING = "not available: this build has no PAPI"


class Info:
    """What is known of a counter.

    Attributes
    ----------
    symbol : str
        The name it was asked for, as `PAPI_TOT_INS`.
    api, short_description, long_description : str
        Where it comes from, and what it counts.
    available : bool
        Whether it can be measured here.
    """

    __slots__ = ("api", "available", "long_description", "short_description", "symbol")

    def __init__(self, name: str) -> None:
        self.symbol = str(name)
        self.api = ""
        self.short_description = self.long_description = _MISSING
        self.available = False

    def __repr__(self) -> str:
        return f"<{self.symbol}: {self.short_description}>"


class _Presets:
    """`timemory.hardware_counters.preset`: one attribute for each counter that is available."""

    def __getattr__(self, symbol: str) -> Info:
        raise AttributeError(f"{symbol} is {_MISSING}")

    def __iter__(self) -> Iterator[Info]:
        return iter(())


preset = _Presets()


def is_available(name: str) -> bool:
    """Whether a counter can be measured here."""
    return Info(name).available
