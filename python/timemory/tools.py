"""Measuring the calls of other libraries for a part of a program."""

from __future__ import annotations

from timemory._library import start_function_wrappers, stop_function_wrappers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["function_wrappers"]


class function_wrappers:
    """Wrappers of functions, as decorator, in a `with` statement, or by hand.

    Parameters
    ----------
    *names : str
        `mpi`, `ompt`, `nccl` or `memory`; what is not there gives one line on stderr.
    **flags : bool
        The same as `mpi=True`.
    """

    def __init__(self, *names: str, **flags: bool) -> None:
        self._names, self._flags = names, flags
        self._ids: list[list[int]] = []

    def start(self) -> function_wrappers:
        """Measure the calls from now on."""
        self._ids.append(start_function_wrappers(*self._names, **self._flags))
        return self

    def stop(self) -> None:
        """End what `start` began last."""
        if self._ids:
            stop_function_wrappers(self._ids.pop())

    __enter__ = start

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a function: the calls inside of it are measured."""
        from functools import wraps

        @wraps(function)
        def wrapped(*arguments: Any, **named: Any) -> Any:
            with self:
                return function(*arguments, **named)

        return wrapped
