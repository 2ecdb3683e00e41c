"""Options of programs that write results: what the command line sets, and arguments for it.

`echo_dart` and `ctest_notes` are the settings `dart_output` and `ctest_notes`.
"""

from __future__ import annotations

import argparse
import os
import sys
import types

from timemory._settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = [
    "add_args_and_parse",
    "add_args_and_parse_known",
    "add_arguments",
    "ctest_notes",
    "echo_dart",
    "matplotlib_backend",
    "parse_args",
    "parse_args_known",
    "safe_mkdir",
]

echo_dart: bool
ctest_notes: bool
matplotlib_backend = "default"


def safe_mkdir(directory: str | os.PathLike[str]) -> None:
    """Make a folder and those above it; one that exists is fine."""
    if os.fspath(directory):
        os.makedirs(directory, exist_ok=True)


def add_arguments(
    parser: argparse.ArgumentParser | None = None, fname: str | None = None
) -> argparse.ArgumentParser:
    """Add `--timemory-...` options for all settings.

    Parameters
    ----------
    parser : argparse.ArgumentParser, optional
        What they are added to; a new one if not given.
    fname : str, optional
        The name of the output folder, as `timemory.init` makes it from a program's.
    """
    if fname:
        from timemory._life import init

        init([fname])
    parser = argparse.ArgumentParser() if parser is None else parser
    settings.add_arguments(parser, subparser=None)
    parser.add_argument(
        "--timemory-mpl-backend",
        metavar="VALUE",
        default=matplotlib_backend,
        action=_Backend,
        help="Backend of matplotlib for plots",
    )
    return parser


class _Backend(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        global matplotlib_backend
        matplotlib_backend = values
        setattr(namespace, self.dest, values)


def parse_args(
    parser: argparse.ArgumentParser, args: Sequence[str] | None = None
) -> argparse.Namespace:
    """Parse the command line with a parser that `add_arguments` returned."""
    return parser.parse_args(args)


def parse_args_known(
    parser: argparse.ArgumentParser, args: Sequence[str] | None = None
) -> tuple[argparse.Namespace, list[str]]:
    """As `parse_args`, and return what it does not know too."""
    return parser.parse_known_args(args)


def add_args_and_parse(
    parser: argparse.ArgumentParser | None = None, fname: str | None = None
) -> argparse.Namespace:
    """Add the options, and parse the command line."""
    return add_arguments(parser, fname).parse_args()


def add_args_and_parse_known(
    parser: argparse.ArgumentParser | None = None, fname: str | None = None
) -> tuple[argparse.Namespace, list[str]]:
    """As `add_args_and_parse`; what is not known stays in sys.argv, and is returned too."""
    args, rest = add_arguments(parser, fname).parse_known_args()
    sys.argv[1:] = rest
    return args, rest


class _Module(types.ModuleType):
    """Lets `timemory.options.echo_dart = True` assign the setting."""

    @property
    def echo_dart(self) -> bool:
        return bool(settings.dart_output)

    @echo_dart.setter
    def echo_dart(self, on: bool) -> None:
        settings.dart_output = bool(on)

    @property
    def ctest_notes(self) -> bool:
        return bool(settings.ctest_notes)

    @ctest_notes.setter
    def ctest_notes(self, on: bool) -> None:
        settings.ctest_notes = bool(on)


sys.modules[__name__].__class__ = _Module
