#!/usr/bin/env python3
"""The heat equation in two dimensions with mpi4py and numpy, measured by timemory.

    mpirun -n 4 ./heat.py [steps]     then look at timemory-heat-output/wall.txt

A square plate with cold edges, warm as sin(pi x) sin(pi y) at the start, cools down. The rows of
the plate are shared out over the ranks; in each step the ranks exchange their outermost rows with
their neighbours. For this start the answer of the scheme is known: each step multiplies every
temperature by the same factor. So the script checks itself.
"""

import sys

import numpy as np
from mpi4py import MPI

import timemory
from timemory.util import marker

POINTS = 511  # temperatures inside the plate, in each direction
SHARE = 0.2  # dt / h^2: how much heat a neighbour gives in a step
CHECK_EVERY = 50  # steps between two residuals

world = MPI.COMM_WORLD
above = world.rank - 1 if world.rank > 0 else MPI.PROC_NULL
below = world.rank + 1 if world.rank + 1 < world.size else MPI.PROC_NULL


def cut():
    """The rows of this rank, with one above and one below, and the number of the first."""
    rows, rest = divmod(POINTS, world.size)
    first = 1 + world.rank * rows + min(world.rank, rest)
    rows += world.rank < rest
    h = np.pi / (POINTS + 1)
    y = np.sin(h * np.arange(first - 1, first + rows + 1))
    x = np.sin(h * np.arange(POINTS + 2))
    x[0] = x[-1] = 0.0
    return np.outer(y, x), first


@marker(["wall_clock"])
def exchange(plate):
    """Gives the outermost rows to the neighbours and takes theirs; returns how many came."""
    world.Sendrecv(plate[1], above, 0, plate[-1], below, 0)
    world.Sendrecv(plate[-2], below, 1, plate[0], above, 1)
    return (above != MPI.PROC_NULL) + (below != MPI.PROC_NULL)


@marker(["wall_clock"])
def update(plate):
    """One step of the scheme."""
    after = plate.copy()
    around = plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:]
    after[1:-1, 1:-1] += SHARE * (around - 4.0 * plate[1:-1, 1:-1])
    return after


@marker(["wall_clock"])
def residual(before, after):
    """The greatest change of the last step on any rank."""
    return world.allreduce(np.abs(after - before)[1:-1].max(), op=MPI.MAX)


def main(steps):
    plate, first = cut()
    exchanges = 0
    start = MPI.Wtime()
    with marker(["wall_clock", "peak_rss"], key="heat"):
        for step in range(1, steps + 1):
            with marker(["wall_clock"], key="step"):
                exchanges += exchange(plate)
                before, plate = plate, update(plate)
                if step % CHECK_EVERY == 0 or step == steps:
                    last = residual(before, plate)
    seconds = MPI.Wtime() - start

    # What the scheme must give: the factor of one step, from the second difference of a sine.
    expected = (1.0 - 4.0 * SHARE * (1.0 - np.cos(np.pi / (POINTS + 1)))) ** steps
    row = (POINTS + 1) // 2
    mine = plate[row - first + 1, row] if first <= row < first + len(plate) - 2 else 0.0
    centre = world.reduce(mine)
    exchanges = world.reduce(exchanges)
    if world.rank != 0:
        return 0
    print(f"heat: {steps} steps on {world.size} ranks, {exchanges} rows exchanged, {seconds:.3f} s")
    print(
        f"temperature of the centre {centre:.12f}, expected {expected:.12f}; last change {last:.6e}"
    )
    good = abs(centre - expected) < 1e-9 and exchanges == 2 * (world.size - 1) * steps
    print("as it must be" if good else "WRONG", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    failed = main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
    timemory.finalize()
    sys.exit(failed)
