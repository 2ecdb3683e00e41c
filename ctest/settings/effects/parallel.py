"""Threads, ranks and processes."""

from __future__ import annotations

import os

from effect import Effect
from ended import Ended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = """
import os, threading
from timemory.util import marker
together = threading.Barrier(2)
cpus = []
def work():
    with marker(["wall_clock"], key="work"):
        together.wait()
        cpus.append(os.sched_getaffinity(0))
        together.wait()
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("pinned:", sorted(map(len, cpus)) == [1, 1] and cpus[0] != cpus[1])
"""

RANKS = """
from mpi4py import MPI
from timemory.util import marker
with marker(["wall_clock"], key="work"):
    MPI.COMM_WORLD.Barrier()
"""

LATE_RANK = RANKS + "import time\nif MPI.COMM_WORLD.rank == 1: time.sleep(4)\n"

# 64 MiB, and a component that reads them from /proc.
ALLOCATION = """
from timemory.util import marker
with marker(["page_rss"], key="work"):
    memory = bytearray(64 << 20)
    memory[::4096] = b"x" * len(memory[::4096])
"""

MPI_INIT = {"TIMEMORY_MPI_INIT": "on"}


def printed(text: str) -> Callable[[Ended], bool]:
    return lambda ended: text in ended.out


EFFECTS = [
    Effect("collapse_threads", "off", lambda ended: ended.labels() == ["work"] * 2, THREADS),
    Effect("collapse_processes", "off", lambda ended: len(ended.ranks()) == 2, RANKS, ranks=2),
    Effect(
        "finalize_timeout",
        "1",
        lambda ended: "wrote its own profile" in ended.err,
        LATE_RANK,
        ranks=2,
    ),
    Effect(
        "max_thread_bookmarks",
        "7",
        lambda ended: "setting 'max_thread_bookmarks' has no effect" in ended.err,
    ),
    Effect("cpu_affinity", "on", lambda ended: "pinned: True" in ended.out, THREADS, cpus=2),
    # This process, which does not grow meanwhile.
    Effect(
        "target_pid",
        str(os.getpid()),
        lambda ended: ended.rows("page_rss")[0]["entry"]["value"] < 32 << 20,
        ALLOCATION,
    ),
    Effect("mpi_init", "on", printed("MPI is initialised"), "settings-mpi", ranks=1),
    Effect("mpi_finalize", "on", printed("MPI is finalised"), "settings-mpi", ranks=1),
    Effect(
        "mpi_thread",
        "off",
        printed("threads: single"),
        "settings-mpi",
        environment=MPI_INIT,
        ranks=1,
    ),
    Effect(
        "mpi_thread_type",
        "funneled",
        printed("threads: funneled"),
        "settings-mpi",
        environment=MPI_INIT,
        ranks=1,
    ),
    Effect("node_count", "2", lambda ended: len(ended.ranks()) == 2, RANKS, ranks=4),
]
