"""Regions for instrumentation that can't choose what is worth measuring: they are throttled.

After each `throttle_count` calls of a region on a thread, if these took less than `throttle_value`
nanoseconds on average, that thread does not record it any more. What is left out is counted and
reported.
"""

from __future__ import annotations

from timemory import _timemory
from timemory._slow import encoded, first_use
from timemory.component import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    from timemory.component import Components

    Key = Union[str, int]

__all__ = [
    "finalize",
    "init",
    "is_initialized",
    "is_throttled",
    "pop",
    "push",
    "reset_throttle",
]


def init(args: Components = "wall_clock", read_command_line: bool = False, cmd: str = "") -> None:
    """Initialise the library, and choose what traces measure.

    Parameters
    ----------
    args : list, optional
        Components, as `timemory.util.marker` takes them.
    read_command_line : bool, optional
        Name the output after the program, and not after `cmd`.
    cmd : str, optional
        What the output is named after; the program if empty.
    """
    from timemory._life import init as name_output

    first_use()
    if cmd and not read_command_line:
        name_output([cmd])
    names = resolve(args)
    if names is not None:
        _timemory.trace_init(names)


def finalize() -> None:
    """End the recording, and write the results: see `timemory.finalize`."""
    from timemory._life import finalize as end

    end()


def is_initialized() -> bool:
    """Whether the library is recording."""
    return bool(_timemory.is_initialized())


def push(key: Key) -> None:
    """Begin the region `key`, a name or its number of `timemory.get_hash`, on this thread."""
    first_use()
    _timemory.push_trace(_name(key))


def pop(key: Key) -> None:
    """End the innermost open region `key` of this thread."""
    first_use()
    _timemory.pop_trace(_name(key))


def is_throttled(key: Key) -> bool:
    """Whether the calling thread does not record this region any more."""
    return bool(_timemory.is_throttled(_name(key)))


def reset_throttle(key: Key) -> None:
    """Let the calling thread record this region again."""
    _timemory.reset_throttle(_name(key))


def _name(key: Key) -> bytes:
    if isinstance(key, str):
        return encoded(key)
    name = _timemory.hash_identifier(key)
    if name is None:
        raise ValueError(f"{key} is not the number of a name: timemory.get_hash gives one")
    return encoded(name)
