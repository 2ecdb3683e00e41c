"""Each setting does what it says, given in any of the four ways, and only then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from effect import Effect
from effects import EFFECTS
from ways import WAYS, run_effect


def _parameters() -> list[object]:
    return [
        pytest.param(effect, id=f"{group}-{effect.name}")
        for group, effects in EFFECTS.items()
        for effect in effects
    ]


@pytest.mark.parametrize("effect", _parameters())
def test_effect(effect: Effect, tmp_path: Path) -> None:
    if len(os.sched_getaffinity(0)) < effect.cpus:
        pytest.skip(f"fewer than {effect.cpus} CPUs")
    withheld = run_effect(effect, "", tmp_path / "withheld")
    assert not effect.observe(withheld), "observed although the value was withheld"
    for way in WAYS:
        given = run_effect(effect, way, tmp_path / way.replace(" ", "-"))
        assert effect.observe(given), f"not observed: {way}\n{given.out}\n{given.err}"
