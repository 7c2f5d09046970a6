import numpy as np
import pandas as pd
import pytest

from gaitbook.representation.stride_numbers import MOTION
from gaitbook.studies import change_scores
from gaitbook.studies.change_calibration import ERROR_COLUMNS
from gaitbook.studies.change_effects import CALIBRATION
from gaitbook.studies.change_scores import (
    CALIBRATION_RUN_MPS,
    KNEE_QUANTITIES,
    answer_errors,
    calibration_errors,
    recipe_errors,
    score_changes,
    simulated_errors,
    with_coverage,
)
from gaitbook.studies.guided_changes import RANGES, USUAL
from gaitbook.studies.stride_measures import UNITS
from tests.studies.stride_people import CHANGES, answer, tiny_model

TRUE = np.array([-1.0, -0.5, 0.0, 0.25, 1.0])
USUAL_90 = 1.645


def errors(true=TRUE, predicted=None, **columns):
    """A table of one change and one number."""
    fixed = {"change": "trunk lean 10 deg", "kind": "trunk lean", "quantity": "knee_adduction_first_peak"}
    fixed |= {"origin": "simulated", "gait": "walk", "true_own": 4.0, "deviation": 0.1, "size": 1.0}
    return pd.DataFrame({"true": true, "predicted": true if predicted is None else predicted}).assign(
        **{**fixed, **columns}
    )


def score(*arguments, **columns):
    (row,) = score_changes(errors(*arguments, **columns)).to_dict("records")
    return row


@pytest.fixture
def known(monkeypatch):
    """The simulator, which knows one person; and what it was asked for."""
    asked = []

    def answers(number, changes, *, gait="walk", speed_mps=None):
        asked.append((number, tuple(changes), gait, speed_mps))
        return answer()

    monkeypatch.setattr(change_scores, "simulated_answers", answers)
    return asked


def test_a_perfect_prediction_has_slope_and_correlation_one():
    row = score()
    assert row["slope"] == pytest.approx(1.0)
    assert row["r"] == pytest.approx(1.0)
    assert row["error"] == 0.0
    assert row["sign_right"] == 1.0
    assert row["n"] == len(TRUE)
    assert row["true"] == row["predicted"] == pytest.approx(TRUE.mean())


@pytest.mark.parametrize("factor", [0.5, 2.0, -1.0])
def test_a_constant_factor_is_the_slope_and_leaves_the_correlation(factor):
    row = score(TRUE, factor * TRUE)
    assert row["slope"] == pytest.approx(factor)
    assert row["r"] == pytest.approx(np.sign(factor))
    assert row["error"] == pytest.approx(abs(factor - 1.0) * np.abs(TRUE).mean())
    assert row["sign_right"] == (1.0 if factor > 0.0 else 0.0)


def test_a_constant_shift_is_the_error_and_leaves_the_slope():
    row = score(TRUE, TRUE + 0.3)
    assert row["slope"] == pytest.approx(1.0)
    assert row["error"] == pytest.approx(row["predicted"] - row["true"]) == pytest.approx(0.3)


def test_the_sign_counts_where_the_true_change_is_large():
    own = 4.0
    true = own * np.array([0.049, 0.051, -0.051, -0.2])
    row = score(true, np.array([-1.0, 1.0, 1.0, -1.0]), true_own=own)
    assert row["large"] == 3
    assert row["sign_right"] == pytest.approx(2.0 / 3.0)


def test_large_is_judged_by_the_size_of_the_own_value():
    assert score(true_own=-4.0)["large"] == score(true_own=4.0)["large"] == 4


def test_without_a_large_change_no_sign_is_judged():
    row = score(0.01 * TRUE)
    assert row["large"] == 0
    assert np.isnan(row["sign_right"])


@pytest.mark.parametrize("true", [TRUE[:2], np.ones(5)])
def test_too_few_people_or_equal_changes_have_no_slope(true):
    row = score(true)
    assert np.isnan(row["slope"])
    assert np.isnan(row["r"])
    assert row["error"] == 0.0


def test_what_is_not_known_is_left_out():
    row = score(np.append(TRUE, np.nan), np.append(TRUE, 1.0))
    assert row["n"] == len(TRUE)


def test_scores_are_told_apart_by_the_columns_asked_for():
    table = pd.concat([errors(), errors(TRUE, 2.0 * TRUE, change="other"), errors(quantity="impulse")])
    by_both = score_changes(table)
    assert by_both[["change", "quantity"]].to_numpy().tolist() == [
        ["trunk lean 10 deg", "knee_adduction_first_peak"],
        ["other", "knee_adduction_first_peak"],
        ["trunk lean 10 deg", "impulse"],
    ]
    assert by_both["slope"].tolist() == pytest.approx([1.0, 2.0, 1.0])
    by_change = score_changes(table, by=["change"])
    assert by_change["change"].tolist() == ["trunk lean 10 deg", "other"]
    assert by_change["n"].tolist() == [10, 5]


