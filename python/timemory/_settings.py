"""Settings as properties of one class, made from the library's table."""

from __future__ import annotations

import os

from timemory import _timemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _as_text(type_name: str, value: Any) -> str | None:
    """The value as the library parses it; None for what can't be meant."""
    if type_name == "std::string":
        text = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    elif value is None:
        return None
    else:
        text = str(value)
    return text if isinstance(text, str) and "\0" not in text else None


_MEANING = {"bool": "truth value", "std::string": "string or path"}


def _value(type_name: str, text: str | None) -> bool | int | str:
    if type_name == "bool":
        return text == "true"
    if type_name == "std::string":
        return text or ""
    return int(text or 0)


def _property(
    name: str, environment: str, type_name: str, standard: str, description: str
) -> property:
    def get(cls: type) -> bool | int | str:
        return _value(type_name, _timemory.get_setting(name))

    def set(cls: type, value: Any) -> None:
        text = _as_text(type_name, value)
        if text is None:
            meaning = _MEANING.get(type_name, "whole number")
            raise ValueError(f"setting {name!r}: {value!r} is not a {meaning}")
        problem = _timemory.set_setting("code", name, text)
        if problem is not None:
            raise ValueError(problem)

    shown = repr(_value(type_name, standard))
    return property(get, set, doc=f"{description} [{environment}, default {shown}]")


class _Settings(type):
    """Makes `timemory.settings.verbose = 1` an assignment to the library's setting."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):  # asked for by tools, never meant as a setting
            raise AttributeError(name)
        from difflib import get_close_matches

        near = get_close_matches(name, _names, n=1, cutoff=0.0)
        raise AttributeError(f"there is no setting {name!r}; the nearest name is {near[0]!r}")

    def __setattr__(cls, name: str, value: Any) -> None:
        if name in _names or name.startswith("__"):
            type.__setattr__(cls, name, value)
            return
        problem = _timemory.set_setting("code", name, str(value))
        if problem is not None:
            raise AttributeError(problem)

    def __delattr__(cls, name: str) -> None:
        raise AttributeError(f"setting {name!r} can't be deleted")

    def __dir__(cls) -> list[str]:
        return [*_names, *type.__dir__(cls)]


_names: list[str] = []
for _row in _timemory.describe_settings():
    _name, _environment, _type, _standard, _group, _description, _, _ = _row
    setattr(_Settings, _name, _property(_name, _environment, _type, _standard, _description))
    _names.append(_name)


class settings(metaclass=_Settings):
    """The settings, as attributes of this class: `timemory.settings.scientific = True`.

    An assignment takes effect at once and wins over the environment. A value that a setting does
    not accept raises ValueError, a name that no setting has AttributeError.
    """

    __slots__ = ()
