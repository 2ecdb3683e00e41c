"""CUPTI, NVIDIA's library of measurements: whether it can be used here."""

from __future__ import annotations

import os

from timemory import _timemory
from timemory.api import cuda

__all__ = ["is_available"]


def is_available() -> bool:
    """Whether the component `cupti_activity` has what it needs: our library for it, and a GPU.

    What CUPTI itself says is known when it is first used.
    """
    folder = os.path.dirname(os.path.abspath(_timemory.library_path() or ""))
    return os.path.exists(f"{folder}/libtimemory-cupti.so") and cuda.is_available()


def __getattr__(name: str) -> None:
    raise AttributeError(
        f"timemory.api.cupti has no {name!r}: CUPTI's events and metrics are not measured; "
        "the component cupti_activity measures kernels, copies and waits"
    )
