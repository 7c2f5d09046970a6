import numpy as np
import pytest
import xarray as xr
from scipy.interpolate import CubicSpline

from gaitbook.cohort.events import detect_contacts
from gaitbook.cohort.mirroring import mirror_trial
from gaitbook.conventions import CONTACT_FORCE_N, FEET, GRAVITY_MPS2
from gaitbook.representation.stride import (
    LEVER_AXES,
    PHASES,
    STANCES,
    as_draws,
    mean_stride,
    mirror_stride,
    place_pressure,
    unroll_strides,
)
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people

SPEED_MPS = {"walk": 1.3, "run": 3.5}
UNLOADED_N = 100.0
"""Below it the center of pressure is a small moment over a small force."""
ANGLE_WITHIN = {"walk": 0.003, "run": 0.01}
"""rad: landings are known to half a millisecond, and a running knee turns by ten radians per second."""
MIRRORED = {
    "joint_angle": 0.005,
    "pelvis_offset": 2e-4,
    "stance_force": 5.0,
    "stance_lever": 1.5,
    "strike": 5e-4,
    "stance_share": 5e-4,
}
"""rad, m, N, N m, strides: what interpolation at the landing of the other foot leaves."""


def simulated(gait, **options):
    person = draw_people(5, seed=0).iloc[0]
    speed_mps = SPEED_MPS[gait]
    return simulate_gait(
        person, speed_mps=speed_mps, gait=gait, styles={}, duration_s=3.5, variability=0.0, **options
    )


@pytest.fixture(scope="module")
def trials():
    """One person who walks and runs on a treadmill, every stride like the last."""
    return {gait: simulated(gait) for gait in SPEED_MPS}


@pytest.fixture(scope="module")
def body(trials):
    return person_body(trials["walk"].attrs)


@pytest.fixture(scope="module")
def walk(trials, body):
    return mean_stride(trials["walk"], body)


@pytest.fixture(scope="module")
def run(trials, body):
    return mean_stride(trials["run"], body)


def farthest(first, second):
    return float(abs(first - second).max())


def beside(trial, stride, unrolled):
    """Moments of the trial that an unrolled stride tells, s, and which of its samples they are."""
    start_s = first_landing(trial, "right")
    time_s = start_s + unrolled["phase"].values * stride.attrs["period_s"]
    known = time_s < trial["time"].values[-1]
    return time_s[known], known


def first_landing(trial, foot):
    contacts = detect_contacts(trial)
    return contacts.loc[contacts["foot"] == foot, "strike_s"].min()


def recorded(array, time_s):
    return CubicSpline(array["time"].values, array.transpose("time", ...).values)(time_s)


@pytest.mark.parametrize("gait", SPEED_MPS)
def test_an_unrolled_stride_moves_as_the_recording(trials, body, gait):
    trial = trials[gait]
    stride = mean_stride(trial, body)
    unrolled = unroll_strides(stride, end=2.0)
    time_s, known = beside(trial, stride, unrolled)
    angle = recorded(trial["joint_angle"].sel(coordinate=stride["coordinate"]), time_s)
    assert unrolled["joint_angle"].values[known] == pytest.approx(angle, abs=ANGLE_WITHIN[gait])
    path = recorded(trial["pelvis_position"], time_s)
    path[:, [0, 2]] -= path[:, [0, 2]].mean(axis=0)
    told = unrolled["pelvis_position"].values[known]
    told[:, [0, 2]] -= told[:, [0, 2]].mean(axis=0)
    assert told == pytest.approx(path, abs=1e-3)


@pytest.mark.parametrize("gait", SPEED_MPS)
def test_an_unrolled_stride_is_loaded_as_the_recording(trials, body, gait):
    trial = trials[gait]
    stride = mean_stride(trial, body)
    unrolled = place_pressure(unroll_strides(stride, end=2.0), body)
    time_s, known = beside(trial, stride, unrolled)
    weight_n = trial.attrs["mass_kg"] * GRAVITY_MPS2
    force = trial["ground_reaction_force"].interp(time=time_s).transpose("time", "foot", "axis").values
    assert unrolled["ground_reaction_force"].values[known] == pytest.approx(force, abs=0.04 * weight_n)
    moment = trial["free_moment"].interp(time=time_s).transpose("time", "foot").values
    assert unrolled["free_moment"].values[known] == pytest.approx(moment, abs=0.25)
    under = (trial["center_of_pressure"] - trial["pelvis_position"]).interp(time=time_s)
    told = (unrolled["center_of_pressure"] - unrolled["pelvis_position"]).isel(time=known)
    shift = (told - under.assign_coords(time=told["time"])).where(
        unrolled["ground_reaction_force"].sel(axis="y", drop=True).isel(time=known) > UNLOADED_N
    )
    assert float((shift - shift.mean("time")).sel(axis=list(LEVER_AXES)).std()) < 0.003


