import numpy as np
import pandas as pd
import pytest

from gaitbook.synthesis.causes import (
    CauseGains,
    draw_causes,
    load_styles,
    own_spread,
    style_effects,
    system_loadings,
)
from gaitbook.synthesis.covariates import covariance_of, covariate_names, standardize_covariates
from gaitbook.synthesis.manner import styles_table
from gaitbook.synthesis.person_noise import draw_noise
from gaitbook.synthesis.population import draw_people

PEOPLE = 4000


@pytest.fixture(scope="module")
def people():
    return draw_people(PEOPLE, seed=11)


@pytest.fixture(scope="module")
def causes(people):
    return draw_causes(people, seed=11)


def slope(x, y):
    return np.polyfit(x, y, 1)[0]


def test_system_scores_are_independent_standard_normal(causes):
    covariance = np.cov(causes.systems.T)
    assert covariance.shape == (18, 18)
    assert np.allclose(covariance, np.eye(18), atol=5 / np.sqrt(PEOPLE))
    assert np.allclose(causes.systems.mean(), 0, atol=5 / np.sqrt(PEOPLE))


def test_system_scores_know_nothing_of_the_covariates(causes, people):
    correlation = np.corrcoef(causes.systems.T, standardize_covariates(people).T)[:18, 18:]
    assert np.abs(correlation).max() < 5 / np.sqrt(PEOPLE)


def test_style_scores_have_unit_variance_between_people(causes):
    assert list(causes.styles.columns) == list(load_styles())
    assert causes.styles.std().between(0.93, 1.07).all()
    assert causes.styles.mean().abs().max() < 0.15


def test_spread_written_for_scaling_is_that_of_the_people(people):
    found = np.cov(standardize_covariates(people).T)
    assert np.allclose(found, covariance_of(covariate_names()), atol=0.15)


def test_push_off_weakens_with_age_as_published(causes, people):
    degrees = np.rad2deg(styles_table()["styles"]["push_off"]["size"]) * causes.styles["push_off"]
    per_decade = slope(people["age_year"] / 10, degrees)
    assert per_decade == pytest.approx(-1.1, abs=0.2)
    assert -7 < 4 * per_decade < -2


@pytest.mark.parametrize("style", ["pelvis_list_range", "pelvis_rotation_range", "arm_swing_range"])
def test_women_move_pelvis_and_arms_more(causes, people, style):
    women = (people["sex"] == "female").to_numpy()
    assert causes.styles[style][women].mean() > causes.styles[style][~women].mean() + 0.2


@pytest.mark.parametrize(
    ("style", "column", "direction"),
    [
        ("stride_length", "age_year", -1),
        ("hip_flexion_range", "age_year", -1),
        ("step_width", "age_year", 1),
        ("trunk_lean", "age_year", -1),  # lumbar extension: forward is negative
        ("step_width", "bmi_kgm2", 1),
        ("arm_abduction", "bmi_kgm2", -1),  # shoulder adduction: away from the body is negative
        ("knee_stance_flexion", "bmi_kgm2", -1),
        ("push_off", "vigor", 1),
        ("stride_length", "vigor", 1),
    ],
)
def test_styles_follow_age_body_and_vigor_in_the_published_direction(
    causes, people, style, column, direction
):
    moved = causes.styles[style] * np.sign(styles_table()["styles"][style]["size"])
    assert direction * np.corrcoef(people[column], moved)[0, 1] > 0.1


def test_each_system_moves_four_styles_of_its_parts_of_the_body():
    loading = system_loadings()
    assert ((loading.sel(sex="male") != 0).sum("style") == 4).all()
    part = pd.Series(load_styles())
    moved = {
        name: set(part[(loading.sel(system=name, sex="male") != 0).to_numpy()])
        for name in loading["system"].values
    }
    assert moved["frailty"] == moved["glycemic_status"] == moved["nightingale"] == {"legs"}
    assert moved["sleep"] <= {"torso", "arms"}
    assert moved["lifestyle"] <= {"torso", "arms"}
    assert moved["mental"] <= {"torso", "arms", "head"}
    assert not (loading.sel(style="asymmetry") != 0).any()


