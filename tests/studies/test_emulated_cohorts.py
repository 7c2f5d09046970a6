import numpy as np
import pandas as pd
import pytest

from gaitbook.conventions import SEXES
from gaitbook.studies.emulated_cohorts import draw_cohort, fit_emulator
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.population import draw_people


@pytest.fixture(scope="module")
def walked():
    """People, styles, and features: a style, age squared, and noise."""
    people = draw_people(800, seed=3)
    styles = draw_causes(people, seed=3).styles
    rng = np.random.default_rng(0)
    first = styles.iloc[:, 0].to_numpy()
    features = pd.DataFrame(
        {
            "style": first,
            "curve": ((people["age_year"].to_numpy() - 55) / 15) ** 2 + 0.3 * rng.standard_normal(800),
            "noise": rng.exponential(size=800),
        },
        people.index,
    )
    return features, people, styles


@pytest.fixture(scope="module")
def emulator(walked):
    return fit_emulator(*walked)


def test_what_runs_through_styles_and_age_is_explained_and_noise_is_not(emulator, walked):
    explained = dict(zip(emulator.names, emulator.explained, strict=True))
    assert explained["style"] > 0.999
    assert explained["curve"] == pytest.approx(1 - 0.3**2 / walked[0]["curve"].var(), abs=0.05)
    assert abs(explained["noise"]) < 0.12


def test_a_drawn_cohort_has_the_features_that_its_own_styles_ask_for(emulator):
    cohort = draw_cohort(emulator, 300, seed=11)
    styles = draw_causes(draw_people(300, seed=11), seed=11).styles
    np.testing.assert_allclose(cohort.features["style"], styles.iloc[:, 0], atol=1e-3)
    pd.testing.assert_frame_equal(cohort.styles, styles)
    assert list(cohort.phenotypes["subject"].values) == list(cohort.people.index)


def test_what_is_left_over_keeps_its_shape(emulator, walked):
    noise = draw_cohort(emulator, 1000, seed=5).features["noise"]
    own = walked[0]["noise"]
    assert noise.std() == pytest.approx(own.std(), rel=0.2)
    assert noise.skew() > 0.6


def test_a_seed_is_a_cohort(emulator):
    first, again, other = (draw_cohort(emulator, 50, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.features, again.features)
    assert not np.allclose(first.features, other.features)


def test_too_few_people_are_refused(walked):
    features, people, styles = walked
    with pytest.raises(
        ValueError, match=r"cannot be emulated from \d+ female, \d+ male people: at least 300"
    ):
        fit_emulator(features.iloc[:200], people, styles)
    assert set(people["sex"]) == set(SEXES)
