"""Gaps in time: where they are, and who is judged on them."""

import numpy as np
import pytest

from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.hidden_parts import Contestant
from gaitbook.studies.time_gaps import judge_gaps, with_gaps
from tests.studies.stub_completers import Scaled, walker


@pytest.fixture(scope="module")
def motion():
    return walker()


def test_a_gap_hides_all_of_the_motion_for_its_length_in_every_period(motion):
    trial = with_gaps(motion.trial, 0.3)
    gone = trial["joint_angle"].isnull()
    assert (gone.any("coordinate") == gone.all("coordinate")).all()
    assert (gone.all("coordinate") == trial["pelvis_position"].isnull().all("axis")).all()
    share = float(gone.all("coordinate").isel(time=slice(0, 200)).mean())
    assert share == pytest.approx(0.3, abs=0.02)
    assert "ground_reaction_force" in trial
    assert not trial["ground_reaction_force"].isnull().any()


def test_the_ends_of_a_trial_are_seen(motion):
    seen = with_gaps(motion.trial, 0.5)["joint_angle"].notnull().all("coordinate").values
    assert seen[0]
    assert not seen[50]


def test_every_contestant_is_judged_on_every_length(motion):
    one = Contestant("gaitbook", Scaled(0.9), CompletionPlan(draws=3))
    judged = judge_gaps([motion], [one], gaps_s=(0.1, 0.5), processes=1, progress=False)
    assert list(dict.fromkeys(judged["condition"])) == ["0.1 s", "0.5 s"]
    assert np.isfinite(judged.query("measure == 'profile'")["value"]).all()
    assert set(judged["model"]) == {"gaitbook"}
