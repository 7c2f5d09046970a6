import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.cause_statement import (
    arrows_of,
    e_value,
    judge_controls,
    judge_sensitivity,
    risk_ratio,
    robustness_value,
    state_cause,
)

GRAPH = pd.DataFrame(
    [
        ("frailty", "stride_length", 0.3, "female"),
        ("age", "stride_length", -0.2, "both"),
        ("age", "grip", -0.4, "both"),
        ("frailty", "grip", 0.5, "both"),
        ("sleep", "arm_swing", 0.3, "both"),
        ("grip", "grip again", 0.9, "both"),
    ],
    columns=["cause", "effect", "weight", "sex"],
)
STYLES = ["stride_length", "arm_swing"]


def test_something_as_strong_as_the_robustness_value_explains_all():
    rng = np.random.default_rng(0)
    count = 400
    walk, own, hidden = np.linalg.qr(rng.standard_normal((count, 3)) - 0.0)[0].T
    target = 0.4 * walk + np.sqrt(1 - 0.16) * own
    r = walk @ target
    freedom = count - 1
    value = robustness_value(r * np.sqrt(freedom / (1 - r**2)), freedom)
    # a confounder that shares this much with walking, and with what walking leaves of the target
    left = target - r * walk
    left /= np.linalg.norm(left)
    inside = np.sqrt(value) * walk
    beyond = np.sqrt(value) * np.sqrt(1 - value) * left
    confounder = inside + beyond + np.sqrt(1 - value - value * (1 - value)) * hidden
    slope = np.linalg.lstsq(np.column_stack([walk, confounder]), target, rcond=None)[0][0]
    assert slope == pytest.approx(0.0, abs=1e-9)


def test_what_is_not_significant_is_robust_against_nothing():
    assert robustness_value(1.5, 300, alpha=0.05) == 0.0
    assert robustness_value(0.0, 300) == 0.0
    assert robustness_value(-3.0, 300) == robustness_value(3.0, 300)
    assert robustness_value(5.0, 300) > robustness_value(5.0, 300, share=0.5) > 0


def test_a_perfect_correlation_is_robust_against_nearly_all():
    assert robustness_value(1e4, 300) == pytest.approx(1.0, abs=1e-3)
    assert robustness_value(1e4, 300, alpha=0.05) == pytest.approx(1.0, abs=1e-3)


def test_no_association_needs_nothing_to_explain_it():
    assert e_value(1.0) == 1.0
    assert risk_ratio(0.0) == 1.0
    assert e_value(0.5) == pytest.approx(e_value(2.0))
    assert risk_ratio(-0.3) == pytest.approx(1 / risk_ratio(0.3))


def test_sensitivity_of_a_correlation_with_its_limit():
    strong, weak = judge_sensitivity(0.4, 400, covariates=4), judge_sensitivity(0.05, 400, covariates=4)
    assert strong.robustness > strong.robustness_of_sign > 0
    assert strong.e_value > strong.e_value_of_limit > 1
    assert weak.robustness_of_sign == 0.0
    assert weak.e_value_of_limit == 1.0


def test_correlations_that_are_none_are_refused():
    with pytest.raises(
        ValueError, match=r"r is 1.2, not between -1 and 1; 5 people and 4 covariates leave -1"
    ):
        judge_sensitivity(1.2, 5, covariates=4)


def test_negative_controls_that_are_found_too_often_do_not_hold():
    names = [f"control {k}" for k in range(100)]
    p = np.concatenate([np.full(5, 0.01), np.full(95, 0.5), np.full(30, 0.01), np.full(70, 0.5)])
    tests = pd.DataFrame({"sex": np.repeat(["female", "male"], 100), "phenotype": names * 2, "p": p})
    judged = judge_controls(tests, names).set_index("sex")
    assert judged["found"].to_dict() == {"female": 5, "male": 30}
    assert judged["holds"].to_dict() == {"female": True, "male": False}
    with pytest.raises(ValueError, match="1 negative controls were not tested: luck"):
        judge_controls(tests, [*names, "luck"])


def test_arrows_lead_from_shared_causes_to_target_and_walking():
    arrows = arrows_of(GRAPH, "grip", "female", styles=STYLES)
    listed = {(row.cause, row.effect, row.role) for row in arrows.itertuples()}
    assert listed == {
        ("age", "grip", "to the target"),
        ("frailty", "grip", "to the target"),
        ("frailty", "stride_length", "to walking"),
        ("age", "stride_length", "to walking"),
    }
    man = arrows_of(GRAPH, "grip", "male", styles=STYLES)
    assert man.loc[man["role"] == "to walking", "cause"].tolist() == ["age"]


def test_arrows_of_a_repeated_measure_go_through_what_it_repeats():
    arrows = arrows_of(GRAPH, "grip again", "female", styles=STYLES)
    assert {"grip", "frailty"} <= set(arrows.loc[arrows["role"] == "to the target", "cause"])


def test_the_conclusion_names_the_true_causes():
    sensitivity = judge_sensitivity(0.3, 500, covariates=4)
    words = state_cause("grip", sensitivity, arrows_of(GRAPH, "grip", "female", styles=STYLES))
    assert "That is no cause" in words
    assert words.endswith("beyond what was adjusted for, both come of frailty.")
    man = state_cause("grip", sensitivity, arrows_of(GRAPH, "grip", "male", styles=STYLES))
    assert man.endswith("all that causes both was adjusted for: age.")
    none = state_cause("luck", sensitivity, arrows_of(GRAPH, "luck", "male", styles=STYLES))
    assert none.endswith("nothing causes both walking and luck.")
    assert "synthetic" not in state_cause("grip", sensitivity)


def test_a_table_that_is_no_graph_is_refused():
    with pytest.raises(ValueError, match="no column weight, sex: pass what true_graph returns"):
        arrows_of(GRAPH[["cause", "effect"]], "grip", "male", styles=STYLES)
