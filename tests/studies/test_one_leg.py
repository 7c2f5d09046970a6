import numpy as np
import pytest

from gaitbook.studies.one_leg import Strides, collect_strides, leg_errors, leg_ratio


def strides(weight_of_the_rest, *, people=40, each=3, noise=0.1):
    """Force that follows from the right knee and, so much, from the left one."""
    rng = np.random.default_rng(0)
    both = rng.standard_normal((people * each, 2))
    force = both @ [[1.0, 2.0], [weight_of_the_rest, -weight_of_the_rest]]
    force = force + noise * rng.standard_normal(force.shape)
    names = ("knee_angle_r", "knee_angle_l")
    return Strides(both, force, names, np.repeat([f"p{number:02d}" for number in range(people)], each))


def test_one_leg_that_tells_all_has_ratio_one():
    assert leg_ratio(leg_errors(strides(0.0))).value == pytest.approx(1.0, abs=0.05)


def test_the_other_leg_counts_as_much_as_it_moves_the_force():
    ratio = leg_ratio(leg_errors(strides(0.5)))
    assert 3.0 < ratio.low < ratio.value < ratio.high
    assert ratio.n == 40


def test_errors_are_in_the_unit_of_the_force():
    errors = leg_errors(strides(0.0, noise=2.0))
    assert errors.groupby("seen")["value"].mean()["whole body"] == pytest.approx(2.0, rel=0.15)


def test_strides_of_trials_are_collected(tracked):
    trials = [each.trial.assign_attrs(subject=f"p{number}") for number, each in enumerate(tracked * 3)]
    table = collect_strides(trials)
    assert table.force.shape[1] == 51 * 3
    assert table.features.shape[1] == len(table.names)
    assert {"pelvis_tx", "knee_angle_r"} <= set(table.names)
    assert abs(table.features[:, [name == "pelvis_tx" for name in table.names]]).max() < 0.2


def test_few_people_are_refused(tracked):
    with pytest.raises(ValueError, match="2 people have whole strides: at least 10 are needed"):
        collect_strides([each.trial for each in tracked])
