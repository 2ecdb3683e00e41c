"""The components: what can be measured.

Each has a member with its name (`timemory.component.wall_clock`) and a class in CamelCase
(`timemory.component.WallClock`); wherever components are asked for, the name as a string will do
too. `register` adds a component of one's own.
"""

from __future__ import annotations

from timemory import _timemory

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


class Base:
    """A component that is measured by hand, beside markers: what all its classes have in common.

    `start` and `stop` may be called many times: `get` then returns what all laps came to. What is
    measured between `push` and `pop` is also booked, a lap for each `stop`, as the region `key` of
    the results; without them it stays in the object.

    Parameters
    ----------
    key : str, optional
        The name of the region; the label of the component if empty.

    Examples
    --------
    >>> clock = timemory.component.WallClock("wait")
    >>> clock.push()
    >>> clock.start()
    >>> clock.stop()
    >>> clock.pop()
    >>> clock.get()  # in seconds
    """

    _component: Component
    available: bool = True

    def __init__(self, key: str = "") -> None:
        if not self.available:
            _leave_out(self._component.name)
        self._records: list[int] = []
        self.rekey(key)
        self.reset()

    # ---- What it is

    @classmethod
    def id(cls) -> str:
        """Return the name that strings, settings and files use."""
        return cls._component.name

    @classmethod
    def index(cls) -> Component:
        """Return the member of `timemory.component`."""
        return cls._component

    @classmethod
    def label(cls) -> str:
        """Return the label of tables and file names."""
        return cls._component.label

    @classmethod
    def description(cls) -> str:
        """Return what is measured, in one sentence."""
        return cls._component.description

    @classmethod
    def unit(cls) -> Any:
        """Return how many raw units (nanoseconds, bytes) one display unit has; one for each value."""
        return _one_or_all([field[3] for field in cls._fields() if field[6]])

    @classmethod
    def display_unit(cls) -> Any:
        """Return the unit that values are shown in; one for each value."""
        return _one_or_all([field[2] for field in cls._fields() if field[6]])

    @classmethod
    def has_value(cls) -> bool:
        """Whether `get` returns anything."""
        return cls.available

    @classmethod
    def configure(cls, *arguments: Any, **named: Any) -> None:
        """Do nothing: a component is configured by settings."""

    global_init = thread_init = global_finalize = thread_finalize = configure

    @classmethod
    def record(cls) -> Any:
        """Return what the sources say now, in raw units."""
        return cls._raw(cls._reading(cls._region_of("")))

    # ---- Measuring

    def start(self) -> None:
        """Begin a lap."""
        self._begin = _timemory.read(self._region, 0)
        self._running = True

    def stop(self) -> None:
        """End the lap; without a start it does nothing."""
        if not self._running:
            return
        end = _timemory.read(self._region, 1)
        lap = _timemory.lap(self._region, self._begin, end)
        self._running = False
        self._stopped = True
        self._value = self._last = lap
        self._accum = self._combined(self._accum, lap)
        self._laps += 1
        if self._records:
            _timemory.book(self._records[-1], lap)

    def push(self) -> None:
        """Begin the region that laps are booked in."""
        self._records.append(_timemory.begin(self._region))

    def pop(self) -> None:
        """End the region that `push` began last."""
        if self._records:
            _timemory.abandon(self._records.pop())

    def measure(self) -> None:
        """Take what the sources say now as the value."""
        self._value = self._reading(self._region)

    def sample(self) -> None:
        """Take what the sources say now as the value, if it is greater."""
        now = self._reading(self._region)
        before = self._accum or now
        self._value = self._accum = tuple(max(pair) for pair in zip(before, now))
        self._laps += 1

    def mark_begin(self, *arguments: Any) -> None:
        """Do nothing: only components of work that goes on elsewhere have marks."""

    def mark_end(self, *arguments: Any) -> None:
        """Do nothing: only components of work that goes on elsewhere have marks."""

    def reset(self) -> None:
        """Forget what was measured."""
        self._begin: tuple[int, ...] = ()
        self._value: tuple[float, ...] = ()
        self._accum: tuple[float, ...] = ()
        self._last: tuple[float, ...] = ()
        self._laps = 0
        self._running = False
        self._stopped = False

    def load(self, laps: int, value: Any, accum: Any) -> None:
        """Take over what a JSON result has under `entry`: raw values."""
        self._value = self._last = _fields_of(value)
        self._accum = _fields_of(accum)
        self._laps = laps
        self._stopped = laps > 0

    # ---- Asking

    def get(self) -> Any:
        """Return what all laps came to, or before the first what was measured, in display units."""
        return self._shown(self._accum if self._stopped else self._value)

    def get_raw(self) -> Any:
        """Return the same in raw units; of a quotient its parts."""
        return self._raw(self._accum if self._stopped else self._value)

    def get_value(self) -> Any:
        """Return the last lap in raw units; while one runs, what the sources said at its start."""
        if self._running:
            nothing = (0,) * len(self._begin)
            return self._raw(_timemory.lap(self._region, nothing, self._begin))
        return self._raw(self._value)

    def get_accum(self) -> Any:
        """Return what all laps came to, in raw units."""
        return self._raw(self._accum)

    def get_last(self) -> Any:
        """Return the last lap, in raw units."""
        return self._raw(self._last)

    def laps(self) -> int:
        """Return how many laps there were."""
        return self._laps

    def key(self) -> str:
        """Return the name of the region."""
        return self._key

    def rekey(self, key: str) -> None:
        """Give the region another name, from the next `push` on."""
        self._key = str(key)
        self._region = self._region_of(self._key or self.label())

    def hash(self) -> int:
        """Return the number that the name of the region has in the results."""
        return _timemory.hash_of(self._key.encode("utf-8", "backslashreplace"))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._key!r}: {self.get()}, laps: {self._laps})"

    # ---- Adding

    def __iadd__(self, other: Any) -> Any:
        return self._take(other, 1)

    def __isub__(self, other: Any) -> Any:
        return self._take(other, -1)

    def __add__(self, other: Any) -> Any:
        return self._copy()._take(other, 1)

    def __sub__(self, other: Any) -> Any:
        return self._copy()._take(other, -1)

    def _copy(self) -> Any:
        other = type(self)(self._key)
        other.__dict__.update(self.__dict__, _records=[])
        return other

    def _take(self, other: Any, sign: int) -> Any:
        if type(other) is not type(self):
            return NotImplemented
        self._value = self._combined(self._value, other._value, sign)
        self._accum = self._combined(self._accum, other._accum, sign)
        self._laps += sign * other._laps
        self._stopped = self._stopped or other._stopped
        return self

    # ---- Fields

    @classmethod
    def _region_of(cls, key: str) -> int:
        return _timemory.region(key, cls._component.name if cls.available else None)

    @classmethod
    def _fields(cls) -> Any:
        return _timemory.describe_fields(cls._region_of(""))

    @staticmethod
    def _reading(region: int) -> tuple[float, ...]:
        end = _timemory.read(region, 1)
        return _timemory.lap(region, (0,) * len(end), end)

    @classmethod
    def _combined(
        cls, total: tuple[float, ...], lap: tuple[float, ...], sign: int = 1
    ) -> tuple[float, ...]:
        if not lap:
            return total
        if not total:
            return tuple(
                value if field[5] else sign * value for value, field in zip(lap, cls._fields())
            )
        return tuple(
            max(own, new) if field[5] == _GREATEST else own + sign * new
            for own, new, field in zip(total, lap, cls._fields())
        )

    @classmethod
    def _shown(cls, values: tuple[float, ...]) -> Any:
        """In display units. A quotient follows from its parts, which are summed."""
        fields = cls._fields()
        values += (0,) * (len(fields) - len(values))
        shown = []
        for i, (_, _, _, unit, scale, rule, is_shown) in enumerate(fields):
            if not is_shown:
                continue
            value = values[i]
            if rule == _QUOTIENT:
                value = scale * values[i - 2] / values[i - 1] if values[i - 1] > 0 else 0
            shown.append(value if unit == 1 else value / unit)
        return _one_or_all(shown)

    @classmethod
    def _raw(cls, values: tuple[float, ...]) -> Any:
        fields = cls._fields()
        values += (0,) * (len(fields) - len(values))
        return _one_or_all([v for v, field in zip(values, fields) if field[5] != _QUOTIENT])


_GREATEST, _QUOTIENT = 1, 2  # timemory.h


def _fields_of(value: Any) -> tuple[float, ...]:
    if isinstance(value, dict):  # the parts of a quotient, which follows from them
        return (value["first"], value["second"], 0)
    return tuple(value) if isinstance(value, list) else (value,)


def _one_or_all(values: list[Any]) -> Any:
    if not values:
        return 0
    return values[0] if len(values) == 1 else tuple(values)


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
    globals().setdefault(camel, type(camel, (Base,), attributes))
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


def _leave_out(name: str) -> None:
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
                _leave_out(name)
                yield None
            else:
                yield member.name
    elif isinstance(components, Component):
        if components.needs is None:
            yield components.name
        else:
            _leave_out(components.name)
            yield None
    elif isinstance(components, type) and issubclass(components, Base):
        yield from _ids(components._component)
    elif callable(components) and not isinstance(components, type):
        yield from _ids(components())
    elif isinstance(components, type) or not hasattr(components, "__iter__"):
        _leave_out(str(components))
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
