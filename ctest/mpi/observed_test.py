"""What timemory 3 did wrong on several ranks, by the number of the fault.

With MPI calls measured: by the library that is preloaded, and nothing else.
"""

import os
import sys

from job import BINARIES, HAS_HDF5, MPIEXEC, Folder, Run, by_path, check, check_equal, load, rows

ranks, fault = int(sys.argv[1]), sys.argv[2]
environment = {
    # The mpi4py that scripts/setup made for this MPI, where there is one.
    "PYTHONPATH": os.pathsep.join(
        (os.environ["TIMEMORY_TEST_PYTHONPATH"], os.environ["TIMEMORY_TEST_MPI4PY"])
    ),
    "TIMEMORY_OUTPUT_PATH": "out",
    "TIMEMORY_COUT_OUTPUT": "off",
}

PROGRAMS = {
    # A component on one rank only: finalize waited for ever.
    "2": """
from mpi4py import MPI
from timemory.util import marker
components = ["wall_clock", "peak_rss"] if MPI.COMM_WORLD.rank == 0 else ["wall_clock"]
with marker(components, "work"): pass
print("program: done")
""",
    # get() on rank 0 alone: it waited for the others.
    "3": """
from mpi4py import MPI
import timemory
from timemory.util import marker
with marker(["wall_clock"], "work"): pass
if MPI.COMM_WORLD.rank == 0:
    entry = timemory.get()["timemory"]["wall_clock"]["ranks"][0]["graph"][0]
    print("program:", entry["prefix"], entry["entry"]["laps"])
MPI.COMM_WORLD.barrier()
""",
    # Rows of bytes stood at the top, whatever region the call was made in.
    "12": """
from mpi4py import MPI
from timemory.util import marker
world = MPI.COMM_WORLD
with marker(["wall_clock"], "outer"):
    for _ in range(3):
        with marker(["wall_clock"], "inner"):
            world.sendrecv(b"12345678", (world.rank + 1) % world.size)
            world.Allreduce(bytearray(16), bytearray(16), MPI.BOR)
print("program: done")
""",
    # Processes without MPI wrote one file over the other.
    "13": """
from timemory.util import marker
with marker(["wall_clock"], "work"): pass
print("program: done")
""",
}


def check_one_result(folder, label, ranks_with_it):
    (of_all,) = rows(folder / f"out/{label}.json").values()
    work = by_path(of_all)["work"]
    check_equal(work.laps, ranks_with_it, f"laps in {label}.json")
    check_equal(work.over_ranks["count"], ranks_with_it, f"ranks in {label}.json")


def traffic(folder, call):
    """The rows of one call in the table of messages: (rank, peer, direction) with (messages, bytes).

    Where results are written without HDF5, as in the second build folder, nothing.
    """
    if not HAS_HDF5:
        return {}
    import h5py

    with h5py.File(folder / "out/timemory.h5") as file:
        table = file["tables/mpi_traffic"]
        texts = [text.decode() for text in table["texts"][...]]
        keys = {name: table["keys"][name][...].tolist() for name in table["keys"]}
        numbers = zip(table["count"][...].tolist(), table["sum"][...].tolist())
        return {
            (keys["rank"][i], keys["peer"][i], ("sent", "received")[keys["direction"][i]]): pair
            for i, pair in enumerate(numbers)
            if texts[keys["call"][i]] == call
        }


def shown_bytes(folder, label, call):
    """The total of a call in <label>.json, from what is shown: in the unit that the file names."""
    document = load(folder / f"out/{label}.json")
    check_equal(document["unit_repr"], "MB", f"unit in {label}.json")
    (row,) = [r for r in document["ranks"][0]["graph"] if r["prefix"].endswith(call)]
    return round(row["entry"]["repr_data"] * 1e6)


MESSAGES, LENGTH = 10, 1024


