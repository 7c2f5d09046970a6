"""What a knee moment owes to the choices of whoever computes it."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.cohort.cleaning import low_pass
from gaitbook.cohort.events import detect_contacts
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.kinematics import forward_kinematics, joint_centers
from gaitbook.mechanics.motion import body_coordinates
from gaitbook.studies.knee_choices import (
    CHOICES,
    change_with_speed,
    knee_cycles,
    knee_peaks,
    sweep_pressure,
)
from gaitbook.studies.trials import mean_cycle
from tests.studies.standing import HEIGHT_M, WEIGHT_N, standing, steps

CUTOFF_HZ = 15.0
NAMES = ["tibia", "laboratory", "tibia, force only", "laboratory, force only"]


@pytest.fixture(scope="module")
def stepping():
    """Upright and still, pushed up 50 mm inside and 20 mm behind both knees."""
    force = steps(peak_n=2 * WEIGHT_N)
    known = standing(force)
    body = compile_body(known.model)
    pose = forward_kinematics(body, body_coordinates(known.trial, body))
    knee = joint_centers(body, pose)[0, [body.segment("tibia_r"), body.segment("tibia_l")]].numpy()
    return standing(force, knee * [1, 0, 1] + [[-0.02, 0.0, -0.05], [-0.02, 0.0, 0.05]])


@pytest.fixture(scope="module")
def peaks(tracked):
    return knee_peaks(tracked, cutoff_hz=CUTOFF_HZ)


@pytest.fixture(scope="module")
def sweep(tracked):
    return sweep_pressure(tracked, cutoff_hz=CUTOFF_HZ, shifts_mm=(-10, 0, 10))


def percent_bw_h(moment_nm):
    return 100 * moment_nm / (WEIGHT_N * HEIGHT_M)


def smooth_force(each):
    return low_pass(each.trial["ground_reaction_force"], CUTOFF_HZ).sel(axis="y")


def in_stance(each, array):
    """Mean over the stances of the left foot, by the sample."""
    contacts = detect_contacts(each.trial).query("foot == 'left'")
    spans = contacts.rename(columns={"strike_s": "start_s", "toe_off_s": "end_s"})
    return mean_cycle(array.sel(foot="left", drop=True), spans, each.trial, samples=51)["value"].to_numpy()


def test_the_choices_are_those_of_the_field():
    assert [name for name, *_ in CHOICES] == NAMES
    assert CHOICES[0][1:] == ("tibia", "newton-euler")
    assert CHOICES[-1][1:] == ("lab", "quasi-static")


def test_every_stance_has_its_peaks_under_every_choice(tracked, peaks):
    assert peaks.columns.tolist() == ["subject", "speed_mps", "foot", "choice", "quantity", "value", "unit"]
    stances = sum(len(detect_contacts(each.trial)) for each in tracked)
    assert len(peaks) == stances * len(CHOICES) * 4
    assert set(peaks["foot"]) == {"right", "left"}
    assert set(peaks["unit"]) == {"%BW·H"}
    counts = peaks.groupby("choice").size()
    assert counts.nunique() == 1


def test_the_frame_moves_the_peak(peaks):
    value = peaks[peaks["quantity"] == "adduction_peak_first_half"].groupby("choice")["value"].mean()
    assert value["tibia"] > 0
    assert abs(value["tibia"] - value["laboratory"]) > 0.1
    assert abs(value["laboratory"] - value["laboratory, force only"]) < abs(
        value["tibia"] - value["laboratory"]
    )


def test_an_upright_leg_has_the_same_peaks_under_every_choice(stepping):
    """Frames agree there, and at rest the weight of the shank hangs near the knee."""
    table = knee_peaks([stepping], cutoff_hz=CUTOFF_HZ)
    peak_n = float(smooth_force(stepping).max())
    by_choice = table[table["foot"] == "left"].groupby(["quantity", "choice"])["value"].mean()
    adduction = by_choice["adduction_peak_first_half"]
    np.testing.assert_allclose(adduction["tibia, force only"], percent_bw_h(0.05 * peak_n), rtol=2e-3)
    np.testing.assert_allclose(adduction["laboratory, force only"], adduction["tibia, force only"], rtol=1e-9)
    np.testing.assert_allclose(adduction["tibia"], adduction["tibia, force only"], atol=0.05)
    flexion = by_choice["flexion_peak"]
    np.testing.assert_allclose(flexion["laboratory, force only"], percent_bw_h(0.02 * peak_n), rtol=2e-3)


def test_cycles_over_stance_are_the_force_times_its_lever(stepping):
    table = knee_cycles([stepping], cutoff_hz=CUTOFF_HZ)
    assert set(table["source"]) == set(NAMES)
    assert set(table["axis"]) == {"adduction", "flexion"}
    assert len(table) == 4 * 2 * 51
    own = table[(table["source"] == "laboratory, force only") & (table["axis"] == "adduction")]
    expected = percent_bw_h(0.05 * in_stance(stepping, smooth_force(stepping)))
    np.testing.assert_allclose(own["value"], expected, atol=1e-9)


def test_cycles_of_people_carry_person_and_speed(tracked):
    table = knee_cycles(tracked[:2], cutoff_hz=CUTOFF_HZ)
    assert table.groupby(["subject", "speed_mps", "source", "axis"]).size().eq(51).all()
    assert table["value"].notnull().all()


@pytest.mark.parametrize("shift_mm", [-15, 0, 10])
def test_pressure_moved_outward_takes_its_share_of_the_vertical_force(stepping, shift_mm):
    """Toward the outside, the lever arm of a force that passes inside the knee gets shorter by the shift."""
    table = sweep_pressure([stepping], cutoff_hz=CUTOFF_HZ, shifts_mm=(shift_mm,))
    curves = table.pivot_table(index="x", columns="series", values="value")
    difference = curves["shifted"] - curves["as measured"]
    force = in_stance(stepping, smooth_force(stepping))
    np.testing.assert_allclose(difference, percent_bw_h(-shift_mm / 1000 * force), atol=1e-9)
    contacts = detect_contacts(stepping.trial).query("foot == 'left'")
    tops = [
        float(smooth_force(stepping).sel(foot="left", time=slice(c.strike_s, c.toe_off_s)).max())
        for c in contacts.itertuples()
    ]
    expected = percent_bw_h(-shift_mm / 1000 * np.mean(tops))
    np.testing.assert_allclose(table["readout"], expected, rtol=1e-2, atol=1e-12)


def test_moving_nothing_changes_nothing(sweep):
    still = sweep[sweep["setting"] == 0]
    assert (still[["readout", "readout_low", "readout_high"]] == 0).all(axis=None)
    curves = still.pivot_table(index="x", columns="series", values="value")
    assert (curves["shifted"] == curves["as measured"]).all()


def test_inward_raises_the_peak_of_runners_and_outward_lowers_it(sweep):
    readout = sweep.groupby("setting")["readout"].first()
    assert readout[-10] > 0.5
    assert readout[10] < -0.5
    assert readout[-10] == pytest.approx(-readout[10], rel=0.1)


def test_the_sweep_is_of_the_form_that_the_explorer_draws(sweep):
    assert sweep.columns.tolist() == [
        *("setting", "series", "x", "value", "low", "high", "n", "unit"),
        *("readout", "readout_low", "readout_high"),
    ]
    assert len(sweep) == 3 * 2 * 51
    assert set(sweep["n"]) == {2}
    measured = sweep[sweep["series"] == "as measured"].groupby("x")["value"]
    assert measured.nunique().eq(1).all()


def hand_made(rows, quantity="adduction_peak_first_half"):
    table = pd.DataFrame(rows, columns=["subject", "speed_mps", "choice", "value"])
    return table.assign(quantity=quantity, foot="left", unit="%BW·H")


def test_change_is_from_slowest_to_fastest_in_percent_of_the_slowest():
    peaks = hand_made(
        [
            ("a", 3.5, "tibia", 5.0),
            ("a", 2.5, "tibia", 3.0),
            ("a", 2.5, "tibia", 5.0),
            ("a", 3.0, "tibia", 9.0),
            ("a", 2.5, "lab", 2.0),
            ("a", 3.5, "lab", 1.0),
        ]
    )
    other = hand_made([("a", 2.5, "tibia", 1.0), ("a", 3.5, "tibia", 9.0)], quantity="flexion_peak")
    change = change_with_speed(pd.concat([peaks, other]))
    assert change.to_dict("list") == {
        "subject": ["a", "a"],
        "choice": ["tibia", "lab"],
        "value": [25.0, -50.0],
        "unit": ["%", "%"],
    }
    assert change_with_speed(other, quantity="flexion_peak")["value"].tolist() == [800.0]


def test_everyone_has_a_slowest_and_a_fastest_of_their_own():
    peaks = hand_made(
        [
            ("a", 2.5, "tibia", 2.0),
            ("a", 3.5, "tibia", 3.0),
            ("b", 3.5, "tibia", 4.0),
            ("b", 4.5, "tibia", 5.0),
            ("c", 4.5, "tibia", 6.0),
        ]
    )
    change = change_with_speed(peaks)
    assert dict(zip(change["subject"], change["value"], strict=True)) == {"a": 50.0, "b": 25.0}


def test_one_speed_changes_nothing():
    alone = change_with_speed(hand_made([("a", 2.5, "tibia", 2.0), ("b", 2.5, "tibia", 3.0)]))
    assert alone.empty
    assert alone.columns.tolist() == ["subject", "choice", "value", "unit"]
