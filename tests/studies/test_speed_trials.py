"""One person at many speeds, as trials that can be played."""

import numpy as np

from gaitbook.figures.gait_explorer import explore_gait
from gaitbook.studies.speed_strides import stride_curves
from gaitbook.studies.speed_trials import draw_speeds
from tests.studies.stride_people import answer, tiny_model


def test_drawn_trials_hold_two_landings_and_can_be_played():
    person = (answer(), answer())
    trials = draw_speeds(person, tiny_model(), walks_mps=(1.0, 1.6), runs_mps=(), draws=2)
    assert [trial.attrs["speed_mps"] for trial in trials] == [1.0, 1.6]
    assert all(np.isfinite(trial["skeleton_position"]).all() for trial in trials)
    curves = stride_curves(trials)
    assert set(curves["setting"]) == {1.0, 1.6}
    assert explore_gait(trials, curves, start=1.0).figure is not None
