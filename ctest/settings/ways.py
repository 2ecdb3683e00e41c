"""The four ways in which a value is given to a program, and how a program is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ended import Ended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from effect import Effect

WAYS = ["environment", "file", "command line", "code"]

# As a program does it, but that it goes on after what is wrong, to see all of it.
PYTHON_COMMAND_LINE = """
import argparse, sys, timemory
class _Parser(argparse.ArgumentParser):
    def error(self, message):
        print("timemory:", message, file=sys.stderr)
_parser = timemory.add_arguments(_Parser(), subparser=None)
sys.argv[1:] = _parser.parse_known_args()[1]
"""

PYTHON_CODE = """
import timemory
try:
    timemory.settings.{name} = {value!r}
except ValueError as error:
    import sys
    print("timemory:", error, file=sys.stderr)
"""

# For launchers that refuse root, or more ranks than cores, without them.
LAUNCHER = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_mpi_yield_when_idle": "1",
}
FOREIGN = ("TIMEMORY_", "OMPI_COMM_WORLD", "PMIX_", "PMI_", "SLURM_")


def environment(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program whose home folder is `home`."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
    variables.update(HOME=str(home), PYTHONDONTWRITEBYTECODE="1", **more)
    return variables


def option(program: str, name: str, value: str) -> list[str]:
    """The words of a command line that assign a setting."""
    from timemory import _timemory

    (spellings,) = (row[6] for row in _timemory.describe_settings() if row[0] == name)
    long = [spelling[2:] for spelling in spellings.split() if spelling.startswith("--")]
    if not long and "\n" in program:
        return ["--timemory-args", f"{name}={value}"]
    return [f"--timemory-{long[0] if long else name.replace('_', '-')}={value}"]


def run_program(
    program: str,
    folder: Path,
    settings: Iterable[tuple[str, str]] = (),
    way: str = "",
    more: Mapping[str, str] | None = None,
    arguments: Iterable[str] = (),
    ranks: int = 0,
) -> Ended:
    """Run a Python script, or a C++ program by its name, with settings given in one of the ways."""
    settings = list(settings)
    variables = environment(folder, dict(more or {}))
    words = list(arguments)
    prelude = ""
    if way == "environment":
        from timemory import _timemory

        names = {row[0]: row[1] for row in _timemory.describe_settings()}
        variables.update({names[name]: value for name, value in settings})
    elif way == "file":
        lines = [f"{name} = {value}\n" for name, value in settings]
        (folder / ".timemory.cfg").write_text("# what the test is about\n" + "".join(lines))
    elif way == "command line":
        words = [word for pair in settings for word in option(program, *pair)] + words
        prelude = PYTHON_COMMAND_LINE
    elif way == "code":
        prelude = "".join(PYTHON_CODE.format(name=name, value=value) for name, value in settings)
        variables["SETTINGS_IN_CODE"] = "\n".join(f"{name}={value}" for name, value in settings)
    if "\n" in program:
        (folder / "program.py").write_text(prelude + program)
        command = [sys.executable, "program.py", *words]
    else:
        binary = Path(os.environ["TIMEMORY_TEST_BINARIES"]) / program
        if not binary.exists():
            pytest.skip(f"{program} was not built")
        variables["TIMEMORY_OUTPUT_PATH"] = "timemory-program-output"
        command = [str(binary), *words]
    if ranks:
        launcher = os.environ.get("TIMEMORY_TEST_MPIEXEC")
        if not launcher:
            pytest.skip("no MPI")
        variables.update(LAUNCHER)
        command = [launcher, "-n", str(ranks), *command]
    done = subprocess.run(
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=100,
    )
    return Ended(done, folder)


def run_effect(effect: Effect, way: str, folder: Path) -> Ended:
    """Run the program of an effect in a new folder; without the value if `way` is empty."""
    folder.mkdir()
    for name, text in effect.files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    if effect.before:
        earlier = run_program(effect.before, folder, more={"TIMEMORY_OUTPUT_PATH": "earlier"})
        assert earlier.code == 0, earlier.err
    ended = run_program(
        effect.program,
        folder,
        [(effect.name, effect.value)],
        way,
        effect.environment,
        ranks=effect.ranks,
    )
    assert effect.may_fail or ended.code == 0, f"{way or 'withheld'}: {ended.err}"
    return ended
