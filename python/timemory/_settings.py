"""Settings as properties of one class, made from the library's table."""

from __future__ import annotations

import os
import sys

from timemory import _timemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Any, Union

    Value = Union[bool, int, str]


class SettingRow:
    """One row of the library's table."""

    __slots__ = (
        "choices",
        "command_line",
        "description",
        "environment",
        "group",
        "name",
        "standard",
        "type",
    )

    def __init__(self, row: tuple[str, str, str, str, str, str, str, str]) -> None:
        self.name, self.environment, self.type, self.standard = row[:4]
        self.group, self.description = row[4:6]
        self.command_line: list[str] = row[6].split()
        self.choices: list[str] = row[7].split("|") if row[7] else []


def setting_rows() -> list[SettingRow]:
    """The rows of the library's table, in its order."""
    return [SettingRow(row) for row in _timemory.describe_settings()]


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


def _not_meant(name: str, type_name: str, value: Any) -> str:
    return f"setting {name!r}: {value!r} is not a {_MEANING.get(type_name, 'whole number')}"


def _value(type_name: str, text: str | None) -> Value:
    if type_name == "bool":
        return text == "true"
    if type_name == "std::string":
        return text or ""
    return int(text or 0)


def text_in_force(name: str) -> str:
    """The value of a setting as text; before the first region, what two will then be named."""
    text = _timemory.get_setting(name) or ""
    if name in ("output_path", "python_exe") and _timemory.setting_origin(name) == "default":
        from timemory import _life

        if not _life.is_named():
            return _life.folder_name() if name == "output_path" else sys.executable or text
    return text


def _property(
    name: str, environment: str, type_name: str, standard: str, description: str
) -> property:
    def get(cls: type) -> Value:
        return _value(type_name, text_in_force(name))

    def set(cls: type, value: Any) -> None:
        text = _as_text(type_name, value)
        if text is None:
            raise ValueError(_not_meant(name, type_name, value))
        problem = _timemory.set_setting("code", name, text)
        if problem is not None:
            raise ValueError(problem)

    shown = repr(_value(type_name, standard))
    return property(get, set, doc=f"{description} [{environment}, default {shown}]")


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, _types, n=1, cutoff=0.0)
    return f"there is no setting {name!r}; the nearest name is {near[0]!r}"


