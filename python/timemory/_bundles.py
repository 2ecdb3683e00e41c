"""Several components that are measured by hand together."""

from __future__ import annotations

from timemory import component as _component
from timemory.component import Base, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from timemory.component import Components


class component_tuple:
    """Objects of several components that start and stop together.

    Parameters
    ----------
    components : list
        As `timemory.util.marker` takes them.
    key : str, optional
        The name of the region that `push` begins.
    """

    def __init__(self, components: Components = (), key: str = "") -> None:
        names = (resolve(components) or "").split(",")
        kinds = [getattr(_component, _component.camel_case(name)) for name in names if name]
        self.components: list[Base] = [kind(key) for kind in kinds]
        self._key = str(key)

    def push(self) -> None:
        """Begin the region that laps are booked in."""
        for each in self.components:
            each.push()

    def pop(self) -> None:
        """End the region that `push` began last."""
        for each in reversed(self.components):
            each.pop()

    def start(self) -> None:
        """Begin a lap of all."""
        for each in self.components:
            each.start()

    def stop(self) -> None:
        """End the lap of all."""
        for each in reversed(self.components):
            each.stop()

    def reset(self) -> None:
        """Forget what was measured."""
        for each in self.components:
            each.reset()

    def get(self) -> dict[str, Any]:
        """Return the values in display units, by label."""
        return {each.label(): each.get() for each in self.components}

    def get_raw(self) -> dict[str, Any]:
        """Return the values in raw units, by label."""
        return {each.label(): each.get_raw() for each in self.components}

    def report(self) -> None:
        """Print the values in one line."""
        print(self, flush=True)

    def __str__(self) -> str:
        texts = []
        for each in self.components:
            values, units = each.get(), each.display_unit()
            pairs = zip(values, units) if isinstance(values, tuple) else [(values, units)]
            shown = ", ".join(f"{v:.3f} {u}" if u else f"{v:g}" for v, u in pairs)
            texts.append(f"{shown} {each.label()}")
        laps = max([each.laps() for each in self.components], default=0)
        return f"{self._key or '<unnamed>'}: {', '.join(texts)} [laps: {laps}]"


class component_bundle(component_tuple):
    """A component_tuple named after a place in the program.

    Parameters
    ----------
    func, file : str
        The function and its file.
    line : int
        The line.
    extra : list of str, optional
        What is added to the name.
    components : list, optional
        The setting `components` or its fallbacks if empty.
    """

    def __init__(
        self,
        func: str,
        file: str,
        line: int,
        extra: Iterable[str] = (),
        components: Components = (),
    ) -> None:
        from timemory._timemory import get_setting

        chosen = components or get_setting("components") or get_setting("global_components")
        key = "/".join([f"{func}@{file}:{line}", *map(str, extra)])
        super().__init__(chosen or "wall_clock", key)


class timer(component_tuple):
    """Wall clock, CPU clock, their quotient and the peak of memory, measured by hand."""

    def __init__(self, key: str = "") -> None:
        super().__init__(
            ("wall_clock", "user_clock", "sys_clock", "cpu_clock", "cpu_util", "peak_rss"), key
        )

    def _of(self, name: str) -> float:
        value: float = next(c for c in self.components if c.id() == name).get()
        return value

    def real_elapsed(self) -> float:
        """Return the wall clock in seconds, or the unit that is set."""
        return self._of("wall_clock")

    def user_elapsed(self) -> float:
        """Return the CPU time of the process in user mode."""
        return self._of("user_clock")

    def sys_elapsed(self) -> float:
        """Return the CPU time of the process in the kernel."""
        return self._of("sys_clock")


class rss_usage:
    """The resident memory of the process, now and at its highest.

    Parameters
    ----------
    key : str, optional
        What the printed line begins with.
    record : bool, optional
        Whether it is read at once.
    """

    def __init__(self, key: str = "", record: bool = False) -> None:
        self._key = str(key)
        self._now: tuple[float, float] = (0, 0)
        if record:
            self.record()

    def record(self) -> None:
        """Read both."""
        kinds = (_component.PageRss, _component.PeakRss)
        self._now = tuple(kind.record() / kind.unit() for kind in kinds)  # type: ignore[assignment]

    def current(self) -> float:
        """Return the resident memory when it was read, in MB or the unit that is set."""
        return self._now[0]

    def peak(self) -> float:
        """Return the high-water mark of the resident memory when it was read."""
        return self._now[1]

    def get(self) -> tuple[float, float]:
        """Return both: current and peak."""
        return self._now

    def _with(self, other: rss_usage, sign: int) -> rss_usage:
        made = rss_usage(self._key)
        made._now = (self._now[0] + sign * other._now[0], self._now[1] + sign * other._now[1])
        return made

    def __add__(self, other: rss_usage) -> rss_usage:
        return self._with(other, 1)

    def __sub__(self, other: rss_usage) -> rss_usage:
        return self._with(other, -1)

    def __str__(self) -> str:
        unit = _component.PageRss.display_unit()
        return f"{self._key}: {self._now[0]:.3f} {unit} current, {self._now[1]:.3f} {unit} peak"