def test_timing_is_that_of_the_contacts(trials, walk):
    contacts = detect_contacts(trials["walk"])
    right, left = (contacts[contacts["foot"] == foot].iloc[:2] for foot in FEET)
    period_s = np.diff(right["strike_s"])[0]
    assert walk.attrs["period_s"] == pytest.approx(period_s)
    share = (right["toe_off_s"] - right["strike_s"]).iloc[0] / period_s
    assert float(walk["stance_share"].sel(foot="right")) == pytest.approx(share)
    assert float(walk["strike"].sel(foot="right")) == 0.0
    later_s = left["strike_s"].to_numpy() - right["strike_s"].iloc[0]
    assert float(walk["strike"].sel(foot="left")) == pytest.approx(later_s[later_s > 0][0] / period_s)


def test_a_stride_says_who_how_fast_and_of_how_many_it_is_the_mean(trials, walk, run):
    kept = {name: walk.attrs[name] for name in ("subject", "sex", "height_m", "mass_kg", "gait")}
    assert kept == {name: trials["walk"].attrs[name] for name in kept}
    assert walk.attrs["speed_mps"] == SPEED_MPS["walk"]
    assert (walk.attrs["strides"], run.attrs["strides"]) == (1, 3)
    assert run.sizes == {
        "phase": PHASES,
        "stance": STANCES,
        "coordinate": 26,
        "foot": 2,
        "axis": 3,
        "lever": 2,
    }


def test_the_mean_of_equal_strides_is_the_stride(trials, body, run):
    first_s = first_landing(trials["run"], "right")
    one = trials["run"].sel(time=slice(first_s - 0.1, first_s + 1.45 * run.attrs["period_s"]))
    single = mean_stride(one, body)
    assert single.attrs["strides"] == 1
    assert single.attrs["period_s"] == pytest.approx(run.attrs["period_s"], abs=2e-4)
    assert farthest(single["joint_angle"], run["joint_angle"]) < 0.01
    assert farthest(single["stance_force"], run["stance_force"]) < 0.02 * run.attrs["mass_kg"] * GRAVITY_MPS2


def test_the_pelvis_wavers_about_even_travel(walk):
    mean = walk["pelvis_offset"].mean("phase")
    assert mean.sel(axis=["x", "z"]).values == pytest.approx(0.0, abs=1e-12)
    assert 0.45 < float(mean.sel(axis="y")) / walk.attrs["height_m"] < 0.65


def test_overground_and_on_a_treadmill_the_stride_is_the_same(walk, body):
    over_ground = mean_stride(simulated("walk", surface="overground"), body)
    assert over_ground.attrs == walk.attrs
    for name, array in over_ground.data_vars.items():
        assert farthest(array, walk[name]) < 1e-9, name


@pytest.mark.parametrize("gait", SPEED_MPS)
def test_over_a_stride_the_ground_gives_back_weight_and_no_speed(trials, body, gait):
    stride = mean_stride(trials[gait], body)
    impulse = (stride["stance_force"].integrate("stance") * stride["stance_share"]).sum("foot")
    share = impulse / (stride.attrs["mass_kg"] * GRAVITY_MPS2)
    assert float(share.sel(axis="y")) == pytest.approx(1.0, abs=0.002)
    assert share.sel(axis=["x", "z"]).values == pytest.approx(0.0, abs=0.002)


def test_a_mirror_of_the_mirror_is_the_stride(walk):
    twice = mirror_stride(mirror_stride(walk))
    assert twice.attrs == walk.attrs
    for name, array in twice.data_vars.items():
        assert array.dims == walk[name].dims
        assert farthest(array, walk[name]) < 1e-6, name


@pytest.mark.parametrize("name", MIRRORED)
def test_the_mirrored_stride_is_the_stride_of_the_mirrored_trial(trials, walk, body, name):
    seen = mean_stride(mirror_trial(trials["walk"]), body)
    assert farthest(mirror_stride(walk)[name], seen[name]) < MIRRORED[name]


