"""Settings whose effect is not there yet, and what it waits for.

Their tests are expected to fail; one that passes is an error, and the entry is to be deleted.
"""

from __future__ import annotations

PENDING: dict[str, str] = {
    "dart_output": "DartMeasurement lines",
    "time_output": "folders with a time stamp",
    "plot_output": "plots",
    "diff_output": "differences to earlier results",
    "flamegraph_output": "flame graphs",
    "ctest_notes": "CTest notes",
    "input_path": "differences to earlier results",
    "input_prefix": "differences to earlier results",
    "input_extensions": "differences to earlier results",
    "python_exe": "plots",
    "time_format": "folders with a time stamp",
    "target_pid": "reading another process",
    "add_secondary": "components with entries below a region: none is built in",
    "enable_signal_handler": "signal handlers",
    "allow_signal_handler": "signal handlers",
    "enable_all_signals": "signal handlers",
    "disable_all_signals": "signal handlers",
    "destructor_report": "reports of single regions",
    "dart_type": "DartMeasurement lines",
    "dart_count": "DartMeasurement lines",
    "dart_label": "DartMeasurement lines",
}
