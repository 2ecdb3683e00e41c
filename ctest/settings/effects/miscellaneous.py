"""What belongs nowhere else."""

from __future__ import annotations

import signal

from effect import WORK, Effect
from ended import Ended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Its traces are 1,000 calls that take far less than throttle_value.
TRACES = "settings-program"

KILLED_BY = """
import os, signal
from timemory.util import marker
with marker(["wall_clock"], key="work"):
    os.kill(os.getpid(), signal.{signal})
"""

LEFT_OPEN = WORK + "import timemory\ntimemory.region.push('left open')\n"

TRAFFIC = """
import socket
from timemory.util import marker
with marker(["network_stats"], key="work"):
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    connection, _ = server.accept()
    client.sendall(b"x" * 4096)
    connection.recv(4096)
"""

# Two values below a region, under a name each.
SECONDARY = """
import timemory
with timemory.util.marker(["wall_clock"], key="work"):
    for name in "first", "second":
        timemory.component.DataTrackerInteger(name).store(21)
"""


def traced(count: Callable[[int], bool]) -> Callable[[Ended], bool]:
    """Whether so many calls of the trace were recorded."""
    return lambda ended: count(
        sum(row["entry"]["laps"] for row in ended.rows() if row["prefix"].endswith("trace"))
    )


def said_where(name: str) -> Callable[[Ended], bool]:
    """Whether there is one line for the signal; it ends the program in any case."""

    def observe(ended: Ended) -> bool:
        assert ended.code == -getattr(signal, name)
        return ended.err.count(f"timemory: signal {name} in region 'work'") == 1

    return observe


def said_nothing(ended: Ended) -> bool:
    return ended.err == ""


def total(value: object) -> float:
    """The sum of a component's values."""
    values = value if isinstance(value, list) else [value]
    return sum(float(one) for one in values)


def killed(
    name: str,
    value: str,
    observe: Callable[[Ended], bool],
    signal: str = "SIGSEGV",
    handled: bool = False,
) -> Effect:
    """What a setting does to a program that a signal ends; `handled`: with handlers installed."""
    environment = {"TIMEMORY_ENABLE_SIGNAL_HANDLER": "on"} if handled else {}
    program = KILLED_BY.format(signal=signal)
    return Effect(name, value, observe, program, environment=environment, may_fail=True)


EFFECTS = [
    Effect(
        "add_secondary",
        "off",
        lambda ended: (
            ended.labels("data_integer") == ["work"]
            and ended.rows("data_integer")[0]["entry"]["value"] == 42
        ),
        SECONDARY,
    ),
    Effect("throttle_count", "10", traced(lambda n: n < 1000), TRACES),
    Effect(
        "throttle_value",
        "0",
        traced(lambda n: n == 1000),
        TRACES,
        environment={"TIMEMORY_THROTTLE_COUNT": "10"},
    ),
    killed("enable_signal_handler", "on", said_where("SIGSEGV")),
    killed("allow_signal_handler", "off", said_nothing, handled=True),
    killed("enable_all_signals", "on", said_where("SIGUSR2"), "SIGUSR2"),
    killed("disable_all_signals", "on", said_nothing, handled=True),
    Effect(
        "destructor_report",
        "on",
        lambda ended: any("inner" in line for line in ended.out.splitlines()),
        environment={"TIMEMORY_COUT_OUTPUT": "off"},
    ),
    Effect("stack_clearing", "off", lambda ended: "left open" not in ended.labels(), LEFT_OPEN),
    Effect("banner", "on", lambda ended: ended.err.count("timemory: version 4") == 1),
    Effect(
        "network_interface",
        "no-such-interface",
        lambda ended: total(ended.rows("network_stats")[0]["entry"]["value"]) == 0,
        TRAFFIC,
    ),
]
