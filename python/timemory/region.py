"""Regions by name, with the default components.

A region begun with `push` is ended with `pop` of the same name on the same thread; one begun with
`begin` may be ended in any order and on another thread.
"""

from __future__ import annotations

from timemory import _timemory
from timemory.component import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from timemory.component import Components

__all__ = [
    "add_components",
    "begin",
    "end",
    "pause",
    "pop",
    "pop_components",
    "push",
    "push_components",
    "remove_components",
    "resume",
    "set_default",
]


def push(key: str) -> None:
    """Begin the region `key` on this thread."""
    from timemory._slow import encoded, first_use

    first_use()
    _timemory.push_region(encoded(key))


def pop(key: str) -> None:
    """End the innermost open region `key` of this thread; regions inside it stay open."""
    from timemory._slow import encoded, first_use

    first_use()
    _timemory.pop_region(encoded(key))


def begin(key: str, components: Components = ()) -> int:
    """Begin the region `key` and return what `end` takes.

    Parameters
    ----------
    key : str
        The label.
    components : list, optional
        What to measure, as `timemory.util.marker` takes it; the default components if empty.
    """
    return _timemory.begin(_timemory.region(key, resolve(components)))


def end(record: int) -> None:
    """End a region that `begin` began; it counts for the thread that ends it."""
    _timemory.end(record)


def pause() -> None:
    """Stop recording on all threads."""
    _timemory.pause()


def resume() -> None:
    """Go on recording on all threads."""
    _timemory.resume()


def set_default(components: Components) -> None:
    """Replace the components that regions without components of their own get."""
    names = resolve(components)
    if names is not None:
        _timemory.set_default(names)


def add_components(components: Components) -> None:
    """Add to the default components."""
    names = resolve(components)
    if names:
        _timemory.add_components(names)


def remove_components(components: Components) -> None:
    """Remove from the default components."""
    names = resolve(components)
    if names:
        _timemory.remove_components(names)


def push_components(components: Components) -> None:
    """Replace the default components until `pop_components`."""
    names = resolve(components)
    if names is not None:
        _timemory.push_components(names)


def pop_components() -> None:
    """Bring back the default components from before the last `push_components`."""
    _timemory.pop_components()
