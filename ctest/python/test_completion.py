"""Completion of command lines, by the shells themselves, compared with what the command's help says."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest

COMMAND = os.environ["COMMAND_UNDER_TEST"]
ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")},
    "PATH": f"{Path(COMMAND).parent}:{os.environ['PATH']}",
}
SHELLS = [
    pytest.param(
        shell, marks=pytest.mark.skipif(shutil.which(shell) is None, reason=f"there is no {shell}")
    )
    for shell in ("bash", "zsh", "fish")
]


def output_of(*words):
    return subprocess.run(
        words, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True
    ).stdout


def command(*arguments):
    return output_of(COMMAND, *arguments)


def subcommands():
    listed = command("--help").partition("Subcommands:\n")[2].partition("\n\n")[0]
    return set(re.findall(r"^  (\S+)", listed, re.M))


def options(*of):
    """The long options that the help has; the short one where there is no other."""
    listed = command(*of, "--help").partition("Options:\n")[2].partition("\n\n")[0]
    words = [line.split()[0].split(",") for line in re.findall(r"^  (-.*)", listed, re.M)]
    return {spellings[-1] for spellings in words}


def choices(subcommand, option):
    (values,) = re.findall(rf"{option} TEXT:{{(.*)}}", command(subcommand, "--help"))
    return set(values.split(","))


def components():
    return {row["id"] for row in avail("--components") if row["available"]}


def settings():
    return {row["name"] for row in avail("--settings")}


def avail(kind):
    (rows,) = (v for v in json.loads(command("avail", kind, "--json")).values() if v)
    return rows


def setting_options():
    return {f"--timemory-{name.replace('_', '-')}=" for name in settings()}


BASH = """
source <(timemory completion bash)
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_timemory
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
"""


def by_bash(*words):
    # As readline takes them apart.
    apart = [piece for word in words for piece in re.findall(r"=|[^=]+|^$", word)]
    return output_of("bash", "--norc", "-c", BASH, "bash", "timemory", *apart).splitlines()


def by_fish(*words):
    script = "timemory completion fish | source; complete -C $argv[1]"
    line = " ".join(["timemory", *words])
    out = output_of("fish", "--no-config", "-c", script, line)
    return [line.partition("\t")[0] for line in out.splitlines()]


# Its own functions say what they were given: what is offered is up to the user's settings.
ZSH = """
autoload -U compinit && compinit -u -D
source <(timemory completion zsh)
_describe() { print -l -- "${(@P)2}" "${(@P)4}" }
words=("$@")
CURRENT=$#
PREFIX=$words[-1]
_timemory
"""


def by_zsh(*words):
    out = subprocess.run(
        ["zsh", "-f", "-c", ZSH, "zsh", "timemory", *words],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    found = [re.split(r"(?<!\\):", line)[0] for line in out.splitlines() if line]
    return [word for word in found if word.startswith(words[-1])]


BY = {"bash": by_bash, "zsh": by_zsh, "fish": by_fish}


@pytest.mark.parametrize("shell", SHELLS)
def test_words(shell):
    def offered(*words):
        found = BY[shell](*words)
        assert len(set(found)) == len(found)
        return set(found)

    front = "" if shell == "bash" else "--format="  # readline has taken it off
    assert offered("") == subcommands()
    assert offered("re") == {"report", "recover"}
    assert offered("--") == options()
    for name in subcommands() - {"run"}:
        assert offered(name, "--") == options(name) | {"--timemory-"}, name
        assert offered(name, "--timemory-") == setting_options(), name
    assert offered("run", "--") == options("run") | {"--timemory-"}
    assert offered("report", "--form") == {"--format"}
    assert offered("report", "--format", "") == choices("report", "--format")
    assert offered("report", "out", "-f", "c") == {"csv", "collapsed"}
    assert offered("report", "--format=m") == {front + "markdown"}
    assert offered("report", "--sort", "") == choices("report", "--sort")
    assert offered("diff", "a", "b", "--format", "") == {"text", "json"}
    assert offered("diff", "a", "b", "c") == set()
    assert offered("report", "--depth", "") == set()
    assert offered("avail", "") == components() | settings()
    assert offered("settings", "flat_p") == {"flat_profile"}
    assert offered("settings", "flat_profile", "") == set()
    assert offered("top", "--component", "") == components()
    assert offered("report", "-c", "") == components()
    assert offered("report", "-c", "cpu_clock,wall_c") == {"cpu_clock,wall_clock"}
    front = "" if shell == "bash" else "--timemory-flat-profile="
    assert offered("merge", "--timemory-flat-profile=") == {front + "on", front + "off"}
    assert offered("no-such-command", "") == set()


# How each begins, and reads the script.
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(timemory completion bash)"),
    "zsh": (
        ["zsh", "-f", "-i"],
        # As it is installed: in a folder of the functions that are loaded when they are called.
        "bindkey -e; timemory completion zsh > _timemory; fpath=($PWD $fpath); "
        "autoload -U compinit; compinit -u -D",
    ),
    "fish": (["fish", "--no-config", "-i"], "timemory completion fish | source"),
}


class Terminal:
    """An interactive shell."""

    def __init__(self, shell, folder):
        words, first = START[shell]
        path = f"{folder}/bin:{ENVIRONMENT['PATH']}"
        environment = {**ENVIRONMENT, "PATH": path, "TERM": "vt100", "HOME": str(folder)}
        self.process, self.file = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(words[0], words, environment)
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 500, 0, 0))
        self.type(first)

    def type(self, text):
        """What is shown up to the end of the command."""
        os.write(self.file, f"{text}; echo the e''nd\r".encode())
        shown, last = "", time.monotonic() + 60
        while "the end" not in shown:
            assert time.monotonic() < last, f"after {text!r}: {shown!r}"
            if select.select([self.file], [], [], 0.1)[0]:
                shown += os.read(self.file, 65536).decode(errors="replace")
        return shown

    def completed(self, line):
        """The words of the line after the tabulator, as a command is given them."""
        home, end = "\x01", "\x05"
        shown = self.type(f"{line}\t{home}printf '=>%s<=\\n' {end}")
        return re.findall(r"=>(?!%s)(.*?)<=\r", shown)

    def close(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.file)


@pytest.fixture(params=SHELLS)
def terminal(request, tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results.txt").touch()
    (tmp_path / "a file.h5").touch()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/heat_program").write_text("#!/bin/sh\n")
    (tmp_path / "bin/heat_program").chmod(0o755)
    opened = Terminal(request.param, tmp_path)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("rep", ["report"]),
        ("report --form", ["report", "--format"]),
        ("report --format spe", ["report", "--format", "speedscope"]),
        ("report --format=spe", ["report", "--format=speedscope"]),
        ("report -c cpu_clock,wall_c", ["report", "-c", "cpu_clock,wall_clock"]),
        ("report a", ["report", "a file.h5"]),
        ("merge --output res", ["merge", "--output", "results"]),
        ("merge --output=res", ["merge", "--output=results"]),
        ("merge --timemory-flat-pro", ["merge", "--timemory-flat-profile="]),
        ("merge --timemory-flat-profile=of", ["merge", "--timemory-flat-profile=off"]),
        ("run -- heat_prog", ["run", "--", "heat_program"]),
        ("run --quiet heat_prog", ["run", "--quiet", "heat_program"]),
        ("run -o=x heat_program a", ["run", "-o=x", "heat_program", "a file.h5"]),
    ],
)
def test_lines(terminal, typed, becomes):
    # zsh takes the slash behind a folder away when the line goes on.
    assert [w.rstrip("/") for w in terminal.completed(f"timemory {typed}")] == [
        "timemory",
        *becomes,
    ]
