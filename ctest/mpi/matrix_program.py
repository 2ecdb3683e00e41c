"""The job of matrix.cpp in Python, with mpi4py.

    matrix_program.py measured|bare <fault> <rank> [<setting>=<value>...]

`bare` runs the same without importing timemory.
"""

import ctypes
import mmap
import os
import signal
import struct
import sys
import threading
import time

import mpi4py

measured, fault, faulty_rank = sys.argv[1] == "measured", sys.argv[2], int(sys.argv[3])
if fault in ("exit", "return"):
    mpi4py.rc.finalize = False
from mpi4py import MPI  # noqa: E402

world = MPI.COMM_WORLD
rank, ranks = world.rank, world.size
faulty = rank == faulty_rank

ENTRY = struct.Struct("<q56s")  # a lap: its ticks, then its path
MOST_ENTRIES = 4096
with open(f"log-{rank}", "x+b") as file:
    file.truncate(MOST_ENTRIES * ENTRY.size)
    entries = mmap.mmap(file.fileno(), MOST_ENTRIES * ENTRY.size)
used = 0
of_thread = threading.local()
of_thread.ticks = 0


class Nothing:
    """A region that is not measured."""

    def __init__(self, *_):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


marker = Nothing


def begin_measuring():
    if not measured:
        return
    global marker
    import timemory
    from timemory import component
    from timemory.util import marker

    if faulty:
        for assignment in sys.argv[4:]:
            name, value = assignment.split("=")
            setattr(timemory.settings, name, value)
    component.register("ticks", lambda: of_thread.ticks)


class Region:
    """A region, which is written to the log when it has ended. `path` ends with its name."""

    def __init__(self, path):
        self.path = path
        self.marker = marker(["wall_clock", "ticks"], path.split("/")[-1])

    def __enter__(self):
        self.begin = of_thread.ticks
        self.marker.__enter__()

    def __exit__(self, *exception):
        self.marker.__exit__(*exception)
        global used
        lap = of_thread.ticks - self.begin
        ENTRY.pack_into(entries, used * ENTRY.size, lap, self.path.encode())
        used += 1


def work():
    for i in range(10):
        with Region("work"):
            of_thread.ticks += 1 + rank
            for k in range(3):
                with Region("work/inner"):
                    of_thread.ticks += 100 + 7 * i + k
    with Region(f"rank {rank}"):
        of_thread.ticks += 5000


def exchange():
    """Messages of which it is known how many they are: round the ring, each longer than the last."""
    for size in range(1, 11):
        world.Sendrecv(
            bytearray(size),
            dest=(rank + 1) % ranks,
            recvbuf=bytearray(size),
            source=(rank - 1) % ranks,
        )


def work_beside():
    """In a thread of its own, which stays until the process ends."""
    done = threading.Event()

    def run():
        of_thread.ticks = 0
        for _ in range(5):
            with Region("beside"):
                of_thread.ticks += 11 * (rank + 1)
        done.set()
        threading.Event().wait()

    threading.Thread(target=run, daemon=True).start()
    done.wait()


def come_to_the_fault():
    """Leave a file behind: from then on time counts."""
    with open("fault", "x"):
        pass


def die():
    if fault in ("kill", "term", "int"):
        os.kill(os.getpid(), getattr(signal, f"SIG{fault.upper()}"))
        time.sleep(0.1)  # Python's handler of SIGINT comes between two instructions
    if fault == "segv":
        ctypes.memset(0, 1, 1)
    if fault == "abrt":
        os.abort()
    if fault == "_exit":
        os._exit(3)
    if fault == "abort":
        world.Abort(3)
    if fault == "exit":
        sys.exit(7)


def main():
    exchange()
    if faulty and fault == "late":
        world.Barrier()
        come_to_the_fault()
        MPI.Finalize()
        begin_measuring()
        work()
        return
    begin_measuring()
    work()
    work_beside()
    os.write(1, f"program: rank {rank} of {ranks} has worked\n".encode())
    world.Barrier()

    if faulty:
        time.sleep(0.2)  # what the others have printed is at the launcher
        with Region("open"):
            with Region("open/step"):
                of_thread.ticks += 77
            come_to_the_fault()
            die()
    if faulty and fault == "return":
        return
    # Those that wait here never see the end of it.
    if fault in ("kill", "segv", "term", "int", "abrt", "_exit", "abort", "exit", "return"):
        world.Barrier()

    while fault == "loop" and faulty:
        time.sleep(0.001)
    if fault == "no folder" and faulty:
        # The working folder is gone, and no relative name leads anywhere.
        os.mkdir("gone")
        os.chdir("gone")
        os.rmdir("../gone")
    if fault == "removed" and faulty:
        os.remove("out/old")
        os.rmdir("out")
    if fault == "mpi first" and faulty:
        MPI.Finalize()
    if measured and (fault != "one" or faulty):
        import timemory

        timemory.finalize()


main()
