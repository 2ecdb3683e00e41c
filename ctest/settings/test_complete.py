"""No setting without a test of its effect."""

from __future__ import annotations

from collections import Counter

from effects import EFFECTS
from test_unsupported import GROUPS, ROWS

from timemory import _timemory

GROUP_OF = {row[0]: row[4] for row in _timemory.describe_settings()}


def test_each_setting_has_one_effect() -> None:
    declared = Counter(effect.name for effects in EFFECTS.values() for effect in effects)
    declared.update(ROWS.keys())
    assert {name: count for name, count in declared.items() if count > 1} == {}
    assert sorted(declared) == sorted(GROUP_OF)


def test_effects_are_in_the_file_of_their_group() -> None:
    for group, effects in EFFECTS.items():
        for effect in effects:
            assert GROUP_OF[effect.name] == group, effect.name


def test_no_effect_is_at_its_default() -> None:
    standard = {row[0]: row[3] for row in _timemory.describe_settings()}
    for effects in EFFECTS.values():
        for effect in effects:
            assert effect.value != standard[effect.name], effect.name


def test_all_groups_are_known() -> None:
    assert set(GROUP_OF.values()) == set(EFFECTS) | GROUPS
