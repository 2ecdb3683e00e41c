"""`python -m timemory.profiler`: a script that runs as it does alone, with its calls recorded."""

from __future__ import annotations

import argparse
import builtins
import io
import os
import sys
import types

from timemory import _life
from timemory._settings import settings
from timemory.profiler import Profiler, config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SWITCHES = (
    ("-a", "include-args", "arguments in the labels"),
    ("-l", "include-line", "lines in the labels"),
    ("-f", "include-file", "files in the labels"),
    ("-F", "full-filepath", "whole paths of files in the labels"),
    ("", "trace-c", "functions written in C too"),
)
_FILTERS = (
    ("only-funcs", "only_functions", "record only functions whose name has one of these"),
    ("only-files", "only_filenames", "record only functions of files whose path has one of these"),
    ("skip-funcs", "skip_functions", "leave out functions whose name has one of these"),
    ("skip-files", "skip_filenames", "leave out functions of files whose path has one of these"),
)
_TRUE, _FALSE = ("1", "on", "true", "yes", "y", "t"), ("0", "off", "false", "no", "n", "f")


def _truth(text: str) -> bool:
    if text.lower() in (*_TRUE, *_FALSE):
        return text.lower() in _TRUE
    raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="timemory-python-profiler",
        usage="%(prog)s [options] [--] script.py [arguments]",
        description="Run a Python script, and record the calls of its functions. "
        "The script begins after --, or else with the first word that is a file.",
    )
    add = parser.add_argument
    add("-c", "--components", nargs="+", default=[], help="what is measured (default: wall_clock)")
    add("-d", "--output-path", metavar="DIR", help="default: timemory-<script>-profiler-output")
    add(
        "-b",
        "--builtin",
        action="store_true",
        help="record only where the script says: @profile, `with profile:`, profile.enable(); "
        "`profile` is a builtin name",
    )
    add("-s", "--setup", metavar="FILE", help="a script to run first, which is not recorded")
    add("-m", "--max-stack-depth", type=int, metavar="N", help="calls recorded in each other")
    for short, name, text in _SWITCHES:
        names = [short, f"--{name}"] if short else [f"--{name}"]
        add(*names, nargs="?", type=_truth, const=True, metavar="BOOL", help=text)
    for name, _, text in _FILTERS:
        add(f"--{name}", nargs="+", metavar="REGEX", help=text)
    add("-v", "--verbosity", type=int, nargs="?", const=1, metavar="N", help="1: what is left out")
    return parser


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """The options, and the script with its arguments."""
    for at, word in enumerate(words):
        if word == "--":
            return words[:at], words[at + 1 :]
        is_setup = at > 0 and words[at - 1] in ("-s", "--setup")
        if not word.startswith("-") and not is_setup and os.path.isfile(word):
            return words[:at], words[at:]
    return words, []


def _configure(options: argparse.Namespace) -> None:
    for name, value in (
        ("include_args", options.include_args),
        ("include_line", options.include_line),
        ("include_filename", options.include_file),
        ("full_filepath", options.full_filepath),
        ("trace_c", options.trace_c),
        ("max_stack_depth", options.max_stack_depth),
        ("verbosity", options.verbosity),
        *((name, getattr(options, option.replace("-", "_"))) for option, name, _ in _FILTERS),
    ):
        if value is not None:
            setattr(config, name, value)


def _code(path: str) -> Any:
    with io.open_code(path) as file:
        return compile(file.read(), path, "exec")


def _execute(script: str, profiler: Profiler | None) -> int:
    """Run the script as the program's main module; its exit status."""
    if sys.version_info >= (3, 9):
        script = os.path.abspath(script)  # as the interpreter has it
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=script, __builtins__=builtins)
    sys.modules["__main__"] = main
    try:
        code = _code(script)
        if profiler is not None:
            profiler.runctx(code, main.__dict__, main.__dict__)
        else:
            exec(code, main.__dict__)
    except Exception as error:
        # As the interpreter shows it: without what is ours.
        own = error.__traceback__
        while own is not None and own.tb_frame.f_code.co_filename in _OWN_FILES:
            own = own.tb_next
        sys.excepthook(type(error), error.with_traceback(own), own)
        return 1
    return 0


_OWN_FILES = frozenset((__file__, sys.modules["timemory.profiler"].__file__))


def run(words: list[str]) -> int:
    """Run a script with the words of a command line; the exit status of the script."""
    before, rest = _split(words)
    parser = _parser()
    options = parser.parse_args(before)
    if not rest:
        parser.error("there is no script")
    script = rest[0]
    if not os.path.isfile(script):
        parser.error(f"there is no file {script!r}")
    try:
        _configure(options)
    except ValueError as error:
        parser.error(str(error))
    sys.argv[:] = rest
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(os.path.abspath(script))
    _life.init([script], suffix="-profiler-output")
    if options.output_path:
        settings.output_path = options.output_path
    profiler = Profiler(options.components)
    if options.setup:
        setup: dict[str, Any] = {"__name__": "__main__", "__file__": options.setup}
        exec(_code(options.setup), setup)
    if options.builtin:
        builtins.profile = profiler  # type: ignore[attr-defined]
        return _execute(script, None)
    return _execute(script, profiler)
