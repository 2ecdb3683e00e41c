"""Random MPI calls: what the program logged is what the result says.

random_test.py <ranks> <threads> <actions> <first seed> <seeds> [setting=value...]

A seed with which the MPI fails or hangs without us, too, says nothing: at most one in ten is such a one.
"""

import sys

from job import Folder, Run, check, check_equal, mpirun
from preloaded import Tables, compare_traffic, environment, job, logged

ranks, threads, actions, first, seeds = (int(a) for a in sys.argv[1:6])
settings = environment(**dict(a.split("=", 1) for a in sys.argv[6:]))
patience = ["timeout", "--kill-after=5", "120"]
total = rows = 0
useless = []
for seed in range(first, first + seeds):
    with Folder() as folder:
        arguments = ["mpip-random", seed, actions, threads]
        print(f"mpip-random {seed} {actions} {threads}, {ranks} ranks", flush=True)
        run = Run([*patience, *job(ranks, *arguments)], folder, settings)
        if run.status != 0 and Run([*patience, *mpirun(ranks, *arguments)], folder).status != 0:
            print("fails without us, too", flush=True)
            useless.append(seed)
            continue
        run.check_status()
        check_equal(len(run.program_lines), ranks, f"its lines\n{run.stdout}{run.stderr}")
        check_equal(run.our_lines, [], "lines of ours")
        log = logged(folder, ranks)
        compare_traffic(log, Tables(folder / "out/timemory.h5"))
        rows += sum(len(of_kind) for of_kind in log.values())
        total += sum(numbers[0] for of_kind in log.values() for numbers in of_kind.values())
check(len(useless) <= seeds // 10, f"seeds that fail without us, too: {useless}")
print(f"{seeds - len(useless)} seeds: {total} messages and accesses in {rows} rows, all equal")
