"""JSON, also where it nests deeper than Python's own reader goes: call trees may."""

from __future__ import annotations

import functools
import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TOKEN = re.compile(r'\s*(?:([{}\[\],:])|("(?:[^"\\]|\\.)*"|[^\s{}\[\],:"]+)|(\S))', re.DOTALL)
_CLOSED_BY = {"}": dict, "]": list}


def loads(text: str) -> Any:
    """Return what a JSON text says.

    Raises
    ------
    ValueError
        If it is no JSON.
    """
    try:
        return json.loads(text)
    except RecursionError:
        return _deep(text)


def _deep(text: str) -> Any:
    """Read a text with a stack of our own, where the usual reader has seen that it begins well."""
    value_of = functools.lru_cache(maxsize=4096)(json.loads)  # names are many times the same
    whole: list[Any] = []
    stack: list[Any] = [whole]
    key: str | None = None
    for token in _TOKEN.finditer(text):
        mark, word, wrong = token.groups()
        if wrong:
            raise ValueError(f"unexpected {wrong!r} at character {token.start(3)}")
        if mark in ("]", "}"):
            if not isinstance(stack.pop(), _CLOSED_BY[mark]) or not stack:
                raise ValueError(f"unexpected {mark!r} at character {token.start(1)}")
            continue
        if mark in (",", ":"):
            continue
        value: Any = value_of(word) if word else {} if mark == "{" else []
        above = stack[-1]
        if isinstance(above, list):
            above.append(value)
        elif key is None:
            if not isinstance(value, str):
                raise ValueError(f"no name at character {token.start()}")
            key = value
            continue
        else:
            above[key], key = value, None
        if mark:
            stack.append(value)
    if len(stack) != 1 or len(whole) != 1:
        raise ValueError(f"unexpected end at character {len(text)}")
    return whole[0]
