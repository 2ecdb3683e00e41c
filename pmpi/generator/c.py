"""How C passes arguments, and what a wrapper does with them around the call of its twin."""

from __future__ import annotations

import dataclasses

from .header import Function


@dataclasses.dataclass
class Code:
    """What a wrapper does around the call of its twin, beside timing it."""

    before: list[str] = dataclasses.field(default_factory=list)
    passed: dict[str, str] = dataclasses.field(default_factory=dict)  # instead of an argument
    after: list[str] = dataclasses.field(
        default_factory=list
    )  # if the call succeeded and is recorded
    always: list[str] = dataclasses.field(default_factory=list)  # whenever it succeeded
    ended: list[str] = dataclasses.field(default_factory=list)  # with `result`, whatever it is


class C:
    """How C passes arguments; another language gives other expressions for the same values."""

    def straight(self, function: Function) -> str:
        """Return the statement that passes a call to MPI and nothing else."""
        return f"return P{function.name}({', '.join(p.name for p in function.parameters)});"

    def call(self, function: Function, passed: dict[str, str]) -> str:
        """Return the statement that calls MPI and says in `result` whether that succeeded."""
        arguments = ", ".join(passed.get(p.name, p.name) for p in function.parameters)
        return f"const {function.result} result = P{function.name}({arguments});"

    def site(self) -> str:
        """Return where the program goes on after the call."""
        return "__builtin_return_address(0)"

    def ends(self) -> list[str]:
        """Return the last statements of a wrapper."""
        return ["return result;"]

    def value(self, name: str) -> str:
        """Return the value of a parameter that is a number or a handle."""
        return name

    def pointee(self, name: str) -> str:
        """Return the number or handle that a parameter points to."""
        return f"*{name}"

    def index(self, name: str) -> str:
        """Return the place in an array, from 0, that a parameter points to."""
        return f"*{name}"

    def indices(self, name: str) -> str:
        """Return a function of the place of an index in an array that gives the index, from 0."""
        return f"[&](int i) {{ return {name}[i]; }}"

    def text(self, name: str) -> str:
        """Return a parameter that is a text, as something a std::string_view is made of."""
        return name

    def part(self, names: tuple[str, ...]) -> str:
        """Return what a count and a datatype say, with or without the buffer in front."""
        return f"part({', '.join(('nullptr', *names)[-3:])})"

    def requests(self, name: str) -> str:
        """Return a function of the place of a request in an array that gives its handle."""
        return f"[&](int i) {{ return {name}[i]; }}"

    def status(self, code: Code, name: str) -> str:
        """Return the status of the call, which is one of ours where the program ignores it."""
        code.before += [
            "MPI_Status own_status;",
            f"MPI_Status* const seen = {name} == MPI_STATUS_IGNORE ? &own_status : {name};",
        ]
        code.passed[name] = "seen"
        return "*seen"

    def status_if(self, code: Code, name: str, needed: str) -> str:
        """Return as status() does, but with one of ours only where it is `needed`."""
        code.before += [
            "MPI_Status own_status;",
            f"MPI_Status* const seen = {needed} && {name} == MPI_STATUS_IGNORE ? &own_status : {name};",
        ]
        code.passed[name] = "seen"
        return "*seen"

    def statuses(self, code: Code, name: str, watched: str) -> str:
        """Return a function of a place in an array of statuses that gives the status."""
        code.before.append(f"MPI_Status* const seen = {watched}.statuses({name});")
        code.passed[name] = "seen"
        return "[&](int i) -> const MPI_Status& { return seen[i]; }"
