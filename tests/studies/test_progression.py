"""Speed over the ground, from what a trial shows or tells."""

import numpy as np
import pytest

from gaitbook.representation.ground_speed import ground_velocity
from gaitbook.representation.hiding import PARTS
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.partial_motion import without_parts
from gaitbook.studies.progression import with_progression
from tests.studies.formula_walk import SPEED_MPS, formula_body, formula_walk


def speed_of(trial):
    return with_progression(MeasuredMotion(trial, formula_body())).trial.attrs.get("speed_mps")


def test_over_ground_it_is_the_speed_of_the_pelvis():
    assert speed_of(formula_walk()) == pytest.approx(SPEED_MPS)
    assert speed_of(without_parts(formula_walk(), PARTS["knees"])) == pytest.approx(SPEED_MPS)


def test_on_a_belt_the_belt_is_added():
    walk = formula_walk(speed_mps=0.1)
    assert speed_of(walk.assign_attrs(belt_speed_mps=1.3)) == pytest.approx(1.4)
    assert speed_of(walk.assign_attrs(belt_speed_mps=1.3, speed_mps=9.0)) == pytest.approx(1.4)
    assert speed_of(without_parts(walk, PARTS["knees"]).assign_attrs(belt_speed_mps=1.3)) == pytest.approx(
        1.4
    )


def test_on_a_belt_that_nobody_told_of_standing_feet_tell():
    walk = formula_walk(speed_mps=0.0, duration_s=4.0)
    speed_mps = speed_of(walk)
    assert speed_mps == pytest.approx(
        max(0.0, -float(ground_velocity(walk, formula_body()).mean())), abs=0.01
    )


def test_what_is_told_stays():
    assert speed_of(formula_walk().assign_attrs(speed_mps=1.5)) == 1.5


def test_without_legs_on_a_treadmill_it_is_unknown_and_a_word_is_said(caplog):
    walk = without_parts(formula_walk(speed_mps=0.0), PARTS["knees"])
    assert speed_of(walk) is None
    assert "walk: the legs or the path of the pelvis are missing" in caplog.text
    assert "--belt-speed-mps" in caplog.text


def test_without_a_path_the_belt_is_all_there_is():
    walk = without_parts(formula_walk(), PARTS["pelvis"], path=False)
    assert speed_of(walk) is None
    assert speed_of(walk.assign_attrs(belt_speed_mps=1.3)) == pytest.approx(1.3)
    assert speed_of(walk.assign_attrs(belt_speed_mps=0.0)) is None


def test_a_person_who_goes_backward_has_no_negative_speed():
    assert speed_of(formula_walk(speed_mps=-1.0)) == 0.0
    assert np.isfinite(speed_of(formula_walk(speed_mps=0.9)))
