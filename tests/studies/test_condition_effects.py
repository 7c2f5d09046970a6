import pandas as pd
import pytest

from gaitbook.studies.condition_effects import condition_table, monotone_table, paired_changes
from gaitbook.studies.published_targets import load_targets

FIRST, SECOND = "knee_adduction_first_peak", "knee_adduction_second_peak"


def measured(factors, quantity=FIRST):
    """Three people, each of whom changes by the same factors, by condition and dose."""
    rows = []
    for number in range(3):
        usual = {"subject": f"p{number}", "gait": "walk", "speed_mps": 1.3, "quantity": quantity}
        rows.append(usual | {"condition": "", "dose": 0.0, "value": 2.0 + number})
        for (condition, dose), factor in factors.items():
            own = factor + 0.01 * (number - 1)
            rows.append(usual | {"condition": condition, "dose": dose, "value": (2.0 + number) * own})
    return pd.DataFrame(rows)


def test_changes_are_of_the_same_person():
    changes = paired_changes(measured({("toe-in", 10.0): 0.9}))
    assert changes["value"].tolist() == pytest.approx([-11.0, -10.0, -9.0])


def test_people_without_a_counterpart_are_left_out():
    table = measured({("toe-in", 10.0): 0.9})
    table = table[~((table["subject"] == "p0") & (table["condition"] == ""))]
    assert sorted(paired_changes(table)["subject"]) == ["p1", "p2"]


def test_means_stand_beside_what_is_published():
    row = condition_table(paired_changes(measured({("toe-in", 10.0): 0.92}))).iloc[0]
    assert row["value"] == pytest.approx(-8.0)
    assert (row["published_low"], row["published_high"]) == (-12.0, -3.0)
    assert row["met"]
    assert row["required"]
    assert "PMC9466647" in row["source"]
    missed = condition_table(paired_changes(measured({("toe-in", 10.0): 1.05}))).iloc[0]
    assert not missed["met"]


def test_other_doses_are_shown_and_nothing_is_demanded():
    row = condition_table(paired_changes(measured({("toe-in", 5.0): 1.5}))).iloc[0]
    assert row["met"]
    assert not row["required"]


def test_step_width_is_reported_not_required():
    row = condition_table(paired_changes(measured({("step width", 50.0): 1.02}))).iloc[0]
    assert not row["met"]
    assert not row["required"]


def test_effects_that_must_grow_are_compared_dose_by_dose():
    factors = {("trunk lean", 5.0): 0.9, ("trunk lean", 10.0): 0.8, ("trunk lean", 15.0): 0.85}
    table = monotone_table(paired_changes(measured(factors)))
    assert table["doses"].tolist() == ["0 to 5", "5 to 10", "10 to 15"]
    assert table["met"].tolist() == [True, True, False]


def test_every_effect_has_a_source():
    assert all(row["source"] for part in ("effects", "monotone") for row in load_targets(part))
