"""What is written, and where."""

from __future__ import annotations

import sys

from effect import WORK, Effect
from ended import Ended

DIFF = {"TIMEMORY_DIFF_OUTPUT": "on"}
DIFF_TO_EARLIER = {**DIFF, "TIMEMORY_INPUT_PATH": "earlier"}
PLOT = {"TIMEMORY_PLOT_OUTPUT": "on"}

WITH_PREFIX = "import timemory\ntimemory.settings.output_prefix = 'old-'\n" + WORK
RENAMED = WORK + (
    "import timemory\ntimemory.finalize()\n"
    "import os\nos.rename('earlier/wall.json', 'earlier/wall.old')\n"
)

OWN_PYTHON = f"""#!/bin/sh
echo used > used
exec {sys.executable} "$@"
"""


def has_diff(ended: Ended) -> bool:
    return ended.exists("wall.diff.json") and ended.exists("wall.diff.txt")


def has_table(ended: Ended) -> bool:
    return "LABEL" in ended.out


def has_own_cost(ended: Ended) -> bool:
    return ended.exists("own_cost.json") and ended.labels("own_cost") == ended.labels()


EFFECTS = [
    Effect("auto_output", "off", lambda ended: not ended.exists("*") and not has_table(ended)),
    Effect("cout_output", "off", lambda ended: not has_table(ended) and ended.exists("wall.txt")),
    Effect("file_output", "off", lambda ended: not ended.exists("*") and has_table(ended)),
    Effect("text_output", "off", lambda ended: not ended.exists("wall.txt")),
    Effect("json_output", "off", lambda ended: not ended.exists("wall.json")),
    Effect("tree_output", "off", lambda ended: not ended.exists("wall.tree.json")),
    Effect("dart_output", "on", lambda ended: "<DartMeasurement" in ended.out),
    Effect("time_output", "on", lambda ended: ended.exists("*/wall.json")),
    Effect("plot_output", "on", lambda ended: ended.exists("wall*.png")),
    Effect(
        "diff_output", "on", has_diff, environment={"TIMEMORY_INPUT_PATH": "earlier"}, before=WORK
    ),
    Effect("flamegraph_output", "off", lambda ended: not ended.exists("wall.flamegraph.json")),
    Effect("profile_output", "on", lambda ended: ended.exists("profile-*.timemory")),
    Effect("hdf5_output", "off", lambda ended: not ended.exists("timemory.h5")),
    Effect("own_cost_output", "on", has_own_cost),
    Effect("ctest_notes", "on", lambda ended: ended.exists("CTestNotes.txt")),
    Effect("output_path", "some/where", lambda ended: ended.exists("wall.json", "some/where")),
    Effect("output_prefix", "first", lambda ended: ended.exists("first-wall.json")),
    Effect("input_path", "earlier", has_diff, environment=DIFF, before=WORK),
    Effect("input_prefix", "old-", has_diff, environment=DIFF_TO_EARLIER, before=WITH_PREFIX),
    Effect("input_extensions", "old", has_diff, environment=DIFF_TO_EARLIER, before=RENAMED),
    Effect(
        "python_exe",
        "./own-python",
        lambda ended: (ended.folder / "used").exists(),
        environment=PLOT,
        files={"own-python": OWN_PYTHON},
    ),
]
