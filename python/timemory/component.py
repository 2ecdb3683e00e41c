"""The components: what can be measured.

Each has a member with its name (`timemory.component.wall_clock`) and a class in CamelCase
(`timemory.component.WallClock`); wherever components are asked for, the name as a string will do
too. `register` adds a component of one's own.
"""

from __future__ import annotations

from timemory import _timemory
from timemory._objects import Base, Stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Literal, Union

    # What the library's table has: a stub that the build makes.
    from timemory._members import *  # noqa: F403

    Item = Union[str, "Component", "type[Base]", "Callable[[], Components]"]
    Components = Union[Item, Iterable[Item], None]

__all__ = [
    "Base",
    "Component",
    "get_available_types",
    "get_generator",
    "get_types",
    "is_available",
    "register",
]

_SEPARATORS = str.maketrans(dict.fromkeys(",;:\"'", " "))


class Component:
    """A component: what `timemory.component.wall_clock` is.

    Attributes
    ----------
    name : str
        The id, as it stands in files and settings.
    label : str
        The METRIC column of the tables, and the names of the files.
    description : str
        One sentence.
    unit : str
        What values are shown in; empty for counts.
    value : int
        The number in timemory 3's enumeration; -1 if it is not known.
    needs : str or None
        What is missing to measure it here; None if it can be measured.
    """

    __slots__ = ("description", "label", "name", "needs", "unit", "value")

    def __init__(
        self,
        name: str,
        label: str,
        description: str,
        unit: str,
        value: int,
        needs: str | None = None,
    ) -> None:
        self.name = name
        self.label = label
        self.description = description
        self.unit = unit
        self.value = value
        self.needs = needs

    def __repr__(self) -> str:
        return f"timemory.component.{self.name}"

    def __str__(self) -> str:
        return self.name

    def __int__(self) -> int:
        return self.value


_members: dict[str, Component] = {}  # by every name in lower case
_rows = 0
_told: set[str] = set()


def camel_case(name: str) -> str:
    """Return the name of the class of the component `name`."""
    return "".join(word.capitalize() for word in name.split("_"))


def _add(row: tuple[str, str, str, str, str, int, str | None]) -> None:
    global _rows
    _rows += 1
    name, label, description, unit, aliases, value, needs = row
    member = Component(name, label, description, unit, value, needs)
    for key in (name, label, *aliases.split()):
        _members.setdefault(key.lower().replace("-", "_"), member)
    camel = camel_case(name)
    attributes = {
        "__doc__": f"{description}.",
        "__module__": __name__,
        "_component": member,
        "available": needs is None,
    }
    kind = Stored if name.startswith("data_tracker_") else Base
    globals().setdefault(camel, type(camel, (kind,), attributes))
    for key in (name, *aliases.split()):
        globals().setdefault(key, member)


def _refresh() -> None:
    """Take in what was added since, from C too."""
    for row in _timemory.describe_components(_rows):
        _add(row)


_refresh()


def _find(name: str) -> Component | None:
    key = name.lower().replace("-", "_")
    if key not in _members:
        _refresh()
    return _members.get(key)


def leave_out(name: str) -> None:
    """Say once that there is no such component, or what it needs."""
    if name in _told:
        return
    _told.add(name)
    import sys
    from difflib import get_close_matches

    member = _find(name)
    if member is not None:
        line = f"timemory: component {name!r} needs {member.needs}, which this build does not have"
    else:
        known = [key for key, other in _members.items() if other.needs is None]
        near = _members[get_close_matches(name.lower(), known, n=1, cutoff=0.0)[0]].name
        line = f"timemory: there is no component {name!r}; the nearest name is {near!r}"
    print(f"{line}; it is left out", file=sys.stderr, flush=True)


def _ids(components: Components) -> Iterator[str | None]:
    """The ids that `components` stand for; None for what is none."""
    if components is None:
        return
    if isinstance(components, str):
        for name in components.translate(_SEPARATORS).split():
            member = _find(name)
            if member is None or member.needs is not None:
                leave_out(name)
                yield None
            else:
                yield member.name
    elif isinstance(components, Component):
        if components.needs is None:
            yield components.name
        else:
            leave_out(components.name)
            yield None
    elif isinstance(components, type) and issubclass(components, Base):
        yield from _ids(components._component)
    elif callable(components) and not isinstance(components, type):
        yield from _ids(components())
    elif isinstance(components, type) or not hasattr(components, "__iter__"):
        leave_out(str(components))
        yield None
    else:
        for item in components:
            yield from _ids(item)


