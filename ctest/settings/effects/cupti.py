"""GPU activity: what is asked for, where libtimemory-cupti is built; no GPU is needed to say it."""

from __future__ import annotations

from effect import Effect

from timemory import _timemory

PROGRAM = """
import timemory
timemory.init()
from timemory.util import marker
with marker(["cupti_activity"], key="outer"):
    pass
"""
VERBOSE = {"TIMEMORY_VERBOSE": "1"}
IS_BUILT = any(
    row[0] == "cupti_activity" and row[-1] is None for row in _timemory.describe_components(0)
)

EFFECTS = (
    [
        Effect(
            "cupti_activity_level",
            "2",
            lambda ended: ", unified_memory_counter, runtime, driver\n" in ended.err,
            PROGRAM,
            environment=VERBOSE,
        ),
        Effect(
            "cupti_activity_kinds",
            "memcpy 2",
            lambda ended: "GPU activity that is asked for: memcpy, memset\n" in ended.err,
            PROGRAM,
            environment=VERBOSE,
        ),
    ]
    if IS_BUILT
    else []
)
