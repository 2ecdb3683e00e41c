"""Measured functions."""

from __future__ import annotations

import os

from timemory import _timemory
from timemory._slow import label, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Union

    from timemory._flows import Begin, Steps

    Label = Union[str, Callable[[tuple[Any, ...], dict[str, Any]], str]]

# Bits of a code object: generator, coroutine, coroutine by types.coroutine, asynchronous generator.
_GENERATOR, COROUTINE, _ITERABLE_COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x100, 0x200


def decorate(marker: _timemory.marker, function: Any) -> Any:
    """A stand-in for `function` that measures every call of it as `marker` says."""
    if isinstance(function, (staticmethod, classmethod)):
        return type(function)(decorate(marker, function.__func__))
    if isinstance(function, type) or not callable(function):
        raise TypeError(f"a marker measures functions and methods, not {function!r}")
    name = _labeller(marker, function)

    def begin(arguments: tuple[Any, ...], named: dict[str, Any]) -> Steps:
        from timemory._flows import Flow

        return Flow(marker, name, arguments, named)

    measured = in_steps(function, begin) or _timemory.measured(
        function, marker.components, name, marker.report_at_exit
    )
    return like(measured, function)


def in_steps(function: Any, begin: Begin) -> Any:
    """A stand-in whose steps `begin` measures; None for a function that runs in one piece."""
    flags = code_flags(function)
    if not flags & (_GENERATOR | COROUTINE | _ASYNC_GENERATOR):
        return None
    from timemory import _flows

    if flags & _ASYNC_GENERATOR:
        return _flows.asynchronous_generator(function, begin)
    if flags & COROUTINE:
        return _flows.coroutine(function, begin)
    if flags & _ITERABLE_COROUTINE:
        return _flows.iterable_coroutine(function, begin)
    return _flows.generator(function, begin)


def code_flags(function: Any) -> int:
    """What kind of function it is, as bits."""
    while not hasattr(function, "__code__") and hasattr(function, "func"):
        function = function.func  # functools.partial
    function = getattr(function, "__func__", function)
    return getattr(getattr(function, "__code__", None), "co_flags", 0)


def like(stand_in: Any, function: Any) -> Any:
    """Give it the name and the attributes of `function`, as functools.wraps does."""
    for name in (
        "__module__",
        "__name__",
        "__qualname__",
        "__doc__",
        "__annotations__",
        "__type_params__",
    ):
        try:
            setattr(stand_in, name, getattr(function, name))
        except AttributeError:
            pass
    stand_in.__dict__.update(getattr(function, "__dict__", {}))
    if not isinstance(stand_in, _timemory.measured):
        stand_in.__wrapped__ = function
    return stand_in


def _labeller(marker: _timemory.marker, function: Any) -> Label:
    """The label of `function`, or a function that returns the label of a call."""
    mode = "basic" if marker.mode == "defer" else marker.mode
    name = getattr(function, "__name__", None) or type(function).__name__
    code = getattr(function, "__code__", None)
    place = (
        f"{os.path.basename(code.co_filename)}:{code.co_firstlineno}" if code is not None else ""
    )
    key, add_args, is_class = marker.key, marker.add_args, marker.is_class
    if not add_args and not is_class:
        return label(mode, key, name, "", place)
    signature: Any = None

    def label_of_call(arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
        nonlocal signature
        own = name
        if is_class and arguments:
            own = f"{type(arguments[0]).__name__}.{name}"
        shown = ""
        if add_args:
            if signature is None:
                import inspect

                signature = inspect.signature(function)
            try:
                bound = signature.bind(*arguments, **named)
            except TypeError:
                return label(mode, key, own, "", place)  # the call itself will raise it
            bound.apply_defaults()
            texts = []
            for index, (parameter, value) in enumerate(bound.arguments.items()):
                stars = {2: "*", 4: "**"}.get(int(signature.parameters[parameter].kind), "")
                if not (index == 0 and is_class):
                    texts.append(f"{stars}{parameter}={text_of(value)}")
            shown = f"({', '.join(texts)})"
        return label(mode, key, own, shown, place)

    return label_of_call
