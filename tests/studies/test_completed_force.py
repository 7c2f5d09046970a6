"""Completed force over time: the mean of the draws, its band, and the truth beside it."""

import numpy as np
import pytest

from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.studies.completed_force import COLUMNS, force_bands
from gaitbook.studies.completion import CompletionPlan
from tests.studies.formula_walk import untrained_model
from tests.studies.stub_completers import walker


@pytest.fixture(scope="module")
def motion():
    return walker(duration_s=1.8)


@pytest.fixture(scope="module")
def table(motion):
    return force_bands(motion, untrained_model(), condition="hips", plan=CompletionPlan(draws=4, steps=1))


def test_there_is_a_row_for_every_foot_axis_and_instant(motion, table):
    assert list(table) == list(COLUMNS)
    assert len(table) == 2 * 3 * motion.trial.sizes["time"]
    assert not table.duplicated(["foot", "axis", "time_s"]).any()
    assert table["trial"].unique().tolist() == ["p, walking, hidden: hips"]
    assert table["time_s"].min() == 0.0


def test_the_mean_of_the_draws_lies_in_their_band(table):
    assert (table["low"] <= table["value"] + 1e-9).all()
    assert (table["value"] <= table["high"] + 1e-9).all()


def test_what_was_measured_is_in_body_weights(motion, table):
    own = table[(table["foot"] == "left") & (table["axis"] == "y")]["measured"]
    truth = motion.trial["ground_reaction_force"].sel(foot="left", axis="y")
    weight_n = motion.trial.attrs["mass_kg"] * GRAVITY_MPS2
    np.testing.assert_allclose(own, 100.0 * truth / weight_n)
