"""timemory: measurement of regions in HPC programs, folded over threads and MPI ranks.

    import timemory
    from timemory.util import marker

    @marker(["wall_clock"])
    def solve():
        with marker(["wall_clock", "peak_rss"], key="assemble"):
            ...

    solve()
    timemory.finalize()

Importing it measures and changes nothing. The first region initialises the library, and names the
output folder `timemory-<script>-output`. If `finalize` is not called, the results are written when
the interpreter exits. Under MPI the results of all ranks are folded inside `MPI_Finalize`, which
mpi4py calls at exit.
"""

from __future__ import annotations

from timemory import bundle, component, region, util
from timemory._life import (
    disable,
    enable,
    enabled,
    finalize,
    has_mpi_support,
    init,
    initialize,
    is_enabled,
    timemory_finalize,
    timemory_init,
    toggle,
)
from timemory._results import get, get_text, report
from timemory._settings import settings
from timemory._timemory import version as _version

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from timemory import (
        analyze,
        api,
        common,
        hardware_counters,
        manager,
        mpi,
        mpi_support,
        options,
        plotting,
        profiler,
        scope,
        signals,
        socket,
        statistics,
        storage,
        tools,
        trace,
        units,
    )
    from timemory._bundles import component_bundle, component_tuple, rss_usage, timer
    from timemory._library import (
        FILE,
        FRAME,
        FUNC,
        LINE,
        add_hash_id,
        build_info,
        clear,
        disable_signal_detection,
        dmp_finalize,
        dmp_init,
        enable_signal_detection,
        file,
        frame,
        func,
        get_hash,
        get_hash_identifier,
        init_mpip,
        init_ompt,
        line,
        mpi_finalize,
        mpi_init,
        set_exit_action,
        set_rusage_children,
        set_rusage_self,
        size,
        start_function_wrappers,
        start_mallocp,
        start_mpip,
        start_ncclp,
        start_ompt,
        stop_function_wrappers,
        stop_mallocp,
        stop_mpip,
        stop_ncclp,
        stop_ompt,
        upcxx_finalize,
        upcxx_init,
    )
    from timemory._load import Result, load

version: str = _version()
version_info: tuple[int, ...] = tuple(int(number) for number in version.split(".")[:3])
__version__ = version

# What is seldom used is imported when it is asked for, so that `import timemory` costs little.
_MODULES = frozenset(
    (
        "analyze",
        "api",
        "common",
        "hardware_counters",
        "manager",
        "mpi",
        "mpi_support",
        "options",
        "plotting",
        "profiler",
        "scope",
        "signals",
        "socket",
        "statistics",
        "storage",
        "tools",
        "trace",
        "units",
    )
)
_HOMES = {
    **dict.fromkeys(("component_bundle", "component_tuple", "rss_usage", "timer"), "_bundles"),
    **dict.fromkeys(("Result", "load"), "_load"),
}


def add_arguments(
    parser: argparse.ArgumentParser, subparser: bool | argparse.ArgumentParser | None = True
) -> argparse.ArgumentParser:
    """Let the command line of a program set timemory's settings.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The program's parser.
    subparser : bool or parser, optional
        True: `program timemory-config --precision 4`; None or False:
        `program --timemory-precision 4`; a parser: the options are added to that one.
    """
    return settings.add_arguments(parser, subparser=subparser)


timemory_argparse = add_arguments


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"timemory.{name}")
    if name in __all__:  # the others are defined above
        home = import_module(f"timemory.{_HOMES.get(name, '_library')}")
        value = getattr(home, name)
        globals()[name] = value
        return value
    hint = f": it is timemory.util.{name}" if name in util.__all__ else ""
    raise AttributeError(f"module 'timemory' has no attribute {name!r}{hint}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
    "FILE",
    "FRAME",
    "FUNC",
    "LINE",
    "Result",
    "add_arguments",
    "add_hash_id",
    "analyze",
    "api",
    "build_info",
    "bundle",
    "clear",
    "common",
    "component",
    "component_bundle",
    "component_tuple",
    "disable",
    "disable_signal_detection",
    "dmp_finalize",
    "dmp_init",
    "enable",
    "enable_signal_detection",
    "enabled",
    "file",
    "finalize",
    "frame",
    "func",
    "get",
    "get_hash",
    "get_hash_identifier",
    "get_text",
    "hardware_counters",
    "has_mpi_support",
    "init",
    "init_mpip",
    "init_ompt",
    "initialize",
    "is_enabled",
    "line",
    "load",
    "manager",
    "mpi",
    "mpi_finalize",
    "mpi_init",
    "mpi_support",
    "options",
    "plotting",
    "profiler",
    "region",
    "report",
    "rss_usage",
    "scope",
    "set_exit_action",
    "set_rusage_children",
    "set_rusage_self",
    "settings",
    "signals",
    "size",
    "socket",
    "start_function_wrappers",
    "start_mallocp",
    "start_mpip",
    "start_ncclp",
    "start_ompt",
    "statistics",
    "stop_function_wrappers",
    "stop_mallocp",
    "stop_mpip",
    "stop_ncclp",
    "stop_ompt",
    "storage",
    "timemory_argparse",
    "timemory_finalize",
    "timemory_init",
    "timer",
    "toggle",
    "tools",
    "trace",
    "units",
    "upcxx_finalize",
    "upcxx_init",
    "util",
    "version",
    "version_info",
]
