import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.system_discoveries import discover_systems, largest_statistic_p, simes


def table_of(by_system, sex="female"):
    rows = [
        {"phenotype": f"{system} {number}", "sex": sex, "system": system, "p": p}
        for system, values in by_system.items()
        for number, p in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_simes_in_closed_form():
    assert simes(np.array([0.3])) == 0.3
    assert simes(np.full(7, 0.2)) == pytest.approx(0.2)
    assert simes(np.array([0.01, 0.5, 0.9])) == pytest.approx(0.03)
    assert simes(np.array([0.04, 0.05, np.nan])) == pytest.approx(0.05)
    assert np.isnan(simes(np.array([np.nan])))


def test_simes_is_uniform_for_independent_targets():
    p = np.random.default_rng(0).random((4000, 12))
    combined = np.array([simes(each) for each in p])
    assert (combined < 0.05).mean() == pytest.approx(0.05, abs=0.01)


def test_the_largest_statistic_is_judged_by_the_largest_of_each_permutation():
    null = np.array([[1.0, 3.0], [2.0, 0.0], [0.0, 0.0]])
    assert largest_statistic_p(np.array([2.0, np.nan]), null) == pytest.approx(2 / 4)
    assert largest_statistic_p(np.array([2.0, 1.0]), null) == pytest.approx(3 / 4)
    assert np.isnan(largest_statistic_p(np.array([np.nan, np.nan]), null))


def test_benjamini_and_bogomolov_by_hand():
    tests = table_of(
        {"sleep": [0.001, 0.03, 0.6], "renal": [0.4, 0.8], "liver": [0.02, 0.9], "bone": [0.5, 0.9]}
    )
    found = discover_systems(tests, level=0.1)
    # Simes: 0.003, 0.8, 0.04, 0.9; Benjamini and Hochberg over four: 0.012, 0.9, 0.08, 0.9
    np.testing.assert_allclose(found.systems["p"], [0.003, 0.8, 0.04, 0.9])
    np.testing.assert_allclose(found.systems["q"], [0.012, 0.9, 0.08, 0.9])
    assert found.systems["selected"].tolist() == [True, False, True, False]
    np.testing.assert_allclose(
        found.targets["system_level"], [0.05] * 3 + [np.nan] * 2 + [0.05] * 2 + [np.nan] * 2
    )
    np.testing.assert_allclose(found.targets["q"][:3], [0.003, 0.045, 0.6])
    assert found.targets["discovered"].tolist() == [True, True] + [False] * 3 + [True] + [False] * 3
    assert found.systems["discoveries"].tolist() == [2, 0, 1, 0]
    assert found.tally[["sex", "claim"]].to_numpy().tolist() == [["female", "2 of 4"]]


def test_every_selected_system_holds_a_discovery():
    rng = np.random.default_rng(1)
    for seed in range(10):
        p = {f"system {number}": rng.random(20) ** rng.integers(1, 8) for number in range(18)}
        systems = discover_systems(table_of(p)).systems
        assert (systems["selected"] == (systems["discoveries"] > 0)).all(), seed


def test_sexes_are_judged_apart_and_rows_keep_their_order():
    women = table_of({"sleep": [0.001], "renal": [0.9]})
    men = table_of({"sleep": [0.04], "renal": [0.03]}, sex="male")
    tests = pd.concat([women, men]).iloc[[3, 0, 2, 1]]
    found = discover_systems(tests)
    assert found.targets["phenotype"].tolist() == tests["phenotype"].tolist()
    assert found.tally.set_index("sex")["claim"].to_dict() == {"male": "2 of 2", "female": "1 of 2"}
    assert found.tally["recovered"].sum() == 3


def test_systems_without_any_test_are_told_and_not_counted_as_found():
    found = discover_systems(table_of({"sleep": [0.04, 0.04], "renal": [np.nan]}))
    assert found.systems["tested"].tolist() == [2, 0]
    assert found.systems["selected"].tolist() == [True, False]
    assert found.tally["claim"].item() == "1 of 2"
    assert found.targets["system_level"].tolist()[:2] == [0.05, 0.05]


def test_a_combined_p_value_of_its_own_decides():
    tests = table_of({"sleep": [0.5], "renal": [0.001]})
    found = discover_systems(tests, system_p={("female", "sleep"): 0.001, ("female", "renal"): 0.9})
    assert found.systems["selected"].tolist() == [True, False]
    assert not found.targets["discovered"].any()


def test_systems_that_know_nothing_are_seldom_selected():
    rng = np.random.default_rng(2)
    tests = [
        discover_systems(table_of({f"s{n}": rng.random(8) for n in range(9)})).systems for _ in range(60)
    ]
    assert np.mean([each["selected"].any() for each in tests]) < 0.2


def test_all_faults_are_named():
    tests = table_of({"sleep": [0.5], "": [0.1]})
    with pytest.raises(
        ValueError, match=r"no system is given for  0; system_p has no value for sleep \(female\)"
    ):
        discover_systems(tests, system_p={("female", ""): 0.5})
    with pytest.raises(ValueError, match="no column system, p"):
        discover_systems(tests.drop(columns=["system", "p"]))
