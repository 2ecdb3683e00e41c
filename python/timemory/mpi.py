"""Another name of `timemory.mpi_support`."""

from __future__ import annotations

from timemory.mpi_support import enable_mpip, is_supported, mpi_c_info, mpi_cxx_info, mpi_exe_info

__all__ = ["enable_mpip", "is_supported", "mpi_c_info", "mpi_cxx_info", "mpi_exe_info"]
