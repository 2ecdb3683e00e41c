"""Which components are used where none are named."""

from __future__ import annotations

from effect import Effect
from ended import Ended

REGION = """
import timemory
timemory.region.push("work")
timemory.region.pop("work")
"""


def has_peak_rss(ended: Ended) -> bool:
    return ended.exists("peak_rss.json")


PROFILED = """
from timemory.profiler import profile
@profile
def work(): pass
work()
"""

EFFECTS = [
    Effect("global_components", "peak_rss", has_peak_rss, REGION),
    Effect("components", "peak_rss", has_peak_rss, REGION),
    Effect("trace_components", "peak_rss", has_peak_rss, "settings-program"),
    Effect("profiler_components", "peak_rss", has_peak_rss, PROFILED),
    Effect("mpip_components", "peak_rss", has_peak_rss, "settings-mpip", ranks=1),
]
