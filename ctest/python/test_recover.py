"""What outlives a program that is killed, and what is seen of one that runs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

COMMAND = os.environ["COMMAND_UNDER_TEST"]

KILLED = """
import os, signal
from timemory.util import marker
with marker(["wall_clock"], key="outer"):
    for _ in range(7):
        with marker(["wall_clock"], key="inner"):
            pass
    os.kill(os.getpid(), signal.SIGKILL)
"""


def rows(file):
    """Laps and seconds by label."""
    (rank,) = json.loads(file.read_text())["timemory"]["wall_clock"]["ranks"]
    return {
        row["prefix"].replace(">>>", "").replace("|_", "").strip(): (
            row["entry"]["laps"],
            row["entry"]["repr_data"],
        )
        for row in rank["graph"]
    }


@pytest.fixture
def arenas(tmp_path, monkeypatch):
    folder = tmp_path / "arenas"
    folder.mkdir()
    monkeypatch.setenv("TIMEMORY_ARENA_PATH", str(folder))
    return folder


def command(*words, folder, **options):
    return subprocess.run(
        [COMMAND, *words], cwd=folder, capture_output=True, text=True, timeout=60, **options
    )


def kill(run, arenas, source=KILLED):
    environment = {"TIMEMORY_ARENA_PATH": str(arenas)}
    return run(source, fails=True, environment=environment)


def test_a_killed_program_is_recovered_by_its_folder(run, arenas, tmp_path):
    ended = kill(run, arenas)
    assert ended.code == -signal.SIGKILL
    assert ended.out == ""
    assert len(list(arenas.iterdir())) == 1
    got = command("recover", "timemory-program-output", folder=tmp_path)
    assert got.returncode == 0, got.stderr
    assert "killed, or _exit" in got.stdout
    assert "thread 0: outer, open for at least " in got.stdout
    assert "1 regions open when their process ended" in got.stderr
    found = rows(tmp_path / "timemory-program-output" / "wall.json")
    assert found["inner"][0] == 7
    assert found["outer"][0] == 1
    assert list(arenas.iterdir()) == [], "what is recovered is removed"


def test_completed_leaves_out_what_was_open(run, arenas, tmp_path):
    kill(run, arenas)
    got = command("recover", "--completed", "--keep", "-o", "out", folder=tmp_path)
    assert got.returncode == 0, got.stderr
    found = rows(tmp_path / "out" / "wall.json")
    assert (found["inner"][0], found["outer"][0]) == (7, 0)
    assert len(list(arenas.iterdir())) == 1


def test_run_saves_what_a_killed_command_recorded(arenas, tmp_path):
    (tmp_path / "program.py").write_text(KILLED)
    ended = command("run", "--output", "out", "--", sys.executable, "program.py", folder=tmp_path)
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout == ""
    assert "1 process ended without writing results; 'timemory recover " in ended.stderr
    assert list(arenas.iterdir()) == []
    assert len(list((tmp_path / "out").glob("*.arena"))) == 1
    got = command("recover", "out", folder=tmp_path)
    assert got.returncode == 0, got.stderr
    assert "ended by signal 9 (SIGKILL)" in got.stdout
    assert ", open for 0." in got.stdout
    assert rows(tmp_path / "out" / "wall.json")["inner"][0] == 7
    shown = command("report", "out", "--format", "ranks", folder=tmp_path)
    (line,) = [x for x in shown.stdout.splitlines() if f"| {socket.gethostname()} " in x]
    assert [cell.strip() for cell in line.split("|")[2:-1]] == [
        "0", "1", "1", "ended by signal 9 (SIGKILL)"
    ]  # fmt: skip


def test_run_leaves_what_an_earlier_process_of_the_same_number_recorded(run, arenas, tmp_path):
    kill(run, arenas)
    (arena,) = arenas.iterdir()
    take_the_number = """
import os, sys
with open(sys.argv[1], "r+b") as arena:
    arena.seek(12)
    arena.write(os.getpid().to_bytes(4, sys.byteorder))
"""
    ended = command(
        "run", "-q", "--", sys.executable, "-c", take_the_number, str(arena), folder=tmp_path
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert list(arenas.iterdir()) == [arena]


def test_run_merge_recovers_too(arenas, tmp_path):
    (tmp_path / "program.py").write_text(KILLED)
    ended = command(
        "run", "--merge", "--output", "out", "--", sys.executable, "program.py", folder=tmp_path
    )
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout == ""
    assert "| >>> |_inner |      7 |" in ended.stderr
    assert rows(tmp_path / "out" / "wall.json")["inner"][0] == 7


def test_a_program_that_ends_well_leaves_nothing(run, arenas, tmp_path):
    ended = kill(run, arenas, KILLED.replace("os.kill", "print"))
    assert ended.code == 0
    assert list(arenas.iterdir()) == []
    got = command("recover", folder=tmp_path)
    assert got.returncode == 1
    assert got.stderr.count("\n") == 1
    assert "nothing to recover" in got.stderr


@pytest.mark.parametrize("size", [0, 8, 100, 4096, 65536, 131072])
def test_a_torn_file_is_named(run, arenas, tmp_path, size):
    kill(run, arenas)
    (arena,) = arenas.iterdir()
    whole = arena.read_bytes()
    arena.write_bytes(whole[:size])
    got = command("recover", "--keep", str(arena), "-o", "out", folder=tmp_path)
    if size < 512:
        assert got.returncode == 1
        assert f"'{arena}' is left out: it is too short for an arena" in got.stderr
    else:
        # The header is whole; what it leads to is not there.
        assert got.returncode in (0, 1)
        assert "could not be read" in got.stderr
    assert "Traceback" not in got.stderr


def test_top_agrees_with_the_result(arenas, tmp_path):
    (tmp_path / "program.py").write_text(
        """
import sys, threading
import timemory
from timemory.util import marker

def work(n):
    for _ in range(n):
        with marker(["wall_clock"], key="work"):
            pass
    done.wait()
    with marker(["wall_clock"], key="waiting"):
        go.wait()

threads = 64
done = threading.Barrier(threads + 1)
go = threading.Event()
started = [threading.Thread(target=work, args=(i + 1,)) for i in range(threads)]
for t in started:
    t.start()
done.wait()
print("ready", flush=True)
sys.stdin.readline()
go.set()
for t in started:
    t.join()
timemory.finalize()
"""
    )
    program = subprocess.Popen(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout.readline() == "ready\n"
        end = time.monotonic() + 30
        inside = []
        while len(inside) < 64 and time.monotonic() < end:
            seen = command("top", "--once", "--json", folder=tmp_path)
            assert seen.returncode == 0, seen.stderr
            now = json.loads(seen.stdout)
            (process,) = now["processes"]
            inside = process["inside"]
        assert [thread["path"] for thread in inside] == [["waiting"]] * 64
        assert len({thread["system_thread"] for thread in inside}) == 64
        paths = {tuple(path["path"]): path for path in now["paths"]}
        work = paths["work",]
        assert (work["laps"], work["open"]) == (64 * 65 // 2, 0)
        assert (paths["waiting",]["laps"], paths["waiting",]["open"]) == (0, 64)
    finally:
        program.communicate("\n", timeout=60)
    result = rows(tmp_path / "timemory-program-output" / "wall.json")
    assert result["work"] == (work["laps"], pytest.approx(work["value"], abs=1e-6))
    assert result["waiting"][0] == 64
    ended = command("top", "--once", folder=tmp_path)
    assert ended.returncode == 1
    assert "no process that records is running" in ended.stderr
