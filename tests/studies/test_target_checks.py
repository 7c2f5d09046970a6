import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.target_checks import check_targets, find_same

PEOPLE = 200


def draw(seed=0):
    rng = np.random.default_rng(seed)
    subjects = pd.Index([f"p{number}" for number in range(PEOPLE)], name="subject")
    design = pd.DataFrame(rng.standard_normal((PEOPLE, 3)), subjects, columns=["age", "bmi", "height"])
    values = pd.DataFrame(
        rng.standard_normal((PEOPLE, 4)), subjects, columns=["pulse", "sleep", "iron", "zinc"]
    )
    return values, design


def check(values, design, **given):
    return check_targets(values, design, sex="female", **given).set_index("phenotype")


def test_ordinary_targets_are_usable():
    table = check(*draw())
    assert table["usable"].all()
    assert (table["reason"] == "").all()
    assert (table["r2_covariates"].abs() < 0.1).all()
    assert set(table["sex"]) == {"female"}


def test_targets_that_cannot_be_tested_say_why():
    values, design = draw()
    values["constant"] = 3.0
    values["missing"] = np.nan
    values["few"] = values["pulse"].where(np.arange(PEOPLE) < 20)
    values["diagnosis"] = (np.arange(PEOPLE) < 3).astype(float)
    values["mostly_zero"] = np.where(np.arange(PEOPLE) < 4, np.arange(PEOPLE), 0.0)
    table = check(values, design)
    assert table.loc["constant", "reason"] == "everybody has the same value"
    assert table.loc["missing", "reason"] == "nobody has it"
    assert table.loc["few", "reason"] == "20 people have it, at least 50 are needed"
    assert table.loc["diagnosis", "reason"] == "3 of 200 people are cases, at least 10 are needed"
    assert table.loc["mostly_zero", "reason"] == "3 of 200 people differ from 0, at least 10 are needed"
    assert (table["fault"][4:] == "untestable").all()
    assert check(values, design, fewest_cases=3).loc["diagnosis", "usable"]


def test_a_target_made_of_covariates_is_a_tautology():
    values, design = draw()
    noise = values["zinc"]
    values["mass_index"] = design["bmi"] + 0.1 * noise
    values["body_weight"] = design["bmi"] + design["height"] + 0.8 * noise
    values["weight_loss_score"] = noise[::-1].to_numpy()
    values["ferritin"] = design["bmi"] + design["height"] + 0.8 * values["iron"]
    table = check(values, design)
    assert table.loc["mass_index", "reason"].startswith("it contains a covariate: covariates tell 99 %")
    assert "it is called 'weight'" in table.loc["body_weight", "reason"]
    assert table.loc[["mass_index", "body_weight"], "fault"].eq("tautology").all()
    assert table.loc["ferritin", "usable"]
    assert table.loc["weight_loss_score", "r2_covariates"] < 0.5


def test_units_betray_a_tautology():
    values, design = draw()
    values["index"] = design["bmi"] + 0.7 * values["iron"]
    assert check(values, design).loc["index", "usable"]
    assert not check(values, design, units={"index": "kg/m2"}).loc["index", "usable"]


def test_failed_readings_do_not_hide_a_tautology():
    values, design = draw()
    values["volume"] = np.exp(design["bmi"] * 2) * 1000
    values.loc[values.index[0], "volume"] = 0.0
    assert check(values, design).loc["volume", "fault"] == "tautology"


def test_second_readings_name_the_first():
    values, design = draw()
    values["sleep_again"] = -2.0 * values["sleep"] + 0.1 * values["zinc"] + 5.0
    values.loc[values.index[:60], "sleep_again"] = np.nan
    values["iron_serum"] = values["iron"] + values["zinc"]
    table = check(values, design, duplicate_of={"iron_serum": "iron"})
    assert table.loc["sleep_again", "reason"].startswith("it says the same as sleep (r = -0.99")
    assert table.loc["sleep_again", "reason"].endswith("in 140 people)")
    assert table.loc["iron_serum", "reason"] == "it is a second reading of iron, says the dictionary"
    assert table["fault"].tolist() == [""] * 4 + ["duplicate"] * 2


def test_correlations_are_those_of_people_who_have_both(monkeypatch):
    rng = np.random.default_rng(3)
    values = rng.standard_normal((PEOPLE, 9)) + 2 * rng.standard_normal((PEOPLE, 1))
    values[rng.random(values.shape) < 0.3] = np.nan
    monkeypatch.setattr("gaitbook.studies.target_checks.CHUNK", 4)
    pairs = find_same(values, least=0.0)
    assert len(pairs) == 36
    expected = pd.DataFrame(values).corr().to_numpy()
    for first, second, r, n in pairs:
        assert r == pytest.approx(expected[first, second])
        assert n == np.isfinite(values[:, [first, second]]).all(axis=1).sum()


def test_all_faults_that_cannot_be_repaired_are_named_at_once():
    values, design = draw()
    values = pd.concat([values, values.iloc[:1]])
    values.columns = ["pulse", "pulse", "iron", "zinc"]
    values.iloc[5, 3] = np.inf
    design = design.iloc[:-1]
    design.iloc[0, 0] = np.nan
    with pytest.raises(
        ValueError,
        match=r"more than one row for p0: keep one visit.*occur twice: pulse.*1 people have no covariates, such as "
        r"p199.*covariates of 1 people have gaps.*infinite in zinc",
    ):
        check(values, design)
