"""`python -m timemory.profiler`: a script that runs as it does alone, with its calls recorded."""

from __future__ import annotations

import argparse
import builtins
import importlib.util
import io
import os
import sys
import types

from timemory import _life
from timemory._settings import settings
from timemory.profiler import Profiler, config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
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
        usage="%(prog)s [options] [--] script.py [arguments]\n"
        "       %(prog)s [options] -m module [arguments]",
        description="Run a Python script or module, and record the calls of its functions. "
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
    add(
        "-m",
        "--max-stack-depth",
        type=int,
        metavar="N",
        help="calls recorded in each other; -m with a name runs that module, as Python does",
    )
    for short, name, text in _SWITCHES:
        names = [short, f"--{name}"] if short else [f"--{name}"]
        add(*names, nargs="?", type=_truth, const=True, metavar="BOOL", help=text)
    for name, _, text in _FILTERS:
        add(f"--{name}", nargs="+", metavar="REGEX", help=text)
    add("-v", "--verbosity", type=int, nargs="?", const=1, metavar="N", help="1: what is left out")
    return parser


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """The options, and the script with its arguments; or -m, a module, and those."""
    for at, word in enumerate(words):
        if word == "--":
            return words[:at], words[at + 1 :]
        if word == "-m" and "".join(words[at + 1 : at + 2]).replace(".", "_").isidentifier():
            return words[:at], words[at:]
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


def _module(name: str) -> ModuleSpec | None:
    """What runs when a module is run; None if there is none."""
    try:
        found = importlib.util.find_spec(name)
        if found is not None and found.submodule_search_locations is not None:
            found = importlib.util.find_spec(f"{name}.__main__")
    except ImportError:
        return None
    return found if found is not None and hasattr(found.loader, "get_code") else None


def _execute(script: str, spec: ModuleSpec | None, profiler: Profiler | None) -> int:
    """Run the script, or the module of `spec`, as the program's main module; its exit status."""
    if sys.version_info >= (3, 9):
        script = os.path.abspath(script)  # as the interpreter has it
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=script, __builtins__=builtins)
    if spec is not None:
        main.__dict__.update(__spec__=spec, __package__=spec.parent, __loader__=spec.loader)
    sys.modules["__main__"] = main
    try:
        code = _code(script) if spec is None else spec.loader.get_code(spec.name)  # type: ignore
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
    """Run a script or a module with the words of a command line; its exit status."""
    before, rest = _split(words)
    parser = _parser()
    options, others = parser.parse_known_args(before)
    for word in others:
        parser.error(f"there is no {'option' if word.startswith('-') else 'file'} {word!r}")
    for file in [options.setup] * bool(options.setup) + rest[:1]:
        if file != "-m" and not os.path.isfile(file):
            parser.error(f"there is no file {file!r}")
    if not rest or rest == ["-m"]:
        parser.error(f"there is no {'module' if rest else 'script'}")
    try:
        _configure(options)
    except ValueError as error:
        parser.error(str(error))
    spec, name = None, rest[0]
    is_module = name == "-m"
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.getcwd() if is_module else os.path.dirname(os.path.abspath(name))
    if is_module:
        name, *arguments = rest[1:]
        spec = _module(name)
        if spec is None:
            parser.error(f"there is no module {name!r} that can be run")
        rest = [spec.origin or name, *arguments]
    sys.argv[:] = rest
    _life.init([name], suffix="-profiler-output")
    if options.output_path:
        settings.output_path = options.output_path
    profiler = Profiler(options.components)
    if options.setup:
        setup: dict[str, Any] = {"__name__": "__main__", "__file__": options.setup}
        exec(_code(options.setup), setup)
    if options.builtin:
        builtins.profile = profiler  # type: ignore[attr-defined]
        return _execute(rest[0], spec, None)
    return _execute(rest[0], spec, profiler)
