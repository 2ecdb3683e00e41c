import timemory
from timemory.util import marker

for _ in range(3):
    with marker(["wall_clock"], key="outer"):
        for _ in range(2):
            with marker(["wall_clock"], key="inner"):
                pass
timemory.finalize()
print("measured with", timemory.version)
