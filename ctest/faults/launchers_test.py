"""Shells that are preloaded, and containers: nothing stays behind, and the results are right.

launchers_test.py <case> <folder of the programs> <libtimemory.so>
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

case, binaries, library = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
PROGRAM = binaries / "faults-many-paths"
SKIPPED = 77


def fail(message):
    print(f"FAILED: {message}", file=sys.stderr)
    sys.exit(1)


def check_equal(got, expected, what):
    if got != expected:
        fail(f"{what}: got {got!r}, expected {expected!r}")


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def run(folder, *command, **settings):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")}
    environment.update(settings)
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
    )


def laps(file):
    """The laps of the paths in a result."""
    (component,) = json.loads(file.read_text())["timemory"].values()
    (rank,) = component["ranks"]
    return {row["hash"]: row["entry"]["laps"] for row in rank["graph"]}


def arenas_in_shared_memory():
    return {f.name for f in pathlib.Path("/dev/shm").glob("timemory-*")}


# What scripts do that start programs: subshells, pipes, command substitution, exec, background jobs.
SCRIPT = """
i=0
while [ $i -lt 25 ]; do
    i=$((i + 1))
    /bin/true
    ls / >/dev/null
    n=$(echo $i | cat)
    (exit $n)
    echo "$n ended with $?"
    sh -c 'exec sleep 0' &
done
wait
exec sh -c 'exit 5'
"""


def preloaded_shell(folder):
    before = arenas_in_shared_memory()
    bare = run(folder, "sh", "-c", SCRIPT)
    check_equal(bare.returncode, 5, "exit status without us")
    (folder / "arenas").mkdir()
    for settings in ({}, {"TIMEMORY_ARENA_PATH": str(folder / "arenas")}):
        ours = run(folder, "sh", "-c", SCRIPT, LD_PRELOAD=library, **settings)
        check_equal(
            (ours.returncode, ours.stdout, ours.stderr), (5, bare.stdout, bare.stderr), "the script"
        )
        check_equal([f.name for f in folder.rglob("*")], ["arenas"], "files")
    # Programs of others come and go there meanwhile.
    left = arenas_in_shared_memory() - before
    for _ in range(300):
        if not left:
            break
        time.sleep(0.2)
        left &= arenas_in_shared_memory()
    check_equal(left, set(), "what is left in /dev/shm")


def measured_programs_of_a_shell(folder):
    (folder / "arenas").mkdir()
    script = f"for i in $(seq 30); do {PROGRAM} 2 10 10 || exit 1; done"
    ended = run(
        folder,
        "sh",
        "-c",
        script,
        LD_PRELOAD=library,
        TIMEMORY_ARENA_PATH=str(folder / "arenas"),
        TIMEMORY_OUTPUT_PATH="out",
        TIMEMORY_COUT_OUTPUT="off",
    )
    check_equal((ended.returncode, ended.stderr), (0, ""), "the script")
    check_equal(sum(laps(folder / "out/wall.json").values()), 400, "laps of the last")
    check_equal(list((folder / "arenas").iterdir()), [], "arenas")


def small_shared_memory(folder):
    mount = ("unshare", "-r", "-m", "sh", "-c")
    take_away = "mount -t tmpfs -o size=64k tmpfs /dev/shm || exit 77; "
    if run(folder, *mount, take_away).returncode == SKIPPED:
        skip("no tmpfs can be mounted over /dev/shm here")
    # The first chunk of 64 KiB fills it; the others are to be had elsewhere.
    for names, rounds in ((10, 100), (2000, 5)):
        ended = run(
            folder,
            *mount,
            take_away + '"$@"; status=$?; ls /dev/shm >left; exit $status',
            "sh",
            PROGRAM,
            4,
            names,
            rounds,
            TIMEMORY_OUTPUT_PATH="out",
            TIMEMORY_COUT_OUTPUT="off",
        )
        check_equal(ended.returncode, 0, f"exit status; {ended.stderr}")
        got = laps(folder / "out/wall.json")
        check_equal(len(got), 2 * names, "paths")
        check_equal(set(got.values()), {4 * rounds}, "laps of each")
        check_equal((folder / "left").read_text(), "", "what is left in /dev/shm")
        print(ended.stderr, end="")


def new_control_group(limit):
    """The folder of a control group of ours with that limit on memory, in bytes."""
    own = {}
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        own.update(dict.fromkeys(controllers.split(","), path))
    name = f"timemory-test-{os.getpid()}"
    root = pathlib.Path("/sys/fs/cgroup")
    reasons = []
    for folder, file in (
        (root / "memory" / own.get("memory", "/").lstrip("/"), "memory.limit_in_bytes"),
        (root / "memory", "memory.limit_in_bytes"),
        (root / own.get("", "/").lstrip("/"), "memory.max"),
        (root, "memory.max"),
    ):
        group = folder / name
        try:
            group.mkdir()
        except OSError as e:
            reasons.append(str(e))
            continue
        try:
            (group / file).write_text(str(limit))
            return group
        except OSError as e:
            reasons.append(str(e))
            group.rmdir()
    skip("no memory control group can be made here: " + "; ".join(reasons))


def memory_control_group(folder):
    # 100,000 paths a thread would take more than our part: what exceeds it is put together.
    threads, names, rounds = 2, 50_000, 2
    group = new_control_group(128 << 20)
    try:
        ended = run(
            folder,
            "sh",
            "-c",
            f'echo $$ >{group}/cgroup.procs || exit 77; exec "$@"',
            "sh",
            PROGRAM,
            threads,
            names,
            rounds,
            TIMEMORY_OUTPUT_PATH="out",
            TIMEMORY_COUT_OUTPUT="off",
        )
    finally:
        group.rmdir()
    if ended.returncode == SKIPPED:
        skip("a process can't be put into a control group here")
    check_equal(ended.returncode, 0, f"exit status; {ended.stderr}")
    total = 2 * threads * names * rounds
    check_equal(ended.stdout.splitlines()[-1], f"program: {total} laps", "the program")
    # Where memory is short it is the one that makes timemory.h5 who dies, and a profile is left.
    converter = pathlib.Path(PROGRAM).parent.parent / "lib/timemory/timemory-hdf5"
    records = [*(folder / "out").glob("timemory.h5"), *(folder / "out").glob("profile-*")]
    check_equal(len(records), int(converter.exists()), f"complete records: {records}")
    # All that is below a <capped> is part of it, so the outermost regions count.
    (component,) = json.loads((folder / "out/wall.json").read_text())["timemory"].values()
    (rank,) = component["ranks"]
    outermost = [row for row in rank["graph"] if row["depth"] == 0]
    check_equal(sum(row["entry"]["laps"] for row in outermost), total // 2, f"laps; {ended.stderr}")
    if not any(row["prefix"].endswith("<capped>") for row in outermost):
        fail("nothing was capped: the limit of the control group was not seen")
    print(ended.stderr, end="")


with tempfile.TemporaryDirectory(prefix="timemory-test-") as name:
    {
        "preloaded_shell": preloaded_shell,
        "measured_programs_of_a_shell": measured_programs_of_a_shell,
        "small_shared_memory": small_shared_memory,
        "memory_control_group": memory_control_group,
    }[case](pathlib.Path(name))