def resolve(components: Components) -> str | None:
    """The ids that `components` stand for, separated by commas; None if none is known."""
    given = list(_ids(components))
    known = list(dict.fromkeys(name for name in given if name is not None))
    return None if given and not known else ",".join(known)


def is_available(component: Item) -> bool:
    """Whether this component can be measured here."""
    return bool(resolve(component))


def get_types() -> list[type[Base]]:
    """Return the classes of all components."""
    _refresh()
    members = dict.fromkeys(_members.values())
    return [globals()[camel_case(member.name)] for member in members]


def get_available_types(arithmetic: bool = False) -> list[type[Base]]:
    """Return the classes of the components that can be measured here.

    Parameters
    ----------
    arithmetic : bool, optional
        Only those whose value is one number.
    """
    types = [kind for kind in get_types() if kind.available]
    return [kind for kind in types if not arithmetic or isinstance(kind.unit(), (int, float))]


def get_generator(key: Item) -> type[Base]:
    """Return what makes objects of a component: its class.

    Raises
    ------
    ValueError
        If there is no such component; the line on stderr says which name is near.
    """
    name = resolve(key)
    if not name or "," in name:
        raise ValueError(f"{key!r} is not one component")
    made: type[Base] = globals()[camel_case(name)]
    return made


class _Ids:
    """`timemory.component.id`: the members, as attributes, and by name or number."""

    def __getattr__(self, name: str) -> Component:
        member = None if name.startswith("__") else _find(name)
        if member is None:
            raise AttributeError(f"there is no component {name!r}")
        return member

    def __call__(self, which: str | int) -> Component:
        for member in dict.fromkeys(_members.values()):
            if which in (member.name, member.value):
                return member
        raise ValueError(f"there is no component {which!r}")

    def __iter__(self) -> Iterator[Component]:
        return iter(dict.fromkeys(_members.values()))


def __getattr__(name: str) -> Any:
    if name == "id":  # not a global: functions here have an argument of that name
        return _ids_of_module
    if not name.startswith("__"):
        _refresh()
        if name in globals():
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no component {name!r}")


_ids_of_module = _Ids()


def register(
    id: str,
    read: Callable[[], float],
    *,
    label: str | None = None,
    description: str | None = None,
    unit: str | None = None,
    unit_value: float = 1,
    kind: Literal["difference", "high_water"] = "difference",
    scope: Literal["thread", "process"] = "thread",
    real: bool = False,
) -> Component:
    """Add a component of one's own, and return its member.

    Parameters
    ----------
    id : str
        Its name; not one of those that exist.
    read : callable
        Returns the value at this moment. It is called on the thread that begins or ends a region,
        should be quick, and is not measured itself. If it raises, that is said once on stderr, and
        the value stays what it was.
    label, description : str, optional
        What tables and file names show; the id if not given.
    unit : str, optional
        The unit that values are shown in.
    unit_value : float, optional
        How many of the units that `read` counts in one such unit has.
    kind : {'difference', 'high_water'}
        Whether the change from begin to end counts, and is summed, or the value at the end, of
        which the greatest counts.
    scope : {'thread', 'process'}
        Whether the value belongs to the thread or to the process; the latter is not summed over
        threads.
    real : bool
        Whether `read` returns floats. Integers are summed exactly.

    Examples
    --------
    >>> cells = 0
    >>> timemory.component.register("cells", lambda: cells, description="Cells that were updated")
    """
    if not callable(read):
        raise TypeError(f"component {id!r}: read must be callable, not {read!r}")
    kinds, scopes = ("difference", "high_water"), ("thread", "process")
    if kind not in kinds:
        raise ValueError(
            f"component {id!r}: kind {kind!r} is neither 'difference' nor 'high_water'"
        )
    if scope not in scopes:
        raise ValueError(f"component {id!r}: scope {scope!r} is neither 'thread' nor 'process'")
    if not id.isidentifier() or not id.isascii():
        raise ValueError(f"component {id!r}: an id is made of letters, digits and _")
    for name in (id, label or id):
        other = _find(name)
        if other is not None:
            raise ValueError(f"component {id!r}: {name!r} already names {other.name!r}")
    from timemory._life import register_exit

    register_exit()
    row = (
        id,
        read,
        label,
        description,
        unit,
        float(unit_value),
        kinds.index(kind),
        scopes.index(scope),
        real,
    )
    if not _timemory.add_component(*row):
        raise ValueError(f"component {id!r} is not accepted; the line on stderr says why")
    _refresh()
    member = _members[id.lower()]
    globals()[id] = member
    _told.discard(id)
    return member
