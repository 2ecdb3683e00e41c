"""How GPU measurement starts where something is missing: one line, and the program is as it was.

start_test.py <case> --binaries DIR --library FILE --cuda DIR --odd DIR
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

parser = argparse.ArgumentParser()
parser.add_argument("case")
for option in ("binaries", "library", "cuda", "odd"):
    parser.add_argument(f"--{option}", type=pathlib.Path, required=True)
options = parser.parse_args()

SKIPPED = 77
NO_DRIVER = "GPU activity is not measured: there is no CUDA driver (libcuda.so.1)"
checks = 0


def check_equal(got, expected, what):
    """Compare, and end the test where the two differ."""
    global checks
    checks += 1
    if got != expected:
        sys.exit(f"FAILED: {what}: got {got!r}, expected {expected!r}")


def has_driver():
    """Whether this machine has a CUDA driver: what is tested here is that it has none."""
    script = "import ctypes; ctypes.CDLL('libcuda.so.1')"
    return subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 0


def run(folder, *command, **settings):
    """Run a command with an environment of settings and no CUDA but theirs."""
    foreign = ("TIMEMORY_", "CUDA_", "NVTX_", "LD_PRELOAD")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
    environment.update(
        TIMEMORY_OUTPUT_PATH=str(folder / "out"), TIMEMORY_TEXT_OUTPUT="off", **settings
    )
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={k: str(v) for k, v in environment.items()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
    )


def ours(result):
    """The lines on stderr that are timemory's."""
    return [line for line in result.stderr.splitlines() if line.startswith("timemory: ")]


def laps(folder, component="wall_clock"):
    """The laps of each row of the result, by its name without arrows."""
    (file,) = folder.glob("out/wall.json")
    (rank,) = json.loads(file.read_text())["timemory"][component]["ranks"]
    return {
        row["prefix"].split("|_")[-1].removeprefix(">>> "): row["entry"]["laps"]
        for row in rank["graph"]
    }


def check_program(result, folder, lines):
    """The program gave its own output and exit code, its regions are there, and we said `lines`."""
    check_equal(result.returncode, 7, "exit code")
    check_equal("the program's own output\n" in result.stdout, True, "output")
    check_equal(result.stderr.count("the program's own errors\n"), 1, "errors")
    check_equal(ours(result), [f"timemory: {line}" for line in lines], "what timemory said")
    check_equal(laps(folder)["step"], 3, "laps of the region")


def bundle(folder, cuda, **settings):
    """The program with cupti_activity among its components, and CUPTI below `cuda`."""
    return run(
        folder,
        options.binaries / "gpu-regions",
        CUDA_HOME=cuda,
        TIMEMORY_COMPONENTS="wall_clock,cupti_activity",
        **settings,
    )


def no_driver(folder):
    """With each CUPTI that is installed."""
    found = sorted(options.cuda.glob("*/nvidia/c*/lib/libcupti.so*"))
    for number, file in enumerate(found):
        own = folder / str(number)
        own.mkdir()
        check_program(bundle(own, file.parent.parent), own, [NO_DRIVER])
        print(f"{file.relative_to(options.cuda)}: said there is no driver")
    if not found:
        print("skipped: no CUPTI is installed; run scripts/setup")
        sys.exit(SKIPPED)


def no_cupti(folder):
    """A machine without CUPTI."""
    if any(pathlib.Path("/usr/local/cuda").glob("lib64/libcupti.so*")):
        print("skipped: /usr/local/cuda has CUPTI")
        sys.exit(SKIPPED)
    lines = ours(bundle(folder, folder / "nowhere"))
    check_equal(len(lines), 1, "number of lines")
    check_equal("no libcupti was found; set CUDA_HOME" in lines[0], True, lines[0])


def wrong_version(folder):
    """Too old, and of a CUDA that does not exist yet; another one is used if there is any."""
    if any(pathlib.Path("/usr/local/cuda").glob("lib64/libcupti.so*")):
        print("skipped: /usr/local/cuda has CUPTI")
        sys.exit(SKIPPED)
    for version, text in ((17, "before 11.8"), (140000, "14.0")):
        own = folder / str(version)
        own.mkdir()
        check_program(
            bundle(own, options.odd, ODD_CUPTI_VERSION=version),
            own,
            [
                f"GPU activity is not measured: {options.odd}/lib/libcupti.so.13 is of CUDA {text} "
                f"(CUPTI version {version}); 11.8 to 13 can be used"
            ],
        )


def other_tool(folder):
    """Another tool holds CUPTI: it is named, and host times go on."""
    check_program(
        bundle(folder, options.odd),
        folder,
        [
            "GPU activity is not measured: another tool holds CUPTI: CUPTI for another?profiler; "
            "run without it"
        ],
    )


def wrong_kinds(folder):
    """A kind that there is not."""
    lines = ours(bundle(folder, options.odd, TIMEMORY_CUPTI_ACTIVITY_KINDS="memcpy,nonsense"))
    check_equal(len(lines), 2, "number of lines")
    check_equal(
        "'nonsense' is no kind that is measured; accepted are memcpy, " in lines[0], True, lines[0]
    )


def preloaded(folder):
    """Preloaded into a program, and into a shell whose children say nothing again."""
    program = options.binaries / "gpu-regions"
    check_program(run(folder, program, LD_PRELOAD=options.library), folder, [NO_DRIVER])
    result = run(
        folder, "/bin/sh", "-c", "echo $(echo inner); /bin/true; exit 5", LD_PRELOAD=options.library
    )
    check_equal((result.returncode, result.stdout), (5, "inner\n"), "the shell's own result")
    check_equal(result.stderr, f"timemory: {NO_DRIVER}\n", "errors of the shell")


def run_gpu(folder):
    """The command says it, once, and the command that it runs is as it was."""
    command = [options.binaries / "timemory", "run", "--quiet", "--gpu", "--"]
    result = run(folder, *command, options.binaries / "gpu-regions")
    check_program(result, folder, [f"run --gpu: {NO_DRIVER}"])
    result = run(folder, *command, "/bin/sh", "-c", "echo $CUDA_INJECTION64_PATH")
    check_equal(
        pathlib.Path(result.stdout.strip()).resolve(), options.library.resolve(), "injection"
    )


def nvtx(folder):
    """NVTX ranges are regions, with the values of the functions that a program may look at."""
    program = options.binaries / "gpu-ranges"
    bare = run(folder, program)
    check_equal((bare.returncode, bare.stderr), (3, ""), "the program alone")
    result = run(folder, program, NVTX_INJECTION64_PATH=options.library)
    check_equal((result.returncode, result.stdout.splitlines()[0]), (3, "0 1 1"), "the program")
    check_equal(
        laps(folder),
        {
            "outer": 5,
            "in\u00e9r": 5,
            "ex": 5,
            "mark": 5,
            "solver: registered": 3,
            "of no domain": 2,
            "across threads": 1,
            "worker": 1,
        },
        "laps of the ranges",
    )


with tempfile.TemporaryDirectory() as scratch:
    if options.case != "nvtx" and has_driver():
        print("skipped: this machine has a CUDA driver; see scripts/gpu-check")
        sys.exit(SKIPPED)
    globals()[options.case](pathlib.Path(scratch))
print(f"{checks} checks")
