"""Functions of the package that programs seldom call."""

from __future__ import annotations

import ctypes
import sys

from timemory import _timemory
from timemory.component import resolve
from timemory.signals import disable_signal_detection, enable_signal_detection, set_exit_action

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from timemory.component import Component, Components

__all__ = ["disable_signal_detection", "enable_signal_detection", "set_exit_action"]


def clear(components: Components = ()) -> None:
    """Forget what this thread, and those that have ended, measured so far.

    Other threads that are alive keep theirs, since they may be at the edge of a region.

    Parameters
    ----------
    components : list, optional
        Only these. Those that a region measures together with others stay, with one line on stderr.
    """
    names = resolve(components)
    if names is not None:
        _timemory.clear(names or None)


def size(components: Components = ()) -> dict[Component, int]:
    """Return how many call paths there are so far, by component.

    Parameters
    ----------
    components : list, optional
        Which components; all of which something was measured if empty.
    """
    from timemory import component
    from timemory._results import get

    counts = {
        getattr(component, name): sum(len(rank["graph"]) for rank in metric["ranks"])
        for name, metric in get(components=components)["timemory"].items()
    }
    for name in (resolve(components) or "").split(","):
        if name:
            counts.setdefault(getattr(component, name), 0)
    return counts


def get_hash(key: str) -> int:
    """Return the number that stands for a name in the results (`hash`)."""
    return _timemory.hash_of(str(key).encode("utf-8", "backslashreplace"))


add_hash_id = get_hash


def get_hash_identifier(hash: int) -> str:
    """Return the name with this number; `unknown-hash=<number>` if no region and no call had it."""
    return _timemory.hash_identifier(hash) or f"unknown-hash={hash}"


def frame(depth: int = 0) -> FrameType:
    """Return the frame of the caller, or of one `depth` calls above it."""
    return sys._getframe(depth + 1)


def file(depth: int = 0, basename: bool = False) -> str:
    """Return the file of the caller."""
    path = sys._getframe(depth + 1).f_code.co_filename
    return path.rpartition("/")[2] if basename else path


def func(depth: int = 0) -> str:
    """Return the name of the function of the caller."""
    return sys._getframe(depth + 1).f_code.co_name


def line(depth: int = 0) -> int:
    """Return the line where the caller is."""
    return sys._getframe(depth + 1).f_lineno


def _not_here(what: str, instead: str = "") -> None:
    text = f"timemory: {what} is not available in this build{instead}"
    print(text, file=sys.stderr, flush=True)


def set_rusage_self() -> None:
    """Say that counters of the kernel are those of the calling thread: they always are."""


def set_rusage_children() -> None:
    """Say that counters of the kernel of child processes are not measured."""
    _not_here("measuring child processes", "; their own results are written by themselves")


def mpi_init() -> None:
    """Initialise MPI, by importing mpi4py, unless that is done."""
    try:
        from mpi4py import MPI
    except ImportError:
        _not_here("mpi_init without mpi4py", "; install mpi4py")
        return
    if not MPI.Is_initialized():
        MPI.Init()
    _timemory.notice_mpi()


def mpi_finalize() -> None:
    """Finalize MPI, where mpi4py is in use and has not done it. The results are written then."""
    mpi4py = sys.modules.get("mpi4py.MPI")
    if mpi4py is not None and mpi4py.Is_initialized() and not mpi4py.Is_finalized():
        mpi4py.Finalize()


dmp_init, dmp_finalize = mpi_init, mpi_finalize


def upcxx_init() -> None:
    """Say that UPC++ is not supported."""
    _not_here("UPC++")


upcxx_finalize = upcxx_init


def _tool(name: str, instead: str) -> tuple[Any, Any]:
    def start() -> int:
        _not_here(name, instead)
        return 0

    def stop(id: int = 0) -> int:
        return 0

    start.__doc__ = f"Say that {name} can't be started here. Returns 0."
    stop.__doc__ = "Stop what `start` began: nothing. Returns how many are left, 0."
    return start, stop


def _mpip(function: str) -> Any:
    """Return a function of libtimemory-mpip, if the process has it."""
    return getattr(ctypes.CDLL(None), f"timemory_mpip_{function}", None)


def start_mpip() -> int:
    """Start recording MPI calls, where libtimemory-mpip is preloaded or linked.

    It has been started by MPI_Init unless TIMEMORY_ENABLE_MPIP is off.

    Returns
    -------
    int
        A number for `stop_mpip`; 0, after one line on stderr, where the library is not there.
    """
    start = _mpip("start")
    if start is None:
        _not_here(
            "starting the MPI wrappers", "; start the program with `timemory run --mpi -- ...`"
        )
        return 0
    return int(start())


def stop_mpip(id: int = 0) -> int:
    """Stop what `start_mpip` began. Returns how many starts are left."""
    stop = _mpip("stop")
    return int(stop(id)) if stop is not None else 0


start_ompt, stop_ompt = _tool("OMPT", "")
start_ncclp, stop_ncclp = _tool("the wrapper of NCCL", "")
start_mallocp, stop_mallocp = _tool("the wrapper of malloc", "")
init_mpip, init_ompt = start_mpip, start_ompt


def start_function_wrappers(*names: str, **flags: bool) -> list[int]:
    """Start the wrappers `mpi`, `ompt`, `nccl` and `malloc`, as far as they are here: see there."""
    chosen = [*names, *(name for name, on in flags.items() if on)]
    starts = {
        "mpi": start_mpip,
        "mpip": start_mpip,
        "ompt": start_ompt,
        "openmp": start_ompt,
        "nccl": start_ncclp,
        "ncclp": start_ncclp,
        "malloc": start_mallocp,
        "mallocp": start_mallocp,
        "memory": start_mallocp,
    }
    for name in chosen:
        if name not in starts:
            raise ValueError(
                f"there are no function wrappers {name!r}; there are {', '.join(starts)}"
            )
    return [starts[name]() for name in chosen]


def stop_function_wrappers(ids: list[int]) -> list[int]:
    """Stop what `start_function_wrappers` began."""
    return [stop_mpip(id) if id > 0 else 0 for id in ids]


def build_info() -> dict[str, str]:
    """Return what this package was built as."""
    import platform

    return {
        "version": _timemory.version(),
        "library": _timemory.library_path() or "",
        "python": platform.python_version(),
        "platform": platform.platform(),
    }


FILE, FUNC, LINE, FRAME = file, func, line, frame
