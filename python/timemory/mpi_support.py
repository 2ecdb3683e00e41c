"""What this installation has of MPI."""

from __future__ import annotations

import os
import shutil
import subprocess

from timemory._library import start_mpip
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
    """Start recording MPI calls, where libtimemory-mpip is preloaded or linked.

    The lists of functions are read when MPI begins: `TIMEMORY_MPIP_PERMIT_LIST` and
    `TIMEMORY_MPIP_REJECT_LIST`. Here they are put into the environment, for an MPI that has not begun.

    Returns
    -------
    bool
        Whether calls are recorded now; False after one line on stderr.
    """
    if permit:
        os.environ["TIMEMORY_MPIP_PERMIT_LIST"] = ",".join(permit)
    if reject:
        os.environ["TIMEMORY_MPIP_REJECT_LIST"] = ",".join(reject)
    return start_mpip() > 0
