import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.covariate_design import COLUMNS, covariate_design, natural_spline
from tests.studies.drawn_people import draw_people


def fit(design, values):
    return design @ np.linalg.lstsq(design, values, rcond=None)[0]


def test_one_sex_has_a_constant_and_three_terms_for_each_covariate():
    women = draw_people().query("sex == 'female'")
    design = covariate_design(women)
    assert design.shape == (len(women), 1 + 4 * 3)
    np.testing.assert_allclose(design[:, 0], 1.0)
    np.testing.assert_allclose(design[:, 1:].mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(design[:, 1:].std(axis=0), 1.0)


def test_both_sexes_add_sex_and_its_curve_of_age():
    people = draw_people()
    design = covariate_design(people)
    assert design.shape[1] == 1 + 4 * 3 + 1 + 3
    curve = natural_spline(
        people["age_year"].to_numpy(), np.quantile(people["age_year"], [0.05, 0.35, 0.65, 0.95])
    )
    values = np.where(people["sex"] == "male", curve @ [1.0, -0.3, 0.2], 5.0)
    np.testing.assert_allclose(fit(design, values), values, atol=1e-6)


def test_a_spline_is_straight_beyond_its_outer_knots_and_smooth_within():
    knots = np.array([0.0, 1.0, 2.5, 4.0])
    grid = np.linspace(-3.0, 7.0, 1001)
    terms = natural_spline(grid, knots)
    second = np.diff(terms, 2, axis=0)
    outside = (grid[1:-1] < knots[0] - 0.02) | (grid[1:-1] > knots[-1] + 0.02)
    np.testing.assert_allclose(second[outside], 0.0, atol=1e-10)
    assert np.abs(np.diff(second, axis=0)).max() < 1e-5


def test_a_spline_is_that_of_patsy():
    from patsy import dmatrix

    values = np.random.default_rng(0).uniform(20, 80, 200)
    knots = np.quantile(values, [0.05, 0.35, 0.65, 0.95])
    inside = values[(values > knots[0]) & (values < knots[-1])]
    ours = np.column_stack([np.ones(len(inside)), natural_spline(inside, knots)])
    theirs = np.asarray(
        dmatrix("cr(x, knots=k) - 1", {"x": np.r_[knots[[0, -1]], inside], "k": knots[1:-1]})
    )[2:]
    np.testing.assert_allclose(fit(ours, theirs), theirs, atol=1e-8)


def test_a_curve_of_age_leaves_nothing_for_gait():
    people = draw_people(800)
    age = (people["age_year"].to_numpy() - 55) / 15
    curved = age**2
    left = curved - fit(covariate_design(people), curved)
    straight = curved - fit(covariate_design(people, knots=0), curved)
    assert left.std() < 0.1 * straight.std()


def test_a_covariate_that_does_not_vary_is_left_out():
    people = draw_people().assign(height_m=1.7)
    assert covariate_design(people.drop(columns="sex")).shape[1] == 1 + 3 * 3


def test_a_covariate_of_few_values_is_left_straight():
    people = draw_people(400).drop(columns="sex").assign(height_m=np.arange(400) % 2 + 1.0)
    assert covariate_design(people).shape[1] == 1 + 3 * 3 + 1


def test_one_woman_has_a_constant_only():
    np.testing.assert_array_equal(covariate_design(draw_people(1)), [[1.0]])


def test_one_woman_among_men_has_her_sex():
    people = draw_people(60).assign(sex="male")
    people.loc["p7", "sex"] = "female"
    design = covariate_design(people)
    assert np.isfinite(design).all()
    assert np.linalg.matrix_rank(design) == 1 + 4 * 3 + 1


def test_order_of_people_does_not_matter():
    people = draw_people()
    np.testing.assert_allclose(covariate_design(people.iloc[::-1]), covariate_design(people)[::-1], atol=1e-9)


def test_all_faults_are_named():
    people = draw_people(20).drop(columns="height_m")
    people.loc["p0", "age_year"] = np.nan
    people["sex"] = people["sex"].mask(people.index == "p1")
    with pytest.raises(
        ValueError,
        match=r"no column height_m; 2 knots: choose 3 to 7.*1 people have no age_year.*1 people have no sex",
    ):
        covariate_design(people, knots=2)
    with pytest.raises(ValueError, match="the people table is empty"):
        covariate_design(pd.DataFrame(columns=list(COLUMNS)))
