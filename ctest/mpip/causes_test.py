"""A program with something wrong in it: the first screen of the report says what, where and who."""

import json
import os
import re
import sys

from job import BINARIES, HAS_HDF5, MPIEXEC, Folder, Run, check, check_equal

COMMAND = os.environ["COMMAND_UNDER_TEST"]
WRAPPERS = os.environ["TIMEMORY_TEST_MPIP"]
FIRST_SCREEN = 24  # lines

# What the sentence says besides how much it costs.
EXPECTED = {
    "late_sender": r"Late sender: .* in main/exchange/MPI_Recv waiting for rank 1\. "
    r"It takes .* longer than the mean in main/exchange/prepare\.",
    "load_imbalance": r"Load imbalance: rank 2 takes 1\.\d\d times the mean in main/uneven; .* "
    r"in main/reduce/MPI_Allreduce waiting for it\.",
    "serialised_root": r"Serialised root: .* in main/collect/MPI_Ssend waiting for rank 0, which .*"
    r"It takes .* longer than the mean in main/collect/store\.",
    "tiny_messages": r"Tiny messages: .* messages of about 8 B in main/halo/MPI_Sendrecv; "
    r"rank 0 sends most\.",
    "barrier_storm": r"Barrier storm: .* \d+ calls of main/step/MPI_Barrier; rank [01] longest\.",
}
# How often the call that the sentence names was made.
CALLS = {
    "late_sender": lambda ranks: {"MPI_Recv": 5 * ranks},
    "load_imbalance": lambda ranks: {"MPI_Allreduce": 5 * ranks},
    "serialised_root": lambda ranks: {"MPI_Ssend": 5 * (ranks - 1)},
    "tiny_messages": lambda ranks: {"MPI_Sendrecv": 20000 * ranks},
    "barrier_storm": lambda ranks: {"MPI_Barrier": 5000 * ranks},
}
TABLES = """
import json, sys, timemory
times = timemory.load(sys.argv[1]).tables["mpi_times"]
counts = times.groupby("call")["count"].sum()
print(json.dumps(counts.to_dict()))
"""
PYTHON = {"PYTHONPATH": os.environ["TIMEMORY_TEST_PYTHONPATH"]}


def first_screen(text):
    """The paragraphs on it, each in one line."""
    lines = text[text.index("MPI: ") :].splitlines()[:FIRST_SCREEN]
    return [" ".join(part.split("\n")) for part in "\n".join(lines).split("\n\n")]


ranks, cause = int(sys.argv[1]), sys.argv[2]
# The job goes before others where this process may ask for it: on a busy machine ranks that meet thousands of
# times wait for their cores each time.
try:
    os.setpriority(os.PRIO_PROCESS, 0, -20)
except PermissionError:
    pass
ATTEMPTS = 2
with Folder() as folder:
    preload = ["env", f"LD_PRELOAD={WRAPPERS}"]
    job = [MPIEXEC, "-n", ranks, *preload, BINARIES / "mpip-causes", cause]
    results = folder / "timemory-mpip-causes-output"
    for _ in range(ATTEMPTS):
        run = Run(job, folder).check_status()
        check_equal(run.program_lines, ["program: done"], "the program's output")
        summary = (results / "mpi.txt").read_text(encoding="utf-8")
        screen = first_screen(summary)
        # What others do on the machine may cost more, and then stands before it.
        sentences = [part for part in screen if re.fullmatch(EXPECTED[cause], part)]
        if sentences:
            break
    check_equal(len(sentences), 1, f"the sentence on the cause, in:\n{summary}")
    check(summary in run.stdout or summary in run.stderr, "the summary is shown at the end")
    efficiency = re.search(
        r"Parallel efficiency ([\d.]+) % = .* ([\d.]+) % x .* ([\d.]+) %", "\n".join(screen)
    )
    check(efficiency, f"the efficiencies are missing:\n{summary}")
    parallel, balance, communication = (float(x) / 100 for x in efficiency.groups())
    check(abs(parallel - balance * communication) < 0.002, f"they don't multiply: {efficiency[0]}")

    files = sorted(p.name for p in results.glob("mpi.*"))
    check({"mpi.json", "mpi.txt"} <= set(files), f"files: {files}")
    if HAS_HDF5:
        shown = Run([COMMAND, "report", "--mpi", results], folder).check_status()
        check_equal(shown.stdout, summary, "timemory report --mpi")
        Run([COMMAND, "report", results, "--output", folder / "again"], folder).check_status()
        for name in files:
            again = (folder / "again" / name).read_bytes()
            check_equal(again, (results / name).read_bytes(), f"{name} made again")
        tables = Run([sys.executable, "-c", TABLES, results], folder, PYTHON).check_status()
        counts = json.loads(tables.stdout)
        expected = CALLS[cause](ranks)
        check_equal({k: counts[k] for k in expected}, expected, "timemory.load(…).tables")
    print(f"{len(files)} files; {sentences[0]}")
