"""What the examples of these pages are made of, by scripts/output-examples."""

import sys
import time

import timemory
from timemory.util import marker


@marker(["wall_clock", "cpu_clock", "peak_rss"])
def main(second):
    for _ in range(3):
        with marker(["wall_clock", "cpu_clock"], key="step"):
            time.sleep(0.004)
            with marker(["wall_clock"], key="solve"):
                sum(range(60_000 if second else 30_000))
    with marker(["wall_clock"], key="write" if second else "print"):
        time.sleep(0.001)


main("second" in sys.argv)
timemory.finalize()
