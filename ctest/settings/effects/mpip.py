"""What the calls of MPI measure, where libtimemory-mpip is preloaded."""

from __future__ import annotations

import os
from pathlib import Path

from effect import Effect
from ended import Ended

BUILD = Path(os.environ.get("TIMEMORY_TEST_BINARIES", "bin")).parent
PRELOADED = {"LD_PRELOAD": str(next(BUILD.glob("lib/timemory/*/libtimemory-mpip.so"), ""))}

BARRIER = """
from mpi4py import MPI
MPI.COMM_WORLD.Barrier()
"""


def measures_memory(ended: Ended) -> bool:
    return "peak_rss.json" in ended.out + ended.err


EFFECTS = [
    Effect("mpip_components", "peak_rss", measures_memory, BARRIER, environment=PRELOADED, ranks=1),
]
