"""Settings on the command line of a program that uses argparse."""

from __future__ import annotations

import argparse
import re
from functools import partial

from timemory import _timemory
from timemory._settings import setting_rows, text_in_force

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from timemory._settings import SettingRow, settings

_GENERIC = (
    "A generic option for any setting. Each argument MUST be passed in form: 'NAME=VALUE'. "
    'E.g. --args "papi_events=PAPI_TOT_INS,PAPI_TOT_CYC" text_output=off [type: str]'
)


def add_options(
    parser: argparse.ArgumentParser,
    instance: settings | None,
    subparser: bool | argparse.ArgumentParser | None,
    selection: Iterable[str],
) -> None:
    """Do what `timemory.settings.add_arguments` says."""
    wanted = set(selection)
    rows = setting_rows()
    names = {name for row in rows for name in (row.name, row.environment, *row.command_line)}
    for name in sorted(wanted - names):
        raise ValueError(_timemory.set_setting("command line", name, "") or name)
    target, before = parser, "--timemory-"
    if isinstance(subparser, argparse.ArgumentParser):
        target, before = subparser, "--"
    elif subparser:
        target, before = _sub_command(parser), "--"
    for row in rows:
        known = {row.name, row.environment, *row.command_line}
        if row.command_line and (not wanted or known & wanted):
            _add_option(target, row, before, instance)
    if not wanted:
        target.add_argument(
            f"{before}args",
            dest="timemory_args",
            metavar="OPTION=VALUE",
            nargs="*",
            type=str,
            action=Act,
            act=partial(_assign_any, instance, f"{before}args"),
            help=_GENERIC,
        )


def _sub_command(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The sub-command `timemory-config`, beside those that the program has."""
    existing = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    commands: Any = existing[0] if existing else parser.add_subparsers(help="sub-command help")
    if "timemory-config" in commands.choices:
        made: argparse.ArgumentParser = commands.choices["timemory-config"]
        return made
    command: argparse.ArgumentParser = commands.add_parser(
        "timemory-config",
        description="Configure settings for timemory",
        conflict_handler="resolve",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    return command


def _add_option(
    target: argparse.ArgumentParser, row: SettingRow, before: str, instance: settings | None
) -> None:
    value = text_in_force(row.name) if instance is None else instance.text_of(row.name)
    spellings = [re.sub("^--", before, option) for option in row.command_line]
    # The program's own options win over a short one of ours.
    taken = target._option_string_actions if target.conflict_handler == "error" else {}
    about = f"{row.description} [env: {row.environment}, type: {row.type}]".replace("%", "%%")
    target.add_argument(
        *(option for option in spellings if len(option) > 2 or option not in taken),
        # The program may have an option of the same name.
        dest=f"timemory_{row.name}",
        metavar="VALUE",
        type=str,
        default=value,
        action=Act,
        act=partial(_assign, instance, row.name),
        help=about,
    )


def _assign(
    instance: settings | None, name: str, parser: argparse.ArgumentParser, value: str
) -> None:
    """Assign, or end the program with the usage and what is wrong."""
    if instance is not None:
        problem = instance.assign_text(name, value)
    else:
        problem = _timemory.set_setting("command line", name, value)
        if problem is None:
            _assigned[name] = value
        if problem is None and name in ("config_file", "TIMEMORY_CONFIG_FILE"):
            problem = _read_files(value)
    if problem is not None:
        parser.error(problem)


_assigned: dict[str, str] = {}  # by this command line


def _read_files(files: str) -> str | None:
    """Read what `--config` names; options win over it wherever they stand. What is wrong, if any."""
    if _timemory.get_setting("suppress_config") == "true":
        return None
    read = [_timemory.read_config(path) for path in re.split("[,;:]", files) if path]
    for name, value in _assigned.items():
        _timemory.set_setting("command line", name, value)
    return None if all(read) else f"setting 'config_file': '{files}' has errors, which stand above"


def _assign_any(
    instance: settings | None, option: str, parser: argparse.ArgumentParser, items: list[str]
) -> None:
    by_option = {
        option.lstrip("-").replace("-", "_"): row.name
        for row in setting_rows()
        for option in row.command_line
        if option.startswith("--")
    }
    for item in items:
        for assignment in split_assignments(item):
            key, equals, value = assignment.partition("=")
            if not equals:
                parser.error(f"{option}: '{assignment}' is not of the form NAME=VALUE")
            key = key.strip().lstrip("-")
            plain = key.replace("-", "_")
            plain = plain[9:] if plain.startswith("timemory_") else plain
            _assign(instance, by_option.get(plain, key), parser, value)


class Act(argparse.Action):
    """Calls `act` with the parser and the value when the option is met."""

    def __init__(
        self, *, act: Callable[[argparse.ArgumentParser, Any], None], **named: Any
    ) -> None:
        super().__init__(**named)
        self.act = act

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        self.act(parser, values)
        setattr(namespace, self.dest, values)


def split_assignments(item: str) -> list[str]:
    """`a=1 b=2;c=3` as three; a value may hold what separates, where no NAME= follows it."""
    return re.split(r"[\s;:]+(?=[A-Za-z_-][\w-]*=)", item.strip())
