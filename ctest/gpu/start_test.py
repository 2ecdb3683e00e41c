"""How GPU measurement starts where something is missing: one line, and the program is as it was.

start_test.py <case> --binaries DIR --library FILE --cuda DIR --stand-in DIR --driver DIR
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
for option in ("binaries", "library", "cuda", "stand-in", "driver"):
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
            bundle(own, options.stand_in, STAND_IN_VERSION=version),
            own,
            [
                f"GPU activity is not measured: {options.stand_in}/lib/libcupti.so.13 is of CUDA {text} "
                f"(CUPTI version {version}); 11.8 to 13 can be used"
            ],
        )


def other_tool(folder):
    """Another tool holds CUPTI: it is named, and host times go on."""
    check_program(
        bundle(folder, options.stand_in, STAND_IN_HOLDER="CUPTI for another\nprofiler"),
        folder,
        [
            "GPU activity is not measured: another tool holds CUPTI: CUPTI for another?profiler; "
            "run without it"
        ],
    )


def wrong_kinds(folder):
    """A kind that there is not."""
    lines = ours(bundle(folder, options.stand_in, TIMEMORY_CUPTI_ACTIVITY_KINDS="memcpy,nonsense"))
    check_equal(len(lines), 1, "number of lines")
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


def played(folder, launches, *hold, **settings):
    """Run the program that launches with the stand-in: the lines that are ours, and the kernels."""
    result = run(
        folder,
        options.binaries / "gpu-played",
        options.stand_in / "lib/libcupti.so.13",
        launches,
        *hold,
        TIMEMORY_COMPONENTS="wall_clock,cupti_activity",
        TIMEMORY_VERBOSE=1,
        **settings,
    )
    check_equal(result.returncode, 0, f"exit code; {result.stderr}")
    check_equal(f"{3 * launches} launched\n" in result.stdout, True, "output")
    about_itself = ("version ", "recording took ", "GPU activity that is asked for: ")
    lines = [x for x in ours(result) if not x.removeprefix("timemory: ").startswith(about_itself)]
    (file,) = folder.glob("out/cupti_activity.json")
    (rank,) = json.loads(file.read_text())["timemory"]["cupti_activity"]["ranks"]
    path, kernels = [], {}
    for row in rank["graph"]:
        path = [*path[: row["depth"]], row["prefix"].split("|_")[-1].removeprefix(">>> ")]
        if path[-1] == "spin(long long)":
            kernels["/".join(path[:-1])] = (row["entry"]["laps"], row["entry"]["accum"])
    return lines, kernels


def check_played(folder, launches, sentence, *more, **settings):
    """All kernels stand where they were launched, also of a thread that has ended."""
    lines, kernels = played(folder, launches, **settings)
    library = f"{options.stand_in}/lib/libcupti.so.13"
    check_equal(
        lines,
        [
            *(f"timemory: {line}" for line in more),
            f"timemory: GPU activity is measured with {library}, {sentence}",
        ],
        "what is said",
    )
    each = (launches, 1000 * launches)
    check_equal(
        kernels, {"main/first": each, "main/second": each, "third": each}, "kernels by region"
    )


#: The stand-in refuses this kind to the only subscriber: the others are measured.
REFUSED = ("CUPTI's records of kind 22 are not measured: a result of the stand-in's",)


def one_subscriber(folder):
    """CUDA 12, whose CUPTI knows one subscriber; more records than fit into a buffer."""
    check_played(folder, 10_000, "of CUDA 12", *REFUSED, STAND_IN_VERSION=28)


def subscriber_with_a_name(folder):
    """CUDA 13: cuptiSubscribe_v2() as the only one."""
    check_played(folder, 10_000, "of CUDA 13.0", *REFUSED)


def several_subscribers(folder):
    """CUDA 13.5 with a driver that allows several: none of the functions for one is called."""
    settings = {"STAND_IN_VERSION": 130500, "STAND_IN_MULTIPLE": 1}
    check_played(folder, 10_000, "of CUDA 13.5, beside other tools", **settings)
    refused = folder / "refused"
    refused.mkdir()
    check_played(refused, 100, "of CUDA 13.5", *REFUSED, STAND_IN_VERSION=130500)


def dropped_records(folder):
    """More records than all buffers have room for, and none comes back: the rest is counted."""
    lines, kernels = played(folder, 150_000, "hold")
    booked = sum(laps for laps, _ in kernels.values())
    (lost,) = [line for line in lines if "dropped" in line]
    dropped = int(lost.split()[1])
    check_equal(booked + dropped, 450_000, "kernels, booked and dropped")
    check_equal(dropped > 0 and booked > 0, True, f"{dropped} dropped of 450000")
    check_equal(
        lost.split(" ", 2)[2].startswith("GPU records that CUPTI dropped are in no"), True, lost
    )
    (file,) = folder.glob("out/wall.json")
    losses = json.loads(file.read_text())["timemory"]["wall_clock"]["losses"]
    check_equal(losses, {"GPU records that CUPTI dropped": dropped}, "losses of the result")


def calls_as_regions(folder):
    """Level 2: the kernel stands below the call that launched it."""
    _, kernels = played(folder, 10, TIMEMORY_CUPTI_ACTIVITY_LEVEL=2)
    below = "cudaLaunchKernel_v7000/cuLaunchKernel"
    check_equal(
        sorted(kernels),
        [f"main/first/{below}", f"main/second/{below}", f"third/{below}"],
        "paths of the kernels",
    )
    check_equal(laps(folder)["cuLaunchKernel"], 10, "laps of a call")


def value(folder, component):
    """The sum of the region, in raw units."""
    (file,) = folder.glob(f"out/{component}.json")
    (rank,) = json.loads(file.read_text())["timemory"][component]["ranks"]
    (row,) = rank["graph"]
    return row["entry"]["laps"], row["entry"]["accum"]


def cuda_event(folder):
    """The driver's time of a region; 0 while a stream is captured, and one line without a driver."""
    program = options.binaries / "gpu-regions"
    settings = {"TIMEMORY_COMPONENTS": "wall_clock,cuda_event"}
    check_program(
        run(folder, program, **settings),
        folder,
        ["GPU activity is not measured by cuda_event: there is no CUDA driver (libcuda.so.1)"],
    )
    check_equal(value(folder, "cuda_event"), (3, 0), "without a driver")
    settings["LD_LIBRARY_PATH"] = options.driver
    check_program(run(folder, program, **settings), folder, [])
    check_equal(value(folder, "cuda_event"), (3, 7_500_000), "three laps of 2.5 ms")
    check_program(run(folder, program, STAND_IN_CAPTURES=1, **settings), folder, [])
    check_equal(value(folder, "cuda_event"), (3, 0), "while a stream is captured")


def nvtx_marker(folder):
    """A tool sees each region as a range; with our own library as the tool there is none twice."""
    program = options.binaries / "gpu-regions"
    settings = {"TIMEMORY_COMPONENTS": "wall_clock,nvtx_marker"}
    result = run(folder, program, NVTX_INJECTION64_PATH=options.driver / "listener.so", **settings)
    check_program(result, folder, [])
    seen = [line for line in result.stderr.splitlines() if line.startswith(("range", "end"))]
    expected = [line for i in (1, 2, 3) for line in (f"range {i}: step", f"end {i}")]
    check_equal(seen, expected, "what the tool saw")
    check_equal(value(folder, "nvtx_marker"), (3, 3), "ranges")
    check_program(
        run(folder, program, NVTX_INJECTION64_PATH=options.library, **settings), folder, []
    )
    check_equal(laps(folder), {"step": 3}, "with our own library as the tool")


with tempfile.TemporaryDirectory() as scratch:
    if options.case != "nvtx" and has_driver():
        print("skipped: this machine has a CUDA driver; see scripts/gpu-check")
        sys.exit(SKIPPED)
    globals()[options.case](pathlib.Path(scratch))
print(f"{checks} checks")
