"""Files of a completed trial: five of them, read again."""

import dataclasses
import logging
import re

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.cohort.store import append_trial, create_cohort
from gaitbook.models.window_sampling import Sequences
from gaitbook.readers.opensim import read_motion, read_plates
from gaitbook.representation.hiding import PARTS
from gaitbook.representation.states import encode_states
from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.familiarity import training_statistics
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.prediction_files import (
    COLUMNS,
    interval_table,
    missing_coordinates,
    predict_files,
    write_prediction,
)
from gaitbook.studies.prediction_people import Told
from gaitbook.studies.prediction_summary import summarize_prediction
from tests.studies.formula_walk import KNEES, formula_body, formula_walk, untrained_model
from tests.studies.test_prediction_summary import asked, drawn

ENDINGS = ["_grf.mot", "_external_loads.xml", "_motion.mot", "_intervals.csv", "_stances.csv"]
PLAN = CompletionPlan(draws=3, steps=1)


def test_five_files_hold_what_was_completed(tmp_path):
    walk, given = formula_walk(), asked(formula_walk(), PARTS["knees"])
    files = write_prediction(drawn(spread=0.1), given, tmp_path / "out")
    assert [path.name for path in files] == [f"walk{ending}" for ending in ENDINGS]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in files)
    force = read_plates(files[0])
    np.testing.assert_allclose(
        force["plate_force"].sel(plate="left"), np.broadcast_to([10, 400, -5], (201, 3))
    )
    assert "<datafile>walk_grf.mot</datafile>" in files[1].read_text()
    motion = read_motion(files[2])
    np.testing.assert_allclose(motion["joint_angle"], walk["joint_angle"], atol=1e-8)
    np.testing.assert_allclose(motion["time"], walk["time"], atol=1e-9)
    table = pd.read_csv(files[3])
    assert tuple(table.columns) == COLUMNS


def test_the_table_tells_force_in_newtons_and_completed_angles_in_degrees():
    trial = summarize_prediction(drawn(spread=0.1), asked(formula_walk(), PARTS["knees"]))
    table = interval_table(trial)
    assert table["time_s"].is_monotonic_increasing
    force = table[table["quantity"] == "ground_reaction_force"]
    assert len(force) == 201 * 2 * 3
    assert (force.loc[force["axis"] == "y", ["mean", "low", "high"]] == 400.0).all(axis=None)
    assert set(force["unit"]) == {"N"}
    angle = table[table["quantity"] == "joint_angle"]
    assert set(angle["coordinate"]) == set(KNEES)
    assert set(angle["unit"]) == {"deg"}
    np.testing.assert_allclose(angle["high"] - angle["low"], np.rad2deg(0.18), atol=1e-6)
    assert set(table["quantity"]) == {"ground_reaction_force", "joint_angle"}


def test_only_frames_that_were_completed_are_in_the_table():
    walk = formula_walk()
    walk["joint_angle"][10:30, walk.get_index("coordinate").get_loc("knee_angle_l")] = np.nan
    table = interval_table(summarize_prediction(drawn(), asked(walk)))
    assert (table["quantity"] == "joint_angle").sum() == 20


def test_a_completed_path_is_told_in_meters():
    table = interval_table(summarize_prediction(drawn(spread=0.1), asked(formula_walk(), PARTS["pelvis"])))
    path = table[table["quantity"] == "pelvis_position"]
    assert len(path) == 201 * 3
    assert set(path["unit"]) == {"m"}


@pytest.mark.parametrize("hidden", [(), PARTS["knees"], PARTS["pelvis"], (*PARTS["hips"], *PARTS["arms"])])
def test_a_model_completes_whatever_is_hidden(hidden, tmp_path):
    cohort = create_cohort(tmp_path / "people", name="people")
    append_trial(cohort, formula_walk(rate_hz=50.0, heading_rad=1.0, duration_s=1.0))
    left_out = []
    told = Told(formula_body())
    run = predict_files(
        cohort, untrained_model(), tmp_path, told=told, hidden=hidden, plan=PLAN, exclusions=left_out
    )
    ((files, sentence),) = list(run)
    assert left_out == []
    assert re.fullmatch(
        r"Predicted force and what .* by Newton are \d+\.\d % of body weight \(rms\) apart\.", sentence
    )
    motion = read_motion(files[2])
    walk = formula_walk(rate_hz=50.0, heading_rad=1.0, duration_s=1.0)
    seen = [name for name in walk["coordinate"].values if name not in hidden]
    np.testing.assert_allclose(
        motion["joint_angle"].sel(coordinate=seen), walk["joint_angle"].sel(coordinate=seen), atol=1e-8
    )
    assert np.isfinite(motion["joint_angle"]).all()


