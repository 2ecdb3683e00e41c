"""How an effect of a setting is declared: a program, and what is observed of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ended import Ended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


# Three calls of a region in a region, a millisecond each.
WORK = """
import time
from timemory.util import marker
with marker(["wall_clock"], key="outer"):
    for _ in range(3):
        with marker(["wall_clock"], key="inner"):
            time.sleep(0.001)
"""


@dataclass(frozen=True)
class Effect:
    """What a setting does to a program.

    The program is run without the value, where `observe` must be false, and with the value given in
    each of the four ways, where it must be true.

    Parameters
    ----------
    name : str
        The setting.
    value : str
        The value, as in the environment.
    observe : callable
        Takes a program that has ended and says whether the effect is there. What it looks at is what
        a user sees: streams, exit status, files; not metadata and not `explain`.
    program : str
        A Python script; or the name of a C++ program of this folder, without blanks.
    files : mapping
        Files that are there before the program starts. They are executable.
    environment : mapping
        What else is set, whether the value is given or not.
    before : str
        A Python script that is run first, whose results go to the folder `earlier`.
    ranks : int
        Under mpiexec with that many ranks; 0 without.
    may_fail : bool
        Whether the program may end with another status than 0.
    cpus : int
        CPUs below which nothing can be observed.
    """

    name: str
    value: str
    observe: Callable[[Ended], bool]
    program: str = WORK
    files: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    ranks: int = 0
    may_fail: bool = False
    cpus: int = 1
