"""Count, sum, extremes and deviation of the laps of a region."""

from __future__ import annotations

import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

__all__ = ["Statistics", "statistics"]


class Statistics:
    """Statistics of numbers.

    Attributes
    ----------
    count : int
        How many there are.
    sum, sqr : float
        Their sum, and the sum of their squares.
    min, max : float
        The least and the greatest; 0 where there is none.

    Parameters
    ----------
    values : list of float, optional
        Numbers to begin with.
    """

    __slots__ = ("count", "max", "min", "sqr", "sum")

    def __init__(self, values: Iterable[float] = ()) -> None:
        self.count = 0
        self.sum: float = 0
        self.sqr: float = 0
        self.min: float = 0
        self.max: float = 0
        for value in values:
            self += value

    @classmethod
    def of(cls, stats: dict[str, Any]) -> Statistics:
        """Return the statistics of a result: what stands there under `stats`."""
        made = cls()
        for name in cls.__slots__:
            setattr(made, name, stats.get(name, 0))
        return made

    @property
    def mean(self) -> float:
        """The mean; 0 of nothing."""
        return self.sum / self.count if self.count else 0.0

    @property
    def variance(self) -> float:
        """The mean square distance from the mean, as STDDEV in the tables is its root."""
        return max(0.0, self.sqr / self.count - self.mean**2) if self.count else 0.0

    @property
    def stddev(self) -> float:
        """The root of the variance."""
        return math.sqrt(self.variance)

    def reset(self) -> None:
        """Forget all numbers."""
        self.__init__()  # type: ignore[misc]

    def __iadd__(self, other: Statistics | float) -> Statistics:
        more = other if isinstance(other, Statistics) else _of_one(other)
        if more.count:
            self.min = min(self.min, more.min) if self.count else more.min
            self.max = max(self.max, more.max) if self.count else more.max
        self.count += more.count
        self.sum += more.sum
        self.sqr += more.sqr
        return self

    def __isub__(self, other: Statistics | float) -> Statistics:
        """Take numbers away that are in it; the extremes stay, since what is left is not known."""
        less = other if isinstance(other, Statistics) else _of_one(other)
        self.count -= less.count
        self.sum -= less.sum
        self.sqr -= less.sqr
        return self

    def __add__(self, other: Statistics | float) -> Statistics:
        made = self._copy()
        made += other
        return made

    def __sub__(self, other: Statistics | float) -> Statistics:
        made = self._copy()
        made -= other
        return made

    def _copy(self) -> Statistics:
        return self.of({name: getattr(self, name) for name in self.__slots__})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Statistics) and all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = (
            f"{n}={getattr(self, n)!r}" for n in ("count", "sum", "mean", "min", "max", "stddev")
        )
        return f"Statistics({', '.join(shown)})"


def _of_one(value: float) -> Statistics:
    made = Statistics()
    made.count, made.sum, made.sqr, made.min, made.max = 1, value, value * value, value, value
    return made


statistics = Statistics
