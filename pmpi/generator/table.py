"""The table of calls: calls.txt says what its lines mean."""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Iterator
from pathlib import Path

Arguments = tuple[tuple[str, ...], ...]


@dataclasses.dataclass(frozen=True)
class Action:
    """What a call does, and the names of its parameters that say more: one or several for each argument."""

    name: str
    arguments: Arguments


@dataclasses.dataclass(frozen=True)
class Row:
    """What the table says of a call."""

    parameters: tuple[str, ...] | None = None  # None: the call is only timed
    actions: tuple[Action, ...] = ()


@dataclasses.dataclass
class Table:
    """The table of calls: calls.txt says what its lines mean."""

    rows: dict[str, Row] = dataclasses.field(default_factory=dict)
    not_wrapped: dict[str, str] = dataclasses.field(default_factory=dict)
    not_wrapped_in_fortran: dict[str, str] = dataclasses.field(default_factory=dict)  # patterns
    on_request: set[str] = dataclasses.field(default_factory=set)

    def find(self, function: str) -> Row | None:
        """Find the row of a function; with large counts that of the function without."""
        return self.rows.get(function) or self.rows.get(function.removesuffix("_c"))


CALLS = re.compile(r"(?P<names>[\w ]+)\((?P<parameters>[^)]*)\)(: *(?P<actions>.*))?$")
ACTION = re.compile(r"(\w+)\(([^)]*)\)$")


def parse_actions(text: str) -> tuple[Action, ...]:
    """Parse the part of a line behind the colon."""
    actions = []
    for part in text.split(";") if text.strip() else []:
        match = ACTION.match(part.strip())
        if not match:
            sys.exit(f"generate: not an action: {part!r}")
        arguments = tuple(tuple(a.split()) for a in match[2].split(",") if a.strip())
        actions.append(Action(match[1], arguments))
    return tuple(actions)


def collective(name: str, row: Row) -> Iterator[tuple[str, Row]]:
    """Yield the three calls of a line of collectives, the last action being told which it is."""
    (rule,) = row.actions
    parameters = row.parameters or ()
    for function, more, form in (
        (f"MPI_{name}", (), "collects"),
        (f"MPI_I{name[0].lower()}{name[1:]}", ("request",), "collects"),
        (f"MPI_{name}_init", ("info", "request"), "prepares_collective"),
    ):
        action = Action(form, ((rule.name,), *rule.arguments))
        yield function, Row((*parameters, *more), (action,))


def read_table(file: Path) -> Table:
    """Read calls.txt."""
    table = Table()
    section = ""
    for number, line in enumerate(file.read_text().splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
        elif section == "not wrapped":
            names, _, reason = line.partition(":")
            table.not_wrapped.update(dict.fromkeys(names.split(), reason.strip()))
        elif section == "not wrapped in Fortran":
            names, _, reason = line.partition(":")
            table.not_wrapped_in_fortran.update(dict.fromkeys(names.split(), reason.strip()))
        elif section == "on request":
            table.on_request.update(line.split())
        elif match := CALLS.match(line):
            parameters = tuple(p.strip() for p in match["parameters"].split(",") if p.strip())
            row = Row(parameters, parse_actions(match["actions"] or ""))
            for name in match["names"].split():
                table.rows.update(
                    collective(name, row) if section == "collectives" else [(name, row)]
                )
        elif re.fullmatch(r"[\w ]+", line):
            table.rows.update(dict.fromkeys(line.split(), Row()))
        else:
            sys.exit(f"generate: {file.name}:{number}: cannot be read: {line}")
    return table
