"""The functions of mpi.h."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys

from .table import Row


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A parameter of a function: its type is written around its name."""

    name: str
    type: str  # what stands in front of the name
    array: str = ""  # what stands behind it

    def __str__(self) -> str:
        return f"{self.type}{'' if self.type.endswith('*') else ' '}{self.name}{self.array}"

    def is_(self, type_name: str) -> bool:
        """Whether it is a value of this type."""
        return self.type == type_name and not self.array


@dataclasses.dataclass(frozen=True)
class Function:
    """A function of mpi.h with a PMPI twin."""

    name: str
    result: str
    parameters: tuple[Parameter, ...]


PROTOTYPE = re.compile(
    r"(?P<result>\w+(?: *\*)?)\s*\bP(?P<name>MPI_\w+)\s*\((?P<parameters>[^;]*)\)$"
)
ONE_PARAMETER = re.compile(
    r"(?P<type>(?:const )?\w+(?: ?\*)*)\s*(?P<name>\w*)\s*(?P<array>(?:\[\d*\]\s*)*)$"
)
ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")


def parse_parameter(text: str, position: int) -> Parameter:
    """Parse a parameter; one without a name gets one."""
    text = re.sub(r"\s+", " ", text.strip())
    match = ONE_PARAMETER.match(text)
    if not match:
        sys.exit(f"generate: mpi.h has a parameter that cannot be read: {text!r}")
    return Parameter(
        match["name"] or f"a{position}", match["type"].strip(), match["array"].replace(" ", "")
    )


def read_header(compiler: list[str]) -> list[Function]:
    """Return the functions of mpi.h that have a PMPI twin, each once."""
    source = "#define OMPI_SKIP_MPICXX 1\n#define OMPI_OMIT_MPI1_COMPAT_DECLS 0\n#include <mpi.h>\n"
    text = subprocess.run(
        [*compiler, "-E", "-P", "-x", "c", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    text = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    functions = {}
    for statement in re.split(r"[;{}]", ATTRIBUTE.sub("", text)):
        match = PROTOTYPE.search(statement.strip())
        if not match or "..." in match["parameters"]:  # MPI_Pcontrol, which is ours
            continue
        listed = match["parameters"].strip()
        parts = [] if listed in ("", "void") else listed.split(",")
        functions[match["name"]] = Function(
            match["name"],
            match["result"],
            tuple(parse_parameter(p, i) for i, p in enumerate(parts)),
        )
    return [functions[name] for name in sorted(functions)]


def identifier(function: str) -> str:
    """Return the name of a call in `enum class call_id`."""
    return function.removeprefix("MPI_")


def check_row(function: Function, row: Row | None) -> Function:
    """Return the function with the table's names for its parameters, or ones that mean nothing."""
    names = row.parameters if row else None
    if row is None or names is None:
        names = tuple(f"a{i}" for i in range(len(function.parameters)))
    if len(names) != len(function.parameters):
        sys.exit(
            f"generate: {function.name} has {len(function.parameters)} parameters in mpi.h and "
            f"{len(names)} in the table"
        )
    named = zip(function.parameters, names)
    return dataclasses.replace(
        function, parameters=tuple(dataclasses.replace(p, name=name) for p, name in named)
    )
