"""docs/settings.md says what the table says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from timemory import _timemory

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "settings-page"), "--check"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_page_has_each_setting() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, environment, *_ in _timemory.describe_settings():
        assert f"| `{name}` | `{environment}` |" in page
