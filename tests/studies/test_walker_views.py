import numpy as np
import pytest

from gaitbook.models.encoder_training import EncoderRecipe
from gaitbook.models.fitting import FittingPlan
from gaitbook.models.gait_encoder import EncoderSize
from gaitbook.representation.skeleton import GROUPS, JOINTS, group_of
from gaitbook.studies import gait_embedding
from gaitbook.studies.gait_embedding import fit_encoder
from gaitbook.studies.retest import intraclass_correlations
from gaitbook.studies.walker_features import load_features
from gaitbook.studies.walker_views import AGAIN, EMBEDDING, VIEWS, WHOLE, read_views, tell_again, write_views
from gaitbook.studies.walking_windows import cut_trials
from tests.studies.drawn_people import draw_people, table
from tests.studies.stick_skeletons import walk

PEOPLE = draw_people(600)
AGE = ((PEOPLE["age_year"] - PEOPLE["age_year"].mean()) / PEOPLE["age_year"].std()).to_numpy()[:, None]


def come(noise, seed):
    return table(
        PEOPLE, np.tile(AGE, 6) + noise * np.random.default_rng(seed).standard_normal((len(PEOPLE), 6))
    )


@pytest.fixture(scope="module")
def windows():
    """Of six people on two days; one came once only."""
    speeds = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5]
    return [
        cut_trials(
            [
                walk(seconds=8.0, speed_mps=speed, task="walk", subject=f"p{k}", noise_m=noise_m)
                for k, speed in enumerate(speeds[: 6 - day])
            ],
            scale="window",
            frames=64,
            progress=False,
        )
        for day, noise_m in enumerate((0.001, 0.0011))
    ]


@pytest.fixture(scope="module")
def views(windows):
    size = EncoderSize(tuple(GROUPS.index(group_of(joint)) for joint in JOINTS), width=16, depth=1, heads=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            gait_embedding, "encoder_recipe", lambda name: EncoderRecipe(name, frames=32, size=size)
        )
        plan = FittingPlan(family="fast", steps=2, batch=4)
        encoder = fit_encoder(windows[0], "fast", plan, progress=False)
    return read_views(encoder, *windows, progress=False)


def test_every_view_has_those_who_came_twice(views):
    assert set(views) == {WHOLE, AGAIN, *VIEWS}
    for each in views.values():
        assert list(each.index) == [f"p{k}" for k in range(5)]
        assert np.isfinite(each.to_numpy()).all()


def test_both_days_lie_on_common_axes(views):
    first, second = views[WHOLE].to_numpy(), views[AGAIN].to_numpy()
    leading = np.linalg.svd(first - first.mean(axis=0), full_matrices=False)[2][0]
    assert np.corrcoef(first @ leading, second @ leading)[0, 1] > 0.9


def test_a_file_of_views_is_read_as_one_of_features(views, tmp_path):
    read = load_features(write_views(tmp_path / "views.npz", views))
    assert set(read.sets) == set(views)
    np.testing.assert_allclose(read.sets[AGAIN], views[AGAIN], rtol=1e-2, atol=1e-2)


def test_the_same_day_twice_is_in_full_agreement():
    first = come(0.5, 1)
    told = tell_again(first, first, PEOPLE, targets=("age",)).set_index(["sex", "target"])
    assert told["agreement"].to_numpy() == pytest.approx(1.0)
    assert told.xs("age", level="target")["smallest_change"].to_numpy() == pytest.approx(0.0, abs=1e-9)


def test_what_is_told_is_in_years_and_agrees_as_the_noise_lets_it():
    first, second = come(1.0, 1), come(1.0, 2)
    told = tell_again(first, second, PEOPLE, targets=("age",))
    age = told[told["target"] == "age"].set_index("sex")
    # the mean of six readings of unit noise: one part noise in six of what varies
    assert age["agreement"].to_numpy() == pytest.approx(6 / 7, abs=0.05)
    assert (age["agreement_low"] < age["agreement"]).all()
    assert age["smallest_change"].between(3, 25).all()
    axes = told[told["target"] == EMBEDDING].set_index("sex")
    own = (PEOPLE["sex"] == "female").to_numpy()
    pair = np.stack([first[own], second[own]], axis=1)
    assert axes.loc["female", "agreement"] == pytest.approx(
        intraclass_correlations(pair)["agreement"].median()
    )


def test_who_came_once_is_counted():
    exclusions = []
    first = come(1.0, 1)
    told = tell_again(first, first.iloc[5:], PEOPLE, targets=("age",), exclusions=exclusions)
    assert told[told["target"] == "age"]["n"].sum() == len(PEOPLE) - 5
    assert sorted(each.item for each in exclusions) == sorted(map(str, first.index[:5]))
    assert {each.reason for each in exclusions} == {"came on one day only"}
