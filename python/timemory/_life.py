"""From the first region to the files: when the library begins and ends."""

from __future__ import annotations

import os
import sys

from timemory import _timemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_exit_registered = False
_used = False
_prefix, _suffix = "timemory-", "-output"


def _program() -> list[str]:
    """sys.argv; the interpreter's name where there is no script."""
    argv = [str(argument) for argument in getattr(sys, "argv", [])]
    if not argv or argv[0] in ("", "-", "-c", "-m"):
        argv[:1] = ["python"]
    folder, file = os.path.split(argv[0])
    if folder and file == "__main__.py":  # as in `python -m pytest`
        argv[0] = folder
    return argv


def _at_exit() -> None:
    finalize()
    _timemory.detach()


_forked_from: int | None = None  # the process that this one is a fork of


def _before_fork() -> None:
    global _parent
    _parent = os.getpid()


def _after_fork_in_child() -> None:
    global _forked_from
    _forked_from = _parent
    if "multiprocessing.util" in sys.modules:
        from timemory._children import watch_start

        watch_start()


_parent = 0
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)


def register_exit() -> None:
    """Let the results be written, and Python components left alone, when the program ends."""
    global _exit_registered
    if not _exit_registered:
        _exit_registered = True
        import atexit

        atexit.register(_at_exit)


def folder_name(program: str = "", prefix: str = _prefix, suffix: str = _suffix) -> str:
    """The output folder of a program, of this one if not given."""
    name = os.path.basename(program or _program()[0])
    for ending in (".py", ".exe"):
        if name.endswith(ending):
            name = name[: -len(ending)]
    return f"{prefix}{name}{suffix}".replace("_", "-").replace("--", "-")


def is_named() -> bool:
    """Whether the library knows which program this is."""
    return _used


def _name_interpreter() -> None:
    """Let plots be made by the Python that runs the program, which has this package."""
    if sys.executable and _timemory.setting_origin("python_exe") == "default":
        _timemory.set_setting("code", "python_exe", sys.executable)


def first_use() -> None:
    """Initialise the library for the script that runs, unless that is done."""
    global _used
    if _used:
        return
    register_exit()
    if _forked_from is not None or "multiprocessing.process" in sys.modules:
        from timemory._children import begin_child

        begin_child(_forked_from)
    if not _timemory.is_initialized():
        _timemory.init([os.fsencode(argument) for argument in _program()])
        _name_interpreter()
    _used = True  # not before: another thread may be here too, and must not go on without


def init(
    argv: Sequence[str] | str = (), prefix: str = "timemory-", suffix: str = "-output"
) -> None:
    """Initialise the library, and name the output folder.

    Not needed: the first region does it. Calling it again changes nothing but the name of the
    output folder.

    Parameters
    ----------
    argv : list of str, optional
        The command line; the folder is named after its first word, without folder and `.py`, and
        with `-` for `_`. sys.argv if empty.
    prefix, suffix : str, optional
        Stand before and behind that name. TIMEMORY_OUTPUT_PATH wins over all of it.
    """
    words = [argv] if isinstance(argv, str) else [os.fspath(word) for word in argv]
    if words and not words[0]:
        words = []
    global _used
    register_exit()
    if words or not _used:
        _timemory.init([os.fsencode(word) for word in words or _program()])
        _name_interpreter()
        _used = True
    if (prefix, suffix) != (_prefix, _suffix) and "TIMEMORY_OUTPUT_PATH" not in os.environ:
        path = folder_name((words or _program())[0], prefix, suffix)
        _timemory.set_setting("code", "output_path", path)


def finalize() -> None:
    """End the recording, and write the results.

    With MPI active it only ends the recording of this rank: the results of all ranks are folded and
    written inside `MPI_Finalize`, which mpi4py calls at exit. It never waits for other ranks. The
    second call does nothing.
    """
    if not _timemory.is_initialized():
        return
    flush()
    _timemory.finalize()


def flush() -> None:
    """Let what the program has printed come before what the library prints."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass  # none, broken or closed: the program's own matter


def enable() -> None:
    """Go on recording."""
    toggle(True)


def disable() -> None:
    """Stop recording; regions that are open are recorded when they end."""
    toggle(False)


def toggle(on: bool = True) -> None:
    """Go on recording, or stop."""
    if on:
        _timemory.set_setting("code", "enabled", "true")
        _timemory.resume()
    else:
        _timemory.pause()


def is_enabled() -> bool:
    """Whether regions are recorded."""
    return bool(_timemory.is_active()) and _timemory.get_setting("enabled") == "true"


def has_mpi_support() -> bool:
    """Whether the part that folds over MPI ranks is installed."""
    library = _timemory.library_path()
    if library is None:
        return False
    try:
        names = os.listdir(os.path.dirname(os.path.abspath(library)))
    except OSError:
        return False
    return any(name.startswith("libtimemory-mpi-") for name in names)


enabled = is_enabled
initialize = timemory_init = init
timemory_finalize = finalize
