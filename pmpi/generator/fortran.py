"""How Fortran passes arguments."""

from __future__ import annotations

from .c import C, Code
from .header import Function, Parameter

HANDLES = {
    "MPI_Comm": "Comm",
    "MPI_Datatype": "Type",
    "MPI_File": "File",
    "MPI_Message": "Message",
    "MPI_Op": "Op",
    "MPI_Request": "Request",
    "MPI_Win": "Win",
}
NUMBERS = {"MPI_Aint", "MPI_Count", "MPI_Offset"}


class Fortran(C):
    """How Fortran passes arguments: all by reference, handles as integers, lengths of texts at the end."""

    def __init__(self, function: Function) -> None:
        self.parameters = {p.name: p for p in function.parameters}

    def kind(self, name: str) -> str:
        """Return the type in C of what a parameter is or points to."""
        return self.parameters[name].type.removeprefix("const ").rstrip(" *")

    def is_array(self, name: str) -> bool:
        """Return whether a parameter is an array in C, of those that calls.txt has in its parts."""
        parameter = self.parameters[name]
        return bool(parameter.array) or parameter.type.endswith("*")

    def at(self, name: str, place: str = "*{}") -> str:
        """Return the value in C of an integer or a handle at a place of a parameter."""
        integer, handle = place.format(name), HANDLES.get(self.kind(name))
        return f"PMPI_{handle}_f2c({integer})" if handle else integer

    def declare(self, parameter: Parameter) -> str:
        """Return how a parameter is declared: what is no number is only passed on."""
        kind = self.kind(parameter.name)
        if kind == "char":
            return f"char* {parameter.name}"
        if kind in NUMBERS:
            return f"{kind}* {parameter.name}"
        known = kind in HANDLES or kind in ("int", "MPI_Status")
        return f"{'MPI_Fint' if known else 'void'}* {parameter.name}"

    def texts(self) -> list[str]:
        """Return the names of the lengths of the texts."""
        return [f"{name}_length" for name in self.parameters if self.kind(name) == "char"]

    def declarations(self, *, names: bool = True) -> str:
        """Return the parameters of the function in Fortran, or their types alone."""
        parameters = [self.declare(p) for p in self.parameters.values()]
        parameters += ["MPI_Fint* ierror", *(f"std::size_t {t}" for t in self.texts())]
        return ", ".join(parameters if names else [p.rpartition(" ")[0] for p in parameters])

    def arguments(self, passed: dict[str, str], ierror: str) -> str:
        """Return the arguments of a call of the twin."""
        return ", ".join([*(passed.get(n, n) for n in self.parameters), ierror, *self.texts()])

    def straight(self, function: Function) -> str:
        return f"return mpi({self.arguments({}, 'ierror')});"

    def call(self, function: Function, passed: dict[str, str]) -> str:
        return (
            "fortran::error said{ierror};\n"
            f"    mpi({self.arguments(passed, 'said.place()')});\n"
            "    const int result = said.value();"
        )

    def site(self) -> str:
        return "site"

    def ends(self) -> list[str]:
        return []

    def value(self, name: str) -> str:
        return self.at(name)

    def pointee(self, name: str) -> str:
        return self.at(name)

    def index(self, name: str) -> str:
        return f"fortran::index(*{name})"

    def indices(self, name: str) -> str:
        return f"[&](int i) {{ return fortran::index({name}[i]); }}"

    def text(self, name: str) -> str:
        return f"fortran::text({name}, {name}_length).c_str()"

    def part(self, names: tuple[str, ...]) -> str:
        *buffers, count, datatype = names
        return "part({}, {}, {})".format(
            f"fortran::buffer({buffers[0]})" if buffers else "nullptr",
            count if self.is_array(count) else f"*{count}",
            f"fortran_types{{{datatype}}}" if self.is_array(datatype) else self.at(datatype),
        )

    def requests(self, name: str) -> str:
        return f"[&](int i) {{ return {self.at(name, '{}[i]')}; }}"

    def status(self, code: Code, name: str) -> str:
        code.before.append(f"fortran::seen_status seen{{{name}}};")
        code.passed[name] = "seen.place()"
        return "seen.value()"

    def status_if(self, code: Code, name: str, needed: str) -> str:
        code.before.append(f"fortran::seen_status seen{{{name}, static_cast<bool>({needed})}};")
        code.passed[name] = "seen.place()"
        return "seen.value()"

    def statuses(self, code: Code, name: str, watched: str) -> str:
        code.before.append(f"MPI_Fint* const seen = fortran::seen_statuses({watched}, {name});")
        code.passed[name] = "seen"
        return "[&](int i) { return fortran::status(seen, i); }"
