"""Every function of the MPI that has a PMPI twin is wrapped, or there is a reason why it is not.

    functions_test.py <library with the wrappers> <list that the generator wrote> <library of MPI>

Prints all of them. Fails for a function that the table of calls does not know, for one of the library that
is missing from the list, and for a wrapper that is not there.
"""

import collections
import pathlib
import re
import subprocess
import sys


def functions_in(library, prefix):
    """The names of the functions that a library exports, without `prefix`."""
    lines = subprocess.run(
        ["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True
    ).stdout
    return set(re.findall(rf" [TW] {prefix}(MPI_\w+)$", lines, re.MULTILINE))


wrappers, listed, mpi = sys.argv[1:]
functions = {}
for line in pathlib.Path(listed).read_text(encoding="utf-8").splitlines():
    name, _, what = line.partition(" ")
    functions[name] = what
    print(line)

ours = functions_in(wrappers, "")
theirs = functions_in(mpi, "P")
wrong = [
    f"{name}: the table of calls does not know it"
    for name, what in functions.items()
    if what == "unknown"
]
# Some that the library has are macros in mpi.h: MPI_Aint_add. The table says why they are not wrapped.
wrong += [
    f"{name}: the library has it, and the list does not" for name in sorted(theirs - set(functions))
]
wrapped = {name for name, what in functions.items() if what == "wrapped"}
wrong += [f"{name}: there is no wrapper" for name in sorted(wrapped - ours)]
wrong += [f"{name}: there is a wrapper" for name in sorted(ours - wrapped - {"MPI_Pcontrol"})]
print(
    dict(
        collections.Counter(
            "not wrapped" if what.startswith("not") else what for what in functions.values()
        )
    )
)
print(f"{len(theirs)} functions in the library")
if wrong or len(wrapped) < 400:
    print("FAILED:", *wrong, sep="\n", file=sys.stderr)
    sys.exit(1)
