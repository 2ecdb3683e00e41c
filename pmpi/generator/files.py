"""The files that are written."""

from __future__ import annotations

import fnmatch
import re

from .fortran_libraries import FortranLibraries
from .header import Function, check_row, identifier
from .table import Table
from .wrappers import fortran_wrapper, wrapper

GENERATED = "// Written by pmpi/generate of mpi.h and calls.txt.\n\n"


def calls_header(functions: list[Function]) -> str:
    """Return calls.hpp."""
    members = "".join(f"    {identifier(f.name)},\n" for f in functions)
    return (
        f"{GENERATED}#pragma once\n\n#include <cstddef>\n#include <cstdint>\n\n"
        "namespace tim::mpip {\n\n"
        f"enum class call_id : std::uint16_t {{\n{members}}};\n\n"
        f"inline constexpr std::size_t call_count = {len(functions)};\n\n"
        "struct call_description {\n"
        "    const char* name;\n"
        "    bool on_request;  ///< recorded only if the permit list names it\n"
        "};\n"
        "extern const call_description call_table[call_count];\n\n"
        "}  // namespace tim::mpip\n"
    )


def calls_source(functions: list[Function], table: Table) -> str:
    """Return calls.cpp."""
    rows = "".join(
        f'    {{"{f.name}", {"true" if f.name in table.on_request else "false"}}},\n'
        for f in functions
    )
    return (
        f'{GENERATED}#include "calls.hpp"\n\nnamespace tim::mpip {{\n\n'
        f"const call_description call_table[call_count] = {{\n{rows}}};\n\n"
        "}  // namespace tim::mpip\n"
    )


def wrappers_source(functions: list[Function], table: Table) -> str:
    """Return wrappers.cpp."""
    macros = "".join(
        f"#undef {f.name}\n#undef P{f.name}\n" for f in functions
    )  # some functions are also macros
    wrappers = "\n".join(
        wrapper(check_row(f, table.find(f.name)), table.find(f.name)) for f in functions
    )
    return (
        f'{GENERATED}#include "wrapping.hpp"\n\n{macros}\n'
        f"using namespace tim::mpip;\n\n"
        '#define EXPORTED extern "C" __attribute__((visibility("default")))\n\n'
        f"{wrappers}"
    )


def listing(functions: list[Function], table: Table) -> str:
    """Return wrapped.txt."""
    lines = {f.name: "wrapped" if table.find(f.name) else "unknown" for f in functions}
    lines.update((name, f"not wrapped: {reason}") for name, reason in table.not_wrapped.items())
    return "".join(f"{name} {lines[name]}\n" for name in sorted(lines))


def fortran_source(
    functions: list[Function], table: Table, libraries: FortranLibraries
) -> tuple[str, str]:
    """Return fortran_wrappers.cpp and fortran.txt."""
    wrappers, lines, wrapped = [], [], set()
    for function in functions:
        row = table.find(function.name)
        entries = libraries.entries(function.name)
        if not entries:
            continue
        wrappers.append(fortran_wrapper(check_row(function, row), row, entries))
        for entry in entries:
            wrapped.add(entry.name)
            lines.append(f"{entry.name} wrapped")
    for name in ("mpi_pcontrol_", "mpi_pcontrol_f08_"):  # has no error code
        in_c = "MPI_Pcontrol" in libraries.used and "f08" not in name
        if name in libraries.defined and not in_c:
            wrapped.add(name)
            lines.append(f"{name} wrapped")
            wrappers.append(
                f"EXPORTED void {name}(const MPI_Fint* level) {{ MPI_Pcontrol(*level); }}\n"
            )
    lines += [f"{name} {why_not(name, table, libraries)}" for name in libraries.unknown(wrapped)]
    sonames = "".join(f'    "{name}",\n' for name in libraries.sonames)
    newline = "\n"
    source = (
        f'{GENERATED}#include "fortran.hpp"\n#include "wrapping.hpp"\n\n'
        "namespace tim::mpip {\n\n"
        f"const char* const fortran::libraries[] = {{\n{sonames}    nullptr,\n}};\n\n"
        '#define EXPORTED extern "C" __attribute__((visibility("default")))\n\n'
        f"{newline.join(wrappers)}\n"
        "}  // namespace tim::mpip\n"
    )
    return source, "\n".join(lines) + "\n"


def why_not(name: str, table: Table, libraries: FortranLibraries) -> str:
    """Return why a function of a Fortran library has no wrapper of its own."""
    base = re.sub(r"(_f08|_f08ts)?(_large)?_$", "", name)
    reasons = {
        **{n.lower(): reason for n, reason in table.not_wrapped.items()},
        **table.not_wrapped_in_fortran,
    }
    for pattern, reason in reasons.items():
        if fnmatch.fnmatch(base, pattern):
            return f"not wrapped: {reason}"
    used = {n.lower() for n in libraries.used}
    return "wrapped in C" if base in used or f"{base}_c" in used else "unknown"
