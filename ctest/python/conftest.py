"""Programs that are run as a user would, and what they leave behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


# Starts itself as four ranks without MPI; `cells` counts what the program says.
FOUR_RANKS = """
import os, subprocess, sys
import timemory
from timemory.util import marker

if "RANK" not in os.environ:
    own = [{**os.environ, "RANK": str(r), "WORLD_SIZE": "4"} for r in range(4)]
    started = [subprocess.Popen([sys.executable, "program.py"], env=env) for env in own]
    sys.exit(max(p.wait() for p in started))
rank = int(os.environ["RANK"])
cells = 0
timemory.component.register("cells", lambda: cells, unit="kcell", unit_value=1000)
"""


def paths(metric: dict) -> dict[tuple[str, ...], dict]:
    """The entry of every call path of one component in a tree document, over all ranks in it."""
    found: dict[tuple[str, ...], dict] = {}

    def visit(tree: dict, above: tuple[str, ...]) -> None:
        node = tree["node"]
        path = above
        if node["prefix"] != "unknown-hash=0":
            path = (*above, node["prefix"])
            assert path not in found, path
            found[path] = node["inclusive"]["entry"]
        for child in tree["children"]:
            visit(child, path)

    for process in metric.get("mpi", metric.get("graph", [])):
        for root in process:
            visit(root, ())
    return found


class Ended:
    """A program that has ended."""

    def __init__(self, done: subprocess.CompletedProcess, folder: Path) -> None:
        self.code, self.out, self.err, self.folder = (
            done.returncode,
            done.stdout,
            done.stderr,
            folder,
        )

    def json(self) -> object:
        """What the program printed last."""
        return json.loads(self.out.splitlines()[-1])

    def entries(
        self, label: str, output: str = "timemory-program-output"
    ) -> dict[tuple[str, ...], dict]:
        document = json.loads((self.folder / output / f"{label}.tree.json").read_text())
        (metric,) = document["timemory"].values()
        return paths(metric)

    def laps(
        self, label: str = "wall", output: str = "timemory-program-output"
    ) -> dict[tuple[str, ...], int]:
        """How often each call path was measured, from the file."""
        return {path: entry["laps"] for path, entry in self.entries(label, output).items()}


@pytest.fixture
def run(tmp_path):
    """Runs a script in a folder of its own; it must succeed, unless `fails`."""

    def run_program(
        source, *arguments, name="program.py", fails=False, environment=None, command=()
    ):
        if source is not None:
            (tmp_path / name).write_text(textwrap.dedent(source))
        variables = {k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")}
        variables.update(PYTHONDONTWRITEBYTECODE="1", **(environment or {}))
        done = subprocess.run(
            [*(command or [sys.executable, name]), *arguments],
            cwd=tmp_path,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert fails or done.returncode == 0, done.stderr
        return Ended(done, tmp_path)

    return run_program


@pytest.fixture
def run_ranks(run):
    """Runs a script as three ranks without MPI, which leave their profiles in `out`."""

    def run_all(source):
        for rank in range(3):
            ended = run(
                source,
                environment={
                    "RANK": str(rank),
                    "WORLD_SIZE": "3",
                    "TIMEMORY_PROFILE_OUTPUT": "on",
                    "TIMEMORY_HDF5_OUTPUT": "off",
                    "TIMEMORY_OUTPUT_PATH": "out",
                },
            )
        return ended

    return run_all
