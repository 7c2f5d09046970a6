from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gaitbook.models.encoder_training import EncoderRecipe
from gaitbook.models.gait_embedding import TrainedEncoder
from gaitbook.models.gait_encoder import EncoderSize
from gaitbook.representation.skeleton import GROUPS, JOINTS, REGIONS, group_of, region_groups
from gaitbook.studies.unseen_ridge import UnseenRidge, deal_folds
from gaitbook.studies.walker_features import (
    HARMONIC_WEIGHT,
    WalkerFeatures,
    cut_both,
    leading_axes,
    load_features,
    read_features,
    write_features,
)
from tests.studies.stick_skeletons import walk

SIZE = EncoderSize(tuple(GROUPS.index(group_of(joint)) for joint in JOINTS), width=16, depth=1, heads=2)
NOTHING = pd.DataFrame(columns=["subject", "task", "reason"])


def trials():
    for k in range(3):
        for task in ("slow", "fast"):
            if (k, task) != (2, "fast"):
                yield walk(seconds=2.0, speed_mps=1 + 0.1 * k, task=task, subject=f"p{k}", noise_m=0.003)


@pytest.fixture(scope="module")
def windows():
    return cut_both(trials, progress=False)


@pytest.fixture(scope="module")
def encoder():
    recipe = EncoderRecipe("fast", frames=32, size=SIZE)
    regions = {name: tuple(GROUPS.index(group) for group in region_groups(name)) for name in REGIONS}
    return TrainedEncoder(
        recipe.make(SIZE.groups), recipe, SIZE.groups, regions, "window", {"people": ["other"]}
    )


def random_features(people=60, columns=10, seed=0):
    rng = np.random.default_rng(seed)
    index = pd.Index([f"p{k}" for k in range(people)], name="subject")
    return pd.DataFrame(
        rng.standard_normal((people, columns)) @ rng.standard_normal((columns, columns)), index
    )


def test_all_sets_are_of_the_people_who_have_all_recordings(windows, encoder):
    other = pd.DataFrame({"number": [1.0, 2.0, 3.0]}, pd.Index(["p0", "p1", "p2"], name="subject"))
    found = read_features(
        windows, {"fast": encoder}, others={"engineered": other}, regions=["legs"], progress=False
    )
    names = ["engineered", "mean pose", "keypoints", "harmonics", "fast"]
    names += ["task slow", "task fast", "without legs", "only legs"]
    assert list(found.sets) == names
    assert list(found.subjects) == ["p0", "p1"]
    assert all(list(each.index) == ["p0", "p1"] for each in found.sets.values())
    assert found.excluded[["subject", "reason"]].to_numpy().tolist() == [["p2", "a recording is missing"]]
    whole, without, only = (found.sets[name] for name in ("fast", "without legs", "only legs"))
    assert whole.shape[1] == without.shape[1] + only.shape[1]
    pd.testing.assert_frame_equal(found.sets["task slow"], whole["slow"])


def test_an_encoder_is_not_judged_on_people_it_has_learned_from(windows, encoder):
    known = replace(encoder, card={"people": ["p1", "other"]})
    with pytest.raises(ValueError, match=r"'fast' has learned from 1 of these people \(p1"):
        read_features(windows, {"fast": known}, progress=False)
    told = replace(encoder, card={"people": ["p1"], "transductive": True})
    assert "fast" in read_features(windows, {"fast": told}, progress=False).sets


def test_axes_keep_what_can_be_told_and_all_vary_alike():
    features = random_features()
    axes = leading_axes(features)
    assert axes.shape == features.shape
    target = features[[3]].to_numpy() - features[[3]].to_numpy().mean()
    fold = deal_folds(len(features), folds=5, seed=0)
    told = [
        np.corrcoef(UnseenRidge(each.to_numpy(), fold).predict(target)[:, 0], target[:, 0])[0, 1]
        for each in (features, axes)
    ]
    assert told[1] == pytest.approx(told[0], abs=0.01)
    spread = leading_axes(random_features(400, 40), 30).std()
    assert spread.max() / spread.min() < 3


def test_fewer_axes_hold_most_of_the_variance():
    features = random_features(200, 20)
    few = leading_axes(features, 8)
    assert few.shape == (200, 8)
    scaled = (features - features.mean()) / features.std(ddof=0)
    total = np.linalg.svd(scaled.to_numpy(), compute_uv=False) ** 2
    assert 20 * (few**2).to_numpy().sum() == pytest.approx(total[:8].sum(), rel=1e-6)


def test_harmonics_count_half_among_other_numbers():
    waves = random_features(50, 4).set_axis(
        ["legs 1", "legs 2", "legs HEEL x cosine 1", "HEEL y sine 3"], axis=1
    )
    scaled = ((waves - waves.mean()) / waves.std(ddof=0)).to_numpy() * [
        1.0,
        1.0,
        HARMONIC_WEIGHT,
        HARMONIC_WEIGHT,
    ]
    axes = leading_axes(waves).to_numpy()
    np.testing.assert_allclose(axes @ axes.T, scaled @ scaled.T / 4, atol=1e-12)


def test_a_table_comes_back_from_its_file(tmp_path):
    features = WalkerFeatures({"fast": random_features(), "only legs": random_features(seed=1)}, NOTHING)
    path = write_features(tmp_path / "new" / "walkers.npz", features)
    again = load_features(path)
    assert list(again.sets) == ["fast", "only legs"]
    assert list(again.subjects) == list(features.subjects)
    np.testing.assert_allclose(again.sets["fast"], leading_axes(features.sets["fast"]), rtol=2e-3, atol=2e-3)
    assert [each.name for each in path.parent.iterdir()] == ["walkers.npz"]


def test_a_table_that_is_not_there_is_named_with_the_remedy(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"no table of features .*none\.npz: make it with `gaitbook embed`"
    ):
        load_features(tmp_path / "none.npz")
