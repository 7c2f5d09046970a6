import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from gaitbook.cohort.events import detect_contacts
from gaitbook.conventions import AXES, FEET, GRAVITY_MPS2
from gaitbook.mechanics.knee_summary import medial_contact_force, summarize_knee
from gaitbook.mechanics.loads import knee_moment
from gaitbook.representation.stride import PHASES, STANCES, as_draws, mean_stride, mirror_stride
from gaitbook.representation.stride_numbers import NAMES, decode_strides, encode_stride
from gaitbook.studies.stride_measures import (
    GAIT,
    KNEE,
    MEDIAL,
    UNITS,
    gait_numbers,
    knee_curves,
    measure_strides,
)
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people

SPEED_MPS = {"walk": 1.3, "run": 3.5}
WITHIN = {"walk": 0.03, "run": 0.1}
"""%BW·H: what 100 samples per second leave of a peak."""
QUANTITIES = {
    "knee_adduction_first_peak": "adduction_peak_first_half",
    "knee_adduction_second_peak": "adduction_peak_second_half",
    "knee_adduction_impulse": "adduction_impulse",
    "knee_flexion_peak": "flexion_peak",
}
MASS_KG, PERIOD_S, SHARE, PLAIN_SPEED_MPS = 60.0, 1.2, 0.5, 1.5
WEIGHT_N = MASS_KG * GRAVITY_MPS2


@pytest.fixture(scope="module")
def trials():
    """One person who walks and runs, every stride like the last."""
    person = draw_people(5, seed=0).iloc[0]
    return {
        gait: simulate_gait(
            person, speed_mps=speed_mps, gait=gait, styles={}, duration_s=3.5, variability=0.0
        )
        for gait, speed_mps in SPEED_MPS.items()
    }


@pytest.fixture(scope="module")
def body(trials):
    return person_body(trials["walk"].attrs)


@pytest.fixture(scope="module")
def strides(trials, body):
    return {gait: mean_stride(trial, body) for gait, trial in trials.items()}


@pytest.fixture(scope="module")
def draws(strides):
    """Four walks with loads and periods of their own."""
    row = encode_stride(strides["walk"])
    rows = row * torch.linspace(0.94, 1.06, 4)[:, None]
    rows[:, NAMES.index("log_period")] += torch.tensor([-8.0, 0.0, 3.0, 9.0])
    return decode_strides(rows, strides["walk"])


@pytest.fixture
def plain():
    """A stride without a body: straight angles, and force that a test sets, N, (foot, stance, axis)."""
    names = [f"{name}_{side}" for name in ("hip_flexion", "knee_angle", "ankle_angle") for side in "rl"]
    labels = {
        "phase": np.arange(PHASES) / PHASES,
        "coordinate": names,
        "foot": list(FEET),
        "stance": np.linspace(0.0, 1.0, STANCES),
        "axis": list(AXES),
    }
    parts = {
        "joint_angle": (("phase", "coordinate"), np.zeros((PHASES, len(names)))),
        "stance_force": (("foot", "stance", "axis"), np.zeros((2, STANCES, 3))),
        "strike": ("foot", [0.0, 0.5]),
        "stance_share": ("foot", [SHARE, SHARE]),
    }
    facts = {"mass_kg": MASS_KG, "speed_mps": PLAIN_SPEED_MPS, "period_s": PERIOD_S, "gait": "walk"}
    return xr.Dataset(parts, labels, facts)


def with_force(stride, **curves):
    force = stride["stance_force"].copy(deep=True)
    for axis, curve in curves.items():
        force.loc[{"axis": axis}] = curve
    return stride.assign(stance_force=force)


@pytest.mark.parametrize("gait", SPEED_MPS)
def test_knee_moments_are_those_of_the_recording(trials, strides, body, gait):
    table = summarize_knee(knee_moment(trials[gait], body), detect_contacts(trials[gait]))
    recorded = table.groupby("quantity")["value_percent_bw_h"].mean()
    measured = measure_strides(strides[gait], body).iloc[0]
    for name, quantity in QUANTITIES.items():
        assert measured[name] == pytest.approx(recorded[quantity], abs=WITHIN[gait]), name


