import dataclasses
import json

import numpy as np
import pytest
import torch

from gaitbook.models.window_sampling import Sequences
from gaitbook.representation.channels import ANGLE_CHANNELS, CHANNELS, numbers_of
from gaitbook.representation.hiding import PARTS
from gaitbook.representation.states import encode_states
from gaitbook.studies.familiarity import UNLIKE, familiarity, training_statistics, trial_numbers
from gaitbook.studies.measured_motion import MeasuredMotion
from tests.studies.formula_walk import formula_body, formula_walk, untrained_model

KNEE = numbers_of(["angle/knee_angle_r"])


@pytest.fixture(scope="module")
def walk():
    return MeasuredMotion(formula_walk(), formula_body())


@pytest.fixture(scope="module")
def sequences(walk):
    """Forty people of two kinds who walk by formula, each a little otherwise."""
    values = encode_states(walk.trial, walk.model, physics=False)
    random = torch.Generator().manual_seed(0)
    angles = numbers_of(ANGLE_CHANNELS)
    trials = []
    for number in range(40):
        own = values.clone()
        shift, scale = torch.randn(2, len(CHANNELS), generator=random)
        middle = own.mean(dim=0)
        own = middle + (own - middle) * (1 + 0.1 * scale) + 0.05 * shift
        own[:, angles] += 0.5 * (number % 2)
        trials.append(own)
    names = [f"p{number}" for number in range(40)]
    return Sequences(trials, [], [], ["straight" if n % 2 == 0 else "bent" for n in range(40)], names)


@pytest.fixture(scope="module")
def model(sequences):
    statistics = json.loads(json.dumps(training_statistics(sequences)))
    return dataclasses.replace(untrained_model(), card={"statistics": statistics})


def with_angle(motion, names, change):
    angle = motion.trial["joint_angle"]
    return motion._replace(
        trial=motion.trial.assign(
            joint_angle=angle.where(~angle["coordinate"].isin(list(names)), change(angle))
        )
    )


def test_a_motion_in_the_middle_of_its_kind_is_familiar(model, walk):
    found = familiarity(model, walk)
    assert found.value > 0.9
    assert found.sentence == ""


def test_a_motion_far_from_every_kind_is_told_with_the_part_that_is_strange(model, walk):
    found = familiarity(model, with_angle(walk, PARTS["knees"], lambda angle: angle + 3.0))
    assert found.value < UNLIKE
    assert "unlike all that the model has learned from, most of all the motion of the knees" in found.sentence


def test_what_is_hidden_does_not_count(model, walk):
    strange = with_angle(walk, PARTS["knees"], lambda angle: angle + 3.0)
    assert familiarity(model, strange, PARTS["knees"]).value > 0.8


def test_the_middle_between_two_kinds_is_like_neither(model, walk):
    names = [name for part in PARTS.values() for name in part]
    between = with_angle(walk, names, lambda angle: angle + 0.25)
    assert familiarity(model, between).value < UNLIKE < familiarity(model, walk).value


@pytest.mark.parametrize("part", list(PARTS))
def test_each_part_alone_is_enough(model, walk, part):
    others = [name for other, names in PARTS.items() if other != part for name in names]
    assert familiarity(model, walk, others).value > 0.5


def test_trials_of_the_kind_are_as_familiar_as_chance_has_it(sequences):
    """Of people judged by all others of their kind, one in ten is in the last tenth."""
    statistics = training_statistics(sequences)
    far = np.array([row for kind in statistics.values() for row in kind["far"]], dtype=float)
    assert np.nanmean(far) == pytest.approx(1.1, abs=0.15)


def test_a_model_without_statistics_tells_nothing(walk):
    found = familiarity(untrained_model(), walk)
    assert np.isnan(found.value)
    assert found.sentence == ""


def test_channels_that_do_not_move_or_are_hardly_known_are_not_told_of():
    values = np.random.default_rng(0).standard_normal((100, len(CHANNELS)))
    values[:, KNEE] = 0.0
    values[20:, numbers_of(["angle/ankle_angle_l"])] = np.nan
    numbers = trial_numbers(values)
    assert np.isnan(numbers).sum() == 4
