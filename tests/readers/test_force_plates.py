import numpy as np
import pytest
import xarray as xr

from gaitbook.readers.c3d import read_c3d
from gaitbook.readers.force_plates import assign_plates
from gaitbook.readers.opensim import read_markers, read_plates

SPEED_MPS, CONTACT_S, STEP_S = 1.2, 0.3, 0.4


def runner(duration_s=4.0, rate_hz=100.0):
    """A runner on a belt: feet 0.2 m apart land in turn, carried back with the belt, and swing 0.25 m high.

    Returns foot positions and, per foot, the load (half sine of 1500 N) as functions sampled at the rate.
    """
    time = np.arange(round(duration_s * rate_hz)) / rate_hz
    position, load = [], []
    for start, z in ((0.0, 0.1), (STEP_S, -0.1)):
        phase = (time - start) % (2 * STEP_S)
        down = phase < CONTACT_S
        swing = np.clip((phase - CONTACT_S) / (2 * STEP_S - CONTACT_S), 0, 1)
        x = np.where(down, 0.18 - SPEED_MPS * phase, -0.18 + 0.36 * swing)
        position.append(
            np.stack(
                [x, np.where(down, 0.05, 0.05 + 0.25 * np.sin(np.pi * swing)), np.full_like(x, z)], axis=1
            )
        )
        load.append(np.where(down & (time >= start), 1500 * np.sin(np.pi * phase / CONTACT_S), 0.0))
    return time, np.stack(position, axis=1), np.stack(load, axis=1)


def wrench_of(position, load):
    """Wrench (time, 6) of a foot: force mostly up, at the point of the belt under the foot, with free moment 2 N m."""
    force = np.stack([0.1 * load, load, 0.05 * load], axis=1)
    point = position * [1, 0, 1]
    free = np.where(load > 0, 2.0, 0.0)
    return np.concatenate(
        [force, np.cross(point, force) + np.stack([0 * free, free, 0 * free], axis=1)], axis=1
    )


def recording_of(wrenches, plate_time, time, plates):
    both = np.stack(wrenches, axis=1)
    dims = ("plate_time", "plate", "axis")
    variables = {"plate_force": (dims, both[..., :3]), "plate_moment": (dims, both[..., 3:])}
    coords = {"plate_time": plate_time, "plate": plates, "axis": list("xyz"), "time": time}
    return xr.Dataset(variables, coords=coords, attrs={"source_file": "run.mot"})


def feet_of(position, time):
    coords = {"time": time, "foot": ["right", "left"], "axis": list("xyz")}
    return xr.DataArray(position, dims=("time", "foot", "axis"), coords=coords)


def one_belt(plate_rate_hz=1000.0, duration_s=4.0, offset=0.0, noise=0.0):
    plate_time, position, load = runner(duration_s, plate_rate_hz)
    belt = sum(wrench_of(position[:, i], load[:, i]) for i in range(2))
    belt = belt + offset + noise * np.random.default_rng(0).normal(size=belt.shape)
    time, slow_position, slow_load = runner(duration_s)
    return recording_of([belt], plate_time, time, ["belt"]), feet_of(slow_position, time), slow_load


def test_contacts_of_one_belt_alternate_between_the_feet_that_made_them():
    recording, feet, load = one_belt()
    assigned = assign_plates(recording, foot_position=feet)
    assert assigned.contacts["foot"].tolist() == ["right", "left"] * 5
    assert not assigned.refused
    force = assigned.dataset["ground_reaction_force"]
    np.testing.assert_allclose(force.sel(axis="y"), load, atol=30)
    np.testing.assert_allclose(force.sel(axis="y").sum(), load.sum(), rtol=2e-3)
    assert (force.values[~assigned.dataset["in_contact"].values] == 0).all()


def test_center_of_pressure_and_free_moment_survive_filter_and_interpolation():
    recording, feet, load = one_belt()
    dataset = assign_plates(recording, foot_position=feet).dataset
    pressed = xr.DataArray(load > 400, dims=("time", "foot"))
    point = dataset["center_of_pressure"].where(pressed)
    expected = (feet * xr.DataArray([1.0, 0.0, 1.0], dims="axis")).where(pressed)
    np.testing.assert_allclose(point, expected, atol=2e-3)
    np.testing.assert_allclose(dataset["free_moment"].values[load > 400], 2.0, atol=0.3)
    assert dataset["center_of_pressure"].isnull().all("axis").equals(~dataset["in_contact"])
    assert {name: dataset[name].attrs["units"] for name in dataset} == {
        "ground_reaction_force": "N",
        "center_of_pressure": "m",
        "free_moment": "N m",
        "in_contact": "1",
    }


