"""mpi4py's own tests end as they do without us, and their calls are recorded.

mpi4py_suite_test.py <ranks> <functions> [<module>...]

Runs each module of the tests, or those named, as a job of its own, without us and with us, and compares the outcome
of each test on each rank. Where they differ the job without us is run again: a test whose outcomes differ there too
may have any of those. A job in which no rank has got on for HANGS seconds is ended: what it had not come to did
not end. At least `functions` different ones are in our results.
"""

import collections
import os
import pathlib
import subprocess
import sys
import time

from job import LAUNCHER_ENVIRONMENT, MPI, MPIEXEC, Folder, by_path, check, end_session, rows
from preloaded import environment, job

HANGS = 60
AGAIN = 4  # jobs without us, at most
# In MPI_Comm_spawn Debian's Open MPI 4.1 hangs or fails now and then, on several ranks nearly always, in this test or
# that. Where it hangs without us, too, nothing is to be compared.
UNSTABLE = {"openmpi": ["test_spawn"]}.get(MPI, [])

# A library that lets ranks which wait sleep: with more ranks than cores the tests would take very long.
PATIENCE = os.environ.get("TIMEMORY_TEST_PATIENCE")

ranks, functions, modules = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
mpi4py = os.environ["TIMEMORY_TEST_MPI4PY"]
tests = pathlib.Path(mpi4py).parent / "tests/test"
for needed in (mpi4py, tests):
    if not os.path.isdir(needed):
        print(f"there is no {needed}: scripts/setup makes it")
        sys.exit(77)
modules = modules or sorted(file.stem for file in tests.glob("test_*.py"))
program = [sys.executable, pathlib.Path(__file__).with_name("mpi4py_suite.py"), tests, "-i"]


def run(folder, module, measured):
    """Run the tests of a module; return what became of each, by rank and name, and of the job."""
    folder.mkdir()
    settings = {"PYTHONPATH": mpi4py, "TMPDIR": str(folder)}
    if PATIENCE:
        settings["LD_PRELOAD"] = PATIENCE
    line = [*program, rf"^{module}\.py$"]
    if measured:
        settings.update(environment())
        line = job(ranks, *line)
    else:
        line = [MPIEXEC, "-n", ranks, *line]
    given = {k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")}
    with open(folder / "output", "w", encoding="utf-8") as output:
        started = subprocess.Popen(
            [str(word) for word in line],
            cwd=folder,
            env={**given, **LAUNCHER_ENVIRONMENT, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    hangs = False
    start = time.time()
    while started.poll() is None and not hangs:
        time.sleep(0.05)
        last = max((f.stat().st_mtime for f in folder.glob("outcomes.*")), default=start)
        hangs = time.time() - max(start, last) > HANGS
    if hangs:
        started.kill()
        started.wait()
    end_session(started.pid)
    outcomes = collections.defaultdict(list)
    outcomes["the job"].append("hangs" if hangs else f"status {started.returncode}")
    for rank in range(ranks):
        file = folder / f"outcomes.{rank}"
        for one in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
            name, outcome = one.split("\t")
            outcomes[f"rank {rank}, {name}"].append(outcome)
    return {name: tuple(listed) for name, listed in outcomes.items()}


def differences(ours, bares):
    """The tests whose outcome is that of no job without us."""
    names = {name for outcomes in (ours, *bares) for name in outcomes}
    return [name for name in sorted(names) if ours.get(name) not in [b.get(name) for b in bares]]


def hang(jobs):
    """Whether one of the jobs did not end."""
    return any(job["the job"] == ("hangs",) for job in jobs)


counts = collections.Counter()
recorded = set()
wrong = []
with Folder() as folder:
    for module in modules:
        ours = run(folder / module, module, True)
        bares = [run(folder / f"{module}-bare", module, False)]
        unstable = module in UNSTABLE
        while differences(ours, bares) and len(bares) < AGAIN and not (unstable and hang(bares)):
            bares.append(run(folder / f"{module}-bare-{len(bares)}", module, False))
            if unstable:
                ours = run(folder / f"{module}-{len(bares)}", module, True)
        flaky = {name for bare in bares for name in differences(bare, bares[:1])}
        differ = differences(ours, bares)
        if differ and unstable and hang(bares):
            print(f"{module}: hangs without us, too; not compared", flush=True)
            continue
        for name in differ:
            wrong.append(f"{name}: {ours.get(name)}, bare: {[b.get(name) for b in bares]}")
            print(wrong[-1], file=sys.stderr)
        counts.update(
            outcome.split(":")[0]
            for name, listed in ours.items()
            for outcome in listed
            if name != "the job"
        )
        result = folder / module / "out/wall.json"
        if result.exists():
            recorded |= {path for path in by_path(rows(result)[0]) if path.startswith("MPI_")}
        notes = [f"{len(flaky)} differ without us too"] * (len(flaky) > 0)
        notes += [f"{len(differ)} DIFFER"] * (len(differ) > 0)
        text = f"{module}: {len(ours) - 1} tests; {', '.join([*ours['the job'], *notes])}"
        print(text, flush=True)
    print(f"{ranks} ranks, {len(modules)} modules: {dict(sorted(counts.items()))}")
    print(f"{len(recorded)} functions recorded")
    check(not wrong, f"{len(wrong)} outcomes differ")
    check(len(recorded) >= functions, f"functions: {sorted(recorded)}")
