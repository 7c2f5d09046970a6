import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.false_discovery import (
    UNTESTED,
    Family,
    adjust_p_values,
    control_families,
    null_share_of,
)


def table_of(p, sex="female", reason=None):
    names = [f"target {number}" for number in range(len(p))]
    table = pd.DataFrame({"phenotype": names, "sex": sex, "p": p})
    return table if reason is None else table.assign(reason=reason)


def family_of(tests, question="gait beyond covariates"):
    return Family(question, tests["sex"].iloc[0], tuple(tests["phenotype"]))


def test_benjamini_and_hochberg_by_hand():
    q = adjust_p_values(np.array([0.04, 0.001, 0.03, 0.5]))
    np.testing.assert_allclose(q, [0.04 * 4 / 3, 0.004, 0.04 * 4 / 3, 0.5])


@pytest.mark.parametrize("count", [1, 5, 3210])
def test_benjamini_and_yekutieli_is_larger_by_the_harmonic_number(count):
    p = np.random.default_rng(0).random(count) / 100
    factor = (1 / np.arange(1, count + 1)).sum()
    expected = np.minimum(factor * adjust_p_values(p), 1)
    np.testing.assert_allclose(adjust_p_values(p, method="by"), expected)


def test_storey_is_smaller_by_the_share_of_null_targets():
    rng = np.random.default_rng(1)
    p = np.concatenate([rng.random(6000), rng.random(4000) * 1e-3])
    assert null_share_of(p) == pytest.approx(0.6, abs=0.03)
    np.testing.assert_allclose(adjust_p_values(p, method="storey"), null_share_of(p) * adjust_p_values(p))
    assert null_share_of(np.ones(3)) == 1.0


@pytest.mark.parametrize("method", ["bh", "by", "storey"])
def test_false_discoveries_stay_below_the_level(method):
    rng = np.random.default_rng(2)
    shares = []
    for _ in range(200):
        p = rng.random(100)
        p[:30] *= 1e-3
        found = adjust_p_values(p, method=method) <= 0.1
        shares.append(found[30:].sum() / max(found.sum(), 1))
    assert np.mean(shares) < 0.115


def test_targets_without_p_count_for_nothing_and_keep_their_reason():
    tests = table_of([0.01, np.nan, 0.02, np.nan], reason=["", "nobody has it", "", ""])
    found = control_families(tests, [family_of(tests)])
    np.testing.assert_allclose(found["q"], [0.02, np.nan, 0.02, np.nan])
    assert found["discovered"].tolist() == [True, False, True, False]
    assert found["reason"].tolist() == ["", "nobody has it", "", UNTESTED]
    assert set(found["tested"]) == {2}
    assert set(found["declared"]) == {4}


def test_families_are_corrected_apart():
    women, men = table_of([0.04, 0.9]), table_of([0.02, 0.03], sex="male")
    tests = pd.concat([women, men])
    found = control_families(
        tests, [family_of(women), family_of(men), Family("one alone", "female", ("target 0",))]
    )
    np.testing.assert_allclose(found["q"], [0.08, 0.9, 0.03, 0.03, 0.04])
    assert found["discovered"].tolist() == [False, False, True, True, True]
    assert found["question"].tolist()[-1] == "one alone"


def test_a_family_cannot_shrink_by_what_its_tests_say():
    tests = table_of([0.01, 0.2, 0.9])
    with pytest.raises(
        ValueError, match=r"declared for target 1, target 2 \(female\).*keep targets that cannot"
    ):
        control_families(tests.iloc[:1], [family_of(tests)])


def test_all_faults_of_families_are_named():
    tests = table_of([0.1, 0.2])
    with pytest.raises(
        ValueError, match=r"no family is declared; tested more than once in the same sex: target 0"
    ):
        control_families(pd.concat([tests, tests.iloc[:1]]), [])
    with pytest.raises(ValueError, match="names a target twice"):
        control_families(tests, [Family("gait", "female", ("target 0", "target 0"))])
    with pytest.raises(ValueError, match="tests have no column sex"):
        control_families(tests.drop(columns="sex"), [family_of(tests)])
    with pytest.raises(ValueError, match=r"'holm', known are bh, by, storey; 2 p values lie outside"):
        adjust_p_values(np.array([-0.1, 1.2, 0.5]), method="holm")


def test_nothing_tested_is_nothing_found():
    assert np.isnan(adjust_p_values(np.full(3, np.nan))).all()
