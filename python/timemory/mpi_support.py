"""What this installation has of MPI."""

from __future__ import annotations

import shutil
import subprocess
import sys

from timemory._life import has_mpi_support

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["enable_mpip", "is_supported", "mpi_c_info", "mpi_cxx_info", "mpi_exe_info"]


def is_supported() -> bool:
    """Whether the part that folds over MPI ranks is installed."""
    return has_mpi_support()


def mpi_exe_info() -> None:
    """Print where the command that starts MPI jobs is."""
    for name in ("mpiexec", "mpirun"):
        path = shutil.which(name)
        if path is not None:
            print(f"{name}: {path}")
            return
    print("mpiexec: none in PATH")


def mpi_c_info() -> None:
    """Print what the MPI compiler for C is, and what it runs."""
    _compiler("mpicc")


def mpi_cxx_info() -> None:
    """Print what the MPI compiler for C++ is, and what it runs."""
    _compiler("mpicxx")


def _compiler(name: str) -> None:
    path = shutil.which(name)
    if path is None:
        print(f"{name}: none in PATH")
        return
    print(f"{name}: {path}")
    shown = subprocess.run([path, "-show"], capture_output=True, text=True, check=False)
    if shown.returncode == 0:
        print(shown.stdout.strip())


def enable_mpip(permit: Sequence[str] = (), reject: Sequence[str] = ()) -> bool:
    """Measure MPI calls: not possible from here, since the wrappers act from the program's start.

    Start the program with `libtimemory-mpip.so` linked or preloaded instead.

    Returns
    -------
    bool
        False, after one line on stderr.
    """
    print(
        "timemory: the wrappers of MPI calls can't be switched on in a running program: start it "
        "with libtimemory-mpip.so in LD_PRELOAD",
        file=sys.stderr,
        flush=True,
    )
    return False
