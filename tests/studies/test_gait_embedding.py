from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gaitbook.models.encoder_training import EncoderRecipe
from gaitbook.models.fitting import FittingPlan
from gaitbook.models.gait_encoder import EncoderSize
from gaitbook.models.skeleton_masking import Masking
from gaitbook.representation.skeleton import GROUPS, JOINTS, REGIONS, group_of
from gaitbook.representation.stride_harmonics import MEASURES
from gaitbook.studies import gait_embedding
from gaitbook.studies.gait_embedding import embed, encoder_recipe, fit_encoder, harmonic_features
from gaitbook.studies.walking_windows import cut_trials
from tests.studies.stick_skeletons import walk

WIDTH = 16
SIZE = EncoderSize(tuple(GROUPS.index(group_of(joint)) for joint in JOINTS), width=WIDTH, depth=1, heads=2)


@pytest.fixture(scope="module")
def windows():
    return {
        scale: cut_trials(
            [
                walk(seconds=8.0, speed_mps=1 + 0.1 * k, task=task, subject=f"p{k}", noise_m=0.003)
                for k in range(3)
                for task in ("slow", "fast")
            ],
            scale=scale,
            frames=64,
            progress=False,
        )
        for scale in ("window", "frame")
    }


@pytest.fixture(scope="module")
def encoder(windows):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            gait_embedding, "encoder_recipe", lambda name: EncoderRecipe(name, frames=32, size=SIZE)
        )
        plan = FittingPlan(family="fast", steps=3, batch=4, seed=5)
        return fit_encoder(windows["window"], "fast", plan, card={"cohorts": ["x"]}, progress=False)


def test_the_card_tells_what_was_learned_from(encoder, windows):
    card = encoder.card
    assert card["people"] == ["p0", "p1", "p2"]
    assert (card["windows"], card["steps"], card["seed"]) == (len(windows["window"].values), 3, 5)
    assert card["parameters"] == sum(each.numel() for each in encoder.network.parameters())
    assert np.isfinite(card["loss"])
    assert card["cohorts"] == ["x"]
    assert encoder.scale == "window"
    assert set(encoder.regions) == set(REGIONS)


def test_every_person_and_task_has_the_numbers_of_every_region(encoder, windows):
    features = embed(encoder, windows["window"], progress=False)
    assert features.shape == (3, 2 * (len(REGIONS) * 2 * WIDTH + 25 * 3 * len(MEASURES)))
    assert list(features.columns.get_level_values("task").unique()) == ["slow", "fast"]
    assert features["slow"].columns[0] == "legs mean 0"
    assert features["slow"].columns[len(REGIONS) * 2 * WIDTH - 1] == f"head percentile 99 {WIDTH - 1}"
    assert features["slow"].columns[-1] == "head EAR_RIGHT z sine 3"
    assert np.isfinite(features.to_numpy()).all()


def test_a_hidden_region_changes_nothing_by_what_it_does(encoder, windows):
    given = windows["window"]
    changed = given.values.copy()
    legs = [place for place, joint in enumerate(JOINTS) if "leg" in group_of(joint)]
    changed[:, :, legs, :3] += 0.5
    other = type(given)(changed, given.labels, given.scale, given.excluded)
    first, second = (embed(encoder, each, hidden=["legs"], progress=False) for each in (given, other))
    np.testing.assert_allclose(first, second, atol=1e-5)
    assert not first["slow"].columns.str.startswith("legs").any()
    seen, moved = (embed(encoder, each, progress=False) for each in (given, other))
    assert np.abs(seen - moved).to_numpy().max() > 0.01


def test_windows_of_another_scale_are_refused(encoder, windows):
    with pytest.raises(
        ValueError, match=r"divided by 'window', these by 'frame': cut them with scale='window'"
    ):
        embed(encoder, windows["frame"], progress=False)


def test_to_hide_all_or_an_unknown_region_is_refused(encoder, windows):
    with pytest.raises(ValueError, match="nothing left to see"):
        embed(encoder, windows["window"], hidden=REGIONS, progress=False)
    with pytest.raises(ValueError, match="knows no region 'tail': choose among legs, arms, torso, head"):
        embed(encoder, windows["window"], hidden=["tail"], progress=False)


def test_ours_hides_whole_parts_and_the_published_one_sees_a_second():
    assert encoder_recipe("fast").masking == Masking(whole_share=0.3)
    assert encoder_recipe("paper").frames == 32


def test_harmonics_need_no_network_and_are_those_of_the_embedding(encoder, windows):
    alone = harmonic_features(windows["window"])
    embedded = embed(encoder, windows["window"], progress=False)
    assert alone.shape == (3, 2 * 25 * 3 * len(MEASURES))
    pd.testing.assert_frame_equal(alone, embedded[alone.columns])


def test_the_encoder_of_the_paper_tells_no_harmonics(encoder, windows):
    paper = replace(encoder, recipe=replace(encoder.recipe, configuration="paper"))
    assert embed(paper, windows["window"], progress=False).shape == (3, 2 * len(REGIONS) * 2 * WIDTH)