def test_coverage_is_by_the_widths_of_the_card():
    off = np.array([0.0, 0.9, 1.1, -0.9, -1.1])
    table = errors(TRUE, TRUE + off, deviation=0.3)
    width = [0.4, 2.0]
    card = {CALIBRATION: {"simulated/walk/trunk lean": {"knee_adduction_first_peak": width}}}
    judged = with_coverage(table, card)
    assert judged["covered"].tolist() == [True, True, False, True, False]
    assert score_changes(judged)["coverage"].tolist() == pytest.approx([0.6])


def test_each_origin_gait_and_kind_has_widths_of_its_own():
    name = "knee_adduction_first_peak"
    table = pd.concat(
        [errors(TRUE, TRUE + 0.5, kind="trunk lean"), errors(TRUE, TRUE + 0.5, kind="toe-in")],
        ignore_index=True,
    )
    card = {
        CALIBRATION: {
            "simulated/walk/trunk lean": {name: [1.0, 1.0]},
            "simulated/walk/toe-in": {name: [0.1, 1.0]},
        }
    }
    judged = with_coverage(table, card)
    assert judged.index.tolist() == list(range(10))
    assert judged["covered"].tolist() == [True] * 5 + [False] * 5


def test_without_calibration_the_draws_are_taken_as_they_are():
    off = np.array([0.0, 0.99, -0.99, 1.01, -1.01]) * USUAL_90 * 0.1
    assert with_coverage(errors(TRUE, TRUE + off), {})["covered"].tolist() == [True] * 3 + [False] * 2


def test_without_intervals_coverage_is_not_known():
    assert np.isnan(score()["coverage"])


def test_predicted_and_true_changes_of_people_are_side_by_side(known):
    table = simulated_errors(
        [4, 5], CHANGES, tiny_model(), speed_mps=1.2, draws=3, processes=1, progress=False
    )
    assert list(table) == list(ERROR_COLUMNS)
    assert known == [(4, CHANGES, "walk", 1.2), (5, CHANGES, "walk", 1.2)]
    assert len(table) == 2 * len(CHANGES) * len(UNITS)
    own = table[table["kind"] == "own gait"]
    assert (own["true"] == 0.0).all()
    lean = table[(table["kind"] == "trunk lean") & (table["quantity"] == "knee_adduction_first_peak")]
    assert (lean["true"] < -0.1).all()
    judged = with_coverage(table, tiny_model().card)
    assert set(score_changes(judged)["quantity"]) == set(UNITS) >= set(KNEE_QUANTITIES)


@pytest.mark.usefixtures("known")
def test_answers_at_hand_are_judged_the_same():
    options = {"draws": 2}
    table = answer_errors([answer()], tiny_model(), **options)
    pd.testing.assert_frame_equal(
        table, simulated_errors([0], CHANGES, tiny_model(), processes=1, progress=False, **options)
    )


def test_people_are_calibrated_on_walking_and_if_they_can_run_on_running(known, monkeypatch):
    monkeypatch.setattr(change_scores, "can_run", lambda number: number == 201)
    monkeypatch.setattr(change_scores, "change_errors", lambda *_, **__: errors())
    monkeypatch.setattr(change_scores, "recorded_answers", lambda path, wanted, **_: [(path, wanted)])
    monkeypatch.setattr(
        change_scores, "answer_errors", lambda answers, _: errors(change=repr(answers), origin="recorded")
    )
    table = calibration_errors([200, 201], ["rbds"], tiny_model(), processes=1)
    assert [(number, gait) for number, _, gait, _ in known] == [(200, "walk"), (201, "walk"), (201, "run")]
    kinds = {change.kind for _, changes, *_ in known for change in changes}
    assert {"speed", "several", "trunk lean", "toe-in"} <= kinds
    *walks, run_mps = (speed for *_, speed in known)
    assert walks == [None, None]
    assert CALIBRATION_RUN_MPS[0] <= run_mps <= CALIBRATION_RUN_MPS[1]
    assert len(table) == 4 * len(TRUE)
    assert table["change"].iloc[-1] == "[('rbds', 'calibrate')]"


def test_people_are_asked_for_random_changes_of_their_own(known, monkeypatch):
    monkeypatch.setattr(change_scores, "can_run", lambda _: False)
    monkeypatch.setattr(change_scores, "change_errors", lambda *_, **__: errors())
    for number in (200, 200, 201):
        calibration_errors([number], [], tiny_model(), processes=1)
    first, again, other = (changes for _, changes, *_ in known)
    assert first == again != other


@pytest.mark.usefixtures("known")
def test_the_recipe_is_asked_the_same(monkeypatch):
    monkeypatch.setattr("gaitbook.models.guided_recipe.STEPS", 3)
    model = tiny_model(**{RANGES: [10.0] * len(MOTION), USUAL: {}})
    table = recipe_errors([0], CHANGES, model, processes=1, progress=False)
    assert set(table) == {"subject", "change", "kind", "quantity", "predicted", "true", "true_own"}
    ours = answer_errors([answer()], model, draws=2)
    assert table["true"].to_numpy() == pytest.approx(ours["true"].to_numpy())
    assert table["true_own"].to_numpy() == pytest.approx(ours["true_own"].to_numpy())
    assert np.isfinite(table["predicted"]).all()
    assert len(score_changes(table)) == len(CHANGES) * len(UNITS)
