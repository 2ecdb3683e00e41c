"""CUDA: which GPUs this process can use. Asks the driver, and makes no context on a device."""

from __future__ import annotations

import ctypes

__all__ = ["device_count", "device_name", "is_available"]


def _driver() -> ctypes.CDLL | None:
    """The driver, initialised; None if there is none or it has no device."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None
    return driver if driver.cuInit(0) == 0 else None


def device_count() -> int:
    """Return how many GPUs there are; 0 without a driver."""
    driver, count = _driver(), ctypes.c_int(0)
    if driver is None or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def device_name(device: int = 0) -> str:
    """Return what a GPU is called.

    Raises
    ------
    ValueError
        If there is no such GPU.
    """
    driver, name = _driver(), ctypes.create_string_buffer(256)
    if not 0 <= device < device_count() or driver is None:
        raise ValueError(f"there is no GPU {device}: there are {device_count()}")
    if driver.cuDeviceGetName(name, len(name), device) != 0:
        raise ValueError(f"the driver doesn't name GPU {device}")
    return name.value.decode(errors="replace")


def is_available() -> bool:
    """Whether there is a GPU that this process can use."""
    return device_count() > 0


def __getattr__(name: str) -> None:
    raise AttributeError(
        f"timemory.api.cuda has no {name!r}: PyPI's cuda-python has all of CUDA; "
        "the component cupti_activity measures GPUs"
    )