def test_offset_and_noise_of_an_empty_belt_are_no_contact():
    clean, feet, _ = one_belt(plate_rate_hz=300)
    offset = np.array([2.0, -35.0, 3.0, 1.0, -5.0, 6.0])
    noisy, _, _ = one_belt(plate_rate_hz=300, offset=offset, noise=np.array([3, 9, 3, 1, 1, 1]))
    found = assign_plates(noisy, foot_position=feet)
    assert found.contacts["foot"].tolist() == ["right", "left"] * 5
    expected = assign_plates(clean, foot_position=feet).dataset["ground_reaction_force"]
    assert float(np.abs(found.dataset["ground_reaction_force"] - expected).max()) < 60
    assert float((found.dataset["ground_reaction_force"] - expected).sel(axis="y").mean()) == pytest.approx(
        0, abs=1.5
    )


def test_plates_of_one_foot_add_up():
    recording, feet, load = one_belt(plate_rate_hz=100)
    halves = xr.concat([recording * 0.25, recording * 0.75], "plate").assign_coords(plate=["front", "back"])
    whole = assign_plates(recording, foot_position=feet).dataset
    summed = assign_plates(halves, foot_position=feet).dataset
    hard = (load > 200)[..., None]
    for name in ("ground_reaction_force", "center_of_pressure"):
        np.testing.assert_allclose(np.where(hard, summed[name], 0), np.where(hard, whole[name], 0), atol=1e-9)


def test_the_height_of_the_plate_is_kept():
    recording, feet, _ = one_belt(plate_rate_hz=100)
    height = np.array([0.0, 0.05, 0.0])
    raised = recording["plate_moment"] + np.cross(
        np.broadcast_to(height, recording["plate_force"].shape), recording["plate_force"]
    )
    point = xr.zeros_like(recording["plate_force"]) + xr.DataArray(height, dims="axis")
    raised_recording = recording.assign(plate_moment=raised, plate_center_of_pressure=point)
    low = assign_plates(recording, foot_position=feet).dataset["center_of_pressure"]
    high = assign_plates(raised_recording, foot_position=feet).dataset["center_of_pressure"]
    np.testing.assert_allclose(
        high - low, np.broadcast_to(height, low.shape) * np.where(low.isnull(), np.nan, 1), atol=1e-9
    )


def test_plates_named_by_foot_need_no_markers():
    time, position, load = runner()
    wrenches = [wrench_of(position[:, i], load[:, i]) for i in range(2)]
    assigned = assign_plates(recording_of(wrenches, time, time, ["right", "left"]))
    np.testing.assert_allclose(
        assigned.dataset["ground_reaction_force"].sel(axis="y"), np.where(load >= 20, load, 0), atol=1e-9
    )
    assert assigned.contacts["distance_right_m"].isna().all()


def test_a_name_that_the_markers_contradict_is_refused():
    time, position, load = runner()
    wrenches = [wrench_of(position[:, i] + [0, 0, 0.2 * (2 * i - 1) * 2], load[:, i]) for i in range(2)]
    far = position + np.array([[0, 0, -0.4], [0, 0, 0.4]])
    swapped = recording_of(wrenches[::-1], time, time, ["right", "left"])
    assigned = assign_plates(swapped, foot_position=feet_of(far, time))
    assert {each.reason for each in assigned.refused} == {
        "file gives the contact to one foot, markers put it under the other"
    }


def test_a_contact_far_from_both_feet_is_returned_with_the_reason_and_its_force_is_unknown():
    recording, feet, _ = one_belt(plate_rate_hz=100, duration_s=1.0)
    assigned = assign_plates(recording, foot_position=feet + xr.DataArray([0.0, 0.0, 1.0], dims="axis"))
    assert [each.reason for each in assigned.refused] == [
        "center of pressure farther than 0.30 m from both feet"
    ] * 3
    assert assigned.refused[0].contact.startswith("plate belt, 0.01 to 0.29 s (right foot 1.00 m")
    during = (recording["time"] > 0.05) & (recording["time"] < 0.25)
    assert assigned.dataset["ground_reaction_force"][during].isnull().all()
    assert not assigned.dataset["in_contact"].any()


def test_a_plate_that_both_feet_load_at_once_is_refused():
    time, position, load = runner()
    walk = sum(wrench_of(position[:, i], load[:, i] + 300) for i in range(2))
    assigned = assign_plates(recording_of([walk], time, time, ["1"]), foot_position=feet_of(position, time))
    assert [each.reason for each in assigned.refused] == ["both feet on one plate"]


def test_standing_on_one_plate_is_refused():
    time = np.arange(100) / 100
    position = np.tile([[0.0, 0.05, 0.1], [0.0, 0.05, -0.1]], (100, 1, 1))
    wrench = wrench_of(np.zeros((100, 3)), np.full(100, 700.0))
    assigned = assign_plates(recording_of([wrench], time, time, ["1"]), foot_position=feet_of(position, time))
    assert [each.reason for each in assigned.refused] == ["both feet on one plate"]


