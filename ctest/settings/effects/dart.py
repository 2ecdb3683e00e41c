"""Measurements for CDash."""

from __future__ import annotations

from effect import WORK, Effect

DART = {"TIMEMORY_DART_OUTPUT": "on"}

TWO_COMPONENTS = WORK + "with marker(['peak_rss'], key='outer'):\n    pass\n"

EFFECTS = [
    Effect(
        "dart_type",
        "peak_rss",
        lambda ended: "<DartMeasurement" in ended.out and 'name="wall' not in ended.out,
        TWO_COMPONENTS,
        environment=DART,
    ),
    Effect(
        "dart_count", "2", lambda ended: ended.out.count("<DartMeasurement") == 2, environment=DART
    ),
    Effect("dart_label", "off", lambda ended: 'name="WALL//' in ended.out, environment=DART),
]
