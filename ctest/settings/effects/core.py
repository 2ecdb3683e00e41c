"""What is recorded, and from where settings come."""

from __future__ import annotations

from effect import WORK, Effect
from ended import Ended

FLAT_JSON = '{"timemory": {"settings": {"TIMEMORY_FLAT_PROFILE": {"value": true}}}}'

MANY_NAMES = """
from timemory.util import marker
for i in range(40):
    with marker(["wall_clock"], key=f"region {i}"):
        pass
"""


ARENAS = """
import glob
from timemory.util import marker
with marker(["wall_clock"], key="outer"):
    print("arenas:", len(glob.glob("timemory-*.arena")))
"""


def is_nested(ended: Ended) -> bool:
    return not ended.is_flat()


EFFECTS = [
    Effect("config_file", "special.cfg", Ended.is_flat, files={"special.cfg": "flat_profile on"}),
    Effect("suppress_config", "true", is_nested, files={".timemory.json": FLAT_JSON}),
    Effect("suppress_parsing", "on", is_nested, environment={"TIMEMORY_FLAT_PROFILE": "on"}),
    Effect("enabled", "false", lambda ended: "outer" not in ended.out, WORK),
    # A line at the start, and one at the end.
    Effect("verbose", "1", lambda ended: ended.err.count("timemory: version 4") == 2),
    Effect("debug", "on", lambda ended: "records as thread 0" in ended.err),
    Effect("flat_profile", "yes", Ended.is_flat),
    Effect("timeline_profile", "true", lambda ended: ended.labels().count("inner") == 3),
    Effect(
        "max_timeline",
        "2",
        lambda ended: len(ended.labels()) == 3,
        environment={"TIMEMORY_TIMELINE_PROFILE": "on"},
    ),
    Effect("max_depth", "1", lambda ended: "inner" not in ended.labels()),
    Effect("max_paths", "10", lambda ended: "<capped>" in ended.labels(), MANY_NAMES),
    # 40 names fit.
    Effect(
        "max_memory",
        "1",
        lambda ended: "<capped>" in ended.labels(),
        MANY_NAMES.replace("range(40)", "range(10000)"),
    ),
    Effect("arena_path", ".", lambda ended: "arenas: 1" in ended.out, ARENAS),
]