def test_a_mirror_reverses_the_free_moment(trials, walk, body):
    seen = mean_stride(mirror_trial(trials["walk"]), body)
    assert farthest(mirror_stride(walk)["stance_free_moment"], seen["stance_free_moment"]) < 0.1


def test_unrolled_over_two_cycles_a_stride_repeats(walk, body):
    rate_hz = 100.0 / walk.attrs["period_s"]
    unrolled = place_pressure(unroll_strides(walk, sampling_rate_hz=rate_hz, begin=0.005, end=2.0), body)
    for name, array in unrolled.data_vars.items():
        values = array.transpose("time", ...).values
        np.testing.assert_allclose(values[100:200], values[:100], atol=1e-9, err_msg=name)


def test_an_unrolled_stride_is_told_at_its_samples_by_the_stride_itself(walk):
    rate_hz = PHASES / walk.attrs["period_s"]
    unrolled = unroll_strides(walk, sampling_rate_hz=rate_hz)
    assert unrolled["phase"].values == pytest.approx(np.arange(PHASES + 1) / PHASES)
    assert unrolled["joint_angle"].values[:-1] == pytest.approx(walk["joint_angle"].values, abs=1e-9)
    assert np.diff(unrolled["time"]) == pytest.approx(1.0 / rate_hz)


def test_a_foot_in_the_air_carries_nothing_and_one_that_is_down_is_on_the_floor(run, body):
    unrolled = place_pressure(unroll_strides(run), body)
    down = unrolled["in_contact"]
    flight = unrolled.where(~down)
    assert not flight["ground_reaction_force"].fillna(0.0).any()
    assert not flight["free_moment"].fillna(0.0).any()
    assert flight["center_of_pressure"].isnull().all()
    assert ((unrolled["center_of_pressure"].sel(axis="y") == 0.0) == down).all()
    up = unrolled["ground_reaction_force"].sel(axis="y")
    assert float(up.where(down).min()) > 0.99 * CONTACT_FORCE_N
    assert down.mean("time").values == pytest.approx(run["stance_share"].values, abs=0.02)


def test_draws_follow_one_another_each_with_its_own_period(walk):
    slow = walk.assign(period_s=1.5 * walk.attrs["period_s"])
    both = xr.concat([as_draws(walk), as_draws(slow)], "draw").assign_coords(draw=["own", "slow"])
    unrolled = unroll_strides(both, begin=-0.1, end=1.1)
    assert unrolled["draw"].values.tolist() == sorted(unrolled["draw"].values)
    for label, one in (("own", walk), ("slow", slow)):
        alone = unroll_strides(one, begin=-0.1, end=1.1)
        part = unrolled.isel(time=unrolled["draw"].values == label)
        for name in unrolled.data_vars:
            np.testing.assert_array_equal(part[name].values, alone[name].values, err_msg=name)
    assert (unrolled["draw"] == "slow").sum() == pytest.approx(1.5 * (unrolled["draw"] == "own").sum(), abs=2)


def test_one_stride_is_one_draw(walk):
    drawn = as_draws(walk)
    assert drawn["period_s"].values.tolist() == [walk.attrs["period_s"]]
    assert drawn.isel(draw=0)["joint_angle"].equals(walk["joint_angle"])
    assert as_draws(drawn).equals(drawn)


def test_what_a_trial_lacks_is_named(trials, body):
    poor = trials["walk"].drop_vars(["free_moment", "center_of_pressure"])
    del poor.attrs["mass_kg"]
    with pytest.raises(
        ValueError, match=r"person-0001 walk-1.30 lacks center_of_pressure, free_moment, mass_kg"
    ):
        mean_stride(poor, body)


@pytest.mark.parametrize("foot", FEET)
def test_a_trial_without_a_whole_stride_is_refused(trials, body, foot):
    idle = trials["walk"].copy(deep=True)
    idle["ground_reaction_force"].loc[{"foot": foot}] = 0.0
    with pytest.raises(ValueError, match="no whole stride: the right foot must land twice"):
        mean_stride(idle, body)


def test_a_gap_in_the_motion_is_refused(trials, body):
    with_gap = trials["walk"].copy(deep=True)
    with_gap["joint_angle"][5, 0] = np.nan
    with pytest.raises(ValueError, match="fill the gaps first"):
        mean_stride(with_gap, body)
