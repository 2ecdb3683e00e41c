"""Every call of a Python function as a region.

    from timemory.profiler import config, profile

    @profile(["wall_clock"])
    def solve(): ...

    with profile(["wall_clock", "peak_rss"], flat=True):
        solve()

    python -m timemory.profiler script.py arguments

What is measured are the components that are given, else those of the settings trace_components,
profiler_components, components and global_components, else wall_clock. The calls of the thread that
starts a profiler are recorded, and of the threads that start while it runs.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import types

from timemory import _timemory
from timemory._decorate import COROUTINE, code_flags, in_steps, like
from timemory._slow import first_use, text_of
from timemory.component import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import CodeType, FrameType
    from typing import Any

    from timemory.component import Components

__all__ = ["Config", "FakeProfiler", "Profiler", "config", "main", "profile"]

_FLAT, _TIMELINE = 1, 2  # timemory.h
_PACKAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")
# Of the package: they call the program's functions. All other files of it call their own only.
_TRANSPARENT = frozenset(_PACKAGE + name for name in ("_flows.py", "profiler.py"))
# Never recorded, but for what only_functions or only_filenames name.
_SKIPPED_FUNCTIONS = re.compile(r"^<.*>$|^(FILE|FUNC|LINE)$")
_SKIPPED_FILES = re.compile(
    r"^<frozen |[/\\]importlib[/\\]|[/\\](functools|threading|encoder|decoder)\.py$"
)


class Config:
    """How functions are named, and which are recorded: for all profilers.

    Attributes
    ----------
    trace_c : bool
        Whether functions written in C are recorded too.
    include_internal : bool
        Whether timemory's own functions are.
    include_args : bool
        Label `func(n=3)`: each set of values is a row. Costs some microseconds a call.
    include_line, include_filename, full_filepath : bool
        Label `[func]:line`, `[func][file]` or `[func][file:line]`, with the file's whole path.
    max_stack_depth : int
        Calls that are recorded in each other.
    verbosity : int
        From 1 on, a line on stderr for each function that is left out.
    only_functions, only_filenames : list of str
        Regular expressions that are looked for in the names of functions and files: if there are
        any, only what has one of them is recorded.
    skip_functions, skip_filenames : list of str
        What has one of them is not recorded; what it calls is.
    """

    trace_c: bool = False
    include_internal: bool = False
    include_args: bool = False
    include_line: bool = False
    include_filename: bool = False
    full_filepath: bool = False
    max_stack_depth: int = 65535
    verbosity: int = 0
    only_functions: Sequence[str] = ()
    only_filenames: Sequence[str] = ()
    skip_functions: Sequence[str] = ()
    skip_filenames: Sequence[str] = ()

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in Config.__annotations__:
            known = ", ".join(Config.__annotations__)
            raise AttributeError(f"the profiler has no option {name!r}: it has {known}")
        standard = getattr(Config, name)
        if isinstance(standard, tuple):
            value = [value] if isinstance(value, str) else list(value)
            for pattern in value:
                try:
                    re.compile(pattern)
                except re.error as error:
                    wrong = f"{name}: {pattern!r} is no regular expression: {error}"
                    raise ValueError(wrong) from None
        else:
            value = type(standard)(value)
        super().__setattr__(name, value)
        _timemory.configure_profiler(self.trace_c, self.max_stack_depth)

    def __repr__(self) -> str:
        return (
            f"<{', '.join(f'{name}={getattr(self, name)!r}' for name in Config.__annotations__)}>"
        )


config = Config()


def _has_one(patterns: Iterable[str], text: str) -> bool:
    return any(re.search(pattern, text) for pattern in patterns)


def _is_recorded(name: str, file: str) -> bool:
    for text, only, skipped, always in (
        (name, config.only_functions, config.skip_functions, _SKIPPED_FUNCTIONS),
        (file, config.only_filenames, config.skip_filenames, _SKIPPED_FILES),
    ):
        if not (_has_one(only, text) if only else not always.search(text)):
            return False
        if _has_one(skipped, text):
            return False
    return True


def _label(what: Any, frame: FrameType | None) -> str | bool | None:
    """What a code object or a function written in C is called: see profiler.c."""
    if isinstance(what, types.CodeType):
        name, file = what.co_name, what.co_filename
        if file.startswith(_PACKAGE) and not config.include_internal:
            return None if file in _TRANSPARENT else False
    else:
        module = getattr(what, "__module__", None) or type(what.__self__).__module__
        if module.split(".")[0] == "timemory" and not config.include_internal:
            return None
        name, file = what.__qualname__, module
    if frame is None and not _is_recorded(name, file):
        if config.verbosity > 0:
            print(f"timemory: profiler: {name} of {file} is left out", file=sys.stderr)
        return None
    if not isinstance(what, types.CodeType):
        return f"[{name}][{file}]" if config.include_filename else name
    if config.include_args:
        if frame is None:
            return True
        name += _arguments(what, frame)
    if not config.full_filepath:
        file = os.path.basename(file)
    line = what.co_firstlineno
    if config.include_filename:
        return f"[{name}][{file}:{line}]" if config.include_line else f"[{name}][{file}]"
    return f"[{name}]:{line}" if config.include_line else name


def _arguments(code: CodeType, frame: FrameType) -> str:
    count = code.co_argcount + code.co_kwonlyargcount
    stars = [""] * count + [s for flag, s in ((0x04, "*"), (0x08, "**")) if code.co_flags & flag]
    values = frame.f_locals
    names = zip(stars, code.co_varnames)
    return f"({', '.join(f'{s}{n}={text_of(values[n])}' for s, n in names if n in values)})"


_running: list[_timemory.profiler] = []
_hook_before: Any = None


def _follow_threads(recorder: _timemory.profiler, starts: bool) -> None:
    """Let threads that start from now on be recorded by what was started last."""
    global _hook_before
    if starts and not _running:
        _hook_before = threading._profile_hook  # type: ignore[attr-defined]
    if starts:
        _running.append(recorder)
    elif recorder in _running:
        _running.remove(recorder)
    threading.setprofile(_running[-1].hook if _running else _hook_before)


class Profiler:
    """Records each call of a Python function, as decorator, in a `with` statement, or by hand.

    One that starts where another runs does nothing. A profile function that was there before, of
    another profiler, is put back when it stops.

    Parameters
    ----------
    components : list, optional
        As `timemory.util.marker` takes them; those of the settings if empty. A function is
        decorated.
    flat : bool, optional
        Whether functions stand under no others.
    timeline : bool, optional
        Whether each call is a row.
    """

    _condition: Callable[[], bool] | None = None

    def __new__(cls, components: Any = (), flat: bool = False, timeline: bool = False) -> Any:
        if isinstance(components, (types.FunctionType, staticmethod, classmethod)):
            return cls((), flat, timeline)(components)
        return super().__new__(cls)

    def __init__(
        self, components: Components = (), flat: bool = False, timeline: bool = False
    ) -> None:
        self._given = resolve(components)
        self._scope = (_FLAT if flat else 0) | (_TIMELINE if timeline else 0)
        self._recorder: _timemory.profiler | None = None
        self._components: str | None = None

    def start(self) -> Profiler:
        """Record the calls of this thread from now on."""
        if not self.is_enabled():
            return self
        first_use()
        components = self._given
        if components == "":
            components = resolve(_timemory.tool_components("profiler")) or None
        if self._recorder is None or components != self._components:
            self._components = components
            self._recorder = _timemory.profiler(components, self._scope, _label, _follow_threads)
        self._recorder.start()
        return self

    def stop(self) -> None:
        """End it, where it was stopped as often as it was started."""
        if self._recorder is not None:
            self._recorder.stop()

    enable, disable = start, stop

    def __enter__(self) -> Profiler:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def end(self) -> None:
        """Nothing is left to do after the last step of a decorated generator."""

    def __call__(self, function: Any) -> Any:
        """Decorate a function: its calls, and what they call, are recorded.

        Of a generator each step is recorded; of a coroutine all that its thread does until it ends.
        """
        if isinstance(function, (staticmethod, classmethod)):
            return type(function)(self(function.__func__))
        if isinstance(function, type) or not callable(function):
            raise TypeError(f"a profiler measures functions and methods, not {function!r}")

        def profiled(*arguments: Any, **named: Any) -> Any:
            with self:
                return function(*arguments, **named)

        async def awaited(*arguments: Any, **named: Any) -> Any:
            with self:
                return await function(*arguments, **named)

        if code_flags(function) & COROUTINE:
            return like(awaited, function)
        return like(in_steps(function, lambda arguments, named: self) or profiled, function)

    def run(self, cmd: str) -> Profiler:
        """Execute a statement in the program's main module."""
        names = sys.modules["__main__"].__dict__
        return self.runctx(cmd, names, names)

    def runctx(self, cmd: str, globals: dict[str, Any], locals: dict[str, Any]) -> Profiler:
        """Execute a statement."""
        with self:
            exec(cmd, globals, locals)
        return self

    def runcall(self, func: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        """Return what the function returns."""
        with self:
            return func(*args, **kw)

    @staticmethod
    def condition(functor: Callable[[], bool] | None) -> None:
        """Let profilers start only where this function returns true; None: everywhere."""
        Profiler._condition = functor

    @staticmethod
    def is_enabled() -> bool:
        """Whether a profiler that starts now would record."""
        functor = Profiler._condition
        return _timemory.get_setting("enabled") == "true" and (functor is None or bool(functor()))


class FakeProfiler:
    """Stands for a profiler, and does nothing."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        pass

    def __call__(self, function: Any) -> Any:
        return function

    def start(self) -> FakeProfiler:
        return self

    def stop(self) -> None:
        pass

    enable, disable = start, stop

    def __enter__(self) -> FakeProfiler:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def run(self, cmd: str) -> FakeProfiler:
        names = sys.modules["__main__"].__dict__
        return self.runctx(cmd, names, names)

    def runctx(self, cmd: str, globals: dict[str, Any], locals: dict[str, Any]) -> FakeProfiler:
        exec(cmd, globals, locals)
        return self

    def runcall(self, func: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        return func(*args, **kw)

    @staticmethod
    def condition(functor: Callable[[], bool] | None) -> None:
        pass

    @staticmethod
    def is_enabled() -> bool:
        return False


profile = Profiler


def main(words: Sequence[str] | None = None) -> int:
    """Run `timemory-python-profiler`: a script, with its calls recorded."""
    from timemory._profiled_script import run

    return run(list(sys.argv[1:] if words is None else words))


if __name__ == "__main__":
    # This module under its own name, so that there is one config.
    from timemory.profiler import main as _main

    sys.exit(_main())
