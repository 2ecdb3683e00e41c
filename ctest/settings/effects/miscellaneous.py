"""What belongs nowhere else."""

from __future__ import annotations

from effect import WORK, Effect
from ended import Ended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# Its traces are 1,000 calls that take far less than throttle_value.
TRACES = "settings-program"

KILLED = WORK + "import os, signal\nos.kill(os.getpid(), signal.{signal})\ntime.sleep(1)\n"

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

# Python's own list of kernels below a region, as cupti_activity would add it.
SECONDARY = """
from timemory.util import marker
with marker(["cupti_activity"], key="work"):
    pass
"""


def traced(count: Callable[[int], bool]) -> Callable[[Ended], bool]:
    """Whether so many calls of the trace were recorded."""
    return lambda ended: count(
        sum(row["entry"]["laps"] for row in ended.rows() if row["prefix"].endswith("trace"))
    )


def wrote(ended: Ended) -> bool:
    return ended.exists("wall.json")


def total(value: object) -> float:
    """The sum of a component's values."""
    values = value if isinstance(value, list) else [value]
    return sum(float(one) for one in values)


HANDLED = {"TIMEMORY_ENABLE_SIGNAL_HANDLER": "on"}

EFFECTS = [
    Effect(
        "add_secondary", "off", lambda ended: ended.labels("cupti_activity") == ["work"], SECONDARY
    ),
    Effect("throttle_count", "10", traced(lambda n: n < 1000), TRACES),
    Effect(
        "throttle_value",
        "0",
        traced(lambda n: n == 1000),
        TRACES,
        environment={"TIMEMORY_THROTTLE_COUNT": "10"},
    ),
    Effect("enable_signal_handler", "on", wrote, KILLED.format(signal="SIGTERM"), may_fail=True),
    Effect(
        "allow_signal_handler",
        "off",
        lambda ended: not wrote(ended),
        KILLED.format(signal="SIGTERM"),
        environment=HANDLED,
        may_fail=True,
    ),
    Effect("enable_all_signals", "on", wrote, KILLED.format(signal="SIGUSR2"), may_fail=True),
    Effect(
        "disable_all_signals",
        "on",
        lambda ended: not wrote(ended),
        KILLED.format(signal="SIGTERM"),
        environment=HANDLED,
        may_fail=True,
    ),
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
