"""Signals: results are written before a signal ends the program."""

from __future__ import annotations

import enum
import os
import signal
import sys

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

# Of these Python's handler would only run once the instruction has been repeated, for ever.
_FROM_THE_CPU = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP}
_NEVER = {signal.SIGKILL, signal.SIGSTOP}

_before: dict[int, Any] = {}
_action: Callable[[int], object] | None = None


def enable_signal_detection(signals: Iterable[int] = ()) -> None:
    """Write the results when one of these signals arrives; then it goes on to what was there before.

    Parameters
    ----------
    signals : list of Signal, optional
        SIGHUP, SIGINT, SIGQUIT, SIGABRT and SIGTERM if empty. Signals that no Python program can
        handle are left out, after one line on stderr.
    """
    wanted = list(signals) or [
        Signal.Hangup,
        Signal.Interrupt,
        Signal.Quit,
        Signal.Abort,
        Signal.Terminate,
    ]  # type: ignore[attr-defined]
    for number in map(int, wanted):
        if number in _before:
            continue
        if number in _FROM_THE_CPU or number in _NEVER:
            name = signal.Signals(number).name
            print(
                f"timemory: {name} can't be handled by a Python program; it is left out",
                file=sys.stderr,
                flush=True,
            )
            continue
        _before[number] = signal.signal(number, _handle)


def disable_signal_detection() -> None:
    """Bring back the handlers from before."""
    while _before:
        number, handler = _before.popitem()
        signal.signal(number, signal.SIG_DFL if handler is None else handler)


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
