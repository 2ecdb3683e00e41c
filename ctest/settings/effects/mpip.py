"""What is recorded of MPI calls."""

from __future__ import annotations

from effect import Effect
from ended import Ended


def shows_call_sites(ended: Ended) -> bool:
    return "CALL SITES" in ended.out + ended.err


def shows_waits(ended: Ended) -> bool:
    return "waiting for the last" in ended.labels()


EFFECTS = [
    Effect("mpip_callsite", "1", shows_call_sites, "settings-mpip", ranks=1),
    Effect("mpip_barrier_split", "on", shows_waits, "settings-mpip", ranks=1),
]