def test_kidneys_leave_no_trace_in_the_gait_of_women_and_some_in_that_of_men(causes, people):
    loading = system_loadings().sel(system="renal")
    assert (loading.sel(sex="female") == 0).all()
    women = (people["sex"] == "female").to_numpy()
    for chosen, seen in ((women, False), (~women, True)):
        known = np.column_stack([np.ones(chosen.sum()), causes.styles[chosen]])
        score = causes.systems["renal"].to_numpy()[chosen]
        left = score - known @ np.linalg.lstsq(known, score, rcond=None)[0]
        explained = 1 - left.var() / score.var()
        assert (explained > 0.1) == seen


def test_loadings_are_found_again_by_regression(causes, people):
    men = (people["sex"] == "male").to_numpy()
    covariates = standardize_covariates(people)[men][["age", "bmi", "visceral_fat", "vigor"]]
    known = np.column_stack([np.ones(men.sum()), covariates, causes.systems[men]])
    found = np.linalg.lstsq(known, causes.styles[men], rcond=None)[0]
    assert np.allclose(found[5:].T, system_loadings().sel(sex="male"), atol=0.12)
    assert np.allclose(found[1], style_effects()["age"], atol=0.12)


def test_people_do_not_depend_on_chunks_or_order(people, causes):
    chunks = [draw_causes(part, seed=11) for part in (people[:700], people[700:701], people[701:])]
    assert pd.concat([each.systems for each in chunks]).equals(causes.systems)
    assert pd.concat([each.styles for each in chunks]).equals(causes.styles)
    backward = draw_causes(people[::-1], seed=11)
    assert backward.styles[::-1].equals(causes.styles)


def test_same_seed_same_scores_other_seed_other_scores(people, causes):
    few = people[:20]
    assert draw_causes(few, seed=11).styles.equals(causes.styles[:20])
    assert not np.isclose(draw_causes(few, seed=12).styles, causes.styles[:20]).any()


def test_noise_of_a_person_begins_alike_however_much_is_drawn():
    short, long = (draw_noise([3, 4], count, seed=5, stream=6) for count in (2, 9))
    assert np.array_equal(short, long[:, :2])
    assert not np.isclose(long[0], long[1]).any()


def test_gains_scale_their_effects_and_keep_the_variance(people):
    gains = CauseGains(age_gain=1.5, sex_gain=0.5, system_gain=2.0)
    assert np.allclose(style_effects(gains)["age"], 1.5 * style_effects()["age"])
    assert np.allclose(style_effects(gains)["sex"], 0.5 * style_effects()["sex"])
    drawn = draw_causes(people, seed=11, gains=gains)
    assert drawn.gains == gains
    assert drawn.styles.std().between(0.92, 1.1).all()


def test_without_gains_only_chance_is_left(people):
    none = CauseGains(0, 0, 0, 0, 0)
    assert np.allclose(own_spread(none), 1)
    styles = draw_causes(people, seed=11, gains=none).styles
    correlation = np.corrcoef(styles.T, standardize_covariates(people).T)[
        : styles.shape[1], styles.shape[1] :
    ]
    assert np.abs(correlation).max() < 5 / np.sqrt(PEOPLE)


def test_gains_below_zero_are_refused():
    with pytest.raises(
        ValueError, match=r"Gains are factors from zero up, but age_gain is -1, system_gain is nan"
    ):
        CauseGains(age_gain=-1, system_gain=float("nan"))


def test_every_fault_of_a_people_table_is_named_at_once(people):
    faulty = people[:4].drop(columns="vigor").assign(sex=["female", "male", "other", "male"])
    faulty.loc[faulty.index[0], "bmi_kgm2"] = np.nan
    faulty = pd.concat([faulty, faulty[:1]])
    with pytest.raises(ValueError, match="people table cannot be used") as error:
        draw_causes(faulty)
    for words in (
        "'vigor' is missing",
        "'bmi_kgm2' is not finite for 2",
        "sex is other",
        "'person-0001' occurs more",
        "Draw it",
    ):
        assert words in str(error.value)
