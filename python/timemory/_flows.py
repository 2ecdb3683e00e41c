"""Measured generators and coroutines: from the first step to the last, in a flow of their own.

What they open while they are suspended stays open without nesting in what the thread does
meanwhile, since each has a stack of open regions of its own.
"""

from __future__ import annotations

import types
from _thread import get_ident

from timemory import _timemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from timemory._decorate import Label


class _Flow:
    """The region of one generator or coroutine, and its flow; a context for each step."""

    __slots__ = ("flow", "outer", "record", "thread")

    def __init__(self, marker: _timemory.marker, name: Label, arguments: Any, named: Any) -> None:
        text = name if isinstance(name, str) else name(arguments, named)
        region = _timemory.region(text, marker.components)
        self.thread = get_ident()
        self.flow = _timemory.create_flow()
        with self:
            self.record = _timemory.begin(region)

    # A flow belongs to the thread it was created on: a step on another one runs in that thread's.
    def __enter__(self) -> None:
        if get_ident() == self.thread:
            self.outer = _timemory.switch_flow(self.flow)

    def __exit__(self, *exception: object) -> None:
        if get_ident() == self.thread:
            _timemory.switch_flow(self.outer)

    def end(self) -> None:
        with self:
            _timemory.end(self.record)
        if get_ident() == self.thread:
            _timemory.delete_flow(self.flow)


def _drive(flow: _Flow, inner: Any) -> Generator[Any, Any, Any]:
    """`yield from inner`, each step of it in `flow`."""
    try:
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
    finally:
        flow.end()


def generator(function: Any, marker: _timemory.marker, name: Label) -> Any:
    def measured(*arguments: Any, **named: Any) -> Generator[Any, Any, Any]:
        inner = function(*arguments, **named)
        return (yield from _drive(_Flow(marker, name, arguments, named), inner))

    return measured


def iterable_coroutine(function: Any, marker: _timemory.marker, name: Label) -> Any:
    return types.coroutine(generator(function, marker, name))


class _Awaitable:
    """Lets an `async def` await what `_drive` drives."""

    __slots__ = ("steps",)

    def __init__(self, steps: Generator[Any, Any, Any]) -> None:
        self.steps = steps

    def __await__(self) -> Generator[Any, Any, Any]:
        return self.steps


def coroutine(function: Any, marker: _timemory.marker, name: Label) -> Any:
    async def measured(*arguments: Any, **named: Any) -> Any:
        inner = function(*arguments, **named)
        return await _Awaitable(_drive(_Flow(marker, name, arguments, named), inner))

    return measured


def _step(flow: _Flow, awaitable: Any) -> Generator[Any, Any, Any]:
    """One step of an asynchronous generator, which may itself be suspended; the flow stays."""
    inner = awaitable.__await__()
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


def asynchronous_generator(function: Any, marker: _timemory.marker, name: Label) -> Any:
    async def measured(*arguments: Any, **named: Any) -> Any:
        inner = function(*arguments, **named)
        flow = _Flow(marker, name, arguments, named)
        try:
            step = inner.__anext__()
            while True:
                try:
                    item = await _Awaitable(_step(flow, step))
                except StopAsyncIteration:
                    return
                try:
                    step = inner.asend((yield item))
                except GeneratorExit:
                    await _Awaitable(_step(flow, inner.aclose()))
                    raise
                except BaseException as exception:
                    step = inner.athrow(exception)
        finally:
            flow.end()

    return measured
