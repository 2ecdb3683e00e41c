"""Options of programs that write results: what the command line sets, and arguments for it.

`echo_dart` and `ctest_notes` are the settings `dart_output` and `ctest_notes`.
"""

from __future__ import annotations

import argparse
import os
import sys
import types

from timemory._arguments import Act
from timemory._settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

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
        action=Act,
        act=_set_backend,
        help="Backend of matplotlib for plots",
    )
    return parser


def _set_backend(parser: argparse.ArgumentParser, name: str) -> None:
    global matplotlib_backend
    matplotlib_backend = name


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


def _flag(name: str) -> property:
    """A setting, as an attribute of this module."""

    def get(module: types.ModuleType) -> bool:
        return bool(getattr(settings, name))

    def set(module: types.ModuleType, on: bool) -> None:
        setattr(settings, name, bool(on))

    return property(get, set)


class _Module(types.ModuleType):
    """Lets `timemory.options.echo_dart = True` assign the setting."""

    echo_dart = _flag("dart_output")
    ctest_notes = _flag("ctest_notes")


sys.modules[__name__].__class__ = _Module
