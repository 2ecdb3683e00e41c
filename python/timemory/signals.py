"""Signals: results are written before a signal ends the program."""

from __future__ import annotations

import enum
import os
import signal
import sys

from timemory import _timemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

__all__ = ["Signal", "disable_signal_detection", "enable_signal_detection", "set_exit_action"]

_NAMES = {
    "Hangup": "SIGHUP",
    "Interrupt": "SIGINT",
    "Quit": "SIGQUIT",
    "Illegal": "SIGILL",
    "Trap": "SIGTRAP",
    "Abort": "SIGABRT",
    "Bus": "SIGBUS",
    "FPE": "SIGFPE",
    "Kill": "SIGKILL",
    "User1": "SIGUSR1",
    "SegFault": "SIGSEGV",
    "User2": "SIGUSR2",
    "Pipe": "SIGPIPE",
    "Alarm": "SIGALRM",
    "Terminate": "SIGTERM",
    "Stop": "SIGSTOP",
    "CPUtime": "SIGXCPU",
    "FileSize": "SIGXFSZ",
    "VirtualAlarm": "SIGVTALRM",
    "ProfileAlarm": "SIGPROF",
}

Signal = enum.IntEnum(  # type: ignore[misc]
    "Signal", {name: int(getattr(signal, which)) for name, which in _NAMES.items()}
)
Signal.__doc__ = "The signals, by the names of timemory."

# Of these Python's handler would only run once the instruction has been repeated, for ever: the
# library's handles them.
_FROM_THE_CPU = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP}
_NEVER = {signal.SIGKILL, signal.SIGSTOP}
_USUAL = [
    int(number)
    for number in (
        signal.SIGHUP,
        signal.SIGINT,
        signal.SIGQUIT,
        signal.SIGABRT,
        signal.SIGTERM,
        signal.SIGSEGV,
        signal.SIGBUS,
        signal.SIGFPE,
        signal.SIGILL,
    )
]

_before: dict[int, Any] = {}
_action: Callable[[int], object] | None = None


def enable_signal_detection(signals: Iterable[int] = ()) -> None:
    """Write the results when one of these signals arrives; then it goes on to what was there before.

    Of a fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP), after which no Python code can run, one
    line on stderr says in which region it was. Does nothing but say so where the setting
    `allow_signal_handler` is off.

    Parameters
    ----------
    signals : list of Signal, optional
        SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGTERM, SIGSEGV, SIGBUS, SIGFPE and SIGILL if empty.
        Those that no program can handle are left out, after one line on stderr.
    """
    if _timemory.get_setting("allow_signal_handler") != "true":
        _say("signals are not handled: the setting 'allow_signal_handler' is off")
        return
    faults: list[int] = []
    for number in [int(number) for number in signals] or _USUAL:
        if number in _before:
            continue
        if number in _NEVER:
            _say(f"{signal.Signals(number).name} can't be handled by any program; it is left out")
        elif number in _FROM_THE_CPU:
            faults.append(number)
        else:
            _before[number] = signal.signal(number, _handle)
    if faults:
        _timemory.enable_signals(faults)


def disable_signal_detection() -> None:
    """Bring back the handlers from before, also of those that the settings asked for."""
    while _before:
        number, handler = _before.popitem()
        signal.signal(number, signal.SIG_DFL if handler is None else handler)
    _timemory.disable_signals()


def _say(line: str) -> None:
    print(f"timemory: {line}", file=sys.stderr, flush=True)


def set_exit_action(action: Callable[[int], object] | None) -> None:
    """Let this function be called, with the number of the signal, before the results are written."""
    global _action
    _action = action


def _handle(number: int, frame: Any) -> None:
    from timemory._life import finalize

    before = _before.pop(number, signal.SIG_DFL)
    if before is None:
        before = signal.SIG_DFL
    signal.signal(number, before)
    if _action is not None:
        _action(number)
    finalize()
    if callable(before):
        before(number, frame)
    elif before == signal.SIG_DFL:
        os.kill(os.getpid(), number)
