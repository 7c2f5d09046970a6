import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.studies.discovery_scores import score_discoveries, true_targets

NAMES = ["pulse", "pulse_again", "sleep", "weight", "weight_again", "iron"]


def draw_truth():
    seen = [[1, 0], [0, 0], [1, 1], [1, 1], [0, 0], [0, 0]]
    return xr.Dataset(
        {"seen_in_gait": (("phenotype", "sex"), np.array(seen, dtype=bool))},
        {
            "phenotype": NAMES,
            "sex": ["female", "male"],
            "system": ("phenotype", ["heart", "heart", "mind", "size", "size", "blood"]),
            "kind": (
                "phenotype",
                ["true_effect", "duplicate", "true_effect", "tautology", "duplicate", "null"],
            ),
            "duplicate_of": ("phenotype", ["", "pulse", "", "", "weight", ""]),
        },
    )


def found_in(names, sex="female"):
    return pd.DataFrame({"phenotype": NAMES, "sex": sex, "discovered": [name in names for name in NAMES]})


def test_second_readings_are_true_where_the_first_is():
    truth = true_targets(draw_truth()).set_index(["sex", "phenotype"])
    assert truth.loc["female", "true"].tolist() == [True, True, True, True, True, False]
    assert truth.loc["male", "true"].tolist() == [False, False, True, True, True, False]
    assert truth.loc["male", "apart"].tolist() == [False, False, False, True, True, False]


def test_a_second_reading_of_a_second_reading_is_followed_to_the_first():
    repeats = ("phenotype", ["", "pulse", "", "", "weight", "pulse_again"])
    truth = draw_truth().assign_coords(duplicate_of=repeats)
    assert true_targets(truth).set_index(["sex", "phenotype"]).loc[("female", "iron"), "true"]


def test_proportion_and_power_by_hand():
    score = score_discoveries(found_in(["pulse", "iron", "weight"]), draw_truth()).iloc[0]
    assert score["discoveries"] == 2
    assert score["false_discoveries"] == 1
    assert score["false_proportion"] == 0.5
    assert score["true_targets"] == 3
    assert score["power"] == pytest.approx(1 / 3)
    assert score["power_single"] == pytest.approx(1 / 2)
    assert score["tautologies"] == 1


def test_systems_are_counted_by_sex():
    both = pd.concat([found_in(["pulse", "sleep"]), found_in(["pulse", "iron"], sex="male")])
    scores = score_discoveries(both, draw_truth()).set_index("sex")
    assert scores.loc["female", ["systems_planted", "systems_recovered", "systems_false"]].tolist() == [
        2,
        2,
        0,
    ]
    assert scores.loc["male", ["systems_planted", "systems_recovered", "systems_false"]].tolist() == [1, 0, 2]


def test_a_selection_of_systems_decides_if_there_is_one():
    systems = pd.DataFrame(
        {"sex": "female", "system": ["heart", "mind", "blood"], "selected": [False, True, True]}
    )
    score = score_discoveries(found_in(["pulse"]), draw_truth(), systems=systems).iloc[0]
    assert score[["systems_recovered", "systems_false"]].tolist() == [1, 1]


def test_nothing_found_is_nothing_false():
    score = score_discoveries(found_in([]), draw_truth()).iloc[0]
    assert score["false_proportion"] == 0.0
    assert score["power"] == 0.0


def test_targets_set_apart_beforehand_may_be_absent():
    score = score_discoveries(found_in(["pulse"]).iloc[:3], draw_truth()).iloc[0]
    assert score["discoveries"] == 1
    assert score["power"] == pytest.approx(1 / 3)


def test_all_faults_are_named():
    table = pd.concat([found_in(["pulse"]), found_in([]).iloc[:1]]).replace({"phenotype": {"iron": "gold"}})
    with pytest.raises(
        ValueError, match=r"does not know gold \(female\); more than one row for pulse \(female\)"
    ):
        score_discoveries(table, draw_truth())
    with pytest.raises(ValueError, match="no column discovered"):
        score_discoveries(found_in([]).drop(columns="discovered"), draw_truth())
    with pytest.raises(ValueError, match="no seen_in_gait, system: discoveries can be judged only where"):
        true_targets(draw_truth().drop_vars(["seen_in_gait", "system"]))
