"""What is booked for the GPU stands in the results: rows of the tree, components of tables, tables.

sink_test.py <program>
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


with tempfile.TemporaryDirectory() as scratch:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TIMEMORY_")}
    environment.update(TIMEMORY_OUTPUT_PATH=scratch, TIMEMORY_COUT_OUTPUT="off")
    subprocess.run([sys.argv[1]], env=environment, check=True, timeout=50)
    folder = pathlib.Path(scratch)
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
                gaps = table(file, "gpu_gaps")
                check_equal(gaps, {(0, "records whose launch is not known"): (1, 1)}, "gaps")
                shapes = table(file, "gpu_launches")
                check_equal(list(shapes.values()), [(11, 5500)], "launches")
print(f"{checks} checks")
