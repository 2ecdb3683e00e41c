"""`timemory top` on a job that hangs: which region each rank is in."""

import json
import os
import signal
import subprocess
import sys
import time

from job import LAUNCHER_ENVIRONMENT, Folder, check, check_equal, mpirun

COMMAND = os.environ["COMMAND_UNDER_TEST"]
ranks = int(sys.argv[1])

with Folder() as folder:
    (folder / "arenas").mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")}
    environment.update(LAUNCHER_ENVIRONMENT, TIMEMORY_ARENA_PATH=str(folder / "arenas"))

    def top(option):
        return subprocess.run(
            [COMMAND, "top", option, "--arenas", "arenas"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
        )

    job = subprocess.Popen(
        [str(word) for word in mpirun(ranks, "mpi-deadlock")],
        cwd=folder,
        env=environment,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
    )
    try:
        inside = {}
        end = time.monotonic() + 150
        while len(inside) < ranks and time.monotonic() < end:
            time.sleep(0.1)
            seen = top("--json")
            if seen.returncode != 0:
                continue
            inside = {
                process["rank"]: [thread["path"] for thread in process["inside"]]
                for process in json.loads(seen.stdout)["processes"]
                if any(len(thread["path"]) == 3 for thread in process["inside"])
            }
        check_equal(
            inside,
            {
                rank: [["main", f"step {rank}", f"receive from {(rank + 1) % ranks}"]]
                for rank in range(ranks)
            },
            "what the ranks are in",
        )
        check(job.poll() is None, "the job goes on")
        table = top("--once").stdout
        for rank in range(ranks):
            check(
                f"main/step {rank}/receive from {(rank + 1) % ranks}, for " in table,
                f"rank {rank} in {table}",
            )
    finally:
        os.killpg(job.pid, signal.SIGKILL)
        job.wait()