def test_missing_markers_and_missing_points_are_reasons():
    recording, feet, _ = one_belt(plate_rate_hz=100, duration_s=0.4)
    unseen = assign_plates(recording, foot_position=feet.where(feet["foot"] == "right"))
    assert [each.reason for each in unseen.refused] == ["markers of a foot missing during the contact"]
    no_point = recording.assign(plate_moment=recording["plate_moment"] * np.nan)
    assert [each.reason for each in assign_plates(no_point, foot_position=feet).refused] == [
        "plate without center of pressure"
    ]


def test_a_named_plate_without_point_gives_force_but_no_free_moment():
    recording, _, load = one_belt(plate_rate_hz=100, duration_s=0.4)
    named = recording.assign(plate_moment=recording["plate_moment"] * np.nan).assign_coords(plate=["right"])
    dataset = assign_plates(named).dataset.sel(foot="right")
    np.testing.assert_allclose(
        dataset["ground_reaction_force"].sel(axis="y"), np.where(load >= 20, load, 0)[:, 0], atol=1e-9
    )
    assert dataset["free_moment"].where(dataset["in_contact"]).isnull().all()


def test_times_beyond_the_plates_are_unknown_but_half_a_sample_is_forgiven():
    recording, feet, _ = one_belt(plate_rate_hz=100, duration_s=2.0)
    cut = recording.sel(plate_time=slice(0.1001, 1.4))
    force = (
        assign_plates(cut, foot_position=feet).dataset["ground_reaction_force"].sel(axis="y", foot="right")
    )
    known = force["time"].values[force.notnull()]
    assert (known[0], known[-1]) == (pytest.approx(0.11), pytest.approx(1.4))
    shifted = recording.assign_coords(plate_time=recording["plate_time"] + 0.004)
    assert assign_plates(shifted, foot_position=feet).dataset["ground_reaction_force"].notnull().all()


def test_without_motion_the_plates_own_times_are_used():
    time, position, load = runner()
    recording = recording_of([wrench_of(position[:, 0], load[:, 0])], time, time, ["right"]).drop_vars("time")
    np.testing.assert_array_equal(assign_plates(recording).dataset["time"], time)


def test_what_is_missing_is_said():
    recording, feet, _ = one_belt(plate_rate_hz=100, duration_s=0.4)
    with pytest.raises(
        ValueError, match=r"run\.mot has no plate_force and no plate_moment: read force plates"
    ):
        assign_plates(recording.drop_vars(["plate_force", "plate_moment"]))
    with pytest.raises(ValueError, match=r"its plates \(belt\) name no foot.*pass foot_position"):
        assign_plates(recording)
    repeated = recording.assign_coords(plate_time=np.maximum(recording["plate_time"], 0.05))
    with pytest.raises(ValueError, match="plate_time has repeated or backward time stamps"):
        assign_plates(repeated, foot_position=feet)


def test_unknown_markers_are_an_error_unless_the_plates_are_named():
    recording, feet, _ = one_belt(plate_rate_hz=100, duration_s=0.4)
    strange = recording.assign(marker_position=feet.rename(foot="marker").assign_coords(marker=["A", "B"]))
    with pytest.raises(ValueError, match="Known marker sets"):
        assign_plates(strange)
    assert assign_plates(strange.assign_coords(plate=["right"])).contacts["foot"].tolist() == ["right"]


PAIRS = {
    "opencap/MarkerData/walking2.trc": ("opencap/ID/walking2_grf.mot", 3),
    "opencap/MarkerData/walking3.trc": ("opencap/ID/walking3_grf.mot", 3),
    "opencap/MarkerData/walking4.trc": ("opencap/ID/walking4_grf.mot", 3),
    "hamner/run200.trc": ("hamner/run200_grf.mot", 6),
    "hamner/run300.trc": ("hamner/run300_grf.mot", 6),
}


@pytest.mark.real_data
@pytest.mark.parametrize(("markers", "forces", "count"), [(m, *rest) for m, rest in PAIRS.items()], ids=PAIRS)
def test_real_contacts_are_told_apart_by_far(real_data, markers, forces, count):
    recording = xr.merge(
        [read_markers(real_data / markers), read_plates(real_data / forces)], combine_attrs="drop_conflicts"
    )
    contacts = assign_plates(recording).contacts
    own = np.where(contacts["foot"] == "right", contacts["distance_right_m"], contacts["distance_left_m"])
    other = np.where(contacts["foot"] == "right", contacts["distance_left_m"], contacts["distance_right_m"])
    assert len(contacts) == count
    assert (contacts["foot"].to_numpy()[1:] != contacts["foot"].to_numpy()[:-1]).all()
    assert own.max() < 0.16
    assert other.min() > 0.35


@pytest.mark.real_data
def test_a_real_belt_gives_every_contact_to_a_foot_in_turn(real_data):
    pytest.importorskip("ezc3d")
    assigned = assign_plates(read_c3d(real_data / "rbds" / "RBDS002" / "RBDS002runT35.c3d"))
    feet = assigned.contacts["foot"].to_numpy()
    assert len(feet) > 70
    assert (feet[1:] != feet[:-1]).all()
    assert not assigned.refused
