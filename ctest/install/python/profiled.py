"""A script that knows nothing of timemory."""

import sys

total = 0


def add(n: int) -> None:
    global total
    total += n


for n in range(int(sys.argv[1])):
    add(n)
print("the sum is", total)