def test_the_same_draws_give_the_same_files(tmp_path):
    cohort = create_cohort(tmp_path / "people", name="people")
    append_trial(cohort, formula_walk(duration_s=0.5))
    texts = []
    for folder in ("one", "two"):
        run = predict_files(
            cohort, untrained_model(), tmp_path / folder, hidden=KNEES, plan=PLAN, exclusions=[]
        )
        texts.append([path.read_text() for files, _ in run for path in files])
    assert texts[0] == texts[1]


def test_a_trial_that_cannot_be_completed_is_left_out_with_the_reason(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise ValueError("Trial walk cannot be encoded")

    monkeypatch.setattr("gaitbook.studies.prediction_files.complete_trial", refuse)
    cohort = create_cohort(tmp_path / "people", name="people")
    append_trial(cohort, formula_walk(duration_s=0.5))
    left_out = []
    assert list(predict_files(cohort, untrained_model(), tmp_path, exclusions=left_out)) == []
    assert [(each.item, each.reason) for each in left_out] == [("A_walk", "Trial walk cannot be encoded")]


def test_intervals_are_as_wide_as_the_factors_say_and_force_never_pulls():
    draws, given = drawn(spread=0.1), asked(formula_walk(), PARTS["knees"])
    apart = xr.DataArray(np.linspace(-1.0, 1.0, draws.sizes["draw"]), {"draw": draws["draw"]})
    draws["ground_reaction_force"] = draws["ground_reaction_force"] + 50.0 * apart
    plain, wide, huge = (
        summarize_prediction(draws, given, factors=factors)
        for factors in ({}, {"y": 2.0, "angle": 3.0}, {"y": 100.0})
    )
    width = [each["ground_reaction_force_high"] - each["ground_reaction_force_low"] for each in (plain, wide)]
    for axis, factor in (("x", 1.0), ("y", 2.0)):
        np.testing.assert_allclose(width[1].sel(axis=axis), factor * width[0].sel(axis=axis))
    angle = [each["joint_angle_high"] - each["joint_angle_low"] for each in (plain, wide)]
    np.testing.assert_allclose(angle[1], 3.0 * angle[0])
    np.testing.assert_allclose(wide["ground_reaction_force"], plain["ground_reaction_force"])
    assert float(huge["ground_reaction_force_low"].sel(axis="y").min()) == 0.0


def test_what_a_model_has_learned_of_intervals_and_of_the_usual_is_used(tmp_path, caplog):
    model = untrained_model()
    walk = MeasuredMotion(formula_walk(duration_s=0.8), formula_body())
    values = encode_states(walk.trial, walk.model, physics=False)
    far = Sequences([values + 9.0 + 0.1 * n for n in range(4)], [], [], ["walk"] * 4, list("abcd"))
    factors = {"recorded/walk/nothing": {"y": 1.0}, "recorded/walk/knees": {"y": 7.0}}
    factors |= {key.replace("walk", "run"): value for key, value in factors.items()}
    learned = {"calibration": factors, "statistics": training_statistics(far)}
    cohort = create_cohort(tmp_path / "people", name="people")
    append_trial(cohort, formula_walk(duration_s=0.8))
    widths = []
    for folder, card in (("plain", {}), ("learned", learned)):
        one = dataclasses.replace(model, card=card)
        with caplog.at_level(logging.WARNING):
            ((files, _),) = predict_files(
                cohort, one, tmp_path / folder, hidden=PARTS["knees"], plan=PLAN, exclusions=[]
            )
        table = pd.read_csv(files[3])
        forward = table[(table["quantity"] == "ground_reaction_force") & (table["axis"] == "x")]
        upward = table[(table["quantity"] == "ground_reaction_force") & (table["axis"] == "y")]
        widths.append([(each["high"] - each["low"]).to_numpy() for each in (forward, upward)])
        assert any("unlike all that the model has learned from" in each for each in caplog.messages) == bool(
            card
        )
    np.testing.assert_allclose(widths[1][0], widths[0][0], rtol=1e-4)
    assert (widths[1][1] >= widths[0][1] - 1e-6).all()
    assert widths[1][1].mean() > 2.0 * widths[0][1].mean()


def test_a_path_that_is_not_known_is_a_missing_pelvis():
    walk = formula_walk()
    walk["pelvis_position"][:] = np.nan
    walk["joint_angle"][:, walk.get_index("coordinate").get_loc("knee_angle_l")] = np.nan
    missing = missing_coordinates(MeasuredMotion(walk, formula_body()))
    assert missing == ("knee_angle_l", *PARTS["pelvis"])