def check_unmodified(folder):
    """Faults 11b, 11c and 19: a program that knows nothing of timemory."""
    words = [3_000_000, 0] if fault == "11b" else [4, MESSAGES]
    bare = Run([MPIEXEC, "-n", ranks, program, *words], folder, environment)
    done = Run([MPIEXEC, "-n", ranks, "env", preload, program, *words], folder, environment)
    done.check_status()
    check_equal(sorted(done.program_lines), sorted(bare.program_lines), "lines")
    check_equal(done.our_lines, [], "lines on stderr")
    times, sent, received = (
        by_path(*rows(folder / f"out/{label}.json").values())
        for label in ("wall", "mpi_sent", "mpi_received")
    )
    if fault == "11b":
        total = 8 * words[0] * ranks
        for direction in (sent, received):
            check_equal(direction["MPI_Allreduce"].laps, words[0] * ranks, "sums")
            check_equal(direction["MPI_Allreduce"].value, total, "bytes of the sums")
        check_equal(shown_bytes(folder, "mpi_sent", "MPI_Allreduce"), total, "bytes shown")
    elif fault == "11c":
        sent_by = traffic(folder, "MPI_Send")
        for rank in range(ranks if HAS_HDF5 else 0):
            found = sent_by[rank, (rank + 1) % ranks, "sent"]
            check_equal(found, (MESSAGES, MESSAGES * LENGTH), f"messages of rank {rank}")
        total = ranks * MESSAGES * LENGTH
        check_equal(shown_bytes(folder, "mpi_sent", "MPI_Send"), total, "bytes shown")
    else:
        for call, direction in (("MPI_Send", sent), ("MPI_Recv", received)):
            check_equal(times[call].laps, ranks * MESSAGES, f"times of {call}")
            check(times[call].value > 0, f"{call} took no time")
            check_equal(direction[call].value, ranks * MESSAGES * LENGTH, f"bytes of {call}")
        arrived = traffic(folder, "MPI_Recv")
        for rank in range(ranks if HAS_HDF5 else 0):
            found = arrived.pop((rank, (rank - 1) % ranks, "received"))
            check_equal(found, (MESSAGES, MESSAGES * LENGTH), f"messages to rank {rank}")
        check_equal(arrived, {}, "other peers of MPI_Recv")


mpip = os.environ.get("TIMEMORY_TEST_MPIP", "")
preload = f"LD_PRELOAD={mpip}"
program = BINARIES / "mpi-unmodified"
if fault in ("11b", "11c", "19"):
    with Folder() as folder:
        check_unmodified(folder)
    print(f"fault {fault} on {ranks} ranks: not ours")
    sys.exit(0)

with Folder() as folder:
    (folder / "program.py").write_text(PROGRAMS[fault])
    wrapped = ["env", preload] if fault == "12" else []
    done = Run([MPIEXEC, "-n", ranks, *wrapped, sys.executable, "program.py"], folder, environment)
    if "No module named 'mpi4py'" in done.stderr:
        sys.exit(77)
    done.check_status()
    check_equal(done.our_lines, [], "lines on stderr")
    if fault == "2":
        check_equal(done.program_lines, ["program: done"] * ranks, "lines")
        check_one_result(folder, "wall", ranks)
        check_one_result(folder, "peak_rss", 1)
    elif fault == "3":
        check_equal(done.program_lines, ["program: >>> work 1"], "lines")
        check_one_result(folder, "wall", ranks)
    elif fault == "12":
        times = by_path(*rows(folder / "out/wall.json").values())
        for label in ("mpi_sent", "mpi_received"):
            of_bytes = by_path(*rows(folder / f"out/{label}.json").values())
            # Under MPI 4 mpi4py calls the function for large counts.
            (sums,) = (
                of_bytes[path]
                for path in ("outer/inner/MPI_Allreduce", "outer/inner/MPI_Allreduce_c")
                if path in of_bytes
            )
            check_equal(sums.laps, 3 * ranks, f"sums in {label}.json")
            check_equal(sums.value, 3 * 16 * ranks, f"bytes in {label}.json")
            check_equal(set(of_bytes) - set(times), set(), f"paths in {label}.json alone")
            calls = [path for path in of_bytes if "MPI_" in path]
            outside = [path for path in calls if not path.startswith("outer/inner/MPI_")]
            check_equal(outside, [], f"calls outside of their region in {label}.json")
            # A region has what the calls inside it have.
            inside = sum(of_bytes[path].value for path in calls)
            for region in ("outer", "outer/inner"):
                check_equal(of_bytes[region].value, inside, f"{region} in {label}.json")
    else:
        for rank in range(ranks):
            ((of_one,),) = (rows(folder / f"out/{rank}-wall.json").values(),)
            check_equal(by_path(of_one)["work"].laps, 1, f"laps of process {rank}")
        check(not (folder / "out/wall.json").exists(), "a file that all have written")
print(f"fault {fault} on {ranks} ranks: not ours")
