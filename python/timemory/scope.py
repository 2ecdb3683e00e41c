"""How call paths are told apart: as a tree, flat, or each call by itself."""

from __future__ import annotations

from timemory._settings import settings

__all__ = ["FLAT", "TIMELINE", "TREE", "config"]


class config:
    """A scope.

    Parameters
    ----------
    flat : bool, optional
        One row for each label, under no other; the setting `flat_profile` if not given.
    time : bool, optional
        One row for each call; the setting `timeline_profile` if not given.
    """

    __slots__ = ("flat", "time")

    def __init__(self, flat: bool | None = None, time: bool | None = None) -> None:
        self.flat = bool(settings.flat_profile) if flat is None else bool(flat)
        self.time = bool(settings.timeline_profile) if time is None else bool(time)

    @property
    def tree(self) -> bool:
        """Whether rows stand under each other."""
        return not self.flat

    timeline = property(lambda self: self.time, doc="Another name of `time`.")

    def apply(self) -> None:
        """Let the regions that begin from now on have this scope."""
        settings.flat_profile = self.flat
        settings.timeline_profile = self.time

    def __eq__(self, other: object) -> bool:
        return isinstance(other, config) and (self.flat, self.time) == (other.flat, other.time)

    def __hash__(self) -> int:
        return hash((self.flat, self.time))

    def __repr__(self) -> str:
        return f"timemory.scope.config(flat={self.flat}, time={self.time})"


TREE = config(False, False)
FLAT = config(True, False)
TIMELINE = config(False, True)
