"""timemory.h5: written whatever the program does with HDF5, and read whatever it is."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = os.environ["COMMAND_UNDER_TEST"]
CONVERTER = Path(COMMAND).parent.parent / "lib/timemory/timemory-hdf5"
pytestmark = pytest.mark.skipif(not CONVERTER.exists(), reason="built without HDF5")

OUT = "timemory-program-output"
PROGRAM = """
from timemory.util import marker
for i in range(3):
    with marker(["wall_clock", "peak_rss", "cpu_util", "num_io_in"], key="outer"):
        with marker(["wall_clock"], key="inner \\u00e9 \\u4e16"):
            pass
"""
THREADS = """
import threading
from timemory.util import marker
def work(n):
    for _ in range(n):
        with marker(["wall_clock", "thread_cpu_clock"], key="work"):
            pass
threads = [threading.Thread(target=work, args=(n,)) for n in (1, 2, 3)]
for t in threads: t.start()
for t in threads: t.join()
"""


def command(folder, *arguments, environment=None):
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")},
            **(environment or {}),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def check_same_outputs(folder, least):
    """The files of the report are those of the program."""
    again = command(folder, "report", OUT, "--output", "again")
    assert (again.returncode, again.stderr) == (0, "")
    names = [p.name for p in (folder / "again").iterdir()]
    assert len(names) >= least
    for name in names:
        made, first = ((folder / x / name).read_bytes() for x in ("again", OUT))
        if name == "metadata.json":  # it names the files
            made = made.replace(b'"again/', f'"{OUT}/'.encode())
        assert made == first, name
    return again


@pytest.mark.parametrize("source", [PROGRAM, THREADS])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"TIMEMORY_COLLAPSE_THREADS": "off"},
        {"TIMEMORY_TIMING_UNITS": "usec", "TIMEMORY_PRECISION": "2", "TIMEMORY_WIDTH": "12"},
        {
            "TIMEMORY_FLAT_PROFILE": "on",
            "TIMEMORY_DART_OUTPUT": "on",
            "TIMEMORY_DART_COUNT": "2",
            "TIMEMORY_DART_LABEL": "off",
        },
    ],
)
def test_outputs_made_again_are_the_same_bytes(run, source, settings):
    ended = run(source, environment=settings)
    again = check_same_outputs(ended.folder, 6)
    assert again.stdout == ended.out.replace(f"{OUT}/", "again/")
    assert ("<DartMeasurement" in again.stdout) == ("TIMEMORY_DART_OUTPUT" in settings)


def test_components_of_the_users_own(run):
    ended = run(
        """
        import timemory
        values = iter([1.5, 2.75, 10.0, 10.0])
        timemory.component.register("noise", lambda: next(values), unit="dB", real=True)
        timemory.component.register("cells", lambda: 2**62, description="Many")
        from timemory.util import marker
        for _ in range(2):
            with marker(["noise"], key="a"): pass
        with marker(["cells"], key="a"): pass
        """
    )
    check_same_outputs(ended.folder, 6)


def test_h5py_reads_what_the_json_has(run):
    pytest.importorskip("h5py")
    ended = run(PROGRAM)
    (metric,) = json.loads((ended.folder / OUT / "wall.json").read_text())["timemory"].values()
    expected = {"wall_clock": []}
    above = []
    for row in metric["ranks"][0]["graph"]:
        name = row["prefix"].split(">>> ")[1].lstrip(" |_")
        above = [*above[: row["depth"]], name]
        expected["wall_clock"].append(
            [0, " > ".join(above), {"laps": row["entry"]["laps"], "value": row["entry"]["value"]}]
        )
    assert len(expected["wall_clock"]) == 2
    (ended.folder / "expected.json").write_text(json.dumps(expected))
    checker = Path(__file__).with_name("hdf5_check.py")
    for python in ("/usr/bin/python3", sys.executable):
        read = subprocess.run(
            [python, checker, ended.folder / OUT / "timemory.h5", ended.folder / "expected.json"],
            capture_output=True,
            text=True,
        )
        assert read.returncode == 0, read.stderr
        assert "4 values equal" in read.stdout


def test_a_program_with_an_hdf5_of_its_own_in_global_scope(run):
    pytest.importorskip("h5py")
    ended = run(
        """
        import os, sys
        sys.setdlopenflags(os.RTLD_NOW | os.RTLD_GLOBAL)
        import h5py
        """
        + PROGRAM.replace("\n", "\n        ")
        + """
        with h5py.File("own.h5", "w") as f:
            f["x"] = [1, 2, 3]
        """
    )
    assert ended.err == ""
    check_same_outputs(ended.folder, 6)


def test_symbols_of_hdf5_that_are_not_hdf5s(run, tmp_path):
    """A program whose own H5Fcreate would end it."""
    names = ["H5open", "H5Fcreate", "H5Fopen", "H5Dcreate2", "H5Dwrite", "H5Fclose", "H5Gcreate2"]
    (tmp_path / "poison.c").write_text(
        "#include <stdlib.h>\n" + "".join(f"void {n}(void) {{ abort(); }}\n" for n in names)
    )
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-o", "poison.so", "poison.c"], cwd=tmp_path, check=True
    )
    ended = run(PROGRAM, environment={"LD_PRELOAD": str(tmp_path / "poison.so")})
    assert ended.err == ""
    check_same_outputs(ended.folder, 6)


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_a_profile(run, tmp_path):
    (tmp_path / OUT).mkdir()
    old = tmp_path / OUT / "timemory.h5"
    old.write_bytes(b"old")
    # Room for everything but the HDF5 file.
    ended = run(PROGRAM, command=["bash", "-c", f"ulimit -f 64; exec {sys.executable} program.py"])
    assert old.read_bytes() == b"old"
    (line,) = [x for x in ended.err.splitlines() if "can't grow" not in x]  # of the arena
    assert line.startswith(f"timemory: cannot write '{OUT}/timemory.h5': File too large")
    assert f"what was measured is in '{OUT}/profile-0.timemory'" in line
    assert sorted(p.name for p in (tmp_path / OUT).glob(".*")) == []
    shown = command(tmp_path, "report", f"{OUT}/profile-0.timemory", "-c", "wall_clock")
    assert shown.returncode == 0
    assert shown.stdout.strip() in ended.out


def test_a_disk_that_is_full_in_the_middle_leaves_the_old_file_and_a_profile(run, tmp_path):
    others = ("TEXT", "JSON", "TREE", "FLAMEGRAPH")
    only_hdf5 = {f"TIMEMORY_{name}_OUTPUT": "off" for name in others}
    run(PROGRAM, environment=only_hdf5)
    folder = tmp_path / OUT
    old = (folder / "timemory.h5").read_bytes()
    shutil.rmtree(folder)
    folder.mkdir()
    # Room for the old file and for half of the new one.
    mount = ["mount", "-t", "tmpfs", "-o", f"size={len(old) * 3 // 2}", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small tmpfs cannot be mounted here, so a full disk is not tested")
    try:
        (folder / "timemory.h5").write_bytes(old)
        ended = run(PROGRAM, environment=only_hdf5)
        assert (folder / "timemory.h5").read_bytes() == old
        assert sorted(p.name for p in folder.iterdir()) == ["profile-0.timemory", "timemory.h5"]
        assert ended.err == (
            f"timemory: cannot write '{OUT}/timemory.h5': No space left on device; "
            f"what was measured is in '{OUT}/profile-0.timemory'\n"
        )
        shown = command(tmp_path, "report", f"{OUT}/profile-0.timemory", "-c", "wall_clock")
        assert shown.returncode == 0
        assert shown.stdout.strip() in ended.out
    finally:
        subprocess.run(["umount", folder], check=True)


def test_the_program_does_not_hear_of_our_child(run):
    ended = run(
        """
        import os, signal, time, timemory
        from timemory.util import marker
        told = []
        signal.signal(signal.SIGCHLD, lambda *_: told.append(os.waitpid(-1, os.WNOHANG)[0]))
        with marker(["wall_clock"], key="a"): pass
        timemory.finalize()
        before = list(told)
        own = os.spawnlp(os.P_NOWAIT, "true", "true")
        while not told: time.sleep(0.01)
        print(before, told == [own])
        """
    )
    assert ended.out.splitlines()[-1] == "[] True"
    assert (ended.folder / OUT / "timemory.h5").exists() and ended.err == ""


def test_off(run):
    ended = run(PROGRAM, environment={"TIMEMORY_HDF5_OUTPUT": "off"})
    assert not (ended.folder / OUT / "timemory.h5").exists()
    assert ended.err == ""


def test_truncated_and_hostile_files_give_one_line(run):
    ended = run(PROGRAM)
    good = (ended.folder / OUT / "timemory.h5").read_bytes()
    right = command(ended.folder, "report", f"{OUT}/timemory.h5").stdout
    chance = random.Random(2026)
    broken = ended.folder / "broken.h5"
    refused = unharmed = 0
    begin = time.monotonic()
    for n in range(200):
        if n % 4 == 0:
            data = good[: chance.randrange(len(good))]
        else:
            changed = bytearray(good)
            for _ in range(chance.choice((1, 4, 64))):
                # Most of the structure is where the groups are, at the beginning.
                at = chance.randrange(len(good) if n % 2 else 8192)
                changed[at] = chance.randrange(256)
            data = bytes(changed)
        broken.write_bytes(data)
        shown = command(ended.folder, "report", "broken.h5")
        assert shown.returncode in (0, 1), shown.stderr
        if shown.returncode == 1:
            refused += 1
            assert shown.stderr.startswith("timemory: 'broken.h5': ")
            assert shown.stderr.count("\n") == 1, shown.stderr
            assert shown.stdout == ""
        else:
            unharmed += 1
            assert shown.stdout == right, "a broken file, and other numbers"
    assert refused > 50
    assert unharmed > 0
    seconds = time.monotonic() - begin
    print(f"of 200 broken files {refused} refused, {unharmed} shown right, in {seconds:.0f} s")


def test_a_file_on_which_hdf5_goes_round_in_circles_is_given_up(run):
    ended = run(PROGRAM)
    data = bytearray((ended.folder / OUT / "timemory.h5").read_bytes())
    heap = data.index(b"GCOL")  # of texts: its first object becomes free space of no size
    data[heap + 16 : heap + 32] = bytes(16)
    (ended.folder / "circle.h5").write_bytes(data)
    shown = command(ended.folder, "report", "circle.h5")
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr == (
        "timemory: 'circle.h5': it is damaged: HDF5 was not through with it in 10 s\n"
    )


def test_a_result_of_another_version_is_refused(run):
    h5py = pytest.importorskip("h5py")
    ended = run(PROGRAM)
    other = ended.folder / "other.h5"
    shutil.copy(ended.folder / OUT / "timemory.h5", other)
    with h5py.File(other, "a") as file:
        file.attrs.modify("format_version", 99)
    shown = command(ended.folder, "report", "other.h5")
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr == "timemory: 'other.h5': it is of version 99, and only 1 is known\n"


def test_the_examples_of_the_page_run(run):
    pytest.importorskip("h5py")
    page = (Path(__file__).parents[2] / "docs/outputs/hdf5.md").read_text()
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 2
    for source in examples:
        ended = run(PROGRAM)
        shown = run(source.replace("timemory-example-output", OUT), name="example.py")
        assert "outer" in shown.out and shown.err == ""
        assert ended.folder == shown.folder
    words = re.search(r"\$ (h5dump .*)", page).group(1).split()
    dumped = subprocess.run(
        [w.replace("timemory-example-output", OUT) for w in words],
        cwd=ended.folder,
        capture_output=True,
        text=True,
    )
    assert dumped.returncode == 0 and "DATA {" in dumped.stdout, dumped.stderr
