"""Every function of MPI's libraries for Fortran is wrapped, there or in C, or there is a reason why it is not.

    fortran_test.py <library with the wrappers> <list that the generator wrote> <program in C>

Prints them. And a program in C has nothing to do with those libraries.
"""

import collections
import os
import pathlib
import re
import subprocess
import sys

library, listed, program = sys.argv[1:]
functions = {}
for line in pathlib.Path(listed).read_text(encoding="utf-8").splitlines():
    name, _, what = line.partition(" ")
    functions[name] = what
    if not name.startswith("mpi_sizeof_"):
        print(line)

symbols = subprocess.run(["nm", "-D", library], capture_output=True, text=True, check=True).stdout
ours = set(re.findall(r" T (mpi_\w+?)$", symbols, re.MULTILINE))
wrapped = {name for name, what in functions.items() if what == "wrapped"}
wrong = [f"{name}: unknown" for name, what in functions.items() if what == "unknown"]
wrong += [f"{name}: there is no wrapper" for name in sorted(wrapped - ours)]
# Compilers may write two underscores behind a name that has some.
ours -= {f"{name}_" for name in wrapped}
wrong += [f"{name}: there is a wrapper" for name in sorted(ours - wrapped)]
wrong += [
    f"needs {name}"
    for name in re.findall(r" [Uw] (p?mpi(?!_fortran_)\w*_)$", symbols, re.MULTILINE)
]
if len(wrapped) < 250:
    wrong.append(f"{len(wrapped)} are wrapped")

loaded = subprocess.run(
    [program],
    env={**os.environ, "LD_TRACE_LOADED_OBJECTS": "1", "LD_PRELOAD": library},
    capture_output=True,
    text=True,
    check=True,
).stdout
if library not in loaded:
    wrong.append(f"not loaded: {loaded}")
wrong += [
    f"loaded: {x}" for x in loaded.split() if re.search(r"mpifh|usempi|mpichfort|gfortran", x)
]

counts = collections.Counter(re.sub(":.*", "", what) for what in functions.values())
print(dict(counts))
if wrong:
    print("FAILED:", *wrong, sep="\n", file=sys.stderr)
    sys.exit(1)
