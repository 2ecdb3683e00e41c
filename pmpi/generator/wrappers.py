"""The wrappers: of functions of mpi.h, and of those of MPI's libraries for Fortran."""

from __future__ import annotations

import dataclasses

from .actions import RUNS_ALWAYS, code_of
from .c import C
from .fortran import Fortran
from .fortran_libraries import Entry
from .header import Function, identifier
from .table import Row


def special_kind(row: Row | None) -> str | None:
    """Return how a call begins or ends MPI; None for others."""
    kinds = {"begins", "ends", "ends_session", "aborts"}
    return next((a.name for a in row.actions if a.name in kinds), None) if row else None


def special_wrapper(function: Function, row: Row | None) -> str | None:
    """Return the body of a wrapper for a call that begins or ends MPI; None for others."""
    kind = special_kind(row)
    if kind is None:
        return None
    call = f"[&] {{ {C().straight(function)} }}"
    return f"    return {kind}(call_id::{identifier(function.name)}, {call});\n"


def meets(row: Row | None) -> bool:
    """Return whether a call is one that ranks may meet before: mpip_barrier_split."""
    return any(
        a.name == "collects"
        and a.arguments[0][0] != "barrier"
        and not a.arguments[0][0].startswith("neighbor_")
        and "request" not in (row.parameters or ())
        for a in (row.actions if row else ())
    )


def timed_wrapper(function: Function, row: Row | None, lang: C) -> str:
    """Return the body of the wrapper of a call."""
    code = code_of(row, lang)
    comm = next((p.name for p in function.parameters if p.is_("MPI_Comm")), None)
    always = bool(code.always or code.ended) or any(
        a.name in RUNS_ALWAYS for a in (row.actions if row else ())
    )
    succeeded = "result == MPI_SUCCESS" if function.result == "int" else "true"
    which = f"call_id::{identifier(function.name)}"
    straight = lang.straight(function)
    if comm and meets(row):
        comm_value = lang.value(comm)
        straight = f"{{ if (meetings::wanted()) meetings::meet({comm_value}); {straight} }}"
        code.before.append(f"if (meetings::wanted()) here.meet({comm_value});")
    lines = [
        f"const timemory_region_t region = region_of({which});",
        f"thread* const t = {'thread_of_any_call()' if always else 'thread_of_call(region)'};",
        f"if (t == nullptr) [[unlikely]] {straight}",
        f"call here{{*t, {which}, {lang.site()}, region}};",
        *code.before,
        lang.call(function, code.passed),
        f"here.leave({succeeded});",
        *([f"here.works_on({lang.value(comm)});"] if comm else []),
        *code.ended,
    ]
    if code.always:
        lines += [f"if ({succeeded}) {{", *(f"    {line}" for line in code.always), "}"]
    if code.after:
        booked = [*code.after, "here.book();"]
        lines += ["if (here.counts()) {", *(f"    {line}" for line in booked), "}"]
    lines += lang.ends()
    return "".join(f"    {line}\n" for line in lines)


def wrapper(function: Function, row: Row | None) -> str:
    """Return the wrapper of a function."""
    body = special_wrapper(function, row) or timed_wrapper(function, row, C())
    parameters = ", ".join(str(p) for p in function.parameters)
    return f"EXPORTED {function.result} {function.name}({parameters}) {{\n{body}}}\n"


def fortran_wrapper(function: Function, row: Row | None, entries: list[Entry]) -> str:
    """Return the wrappers of a function for Fortran."""
    if function.name in ("MPI_Init", "MPI_Init_thread"):
        function = dataclasses.replace(function, parameters=function.parameters[2:])
    lang = Fortran(function)
    kind, what = special_kind(row), identifier(function.name)
    types = lang.declarations(names=False)
    site, its_value = ("", "") if kind else ("const void* site, ", "__builtin_return_address(0), ")
    text = f"namespace {{\nvoid wrap_{what}(fortran::twin& twin, {site}{lang.declarations()}) {{\n"
    text += f"    auto* const mpi = twin.get<void({types})>();\n"
    if kind:
        text += (
            "    fortran::error said{ierror};\n"
            f"    {kind}(call_id::{what}, [&] {{\n"
            f"        mpi({lang.arguments({}, 'said.place()')});\n"
            "        return said.value();\n"
            "    });\n"
        )
    else:
        text += timed_wrapper(function, row, lang)
    text += "}\n}  // namespace\n"
    for entry in entries:
        text += (
            f"EXPORTED void {entry.name}({lang.declarations()}) {{\n"
            f'    static constinit fortran::twin twin{{"{entry.twin}"}};\n'
            f"    wrap_{what}(twin, {its_value}{lang.arguments({}, 'ierror')});\n}}\n"
        )
        if not entry.name.endswith(("_f08_", "_large_")):  # as compilers name it at choice
            text += (
                f"EXPORTED void {entry.name}_({lang.declarations()})\n"
                f'    __attribute__((alias("{entry.name}")));\n'
            )
    return text
