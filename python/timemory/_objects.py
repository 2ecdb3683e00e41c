"""Objects that measure one component, or store its values, by hand."""

from __future__ import annotations

from timemory import _timemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from timemory.component import Component


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
            from timemory.component import leave_out

            leave_out(self._component.name)
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


class Stored(Base):
    """A component of values that the program stores: nothing is read.

    Each value is a lap of the results: below the innermost region that is open on the calling
    thread, as the entry `key`; without a key at that region itself.

    Examples
    --------
    >>> with timemory.util.marker(["wall_clock"], key="solve"):
    ...     timemory.component.DataTrackerInteger("iterations").store(17)
    """

    def store(self, *given: Any) -> None:
        """Store a value: `store(value)`, or `store(function, value)`.

        Parameters
        ----------
        function : callable, optional
            Takes the last value of this object (0 at first) and the given one, and returns what is
            stored.
        value : int or float
            Integers have 63 bits and a sign.

        Raises
        ------
        ValueError
            If the value is none of the component's, or no region is open and there is no key.
        """
        if len(given) not in (1, 2):
            raise TypeError("store takes a value, or a function and a value")
        value = given[-1]
        if len(given) == 2:
            last: float = self._value[0] if self._value else 0
            value = given[0](last, value)
        if not self.available:
            return
        problem = _timemory.store(self._component.name, self._key or None, value)
        if problem is not None:
            raise ValueError(problem)
        self._value = self._last = (value,)
        self._accum = self._combined(self._accum, self._value)
        self._laps += 1
        self._stopped = True

    @classmethod
    def _fields(cls) -> Any:
        # Listed with a region it measures nothing, so the library describes no field of it.
        return [(cls.id(), cls.label(), cls._component.unit, 1.0, 0.0, 0, True)]


_GREATEST, _QUOTIENT = 1, 2  # timemory.h


def _fields_of(value: Any) -> tuple[float, ...]:
    if isinstance(value, dict):  # the parts of a quotient, which follows from them
        return (value["first"], value["second"], 0)
    return tuple(value) if isinstance(value, list) else (value,)


def _one_or_all(values: list[Any]) -> Any:
    if not values:
        return 0
    return values[0] if len(values) == 1 else tuple(values)
