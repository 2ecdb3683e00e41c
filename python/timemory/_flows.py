"""Measured generators and coroutines: from the first step to the last, in a flow of their own.

What they open while they are suspended stays open without nesting in what the thread does
meanwhile, since each has a stack of open regions of its own.

Clocks that run by themselves (wall_clock) count from the first step to the end. CPU time, memory,
I/O and what else a program uses counts only while the generator or coroutine runs; a quotient such
as cpu_util is what it used over the time that has passed.
"""

from __future__ import annotations

import types
from _thread import get_ident

from timemory import _timemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any, Protocol

    from timemory._decorate import Label

    class Steps(Protocol):
        """Each step of a generator is inside of it; `end` comes after the last."""

        def __enter__(self) -> None: ...
        def __exit__(self, *exception: object) -> None: ...
        def end(self) -> None: ...

    # Of the arguments, at the first step.
    Begin = Callable[[tuple[Any, ...], dict[str, Any]], Steps]


# What goes on while a generator is suspended; what else is summed counts only while it runs.
_ELAPSED = frozenset(("wall_clock", "monotonic_clock", "monotonic_raw_clock", "trip_count"))
_SUM, _QUOTIENT = 0, 2  # timemory.h
_plans: dict[int, Plan | None] = {}  # by region


class Plan:
    """How the fields of a region follow from its steps and from the time between.

    Attributes
    ----------
    active : list of bool
        Whether a field is the sum of the steps; else it is from the first start to the end.
    scales : list of float
        Of a quotient of the two fields before it; 0 for other fields.
    """

    __slots__ = ("active", "scales")

    def __init__(self, active: list[bool], scales: list[float]) -> None:
        self.active = active
        self.scales = scales

    @staticmethod
    def of(region: int) -> Plan | None:
        """The plan of a region; None if nothing in it is active."""
        if region not in _plans:
            fields = _timemory.describe_fields(region)
            rules = [field[5] for field in fields]
            active = [
                rule == _SUM
                and field[0] not in _ELAPSED
                and rules[i + 1 : i + 2] != [_QUOTIENT]  # a denominator is time, and elapses
                for i, (field, rule) in enumerate(zip(fields, rules))
            ]
            scales = [field[4] if field[5] == _QUOTIENT else 0.0 for field in fields]
            _plans[region] = Plan(active, scales) if any(active) else None
        return _plans[region]

    def lap(self, whole: tuple[float, ...], steps: list[float]) -> tuple[float, ...]:
        """The fields of the lap."""
        fields = [s if active else w for w, s, active in zip(whole, steps, self.active)]
        for i, scale in enumerate(self.scales):
            if scale:
                over = fields[i - 1]
                fields[i] = int(scale * fields[i - 2] / over) if over > 0 else 0
        return tuple(fields)


class Flow:
    """The region of one generator or coroutine, and its flow; a context for each step."""

    __slots__ = ("begin", "first", "flow", "outer", "plan", "record", "region", "steps", "thread")

    def __init__(self, marker: _timemory.marker, name: Label, arguments: Any, named: Any) -> None:
        text = name if isinstance(name, str) else name(arguments, named)
        self.region = _timemory.region(text, marker.components)
        self.plan: Plan | None = None
        self.thread = get_ident()
        self.flow = _timemory.create_flow()
        with self:
            self.record = _timemory.begin(self.region)
        self.plan = Plan.of(self.region)
        if self.plan is not None:
            self.first = _timemory.read(self.region, 0)
            self.steps: list[float] = [0] * len(self.plan.active)

    # A flow belongs to the thread it was created on: a step on another one runs in that thread's.
    def __enter__(self) -> None:
        if get_ident() == self.thread:
            self.outer = _timemory.switch_flow(self.flow)
        if self.plan is not None:
            self.begin = _timemory.read(self.region, 0)

    def __exit__(self, *exception: object) -> None:
        if self.plan is not None:
            lap = _timemory.lap(self.region, self.begin, _timemory.read(self.region, 1))
            self.steps = [total + step for total, step in zip(self.steps, lap)]
        if get_ident() == self.thread:
            _timemory.switch_flow(self.outer)

    def end(self) -> None:
        plan, self.plan = self.plan, None
        lap: tuple[float, ...] = ()
        if plan is not None:
            whole = _timemory.lap(self.region, self.first, _timemory.read(self.region, 1))
            lap = plan.lap(whole, self.steps)
        with self:
            if plan is None:
                _timemory.end(self.record)
            else:
                _timemory.book(self.record, lap)
                _timemory.abandon(self.record)
        if get_ident() == self.thread:
            _timemory.delete_flow(self.flow)


def _each_step(flow: Steps, inner: Any) -> Generator[Any, Any, Any]:
    """`yield from inner`, each step of it in `flow`."""
    step, value = inner.send, None
    while True:
        try:
            with flow:
                item = step(value)
        except StopIteration as stop:
            return stop.value
        try:
            value = yield item
            step = inner.send
        except GeneratorExit:
            with flow:
                inner.close()
            raise
        except BaseException as exception:
            value, step = exception, inner.throw


def _drive(flow: Steps, inner: Any) -> Generator[Any, Any, Any]:
    """The same, and the end of `flow` with the end of `inner`."""
    try:
        return (yield from _each_step(flow, inner))
    finally:
        flow.end()


def generator(function: Any, begin: Begin) -> Any:
    def measured(*arguments: Any, **named: Any) -> Generator[Any, Any, Any]:
        inner = function(*arguments, **named)
        return (yield from _drive(begin(arguments, named), inner))

    return measured


def iterable_coroutine(function: Any, begin: Begin) -> Any:
    return types.coroutine(generator(function, begin))


class _Awaitable:
    """Lets an `async def` await what `_drive` drives."""

    __slots__ = ("steps",)

    def __init__(self, steps: Generator[Any, Any, Any]) -> None:
        self.steps = steps

    def __await__(self) -> Generator[Any, Any, Any]:
        return self.steps


def coroutine(function: Any, begin: Begin) -> Any:
    async def measured(*arguments: Any, **named: Any) -> Any:
        inner = function(*arguments, **named)
        return await _Awaitable(_drive(begin(arguments, named), inner))

    return measured


def asynchronous_generator(function: Any, begin: Begin) -> Any:
    async def measured(*arguments: Any, **named: Any) -> Any:
        inner = function(*arguments, **named)
        flow = begin(arguments, named)
        try:
            step = inner.__anext__()
            while True:
                try:
                    item = await _Awaitable(_each_step(flow, step.__await__()))
                except StopAsyncIteration:
                    return
                try:
                    step = inner.asend((yield item))
                except GeneratorExit:
                    await _Awaitable(_each_step(flow, inner.aclose().__await__()))
                    raise
                except BaseException as exception:
                    step = inner.athrow(exception)
        finally:
            flow.end()

    return measured
