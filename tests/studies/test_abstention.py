from functools import cache

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.conventions import AXES
from gaitbook.representation.skeleton import JOINTS
from gaitbook.studies.abstention import judge_skeletons, learn_seen, skeleton_numbers

PEOPLE, RATE_HZ, FRAMES = 100, 30.0, 45
REST_M = {
    "PELVIS": (0.0, 0.95, 0.0),
    "SPINE_NAVEL": (0.0, 1.1, 0.0),
    "SPINE_CHEST": (0.0, 1.25, 0.0),
    "NECK": (0.0, 1.45, 0.0),
    "CLAVICLE": (0.0, 1.42, 0.05),
    "SHOULDER": (0.0, 1.4, 0.17),
    "ELBOW": (0.0, 1.12, 0.22),
    "WRIST": (0.05, 0.88, 0.24),
    "HIP": (0.0, 0.92, 0.09),
    "KNEE": (0.03, 0.5, 0.09),
    "ANKLE": (0.0, 0.09, 0.09),
    "FOOT": (0.15, 0.02, 0.1),
    "HEAD": (0.02, 1.6, 0.0),
    "NOSE": (0.12, 1.6, 0.0),
    "EYE": (0.1, 1.63, 0.03),
    "EAR": (0.03, 1.62, 0.07),
}
SWING_M = {"KNEE": 0.12, "ANKLE": 0.28, "FOOT": 0.3, "ELBOW": -0.06, "WRIST": -0.14}


def person_trial(number, *, head=1.0, legs=1.0, moving=1.0, noise_m=0.004):
    """A person of own size, proportions and stride who walks on the spot."""
    rng = np.random.default_rng(number)
    size, own = rng.normal(1.0, 0.05), rng.normal(1.0, 0.04, len(JOINTS))
    time = np.arange(FRAMES) / RATE_HZ
    swing = rng.normal(1.0, 0.1) * np.sin(2 * np.pi * rng.normal(0.9, 0.05) * time)
    position = np.zeros((FRAMES, len(JOINTS), 3))
    for place, joint in enumerate(JOINTS):
        part, _, side = joint.rpartition("_")
        part, sign = (part, {"LEFT": -1, "RIGHT": 1}[side]) if side in ("LEFT", "RIGHT") else (joint, 0)
        x, y, z = REST_M[part]
        if part in ("KNEE", "ANKLE", "FOOT"):
            y = 0.92 - legs * (0.92 - y)
        if part in ("HEAD", "NOSE", "EYE", "EAR"):
            x, y, z = head * x, 1.45 + head * (y - 1.45), head * z
        position[:, place] = size * np.array([x, 0.95 + own[place] * (y - 0.95), own[place] * sign * z])
        position[:, place, 0] += moving * sign * size * SWING_M.get(part, 0.0) * swing
    position += moving * noise_m * rng.standard_normal(position.shape)
    labels = {"time": time, "joint": list(JOINTS), "axis": list(AXES)}
    attributes = {"subject": f"p{number}", "trial": "t", "sampling_rate_hz": RATE_HZ}
    return xr.Dataset({"skeleton_position": (tuple(labels), position)}, labels, attributes)


@cache
def seen_people():
    return learn_seen(numbers_of(*(person_trial(number) for number in range(PEOPLE))))


def numbers_of(*trials):
    return pd.DataFrame([skeleton_numbers(trial) for trial in trials])


def judge(trial):
    return judge_skeletons(seen_people(), numbers_of(trial))["p500"]


def strange_names(judgment):
    return " ".join(name for name, _ in judgment.strange)


def test_people_like_those_who_were_seen_are_answered():
    new = numbers_of(*(person_trial(number) for number in range(500, 530)))
    judged = judge_skeletons(seen_people(), new)
    assert np.mean([each.abstain for each in judged.values()]) <= 0.05
    assert np.mean([each.p for each in judged.values()]) == pytest.approx(0.5, abs=0.17)
    assert judged["p500"].sentence.startswith("Within what was seen")


def test_left_and_right_swapped_is_found():
    trial = person_trial(500)
    swapped = [
        joint.replace("LEFT", "_").replace("RIGHT", "LEFT").replace("__", "_RIGHT") for joint in JOINTS
    ]
    judgment = judge(trial.assign_coords(joint=swapped))
    assert judgment.abstain
    assert " z " in strange_names(judgment)
    assert "look at the " in judgment.sentence


def test_millimeters_are_found():
    trial = person_trial(500)
    judgment = judge(trial.assign(skeleton_position=1000.0 * trial["skeleton_position"]))
    assert judgment.abstain
    assert "in m" in strange_names(judgment)
    assert "above the mean" in judgment.sentence


def test_proportions_of_a_child_are_found():
    judgment = judge(person_trial(500, head=1.5, legs=0.7))
    assert judgment.abstain
    assert any(part in strange_names(judgment) for part in ("HEAD", "NOSE", "EYE", "EAR", "KNEE", "ANKLE"))


def test_a_frozen_skeleton_is_found():
    judgment = judge(person_trial(500, moving=0.0))
    assert judgment.abstain
    assert "motion in m" in strange_names(judgment)
    assert "below the mean" in judgment.sentence


def test_p_values_of_people_are_uniform_whatever_the_distribution():
    rng = np.random.default_rng(1)
    drawn = pd.DataFrame(np.exp(rng.standard_normal((1400, 6)) @ rng.standard_normal((6, 6)) / 2))
    seen = learn_seen(drawn.iloc[:400])
    p = np.array([each.p for each in judge_skeletons(seen, drawn.iloc[400:]).values()])
    for level in (0.05, 0.2, 0.5):
        assert (p <= level).mean() == pytest.approx(level, abs=0.06)


def test_numbers_that_do_not_fit_together_are_strange_though_none_is_far():
    rng = np.random.default_rng(2)
    first = rng.standard_normal(300)
    seen = learn_seen(pd.DataFrame({"first": first, "second": first + 0.05 * rng.standard_normal(300)}))
    judged = judge_skeletons(
        seen, pd.DataFrame({"second": [1.5, -1.5], "first": [1.5, 1.5]}, ["fits", "not"])
    )
    assert not judged["fits"].abstain
    assert judged["not"].abstain
    assert "the recording as a whole" in judged["not"].sentence


def test_gaps_are_answered_by_silence():
    numbers = numbers_of(person_trial(500))
    numbers.iloc[0, 7] = np.nan
    judgment = judge_skeletons(seen_people(), numbers)["p500"]
    assert judgment.abstain
    assert judgment.sentence.startswith(f"No answer: 1 numbers are missing, such as {numbers.columns[7]}")


def test_all_faults_are_named():
    numbers = pd.DataFrame({"number": [1.0, np.nan, 2.0]}, ["a", "b", "b"])
    with pytest.raises(
        ValueError, match=r"3 people were seen.*at least 99.*1 people have gaps.*1 rows repeat"
    ):
        learn_seen(numbers)
    with pytest.raises(ValueError, match=r"numbers are missing.*cannot tell p at or below 0.001"):
        judge_skeletons(seen_people(), numbers, level=0.001)
