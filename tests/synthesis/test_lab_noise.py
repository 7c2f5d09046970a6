import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.schema import validate
from gaitbook.conventions import COORDINATES
from gaitbook.synthesis.closed_form import simulate_trial
from gaitbook.synthesis.lab_noise import angle_error, plate_noise
from gaitbook.synthesis.laboratory_errors import load_laboratory

RATE_HZ = 100.0
STRIDE_S = 1.0


def swing(*, duration_s=10.0, size_rad=0.4, coordinates=COORDINATES):
    """Every coordinate swings once a second, each with a phase of its own."""
    time = np.arange(0, duration_s, 1 / RATE_HZ)
    phase = 2 * np.pi * (time[:, None] / STRIDE_S + np.linspace(0, 1, len(coordinates)))
    return xr.DataArray(
        size_rad * np.sin(phase),
        dims=("time", "coordinate"),
        coords={"time": time, "coordinate": list(coordinates)},
        attrs={"units": "rad"},
    )


def draws(angle, count, **other):
    each = [angle_error(angle, rng=np.random.default_rng(seed), **other) for seed in range(count)]
    return xr.concat(each, "trial")


def test_an_angle_errs_by_its_table():
    error = draws(swing(), 200)
    typical = np.sqrt((error**2).mean(["trial", "time"]))
    table = load_laboratory()["angle"]["size_rad"]
    for name in COORDINATES:
        expected = table[name.removesuffix("_r").removesuffix("_l")]
        assert float(typical.sel(coordinate=name)) == pytest.approx(expected, rel=0.15), name
    knee, hip = np.degrees(typical.sel(coordinate=["knee_angle_r", "hip_rotation_r"]).values)
    assert 1 < knee < hip < 3.5
    assert error.attrs["units"] == "rad"


def test_a_part_is_constant_and_a_part_returns_in_every_stride():
    error = draws(swing(), 200)
    total = float((error**2).mean())
    assert float((error.mean("time") ** 2).mean()) / total == pytest.approx(0.5, abs=0.1)
    stride = round(STRIDE_S * RATE_HZ)
    moving = (error - error.mean("time")).values
    strides = moving.reshape(len(moving), -1, stride, moving.shape[-1])
    assert (strides.mean(axis=1) ** 2).mean() / total == pytest.approx(0.36, abs=0.06)


def test_nothing_in_the_error_is_fast():
    error = draws(swing(), 20).values
    step = np.diff(error, axis=1).std() / error.std()
    assert step < 0.1


def test_a_limb_at_rest_keeps_offset_and_wander():
    still = swing(size_rad=0.0)
    share = float((draws(still, 100) ** 2).mean() / (draws(swing(), 100) ** 2).mean())
    assert share == pytest.approx(0.65, abs=0.12)


def test_errors_of_the_right_leg_do_not_follow_the_left_leg():
    angle = swing()
    legs = [name for name in COORDINATES if name.startswith(("hip", "knee", "ankle")) and name.endswith("_l")]
    other = angle.copy()
    other.loc[{"coordinate": legs}] *= 3.0
    first, second = (angle_error(each, rng=np.random.default_rng(1)) for each in (angle, other))
    right = [name for name in COORDINATES if name.endswith("_r")]
    xr.testing.assert_allclose(first.sel(coordinate=right), second.sel(coordinate=right))
    assert not np.allclose(first.sel(coordinate=legs), second.sel(coordinate=legs))


