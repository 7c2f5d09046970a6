import numpy as np
import pytest
import xarray as xr

from gaitbook.conventions import AXES, FEET, GRAVITY_MPS2
from gaitbook.studies.force_gain import Imbalance, find_imbalance, fit_gain

FRAMES = 4000


def independent(person, *, own, required, frames=FRAMES, seed=0):
    """Prediction and requirement that err independently, by so much."""
    rng = np.random.default_rng(seed)
    predicted, asked = own * rng.standard_normal((frames, 3)), required * rng.standard_normal((frames, 3))
    return Imbalance(person, -predicted, asked - predicted)


@pytest.mark.parametrize(("own", "required", "gain"), [(1.0, 1.0, 0.5), (2.0, 1.0, 0.8), (1.0, 3.0, 0.1)])
def test_of_independent_errors_the_gain_is_that_of_kalman(own, required, gain):
    found = fit_gain([independent("a", own=own, required=required)])
    assert found == pytest.approx(dict.fromkeys(AXES, gain), abs=0.03)


def test_a_motion_that_tells_the_truth_is_trusted_wholly_and_one_that_misleads_not_at_all():
    missed = np.random.default_rng(0).standard_normal((50, 3))
    assert fit_gain([Imbalance("a", missed, missed)]) == pytest.approx(dict.fromkeys(AXES, 1.0))
    assert fit_gain([Imbalance("a", missed, -missed)]) == dict.fromkeys(AXES, 0.0)
    assert fit_gain([Imbalance("a", missed, 0.1 * missed)]) == dict.fromkeys(AXES, 1.0)


def test_where_nothing_is_asked_for_nothing_is_given():
    missed = np.ones((10, 3))
    assert fit_gain([Imbalance("a", missed, missed * [1.0, 1.0, 0.0])]) == {"x": 1.0, "y": 1.0, "z": 0.0}


def test_people_weigh_alike_however_long_they_were_recorded():
    short = independent("a", own=1.0, required=1.0)
    long = independent("b", own=3.0, required=1.0, frames=10 * FRAMES, seed=1)
    thrice = [long, long, long]
    assert fit_gain([short, *thrice])["y"] == pytest.approx(fit_gain([short, long])["y"])


def test_nobody_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="keep some people with force out of the training"):
        fit_gain([Imbalance("a", np.zeros((0, 3)), np.zeros((0, 3)))])


def test_what_is_missed_and_asked_for_is_told_in_body_weights_where_a_foot_is_down():
    weight_n = 70.0 * GRAVITY_MPS2
    labels = {"time": np.arange(3) / 100, "foot": list(FEET), "axis": list(AXES)}
    force = np.zeros((3, 2, 3))
    force[:2, 0, 1] = weight_n
    real = xr.DataArray(force, labels, tuple(labels))
    completed = xr.Dataset(
        {
            "ground_reaction_force": (0.8 * real).expand_dims(draw=2),
            "required_force": 0.9 * real.sum("foot"),
        }
    )
    measured = xr.Dataset({"ground_reaction_force": real}, attrs={"mass_kg": 70.0, "subject": "p"})
    person, missed, asked = find_imbalance(completed, measured)
    assert person == "p"
    np.testing.assert_allclose(missed, [[0.0, 20.0, 0.0]] * 2, atol=1e-9)
    np.testing.assert_allclose(asked, [[0.0, 10.0, 0.0]] * 2, atol=1e-9)