def test_every_number_has_a_unit(strides, body, draws):
    measured = measure_strides(draws, body)
    assert list(measured.columns) == list(UNITS) == [*KNEE, MEDIAL, *GAIT]
    assert measured.index.tolist() == [0, 1, 2, 3]
    assert measured.notna().all(axis=None)
    assert len(measure_strides(strides["walk"], body)) == 1


def test_many_draws_at_once_have_the_numbers_of_each_alone(draws, body):
    together = measure_strides(draws, body)
    alone = pd.concat([measure_strides(draws.isel(draw=[draw]), body) for draw in range(4)])
    pd.testing.assert_frame_equal(together, alone, rtol=1e-9)
    assert together["knee_adduction_first_peak"].nunique() == 4


def test_draws_keep_their_names_in_any_order(draws, body):
    few = measure_strides(draws.isel(draw=[3, 1]), body)
    assert few.index.tolist() == [3, 1]
    pd.testing.assert_frame_equal(few, measure_strides(draws, body).loc[[3, 1]], rtol=1e-9)
    named = draws.isel(draw=[0, 2]).assign_coords(draw=["narrow", "wide"])
    assert measure_strides(named, body).index.tolist() == ["narrow", "wide"]


def test_a_single_draw_without_its_dim_is_measured_alike(draws, body):
    whole = measure_strides(draws, body)
    for one in (draws.isel(draw=2), draws.isel(draw=2, drop=True)):
        np.testing.assert_allclose(measure_strides(one, body).iloc[0], whole.loc[2], rtol=1e-9)


def test_a_mirror_changes_no_number_of_the_gait(strides):
    own, seen = (gait_numbers(stride).iloc[0] for stride in (strides["walk"], mirror_stride(strides["walk"])))
    assert seen.to_numpy() == pytest.approx(own.to_numpy(), rel=0.005)


def test_a_mirror_changes_no_number_of_the_knee(strides, body):
    own, seen = (
        measure_strides(stride, body) for stride in (strides["walk"], mirror_stride(strides["walk"]))
    )
    assert seen[list(KNEE)].to_numpy() == pytest.approx(own[list(KNEE)].to_numpy(), abs=0.015)


def test_each_foot_has_one_whole_stance_of_every_draw(draws, body):
    curves = knee_curves(draws, body)
    assert curves["knee_moment"].attrs["units"] == "%BW·H"
    for draw in range(4):
        inside = curves["in_stance"].isel(time=curves["draw"].values == draw).transpose("time", "foot")
        assert (abs(np.diff(inside.values.astype(int), axis=0)).sum(axis=0) == 2).all()
        told_s = inside.sum("time").values / 100.0
        lasting_s = (draws["stance_share"] * draws["period_s"]).isel(draw=draw).values
        assert told_s == pytest.approx(lasting_s, abs=0.011)


def test_the_way_to_the_moment_is_passed_on(strides, body):
    for frame, method in (("tibia", "newton-euler"), ("lab", "quasi-static")):
        curves = knee_curves(strides["walk"], body, frame=frame, method=method)
        assert curves["knee_moment"].attrs["frame"] == frame
        assert curves["knee_moment"].attrs["method"] == method
    own = measure_strides(strides["walk"], body)
    other = measure_strides(strides["walk"], body, frame="lab", method="quasi-static")
    assert not np.allclose(own[list(KNEE)], other[list(KNEE)], atol=0.05)
    pd.testing.assert_frame_equal(own[list(GAIT)], other[list(GAIT)])


def test_medial_force_follows_from_the_peaks_of_a_walk_and_is_not_known_of_a_run(strides, body):
    walk, run = (measure_strides(strides[gait], body).iloc[0] for gait in SPEED_MPS)
    expected = medial_contact_force(walk["knee_adduction_first_peak"], walk["knee_flexion_peak"])[0]
    assert walk[MEDIAL] == pytest.approx(expected)
    assert np.isnan(run[MEDIAL])