class _Settings(type):
    """Makes `timemory.settings.verbose = 1` an assignment to the library's setting."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):  # asked for by tools, never meant as a setting
            raise AttributeError(name)
        if name.startswith("get_") and name[4:] in _types:
            return getattr(cls, name[4:])
        raise AttributeError(_unknown(name))

    def __setattr__(cls, name: str, value: Any) -> None:
        if name in _types or name.startswith("__") or name == "command_line":
            type.__setattr__(cls, name, value)
            return
        problem = _timemory.set_setting("code", name, str(value))
        if problem is not None:
            raise AttributeError(problem)

    def __delattr__(cls, name: str) -> None:
        raise AttributeError(f"setting {name!r} can't be deleted")

    def __dir__(cls) -> list[str]:
        return [*_types, *type.__dir__(cls)]

    @property
    def command_line(cls) -> list[str]:
        """The command line of the program, as its results have it."""
        return list(sys.argv) if _command_line is None else list(_command_line)

    @command_line.setter
    def command_line(cls, words: Iterable[str]) -> None:
        global _command_line
        _command_line = [str(word) for word in words]

    @property
    def environment(cls) -> list[str]:
        """The environment variables of timemory, as `NAME=value`."""
        return sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith("TIMEMORY_"))


_command_line: list[str] | None = None
_types: dict[str, str] = {}  # of the settings, by name
for _row in _timemory.describe_settings():
    _name, _environment, _type, _standard, _group, _description, _, _ = _row
    setattr(_Settings, _name, _property(_name, _environment, _type, _standard, _description))
    _types[_name] = _type
_pushed: list[dict[str, str]] = []


def _texts() -> dict[str, str]:
    """The values in force, as text."""
    return {name: text_in_force(name) for name in _types}


class settings(metaclass=_Settings):
    """The settings, as attributes of this class: `timemory.settings.scientific = True`.

    An assignment takes effect at once and wins over the environment. A value that a setting does
    not accept raises ValueError, a name that no setting has AttributeError.

    `timemory.settings()` is a copy of the values in force, with the same attributes. What is
    assigned to it changes nothing but the copy.
    """

    __slots__ = ("_copy",)

    def __init__(self) -> None:
        object.__setattr__(self, "_copy", _texts())

    def __getattr__(self, name: str) -> Any:
        plain = name[4:] if name.startswith("get_") and name not in _types else name
        if name.startswith("__") or name == "_copy":
            raise AttributeError(name)
        if plain not in _types:
            raise AttributeError(_unknown(name))
        return _value(_types[plain], self._copy[plain])

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _types:
            raise AttributeError(_unknown(name))
        text = _as_text(_types[name], value)
        problem = _not_meant(name, _types[name], value)
        if text is not None:
            problem = self.assign_text(name, text) or ""
        if problem:
            raise ValueError(problem)

    def __dir__(self) -> list[str]:
        return [*_types, *object.__dir__(self)]

    def text_of(self, name: str) -> str:
        """Return the value of a setting of this copy, as text."""
        text: str = self._copy[name]
        return text

    def assign_text(self, name: str, text: str) -> str | None:
        """Assign a setting of this copy by its name or environment variable.

        Returns
        -------
        str or None
            What is wrong; None if it is done.
        """
        for row in setting_rows():
            if name in (row.name, row.environment):
                value = _timemory.check_setting(row.name, text)
                if isinstance(value, Exception):
                    return str(value)
                self._copy[row.name] = value
                return None
        return _unknown(name)

    @staticmethod
    def add_arguments(
        parser: argparse.ArgumentParser,
        instance: settings | None = None,
        subparser: bool | argparse.ArgumentParser | None = True,
        selection: Iterable[str] = (),
    ) -> argparse.ArgumentParser:
        """Add an option for each setting, which is assigned when the command line is parsed.

        Parameters
        ----------
        parser : argparse.ArgumentParser
            What the options are added to.
        instance : timemory.settings, optional
            A copy of the settings that gets the values; else the settings in force.
        subparser : bool or parser, optional
            True: the options belong to a sub-command `timemory-config` of `parser`, as
            `--precision`. A parser: they are added to that one, as `--precision`. False or None:
            they are added to `parser` itself, as `--timemory-precision`.
        selection : list of str, optional
            Only the settings with these names; all of them if empty.

        Returns
        -------
        argparse.ArgumentParser
            `parser`.
        """
        from timemory._arguments import add_options

        add_options(parser, instance, subparser, selection)
        return parser

    add_argparse = add_arguments

    @staticmethod
    def parse(instance: settings | None = None) -> None:
        """Assign what the environment says now; a wrong value gives one line on stderr.

        Parameters
        ----------
        instance : timemory.settings, optional
            A copy that gets the values, instead of the settings in force.
        """
        if settings.suppress_parsing:
            return
        for row in setting_rows():
            text = os.environ.get(row.environment)
            if text is None:
                continue
            if instance is not None:
                problem = instance.assign_text(row.name, text)
            else:
                problem = _timemory.set_setting("code", row.name, text)
            if problem is not None:
                print(f"timemory: {row.environment}: {problem}", file=sys.stderr, flush=True)

    @staticmethod
    def read(file: str | os.PathLike[str]) -> bool:
        """Assign what a configuration file says, text or JSON.

        Returns
        -------
        bool
            False if something in it is wrong, after one line on stderr for each such thing.
        """
        return _timemory.read_config(file)

    @staticmethod
    def dump(
        filename: str | os.PathLike[str] = "", instance: settings | None = None
    ) -> dict[str, Any]:
        """Return the values in the form of a JSON configuration file, and write it.

        Parameters
        ----------
        filename : path, optional
            Where it is written; `read` accepts it. Nothing is written if empty.
        instance : timemory.settings, optional
            A copy of the settings, instead of those in force.
        """
        texts = _texts() if instance is None else instance._copy
        rows: dict[str, Any] = {}
        for row in setting_rows():
            rows[row.environment] = {
                "name": row.name,
                "environ": row.environment,
                "description": row.description,
                "count": 1,
                "max_count": 1,
                "cmdline": [option.replace("--", "--timemory-") for option in row.command_line],
                "data_type": row.type,
                "initial": _value(row.type, row.standard),
                "value": _value(row.type, texts[row.name]),
            }
        rows["command_line"] = settings.command_line
        rows["environment"] = settings.environment
        document = {"timemory": {"settings": rows}}
        if filename:
            import json

            with open(filename, "w", encoding="utf-8") as out:
                json.dump(document, out, indent=4)
                out.write("\n")
        return document

    @staticmethod
    def explain() -> str:
        """Return a table of every setting, its value, and where that came from."""
        return _timemory.explain_settings() or ""

    @staticmethod
    def push() -> None:
        """Remember all values, for `pop`."""
        _pushed.append(_texts())

    @staticmethod
    def pop() -> None:
        """Bring back the values of the last `push`; IndexError if there is none."""
        if not _pushed:
            raise IndexError("timemory.settings.pop: nothing was pushed")
        before = _pushed.pop()
        for name, text in before.items():
            if _timemory.get_setting(name) != text:
                _timemory.set_setting("code", name, text)

    @staticmethod
    def compose_output_filename(
        basename: str,
        extension: str,
        dmp: bool = False,
        rank: int = -1,
        make_dir: bool = True,
        explicit: str = "",
    ) -> str:
        """Return where a result of this name would be written.

        Parameters
        ----------
        basename : str
            The label, as `wall`.
        extension : str
            As `.json`.
        dmp, rank : bool, int, optional
            Add `-<rank>` to the name, if `dmp` is true and `rank` is not negative.
        make_dir : bool, optional
            Make the folder.
        explicit : str, optional
            The folder, instead of the setting `output_path`.
        """
        return _file_name("output", basename, extension, dmp, rank, make_dir, explicit)

    @staticmethod
    def compose_input_filename(
        basename: str, extension: str, dmp: bool = False, rank: int = -1, explicit: str = ""
    ) -> str:
        """Return where a result of this name is looked for, to compare with.

        As `compose_output_filename`, with the settings `input_path` and `input_prefix`; each that
        is empty is that of the output.
        """
        return _file_name("input", basename, extension, dmp, rank, False, explicit)


def _file_name(
    kind: str, basename: str, extension: str, dmp: bool, rank: int, make_dir: bool, explicit: str
) -> str:
    from timemory._life import first_use

    first_use()  # names the output folder
    if dmp and rank >= 0:
        basename = f"{basename}-{rank}"
    if extension and not extension.startswith("."):
        extension = f".{extension}"
    path = _timemory.file_name(kind == "input", os.fspath(explicit), basename) + extension
    if make_dir:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    return path