def test_no_gain_no_error_and_seeds_decide():
    angle = swing(duration_s=0.5)
    assert not angle_error(angle, rng=np.random.default_rng(0), gain=0.0).any()
    first, again, other = (angle_error(angle, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    xr.testing.assert_identical(first, again)
    assert not first.equals(other)
    xr.testing.assert_allclose(angle_error(angle, rng=np.random.default_rng(1), gain=2.0), 2 * first)


def test_a_coordinate_of_another_model_is_taken_too():
    error = draws(swing(coordinates=("patella",)), 200)
    assert float(np.sqrt((error**2).mean())) == pytest.approx(0.035, rel=0.15)


def test_wrong_angles_are_refused():
    with pytest.raises(ValueError, match=r"dims are \('time', 'marker'\), expected .*; gain is -1"):
        angle_error(swing().rename(coordinate="marker"), rng=np.random.default_rng(0), gain=-1.0)
    with pytest.raises(ValueError, match=r"fewer than two time stamps; angles are missing"):
        angle_error(swing()[:1] * np.nan, rng=np.random.default_rng(0))


@pytest.fixture(scope="module")
def trial():
    """Half a minute of running on a belt."""
    return simulate_trial(speed_mps=3.0, duration_s=30.0)


@pytest.fixture(scope="module")
def standing():
    """Somebody on two plates for a minute: steady forces, still points, no turning."""
    time = np.arange(0, 60, 1 / RATE_HZ)
    coords = {"time": time, "foot": ["right", "left"], "axis": ["x", "y", "z"]}
    force, point = np.zeros((2, time.size, 2, 3))
    force[..., 1] = (500.0, 100.0)
    point[:, 0], point[:, 1] = (0.1, 0.0, 0.1), (0.1, 0.0, -0.1)
    dims = ("time", "foot", "axis")
    return xr.Dataset(
        {
            "ground_reaction_force": (dims, force, {"units": "N"}),
            "center_of_pressure": (dims, point, {"units": "m"}),
            "free_moment": (dims[:2], np.zeros((time.size, 2)), {"units": "N m"}),
        },
        coords=coords,
    )


def test_measured_forces_keep_the_contract(trial):
    noisy = validate(plate_noise(trial, rng=np.random.default_rng(0)))
    assert "Noise and drift of force plates" in noisy.attrs["log"][-1]
    assert set(noisy.data_vars) >= set(trial.data_vars)
    xr.testing.assert_identical(noisy["marker_position"], trial["marker_position"])


def test_in_the_air_nothing_is_measured(trial):
    noisy = plate_noise(trial, rng=np.random.default_rng(0))
    contact = noisy["in_contact"]
    vertical = noisy["ground_reaction_force"].sel(axis="y")
    assert 0.2 < float(contact.mean()) < 0.5
    assert float(vertical.where(contact).min()) >= 20
    assert not noisy["ground_reaction_force"].where(~contact, 0.0).any()
    assert not noisy["free_moment"].where(~contact, 0.0).any()
    assert (noisy["center_of_pressure"].notnull().all("axis") == contact).all()


def test_without_noise_the_truth_is_measured_above_the_threshold(trial):
    clean = plate_noise(trial, rng=np.random.default_rng(0), gain=0.0)
    contact = clean["in_contact"]
    for name in ("ground_reaction_force", "center_of_pressure", "free_moment"):
        xr.testing.assert_equal(
            clean[name].where(contact), trial[name].where(contact).transpose(*clean[name].dims)
        )


def test_noise_is_white_on_top_of_drift(standing):
    errors = []
    for seed in range(40):
        noisy = plate_noise(standing, rng=np.random.default_rng(seed))
        errors.append((noisy - standing)["ground_reaction_force"].values)
    error = np.array(errors)
    numbers = load_laboratory()["plate"]
    white = np.diff(error, axis=1) / np.sqrt(2)
    np.testing.assert_allclose(white.std(axis=(0, 1, 2)), numbers["force_noise_n"], rtol=0.03)
    # after a minute, twice the drift of half a minute
    end = error[:, -100:].mean(axis=1).std(axis=(0, 1))
    np.testing.assert_allclose(end, 2 * np.array(numbers["force_drift_n"]), rtol=0.35)


def test_the_point_errs_most_under_little_force(standing):
    noisy = plate_noise(standing, rng=np.random.default_rng(1))
    white = noisy["center_of_pressure"].diff("time").std("time") / np.sqrt(2)
    numbers = load_laboratory()["plate"]
    for axis, component in (("x", 2), ("z", 0)):
        for foot, force_n in (("right", 500.0), ("left", 100.0)):
            expected = numbers["moment_noise_nm"][component] / force_n
            assert float(white.sel(axis=axis, foot=foot)) == pytest.approx(expected, rel=0.1)
    assert not white.sel(axis="y").any()


def test_moments_about_the_vertical_err_by_the_moment(standing):
    error = plate_noise(standing, rng=np.random.default_rng(2))["free_moment"]
    white = error.diff("time").std("time") / np.sqrt(2)
    np.testing.assert_allclose(white, load_laboratory()["plate"]["moment_noise_nm"][1], rtol=0.05)


def test_where_the_person_walks_does_not_matter(standing):
    """A plate three meters on errs as much as this one."""
    moved = standing.assign(
        center_of_pressure=standing["center_of_pressure"] + xr.DataArray([3.0, 0, 0], dims="axis")
    )
    here, there = (plate_noise(each, rng=np.random.default_rng(3)) for each in (standing, moved))
    xr.testing.assert_allclose(
        here["center_of_pressure"] - standing["center_of_pressure"],
        there["center_of_pressure"] - moved["center_of_pressure"],
    )


def test_seeds_decide_and_a_trial_may_lack_the_free_moment(trial):
    bare = trial.drop_vars("free_moment")
    first, again, other = (plate_noise(bare, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    xr.testing.assert_identical(first, again)
    assert not first["ground_reaction_force"].equals(other["ground_reaction_force"])
    assert "free_moment" not in first


def test_a_trial_without_forces_is_refused(trial):
    bare = trial.drop_vars(["ground_reaction_force", "center_of_pressure"])
    with pytest.raises(
        ValueError, match="plates: it has no ground_reaction_force; it has no center_of_pressure; gain is -2"
    ):
        plate_noise(bare, rng=np.random.default_rng(0), gain=-2.0)
