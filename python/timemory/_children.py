"""Processes that a measured program starts: each writes its own files, however it ends."""

from __future__ import annotations

import os
import signal
import sys

from timemory import _timemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The least: after everything that the program has asked for.
_LAST = -1_000_000


def begin_child(forked_from: int | None) -> None:
    """At the first use: tell whether this process writes beside its parent.

    A daemon, whose parent has gone, is no child.
    """
    if forked_from is not None and os.getppid() == forked_from:
        _timemory.mark_child()
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        _timemory.mark_child()
        _watch_end()


class _Anchor:
    """What multiprocessing needs to call us when it starts a process; it keeps no reference."""


_anchor = _Anchor()


def watch_start() -> None:
    """In a child of a fork: be called again when multiprocessing has set the process up."""
    from multiprocessing import util

    util.register_after_fork(_anchor, _watch_end)


def _watch_end(_: object = None) -> None:
    """Write the results when a process of multiprocessing ends: it runs no atexit functions."""
    from multiprocessing import util

    util.Finalize(None, _write, exitpriority=_LAST)
    # A pool that leaves its with statement terminates its workers.
    try:
        if signal.getsignal(signal.SIGTERM) in (signal.SIG_DFL, _terminate):
            signal.signal(signal.SIGTERM, _terminate)
            _timemory.repeat_termination()
    except ValueError:
        pass  # not on the main thread


def _write() -> None:
    from timemory._life import finalize

    finalize()


def _terminate(number: int, frame: Any) -> None:
    _timemory.termination_is_handled()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        _write()
    finally:
        os.kill(os.getpid(), number)
