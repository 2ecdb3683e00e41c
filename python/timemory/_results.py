"""What was measured so far."""

from __future__ import annotations

import os

from timemory import _timemory
from timemory.component import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from timemory.component import Components

_TEXT, _JSON, _TREE = 0, 1, 2


def _document(format: int, components: Components) -> str | None:
    names = resolve(components)
    return None if names is None else _timemory.get(format, names or None)


def get(hierarchy: bool = False, components: Components = ()) -> dict[str, Any]:
    """Return what this process has measured so far; local, also under MPI.

    Parameters
    ----------
    hierarchy : bool, optional
        The nested form of `<label>.tree.json` instead of the flat one of `<label>.json`.
    components : list, optional
        Which components, as `timemory.util.marker` takes them; all of them if empty.
    """
    from timemory._json import loads

    text = _document(_TREE if hierarchy else _JSON, components)
    result: dict[str, Any] = loads(text) if text else {"timemory": {}}
    return result


def get_text(components: Components = ()) -> str:
    """Return the tables of what this process has measured so far, without banner; local.

    Parameters
    ----------
    components : list, optional
        Which components, as `timemory.util.marker` takes them; all of them if empty.
    """
    return _document(_TEXT, components) or ""


def report(filename: str = "") -> None:
    """Write what was measured so far, as `finalize` would, and go on recording.

    The one collective call: with MPI active all ranks must call it.

    Parameters
    ----------
    filename : str, optional
        The output folder, instead of the setting `output_path`.
    """
    from timemory._life import first_use, flush

    first_use()
    flush()
    _timemory.report(os.fsencode(filename) if filename else None)
