"""Unlike what was learned: who is asked, and a walk that nobody walks."""

import numpy as np

from gaitbook.studies import strange_motion
from gaitbook.studies.familiarity import Familiarity
from gaitbook.studies.strange_motion import USUAL, play_backward, tabulate_familiarity
from tests.studies.stub_completers import walker


def test_a_motion_played_backward_begins_where_it_ended():
    motion = walker()
    turned = play_backward(motion)
    first, last = (motion.trial["joint_angle"].isel(time=place).values for place in (0, -1))
    assert (turned.trial["joint_angle"].isel(time=0).values == last).all()
    assert (turned.trial["joint_angle"].isel(time=-1).values == first).all()
    assert np.array_equal(turned.trial["time"], motion.trial["time"])
    assert "ground_reaction_force" not in turned.trial
    again = play_backward(turned).trial["joint_angle"].values
    assert (again == motion.trial["joint_angle"].values).all()


def test_a_remark_is_told_where_there_is_one(monkeypatch):
    told = iter([Familiarity(0.6), Familiarity(0.0, "Unlike anything.")])
    monkeypatch.setattr(strange_motion, "familiarity", lambda *_: next(told))
    motion = walker()
    table = tabulate_familiarity(None, [motion, play_backward(motion)])
    assert table["remark"].tolist() == [USUAL, "Unlike anything."]
    assert table["trial"].iloc[1].endswith("backward")
