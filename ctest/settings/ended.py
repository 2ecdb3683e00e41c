"""A program that has ended, and what it left behind."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Ended:
    """What can be observed of a program: its streams, its exit status and its files.

    Parameters
    ----------
    done : subprocess.CompletedProcess
        The program, with its streams as text.
    folder : Path
        The folder in which it ran.
    """

    def __init__(self, done: subprocess.CompletedProcess[str], folder: Path) -> None:
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr
        self.folder = folder

    def exists(self, pattern: str, output: str = "timemory-program-output") -> bool:
        """Whether there is such a file in the output folder."""
        return any((self.folder / output).glob(pattern))

    def ranks(self, label: str = "wall") -> list[list[dict[str, Any]]]:
        """The rows of `<label>.json`, one list for each element of `ranks`."""
        text = (self.folder / "timemory-program-output" / f"{label}.json").read_text()
        (metric,) = json.loads(text)["timemory"].values()
        return [rank["graph"] for rank in metric["ranks"]]

    def rows(self, label: str = "wall") -> list[dict[str, Any]]:
        """The rows of `<label>.json`, of all ranks."""
        return [row for rank in self.ranks(label) for row in rank]

    def labels(self, label: str = "wall") -> list[str]:
        """The names of the rows, without what shows their depth, thread and rank."""
        return [
            row["prefix"].split(">>>")[1].strip().split("|_")[-1].strip()
            for row in self.rows(label)
        ]

    def is_flat(self) -> bool:
        """Whether all regions are at the top."""
        return {row["depth"] for row in self.rows()} == {0}

    def table_lines(self, label: str = "wall") -> list[str]:
        """The lines of `<label>.txt`."""
        text = (self.folder / "timemory-program-output" / f"{label}.txt").read_text()
        return [line for line in text.splitlines() if line.startswith("|")]

    def raw_cells(self, column: str, label: str = "wall") -> list[str]:
        """The cells of one column of `<label>.txt`, with their blanks."""
        lines = [line.split("|") for line in self.table_lines(label)]
        head = next(i for i, cells in enumerate(lines) if "LABEL" in [c.strip() for c in cells])
        behind = len(lines[head]) - [c.strip() for c in lines[head]].index(column)
        # Counted from the end: labels have bars in them.
        rows = [cells for cells in lines[head + 1 :] if not cells[1].startswith("--")]
        return [cells[-behind] for cells in rows]

    def cells(self, column: str, label: str = "wall") -> list[str]:
        """The same without blanks."""
        return [cell.strip() for cell in self.raw_cells(column, label)]