def test_a_walker_has_a_foot_down_always_and_a_runner_flies(strides):
    walk, run = (gait_numbers(strides[gait]).iloc[0] for gait in SPEED_MPS)
    assert 55.0 < walk["duty_factor"] < 70.0
    assert 25.0 < run["duty_factor"] < 50.0
    assert run["peak_vertical_force"] > 200.0
    assert 100.0 < walk["peak_vertical_force"] < 125.0
    assert run["loading_rate"] > walk["loading_rate"]
    assert run["peak_knee_flexion"] > walk["peak_knee_flexion"] > 50.0


@pytest.mark.parametrize("gait", SPEED_MPS)
def test_length_time_and_cadence_agree_with_speed(strides, gait):
    numbers = gait_numbers(strides[gait]).iloc[0]
    period_s = strides[gait].attrs["period_s"]
    assert numbers["stride_length"] == pytest.approx(SPEED_MPS[gait] * period_s)
    assert numbers["stride_length"] * numbers["cadence"] / 120.0 == pytest.approx(SPEED_MPS[gait])
    assert numbers["contact_time"] == pytest.approx(numbers["duty_factor"] / 100.0 * period_s)


def test_period_of_a_draw_counts_not_that_of_its_origin(draws):
    numbers = gait_numbers(draws)
    assert numbers["cadence"].to_numpy() == pytest.approx(120.0 / draws["period_s"].values)
    assert numbers["cadence"].nunique() == 4


def test_loading_rate_of_a_ramp_is_its_slope(plain):
    rise = np.minimum(4.0 * plain["stance"].values, 1.0)
    numbers = gait_numbers(with_force(plain, y=1.2 * WEIGHT_N * rise)).iloc[0]
    assert numbers["loading_rate"] == pytest.approx(1.2 / (0.25 * SHARE * PERIOD_S))
    assert numbers["peak_vertical_force"] == pytest.approx(120.0)


def test_loading_rate_tells_the_draws_apart(plain):
    rise = np.minimum(4.0 * plain["stance"].values, 1.0)
    one = as_draws(with_force(plain, y=WEIGHT_N * rise))
    both = xr.concat([one, one.assign(period_s=2.0 * one["period_s"])], "draw").assign_coords(draw=[0, 1])
    rates = gait_numbers(both)["loading_rate"]
    assert rates[0] == pytest.approx(2.0 * rates[1])


def test_braking_points_backward_and_propulsion_forward(plain):
    wave = -np.sin(2.0 * np.pi * plain["stance"].values)
    numbers = gait_numbers(with_force(plain, x=0.2 * WEIGHT_N * wave)).iloc[0]
    assert numbers["peak_braking_force"] == pytest.approx(20.0)
    assert numbers["peak_propulsive_force"] == pytest.approx(20.0)


def test_peaks_are_the_mean_of_both_sides(plain):
    angle = plain["joint_angle"].copy(deep=True)
    wave = np.sin(2.0 * np.pi * plain["phase"].values)
    for side, size in (("r", 0.3), ("l", 0.5)):
        angle.loc[{"coordinate": f"hip_flexion_{side}"}] = size * wave + 0.1
        angle.loc[{"coordinate": f"ankle_angle_{side}"}] = -size * wave
    numbers = gait_numbers(plain.assign(joint_angle=angle)).iloc[0]
    assert numbers["peak_hip_flexion"] == pytest.approx(np.rad2deg(0.5))
    assert numbers["peak_hip_extension"] == pytest.approx(np.rad2deg(0.3))
    assert numbers["peak_ankle_dorsiflexion"] == pytest.approx(np.rad2deg(0.4))
    assert numbers["peak_plantarflexion"] == pytest.approx(np.rad2deg(0.4))
    assert numbers["peak_knee_flexion"] == 0.0


def test_forces_are_counted_in_body_weights(plain):
    heavy = with_force(plain, y=2.0 * WEIGHT_N).assign_attrs(mass_kg=2.0 * MASS_KG)
    pd.testing.assert_frame_equal(gait_numbers(heavy), gait_numbers(with_force(plain, y=WEIGHT_N)))
