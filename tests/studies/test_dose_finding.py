import numpy as np
import pandas as pd
import pytest

from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies.change_effects import change_effects
from gaitbook.studies.dose_finding import DRAWS, POINTS, dose_courses, dose_for
from gaitbook.studies.known_changes import KnownAnswer
from gaitbook.studies.stride_measures import UNITS
from tests.studies.stub_walkers import linear_model, walker

PEAK, OTHER, OWN = "knee_adduction_first_peak", "cadence", 50.0
FALL, UNSURE = -2.0, 0.5
"""Percent of the own per unit of dose, and half the interval of that."""


def courses(doses=(5.0, 10.0), *, fall=FALL, unsure=UNSURE):
    """A number that falls in proportion to the dose, known in proportion to it, beside one that never changes."""
    dose = np.asarray(doses)
    difference, half = OWN / 100.0 * fall * dose, OWN / 100.0 * unsure * np.abs(dose)
    ends = {"difference_low": difference - half, "difference_high": difference + half}
    table = pd.DataFrame({"quantity": PEAK, "dose": dose, "own": OWN, "difference": difference, **ends})
    still = table.assign(quantity=OTHER, difference=0.0, difference_low=0.0, difference_high=0.0)
    return pd.concat([still, table], ignore_index=True)


def near(value, doses=(5.0, 10.0)):
    """Within a step of the fine doses, which are never less than what reaches the aim."""
    return pytest.approx(value, abs=1.01 * abs(doses[-1]) / (POINTS - 1))


@pytest.mark.parametrize("aim", [-4.0, -10.0, -14.0])
def test_the_dose_is_the_aim_over_the_slope(aim):
    found = dose_for(courses(), PEAK, aim)
    assert found.value == near(aim / FALL)
    assert found.low == near(aim / (FALL - UNSURE))
    assert found.high == near(aim / (FALL + UNSURE))


def test_a_rise_is_found_as_a_fall_is():
    rising, falling = dose_for(courses(fall=2.0), PEAK, 10.0), dose_for(courses(), PEAK, -10.0)
    assert rising == pytest.approx(falling)


def test_doses_below_zero_are_found_as_those_above_are():
    below = dose_for(courses((-5.0, -10.0), fall=2.0), PEAK, -10.0)
    assert tuple(below) == pytest.approx(tuple(-each for each in dose_for(courses(), PEAK, -10.0)))
    assert below.value == near(-5.0, (-5.0, -10.0))


def test_what_no_dose_reaches_is_not_known():
    assert np.isnan(dose_for(courses(), PEAK, -30.0)).all()
    assert np.isnan(dose_for(courses(), PEAK, 10.0)).all()
    assert np.isnan(dose_for(courses(), OTHER, -1.0)).all()


def test_what_is_only_perhaps_reached_has_no_sure_dose():
    value, low, high = dose_for(courses(), PEAK, -22.0)
    assert low == near(22.0 / (UNSURE - FALL))
    assert np.isnan([value, high]).all()


def test_the_first_of_several_doses_counts():
    there_and_back = courses((5.0, 10.0)).assign(difference=lambda table: table["difference"])
    peak = there_and_back["quantity"] == PEAK
    there_and_back.loc[peak, "difference"] = [-OWN * 0.1, 0.0]
    assert dose_for(there_and_back, PEAK, -5.0).value == near(2.5)


def test_courses_are_the_effects_of_each_dose_in_turn():
    stride, body = walker()
    model, doses = linear_model(), (0.1, 0.2)
    table = dose_courses(KnownAnswer(stride, body, stride, ()), "trunk_lean_rad", doses, model, draws=2)
    asked = [GaitChange(trunk_lean_rad=dose) for dose in doses]
    expected = change_effects(stride, body, asked, model, draws=2)
    pd.testing.assert_frame_equal(table.drop(columns="dose"), expected)
    assert table["dose"].tolist() == [dose for dose in doses for _ in UNITS]
    labels = table.groupby("dose")["change"].unique().map(list).to_dict()
    assert labels == {dose: [change.label] for dose, change in zip(doses, asked, strict=True)}
    assert DRAWS > 1
