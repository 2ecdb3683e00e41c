"""Settings whose effect is not there yet, and what it waits for.

Their tests are expected to fail; one that passes is an error, and the entry is to be deleted.
"""

from __future__ import annotations

PENDING: dict[str, str] = {
    "target_pid": "reading another process",
    "add_secondary": "components with entries below a region: none is built in",
    "enable_signal_handler": "signal handlers",
    "allow_signal_handler": "signal handlers",
    "enable_all_signals": "signal handlers",
    "disable_all_signals": "signal handlers",
}
