"""Small things that scripts around results need: commands, and what CTest and CDash read."""

from __future__ import annotations

import os
import shutil
import subprocess
from xml.sax.saxutils import escape, quoteattr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = [
    "dart_measurement",
    "dart_measurement_file",
    "get_bin_script",
    "popen",
    "write_ctest_notes",
]


def popen(
    cmd: str | Sequence[str],
    outf: Any = None,
    keep_going: bool = True,
    timeout: float | None = None,
) -> int:
    """Run a command, and return its exit status.

    Parameters
    ----------
    cmd : list of str
        The words of the command; one string is a command without arguments.
    outf : file, optional
        Where its output goes, instead of where ours goes.
    keep_going : bool, optional
        Whether a command that fails is no error; if not, it raises subprocess.CalledProcessError.
    timeout : float, optional
        Seconds after which it is ended, and subprocess.TimeoutExpired is raised.
    """
    words = [cmd] if isinstance(cmd, str) else [os.fspath(word) for word in cmd]
    stream = subprocess.STDOUT if outf is not None else None
    done = subprocess.run(words, stdout=outf, stderr=stream, timeout=timeout, check=not keep_going)
    return done.returncode


def dart_measurement(name: str, value: float) -> None:
    """Print a number, so that CTest takes it for a measurement of the test."""
    print(
        f'<DartMeasurement type="numeric/double" name={quoteattr(name)}>{value}</DartMeasurement>',
        flush=True,
    )


def dart_measurement_file(
    name: str, path: str | os.PathLike[str], format: str = "png", type: str = "image"
) -> None:
    """Print the path of a file, so that CTest attaches it to the test."""
    print(
        f"<DartMeasurementFile name={quoteattr(name)} type={quoteattr(f'{type}/{format}')}>"
        f"{escape(os.fspath(path))}</DartMeasurementFile>",
        flush=True,
    )


def write_ctest_notes(
    files: Sequence[str | os.PathLike[str]],
    directory: str | os.PathLike[str] = ".",
    append: bool = False,
) -> str | None:
    """Write `CTestNotes.cmake`, with which a CTest script takes files as notes.

    Parameters
    ----------
    files : list of paths
        The notes. Nothing is written if there is none.
    directory : path, optional
        Where it is written.
    append : bool, optional
        Whether what is in the file stays.

    Returns
    -------
    str or None
        The path of the file; None if there is no note.
    """
    notes = [os.path.abspath(path).replace("\\", "/").replace('"', '\\"') for path in files]
    if not notes:
        return None
    os.makedirs(directory or ".", exist_ok=True)
    path = os.path.join(directory, "CTestNotes.cmake")
    with open(path, "a" if append else "w", encoding="utf-8") as out:
        out.write("if(NOT DEFINED CTEST_NOTES_FILES)\n    set(CTEST_NOTES_FILES)\nendif()\n")
        for note in notes:
            out.write(f'list(APPEND CTEST_NOTES_FILES "{note}")\n')
        out.write("list(REMOVE_DUPLICATES CTEST_NOTES_FILES)\n")
    return path


def get_bin_script(name: str) -> str | None:
    """Return the path of an executable: in PATH, or in the `bin` of this installation; else None."""
    here = os.path.dirname(os.path.abspath(__file__))
    places = [os.path.join(here, "bin")]
    for up in range(1, 5):
        places.append(os.path.join(here, *[".."] * up, "bin"))
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(places))
