"""MPI's libraries for Fortran: what they define and use."""

from __future__ import annotations

import dataclasses
import re
import subprocess


@dataclasses.dataclass(frozen=True)
class Entry:
    """A function of a Fortran library, and the name that tools call it by."""

    name: str
    twin: str


@dataclasses.dataclass
class FortranLibraries:
    """What MPI's libraries for Fortran define and use."""

    sonames: list[str] = dataclasses.field(default_factory=list)
    defined: set[str] = dataclasses.field(default_factory=set)
    used: set[str] = dataclasses.field(default_factory=set)

    @classmethod
    def read(cls, readelf: str, files: list[str]) -> FortranLibraries:
        """Read the dynamic symbols of libraries."""
        found = cls()
        for file in files:
            text = subprocess.run(
                [readelf, "--wide", "--dynamic", "--dyn-syms", file],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            found.sonames += re.findall(r"\(SONAME\).*\[(.+)\]", text)
            for kind, place, name in re.findall(r" (\w+) +\w+ +DEFAULT +(\w+) (\w+)", text):
                if place == "UND":
                    found.used.add(name)
                elif kind == "FUNC":
                    found.defined.add(name)
        return found

    def entries(self, function: str) -> list[Entry]:
        """Return the entries of a function that do not reach its wrapper for C.

        With mpif.h, and `use mpi`, MPICH calls MPI_X and Open MPI PMPI_X. With mpi_f08 MPICH calls MPI_X where
        there is a buffer, which is described by a descriptor (..._f08ts_), and PMPI_X elsewhere.
        """
        base, large = function.lower(), ""
        if function.endswith("_c"):
            base, large = base.removesuffix("_c"), "_large"
        candidates = [
            (f"{base}_f08{large}_", f"p{base}_f08{large}_"),
            (f"{base}_f08{large}_", f"pmpir_{base.removeprefix('mpi_')}_f08{large}_"),
        ]
        if not large and function not in self.used:
            # `use mpi` has some calls with a TYPE(C_PTR) instead of an address, too.
            candidates += [(f"{base}_", f"p{base}_"), (f"{base}_cptr_", f"p{base}_cptr_")]
        return [Entry(*names) for names in candidates if self.defined.issuperset(names)]

    def unknown(self, wrapped: set[str]) -> list[str]:
        """Return the functions of mpif.h and of mpi_f08, less those that are wrapped."""
        names = {n for n in self.defined if re.fullmatch(r"mpi_\w+[a-z0-9]_", n)}
        return sorted(names - wrapped)
