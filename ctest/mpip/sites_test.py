"""The places that MPI calls come from are those that the program logged: call, function, file and line.

They are the same on all ranks, though each has the program at an address of its own.

sites_test.py <ranks> <program> <its source> <frames>
"""

import collections
import json
import pathlib
import re
import sys

from job import BINARIES, Folder, Run, check, check_equal
from preloaded import Tables, environment, job

ranks, program, source, frames = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
FRAME = re.compile(r"(\S+) (\S+):(\d+) \((\S+)\+0x[0-9a-f]+\)")


def is_randomised():
    """Whether each process gets addresses of its own."""
    fixed = 0x40000  # ADDR_NO_RANDOMIZE
    everywhere = pathlib.Path("/proc/sys/kernel/randomize_va_space").read_text(encoding="utf-8")
    here = pathlib.Path("/proc/self/personality").read_text(encoding="utf-8")
    return int(everywhere) > 0 and int(here, 16) & fixed == 0


with Folder() as folder:
    settings = environment(mpip_callsite=frames)
    run = Run(job(ranks, program), folder, settings).check_status()
    check_equal(run.our_lines, [], "lines of ours")
    logged = collections.Counter()
    for rank in range(ranks):
        for line in (folder / f"log.{rank}").read_text(encoding="utf-8").splitlines():
            call, function, number = line.split("\t")
            logged[rank, call, function, source, int(number), program] += 1
    got, sites = collections.Counter(), set()
    for row, (count, *_) in Tables(folder / "out/timemory.h5").rows("mpi_callsites"):
        where = row["site"].split(" < ")
        check_equal(len(where), frames, f"frames of {row['site']}")
        places = [FRAME.fullmatch(frame) for frame in where]
        check(places[0], f"cannot be read: {row['site']}")
        function, file, number, module = places[0].groups()
        got[row["rank"], row["call"], function, file, int(number), module] += count
        sites.add((row["call"], where[0]))
        caller = {"exchange": "main", "reduce": "main"}.get(function)
        if frames > 1 and caller:
            check(places[1] and places[1][1] == caller, f"not called by {caller}: {row['site']}")
    for key in sorted(set(logged) | set(got)):
        if logged[key] != got[key]:
            print(f"{key}: expected {logged[key]}, got {got[key]}", file=sys.stderr)
    check(got == logged, "places differ")
    distinct = len({key[1:] for key in logged})
    check_equal(len(sites), distinct, "places of all ranks")
    report = [BINARIES / "timemory", "report", "out/timemory.h5", "--mpi", "--format", "json"]
    summary = json.loads(Run(report, folder).check_status().stdout)
    if frames == 1:
        check_equal(len(summary["timemory"]["mpi"]["sites"]), distinct, "places in the report")
    addresses = {file.read_text(encoding="utf-8") for file in folder.glob("address.*")}
    if addresses and is_randomised():
        check_equal(len(addresses), ranks, "addresses of the program")
    print(
        f"{sum(got.values())} calls of {ranks} ranks at {len(addresses)} addresses from "
        f"{len(sites)} places, all as logged"
    )
