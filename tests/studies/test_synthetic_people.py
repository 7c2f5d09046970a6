"""Who the simulated people are: labels, tables, limits, and a person at many speeds."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.edition.provenance import open_ledger
from gaitbook.studies.camera_errors import camera_errors, summarize_joints
from gaitbook.studies.cohort_measures import gait_changes, list_misses, measure_cohort
from gaitbook.studies.held_out import held_out_runners, held_out_stances
from gaitbook.studies.realism import move_people
from gaitbook.studies.speed_strides import (
    beside_reference,
    reference_runs,
    simulate_speeds,
    stance_cycles,
    stride_curves,
)
from gaitbook.studies.synthetic_people import (
    alike_people,
    count_kinds,
    judge_people,
    label_people,
    limit_shares,
)
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.phenotypes import draw_phenotypes
from gaitbook.synthesis.population import draw_people


@pytest.fixture(scope="module")
def people():
    return draw_people(6)


@pytest.fixture(scope="module")
def styles(people):
    return draw_causes(people).styles


@pytest.fixture(scope="module")
def strides(people, styles):
    own = styles.iloc[0].to_dict()
    return simulate_speeds(simulate_gait, people.iloc[0], styles=own, walks_mps=(1.2,), runs_mps=(3.5,))


def check(value, greatest=np.nan, least=np.nan, *, shown=0.0, unit="mm"):
    bound = {"least": least, "greatest": greatest, "shown": shown, "limited": shown > greatest}
    return {"value": value, "unit": unit, "met": True} | bound


def test_people_say_that_they_are_synthetic(people):
    cohort = label_people(people)
    ledger = open_ledger(cohort, notebook="toy", parameters={}, seed=0)
    assert ledger.label == "simulated people (synthetic)"
    assert cohort.attrs["hash"] == label_people(people.copy()).attrs["hash"]
    assert cohort.attrs["hash"] != label_people(people.iloc[1:]).attrs["hash"]


def test_every_row_of_the_tables_is_judged_by_its_sex():
    table = judge_people(draw_people(400))
    height = table[table["quantity"] == "height_m"].set_index("group")
    assert height.loc["women", "value"] < height.loc["men", "value"]
    assert height["met"].all()
    fat = table[table["quantity"] == "visceral_fat_cm2"]
    assert fat[["low", "high"]].isna().all(axis=None)


def test_alike_people_share_one_signature_and_move_their_legs_only(people, styles):
    same, plain = alike_people(people, styles)
    assert same["number"].nunique() == 1
    assert same.drop(columns="number").equals(people.drop(columns="number"))
    assert (plain[["arm_swing_range", "trunk_lean", "asymmetry"]] == 0).all(axis=None)
    assert plain["stride_length"].equals(styles["stride_length"])


@pytest.mark.parametrize(
    ("row", "share"),
    [
        (check(1.5, 3.0), 0.5),
        (check(0.0, 0.0), 0.0),
        (check(0.1, 0.0), np.inf),
        (check(-4.0, 5.0), 0.0),
        (check(10.0, least=5.0), 0.5),
        (check(99.75, least=99.5, unit="% of impulse"), 0.5),
        (check(2e-5, 1e-6, shown=4e-5), 0.5),
    ],
)
def test_the_share_of_a_limit(row, share):
    assert limit_shares(pd.DataFrame([row]))["share"].iloc[0] == pytest.approx(share)


def test_kinds_of_phenotypes_add_up_and_kidneys_are_silent_in_women(people):
    table = count_kinds(draw_phenotypes(people, draw_causes(people))).set_index("system")
    assert len(table) == 19
    kinds = ["true_effect", "confounded_only", "null", "copies"]
    assert table.loc["all", kinds].sum() == 3210
    assert (table[kinds].iloc[1:].sum() == table.loc["all", kinds]).all()
    assert table.index[1] == "renal"
    assert table.loc["renal", "gait_women"] == 0
    assert table.loc["renal", "gait_men"] > 0


def test_each_speed_is_a_trial_with_joints(strides):
    assert [trial.attrs["speed_mps"] for trial in strides] == [1.2, 3.5]
    assert [trial.attrs["gait"] for trial in strides] == ["walk", "run"]
    for trial in strides:
        assert trial["skeleton_position"].sel(joint="head", axis="y").min() > 1.2


def test_curves_are_of_one_stride_of_both_sides(strides):
    table = stride_curves(strides)
    force = table[(table["quantity"] == "Vertical force") & (table["setting"] == 3.5)]
    for _, side in force.groupby("series"):
        assert len(side) == 51
        assert 200 < side["value"].max() < 320
    # a stride of steady running carries the weight: the sum of both feet has the mean of one
    assert force.groupby("phase_percent")["value"].sum().iloc[:-1].mean() == pytest.approx(100.0, abs=3.0)
    assert table.groupby("quantity")["unit"].nunique().eq(1).all()


def test_a_trial_that_is_too_short_is_refused(strides):
    with pytest.raises(ValueError, match="has no whole stride of the right foot"):
        stride_curves([strides[0].isel(time=slice(0, 60))])


def test_runs_stand_beside_the_recorded_mean(strides):
    cycles = stance_cycles(strides[1:])
    assert set(cycles["axis"]) == {"x", "y", "z"}
    reference = reference_runs((2.5, 3.5))
    means = cycles.rename(columns={"value": "mean"}).assign(low=np.nan, high=np.nan)
    both = beside_reference(means, reference)
    assert set(both["source"]) == {"measured", "simulated"}
    assert set(both["speed_mps"]) == {3.5}
    peak = both[both["axis"] == "y"].groupby("source")["mean"].max()
    assert peak["measured"] == pytest.approx(peak["simulated"], rel=0.12)


def test_numbers_of_a_cohort_hold_the_curves_too(people, styles):
    pairs = list(
        move_people(
            people.head(1), simulate_gait, speeds_mps=(3.5,), gait="run", styles=styles, duration_s=2.0
        )
    )
    table = measure_cohort([], pairs)
    found = table.set_index("quantity")["value"]
    assert found["waveform_vertical_r"] > 0.95
    assert found["knee_adduction_difference"] == pytest.approx(
        found["knee_adduction_first_peak"] - found["knee_adduction_second_peak"]
    )


def test_changes_of_gait_have_their_doses():
    labels = [change.label for change in gait_changes()]
    assert len(set(labels)) == len(labels)
    assert {"trunk lean 10 deg", "toe-in 10 deg", "step width +100 mm"} <= set(labels)


def test_misses_are_listed_with_their_source():
    row = {"quantity": "walk_ratio", "gait": "walk", "speed_mps": "1.3", "statistic": "mean", "n": 16}
    row |= {"value": 0.5, "value_low": 0.4, "value_high": 0.6, "low": 0.7, "high": 0.8, "unit": "m"}
    judged = pd.DataFrame(
        [row | {"met": False, "source": "a paper"}, row | {"met": True, "source": "another"}]
    )
    (missed,) = list_misses(judged).to_dict("records")
    assert (missed["target"], missed["source"]) == ("walk ratio (walk 1.3 m/s)", "a paper")
    assert (missed["low"], missed["high"], missed["asked_for"]) == (0.4, 0.6, "0.7 to 0.8")


def test_the_camera_errs_in_two_parts(people, styles):
    table = summarize_joints(camera_errors(people.head(2), styles, duration_s=2.0))
    assert table["joint"].iloc[0] == "head"
    assert table["joint"].iloc[-1] == "foot"
    wide = table.pivot_table(index="joint", columns="part", values="value")
    assert len(wide) == 19
    assert (wide["whole"] >= wide[["steady", "unsteady"]].max(axis=1) - 1e-9).all()
    assert wide["whole"].between(10, 250).all()


def test_a_cohort_without_the_runners_left_out_has_nothing_to_compare(strides, as_cohort):
    curves, table = held_out_stances(as_cohort(strides), simulate_gait)
    assert curves.empty
    assert table.empty
    assert "r" in table.columns


def test_runners_left_out_are_compared_one_by_one_and_as_a_mean(strides, as_cohort):
    names = held_out_runners()[:2]
    trials = [strides[1].assign_attrs(subject=name, source="rbds") for name in names]
    curves, table = held_out_stances(as_cohort(trials), simulate_gait, people=1)
    assert table["subject"].tolist() == [*names, "mean of all"]
    assert (table["r"] > 0.9).all()
    assert set(curves["source"]) == {"measured", "simulated"}
