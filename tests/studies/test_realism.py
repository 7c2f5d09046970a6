import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.realism import (
    joint_cycles,
    mean_stances,
    move_people,
    reference_bands,
    waveform_rows,
    with_derived,
    within_spread,
)
from gaitbook.synthesis.closed_form import simulate_trial


def test_cycles_of_both_sides_are_one(tracked):
    table = joint_cycles([each.trial for each in tracked[:1]])
    names = set(table["coordinate"])
    assert {"knee_angle", "hip_flexion", "pelvis_tilt"} <= names
    assert not {name for name in names if name.endswith(("_r", "_l"))}
    knee = table[table["coordinate"] == "knee_angle"]
    assert len(knee) == 101
    assert 40 < knee["value"].max() < 140


def test_a_cycle_is_smooth_where_it_closes(tracked):
    table = joint_cycles([tracked[0].trial])
    knee = table[table["coordinate"] == "knee_angle"].sort_values("phase_percent")["value"].to_numpy()
    assert abs(knee[-1] - knee[0]) < 5.0


def test_the_reference_lies_within_its_own_spread():
    bands = reference_bands(1.3, 1.75)
    own = bands.rename(columns={"mean": "value"})[["coordinate", "phase_percent", "value"]]
    table = within_spread(own, bands)
    assert (table["value"] == 100.0).all()
    assert bands["spread"].min() >= 3.0


def test_what_is_two_spreads_away_is_outside():
    bands = reference_bands(1.3, 1.75)
    own = bands.assign(value=bands["mean"] + 2.0 * bands["spread"])[["coordinate", "phase_percent", "value"]]
    table = within_spread(own, bands)
    assert (table["value"] == 0.0).all()
    np.testing.assert_allclose(table["largest"], 2.0)


def test_curves_of_force_correlate_with_themselves(tracked):
    stances = mean_stances([each.trial for each in tracked])
    rows = waveform_rows(stances, stances)
    assert set(rows["quantity"]) == {"waveform_vertical_r", "waveform_fore_aft_r"}
    np.testing.assert_allclose(rows["value"], 1.0)


def test_the_difference_of_the_peaks_is_added():
    labels = {"subject": "p", "gait": "walk", "speed_mps": 1.3, "condition": ""}
    names = ("knee_adduction_first_peak", "knee_adduction_second_peak")
    rows = [labels | {"quantity": name, "value": value} for name, value in zip(names, (3, 2), strict=True)]
    measured = pd.DataFrame(rows).assign(unit="%BW·H")
    shares = pd.DataFrame({"coordinate": ["a", "b"], "value": [99.0, 96.0]})
    table = with_derived(measured, shares).set_index("quantity")["value"]
    assert table["knee_adduction_difference"] == 1
    assert table["within_spread"] == 96.0


def test_everybody_walks_at_every_speed_in_every_way():
    people = pd.DataFrame({"height_m": [1.7, 1.8], "mass_kg": [60.0, 80.0]}, index=["a", "b"])
    asked = []
    pairs = list(
        move_people(people, _recorder(asked), speeds_mps=(1.0, 1.5), conditions=(None, "toe-in"), gait="walk")
    )
    assert len(pairs) == len(asked) == 8
    assert [trial.attrs["subject"] for trial, _ in pairs] == ["a"] * 4 + ["b"] * 4
    assert pairs[0][1].mass_kg == pytest.approx(60.0)


def _recorder(asked):
    def walk(person, *, speed_mps, gait, condition, styles, duration_s, sampling_rate_hz):
        assert styles is None
        asked.append((speed_mps, gait, condition, duration_s, sampling_rate_hz))
        return simulate_trial(
            speed_mps=speed_mps, height_m=person["height_m"], mass_kg=person["mass_kg"], duration_s=0.5
        )

    return walk
