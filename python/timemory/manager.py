"""What stands beside the results: metadata, and the names of the files that were written."""

from __future__ import annotations

import json
import os

from timemory import _timemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Union

    Metadata = Union[str, int, float, bool, Sequence[Union[str, int, float]]]

__all__ = [
    "add_metadata",
    "get_metadata",
    "json_files",
    "set_write_metadata",
    "text_files",
    "write_ctest_notes",
]

text_files: list[str]
json_files: list[str]


def add_metadata(label: str, value: Metadata) -> None:
    """Add something of one's own to `info` in metadata.json, or replace it.

    Parameters
    ----------
    label : str
        Its key.
    value : str, number or list of them
        Anything that JSON can hold.
    """
    if not _timemory.add_metadata(str(label), json.dumps(value)):
        raise ValueError(f"metadata {label!r} is not accepted; the line on stderr says why")


def get_metadata() -> dict[str, Any]:
    """Return what metadata.json would hold now: `info`, `settings`, `output` and `environment`."""
    document: dict[str, Any] = json.loads(_timemory.get_metadata() or "{}")
    metadata: dict[str, Any] = document.get("timemory", {}).get("metadata", {})
    return metadata


def set_write_metadata(mode: int) -> None:
    """Say when metadata.json and functions.json are written.

    Parameters
    ----------
    mode : int
        0 beside other files, as it is without this call; -1 never; 1 also without other files.
    """
    if mode not in (-1, 0, 1):
        raise ValueError(f"set_write_metadata: {mode!r} is none of -1, 0 and 1")
    _timemory.write_metadata(mode)


def write_ctest_notes(directory: str | os.PathLike[str] = ".", append: bool = False) -> str | None:
    """Write `CTestNotes.cmake` with the tables that were written: see `common.write_ctest_notes`."""
    from timemory.common import write_ctest_notes as write

    return write(_files("text"), directory, append)


def _files(kind: str) -> list[str]:
    output = get_metadata().get("output", {})
    return [path for paths in output.get(kind, {}).values() for path in paths]


def __getattr__(name: str) -> list[str]:
    if name in ("text_files", "json_files"):
        return _files(name[:4])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
