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

version: str = _version()
version_info: tuple[int, ...] = tuple(int(number) for number in version.split(".")[:3])
__version__ = version

__all__ = [
    "bundle",
    "component",
    "disable",
    "enable",
    "enabled",
    "finalize",
    "get",
    "get_text",
    "has_mpi_support",
    "init",
    "initialize",
    "is_enabled",
    "region",
    "report",
    "settings",
    "timemory_finalize",
    "timemory_init",
    "toggle",
    "util",
    "version",
    "version_info",
]
