"""What is booked for the GPU stands in the results: rows of the tree, components of tables, tables.

sink_test.py <program> <timemory>
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

checks = 0


def check_equal(got, expected, what):
    """Compare, and end the test where the two differ."""
    global checks
    checks += 1
    if got != expected:
        sys.exit(f"FAILED: {what}: got {got!r}, expected {expected!r}")


def rows(folder, component):
    """Give laps and raw value of each path of a component."""
    result = {}
    for file in folder.glob("*.json"):
        document = json.loads(file.read_text()).get("timemory", {})
        if "ranks" not in document.get(component, {}):
            continue
        path = []
        for row in document[component]["ranks"][0]["graph"]:
            path = [*path[: row["depth"]], row["prefix"].split("|_")[-1].removeprefix(">>> ")]
            result["/".join(path)] = (row["entry"]["laps"], row["entry"]["accum"])
    return result


def table(file, name):
    """Give the rows of a table of timemory.h5: the keys as a tuple, count and sum."""
    group = file[f"tables/{name}"]
    texts = [text.decode() for text in group["texts"][()]]
    columns = []
    for key, kind in zip(group["key_names"][()], group["key_kinds"][()]):
        values = group["keys"][key.decode()][()]
        columns.append([texts[v] if kind == 1 else int(v) for v in values])
    counts, sums = group["count"][()], group["sum"][()]
    return {
        keys: (int(count), int(total)) for keys, count, total in zip(zip(*columns), counts, sums)
    }


def summary_of(folder):
    """Check the summary of GPUs, at the end of the job and by `timemory report`."""

    def report(*words):
        command = [sys.argv[2], "report", folder, "--gpu", *words]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=50
        ).stdout

    text = (folder / "gpu.json").read_text()
    summary = json.loads(text)["timemory"]["gpu"]
    spin, copy = summary["operations"]
    delays = [row.pop("delay") for row in (spin, copy)]
    check_equal([d["count"] for d in delays], [10, 1], "operations whose launch is known")
    check_equal(all(0 < d["mean"] <= d["max"] for d in delays), True, f"delays {delays}")
    check_equal(
        spin,
        {
            "operation": "spin(long long)",
            "kind": "kernel",
            "count": 11,
            "time": 5500,
            "mean": 500,
            "stddev": 0,
            "min": 500,
            "max": 500,
            "p50": 480,  # the middle of the bucket from 448 to 512
            "p99": 480,
            "bytes": 0,
            "bytes_per_second": 0,
        },
        "the kernel",
    )
    check_equal(
        (copy["kind"], copy["bytes"], copy["bytes_per_second"]), ("copy", 4096, 8.192e9), ""
    )
    check_equal(
        summary["devices"],
        [
            {
                "rank": 0,
                "device": 1,
                "name": "NVIDIA Test",
                "multiprocessors": 132,
                "kernels": 4750,
                "copies": 250,
                "kernels_and_copies": 250,
                "idle": 4250,
            }
        ],
        "devices",
    )
    check_equal(
        sorted((p["path"], p["count"], p["time"]) for p in summary["paths"]),
        [
            ("outer/first/spin(long long)", 5, 2500),
            ("outer/second/copy device to host", 1, 500),
            ("outer/second/spin(long long)", 5, 2500),
            ("spin(long long)", 1, 500),
        ],
        "call paths",
    )
    (launch,) = summary["launches"]
    check_equal(
        (launch["grid"], launch["block"], launch["registers"], launch["dynamic_shared"]),
        ([2, 1, 1], [32, 4, 1], 40, 256),
        "how the kernel was launched",
    )
    (memory,) = summary["memory"]
    check_equal(
        (memory["allocated"], memory["freed"], memory["peak"]), (2000, 1000, 2000), "memory"
    )
    check_equal(
        [(o["what"], o["own_cost"], o["time"]) for o in summary["overhead"]],
        [("CUPTI: buffers flushed", True, 7000), ("CUDA: compiler", False, 30)],
        "overhead",
    )
    check_equal(
        summary["unified_memory"], [{"event": "moved to a device", "count": 1, "bytes": 65536}], ""
    )
    shown = (folder / "gpu.txt").read_text()
    for words in (
        "spin(long long)",
        "NVIDIA Test",
        "8.19 GB",
        "2x1x1",
        "% OF COPIES HIDDEN",
        "44.7",
    ):
        check_equal(words in shown, True, f"{words} in {shown}")
    if (folder / "timemory.h5").exists():
        check_equal(report(), shown, "timemory report --gpu")
        check_equal(report("--format", "json"), text, "timemory report --gpu --format json")


with tempfile.TemporaryDirectory() as scratch:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")}
    environment.update(TIMEMORY_OUTPUT_PATH=scratch, TIMEMORY_COUT_OUTPUT="off")
    result = subprocess.run(
        [sys.argv[1]], env=environment, check=True, timeout=50, capture_output=True, text=True
    )
    lost = "1 GPU records whose launch is not known"
    check_equal(
        [x for x in result.stderr.splitlines() if " GPU records " in x],
        [f"timemory: {lost} stand at the top of the call tree"],
        "what is said",
    )
    folder = pathlib.Path(scratch)
    document = json.loads((folder / "wall.json").read_text())["timemory"]
    check_equal(document["wall_clock"]["losses"], {lost[2:]: 1}, "losses")
    # What CUPTI took for us is in the account of our own cost, beside what recording took.
    (metadata,) = (
        json.loads(file.read_text())["timemory"]["metadata"]
        for file in folder.glob("metadata*.json")
    )
    own = metadata["own_cost"]["seconds"]
    check_equal(7e-6 < own, True, f"own cost {own}")
    activity = rows(folder, "cupti_activity")
    spin = {path: value for path, value in activity.items() if path.endswith("spin(long long)")}
    check_equal(
        spin,
        {
            "outer/first/spin(long long)": (5, 2500),
            "outer/second/spin(long long)": (5, 2500),
            "spin(long long)": (1, 500),
        },
        "kernels",
    )
    check_equal(activity.get("outer/second/copy device to host"), (1, 500), "the copy")
    # What is below a region counts for it too.
    check_equal(activity.get("outer/first"), (5, 2500), "all of a region")
    check_equal(activity.get("outer/second"), (6, 3000), "all of the other")
    check_equal(activity.get("outer"), (11, 5500), "all of both")
    wall = rows(folder, "wall_clock")
    check_equal(wall.get("outer/first/wait for a stream"), (1, 250), "the wait")
    check_equal(wall["outer"][0], 2, "laps of the region")
    for component, path, value in (
        ("gpu_allocated", "outer/first/allocate memory: device", (2, 2000)),
        ("gpu_freed", "outer/first/free memory: device", (1, 1000)),
        ("gpu_allocated", "outer", (2, 2000)),
        ("gpu_peak", "outer/first/allocate memory: device", (2, 2000)),
    ):
        check_equal(rows(folder, component).get(path), value, component)
    summary_of(folder)
    try:
        import h5py
    except ImportError:
        print("tables are not looked at: no h5py")
    else:
        if (folder / "timemory.h5").exists():
            with h5py.File(folder / "timemory.h5") as file:
                operations = {k[2:4]: v for k, v in table(file, "gpu_operations").items()}
                check_equal(operations[("spin(long long)", 1)], (11, 5500), "operations")
                check_equal(
                    table(file, "gpu_states"),
                    {
                        (0, 1, "kernels"): (1, 4750),
                        (0, 1, "copies"): (1, 250),
                        (0, 1, "kernels and copies"): (1, 250),
                        (0, 1, "idle"): (1, 4250),
                    },
                    "states of the device",
                )
                check_equal(
                    table(file, "gpu_overhead"),
                    {
                        (0, 0, "CUPTI: buffers flushed"): (1, 7000),
                        (0, 1, "CUDA: compiler"): (1, 30),
                    },
                    "overhead",
                )
                shapes = table(file, "gpu_launches")
                check_equal(list(shapes.values()), [(11, 5500)], "launches")
print(f"{checks} checks")
