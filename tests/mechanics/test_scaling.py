"""People whose body is known to the last marker are recorded, and measured again."""

import logging
from dataclasses import replace

import numpy as np
import pytest
import torch
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.mechanics.inverse_kinematics import solve_coordinates
from gaitbook.mechanics.kinematics import forward_kinematics, marker_positions
from gaitbook.mechanics.scaling import scale_body
from gaitbook.mechanics.segment_scaling import turn_mass

PERSON_M = 1.9
ATTRS = {"subject": "anna", "trial": "static", "mass_kg": 62.0, "height_m": 1.75, "sex": "female"}
KNEES_AND_ANKLES = [f"{side}.{part}" for side in "RL" for part in ("Knee", "Ankle")]


def record(body: BodyModel, *, frames: int = 5, **angles: np.ndarray | float) -> xr.Dataset:
    """Markers of a body in a pose, or in many."""
    compiled = compile_body(body)
    values = {each.name: each.default for each in body.coordinates} | angles
    columns = [np.broadcast_to(values[name], frames) for name in compiled.coordinate_names]
    pose = forward_kinematics(compiled, torch.tensor(np.stack(columns, axis=1)))
    return xr.Dataset(
        {"marker_position": (("time", "marker", "axis"), marker_positions(compiled, pose).numpy())},
        coords={
            "time": np.arange(frames) / 100.0,
            "marker": list(compiled.marker_names),
            "axis": ["x", "y", "z"],
        },
        attrs=ATTRS,
    )


def person(markers: str = "rbds") -> BodyModel:
    """Someone who is taller than the table of participants says."""
    return generic_body(height_m=PERSON_M, markers=markers)


def joints(body: BodyModel) -> dict[str, tuple[float, ...]]:
    return {joint.child: joint.parent_position for joint in body.joints}


def places(body: BodyModel) -> dict[str, tuple[float, ...]]:
    return {marker.name: marker.position_m for marker in body.markers}


def assert_same_legs(found: BodyModel, expected: BodyModel) -> None:
    for end in ("r", "l"):
        for child in ("femur", "tibia", "talus"):
            assert joints(found)[f"{child}_{end}"] == pytest.approx(
                joints(expected)[f"{child}_{end}"], abs=1e-4
            )


def assert_same_markers(found: BodyModel, expected: BodyModel) -> None:
    for name, position in places(found).items():
        assert position == pytest.approx(places(expected)[name], abs=2e-4), name


def moving(frames: int = 40) -> dict[str, np.ndarray]:
    """Joint angles in gait."""
    phase = np.linspace(0.0, 2.0 * np.pi, frames)
    return {
        "pelvis_tx": 1.3 * phase,
        "pelvis_rotation": 0.4 + 0.1 * np.sin(phase),
        "pelvis_tilt": 0.2 * np.ones(frames),
        "hip_flexion_r": 0.5 * np.sin(phase),
        "hip_rotation_r": 0.1 * np.cos(phase),
        "hip_flexion_l": -0.5 * np.sin(phase),
        "knee_angle_r": 0.4 - 0.4 * np.cos(phase),
        "knee_angle_l": 0.4 + 0.4 * np.cos(phase),
        "ankle_angle_r": 0.2 * np.sin(phase),
    }


def test_who_stands_is_measured_to_the_last_marker():
    found = scale_body(record(person(), pelvis_rotation=0.7, pelvis_tx=3.0))
    assert_same_legs(found, person())
    assert_same_markers(found, person())
    assert all(marker.fixed for marker in found.markers)
    assert found.name == "anna/static"


@pytest.mark.parametrize("markers", ["bmc", "opencap", "plug_in_gait"])
def test_every_set_measures_the_same_legs(markers):
    assert_same_legs(scale_body(record(person(markers))), person())


def test_lateral_markers_alone_are_moved_inward_by_the_usual_width(caplog):
    trial = record(person("plug_in_gait")).assign_attrs(height_m=PERSON_M)
    medial = [f"{side}{name}" for side in "RL" for name in ("KNM", "KNEM", "MED", "ANM")]
    with caplog.at_level(logging.WARNING):
        found = scale_body(trial.drop_sel(marker=medial))
    assert "knee_right, ankle_right, knee_left, ankle_left: markers on one side only" in caplog.text
    for child in ("tibia_r", "tibia_l", "talus_r", "talus_l"):
        assert joints(found)[child] == pytest.approx(joints(person())[child], abs=1e-2)


def test_bent_joints_and_a_moving_person_do_not_matter():
    angles = moving()
    trial = record(person(), frames=angles["pelvis_tx"].size, **angles)
    found = scale_body(trial)
    assert_same_legs(found, person())
    assert_same_markers(found, person())


def test_mass_is_the_given_one_and_the_base_stands_on_its_feet():
    found = scale_body(record(person()))
    assert found.mass_kg == pytest.approx(62.0, abs=1e-12)
    standing = {each.name: each.default for each in found.coordinates}["pelvis_ty"]
    sole = 0.039 * ATTRS["height_m"]
    legs = [joints(found)[name][1] for name in ("femur_r", "tibia_r", "talus_r")]
    assert standing == pytest.approx(sole - sum(legs), abs=1e-9)


def test_gaps_and_outliers_are_passed_over():
    trial = record(person(), frames=20)
    trial["marker_position"][3:9, 5:12] = np.nan
    trial["marker_position"][15, :] += 0.4
    trial["marker_position"][16, 8] -= 3.0
    found = scale_body(trial)
    assert_same_legs(found, person())
    assert_same_markers(found, person())


def test_a_bowed_leg_keeps_its_ankle_and_its_shank_the_mass_around_it():
    straight = person()
    bowed_joints = tuple(
        replace(joint, parent_position=(0.0, -0.45, -0.03)) if joint.child == "talus_r" else joint
        for joint in straight.joints
    )
    moved = tuple(
        replace(marker, position_m=(marker.position_m[0], marker.position_m[1], marker.position_m[2] - 0.03))
        if marker.name in ("R.Ankle", "R.Ankle.Medial")
        else marker
        for marker in straight.markers
    )
    found = scale_body(record(replace(straight, joints=bowed_joints, markers=moved)))
    ankle = np.array(joints(found)["talus_r"])
    assert ankle[2] == pytest.approx(-0.03, abs=1e-3)
    shank = next(each for each in found.segments if each.name == "tibia_r")
    assert np.cross(shank.center_m, ankle) == pytest.approx(np.zeros(3), abs=1e-9)
    back = turn_mass(shank, tuple(ankle), (0.0, -1.0, 0.0))
    assert back.inertia_kgm2[3:] == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)


def test_without_knees_and_ankles_lengths_follow_height_and_that_is_logged(caplog):
    trial = record(person())
    cluster = [name for name in trial["marker"].values if not name.startswith(tuple(KNEES_AND_ANKLES))]
    with caplog.at_level(logging.WARNING):
        found = scale_body(trial.sel(marker=cluster))
    expected = generic_body(height_m=ATTRS["height_m"])
    assert joints(found)["tibia_r"] == pytest.approx(joints(expected)["tibia_r"])
    assert joints(found)["femur_r"] == pytest.approx(joints(person())["femur_r"], abs=1e-4)
    assert places(found)["R.Thigh.Top.Lateral"] == pytest.approx(places(expected)["R.Thigh.Top.Lateral"])
    assert {marker.name for marker in found.markers if marker.fixed} == {
        f"{side}.{part}" for side in "RL" for part in ("ASIS", "PSIS", "Iliac.Crest")
    }
    assert "no landmarks to measure femur_r, femur_l, tibia_r, tibia_l, calcn_r, calcn_l" in caplog.text


def test_a_body_of_unlikely_size_is_pointed_out(caplog):
    with caplog.at_level(logging.WARNING):
        scale_body(record(person()).assign_attrs(height_m=1.1))
    assert "femur_r measures 1.73 times that of the generic body" in caplog.text


def test_without_a_height_the_legs_tell_it():
    trial = record(person())
    del trial.attrs["height_m"]
    found = scale_body(trial)
    assert joints(found)["humerus_r"] == pytest.approx(joints(person())["humerus_r"], rel=0.01)


def test_the_standing_position_that_a_run_carries_is_the_static_trial():
    run = record(person(), frames=40, **moving()).sel(marker=["R.Heel.Top", "R.MT1", "R.MT5", "R.ASIS"])
    standing = record(person())["marker_position"].isel(time=0, drop=True)
    run["standing_position"] = standing.rename(marker="standing_marker")
    found = scale_body(run)
    assert_same_legs(found, person())
    assert_same_markers(found, person())


def test_a_body_of_ones_own_is_scaled_as_the_generic_one():
    base = replace(generic_body(height_m=1.6, mass_kg=50.0), name="mine")
    found = scale_body(record(person()), base=base)
    assert_same_legs(found, person())
    assert_same_markers(found, person())
    assert joints(found)["humerus_r"] == pytest.approx(joints(person())["humerus_r"], rel=0.01)
    assert found.mass_kg == pytest.approx(62.0)


def test_all_faults_of_a_trial_are_told_at_once():
    trial = xr.Dataset(attrs={"subject": "anna", "trial": "run"})
    with pytest.raises(ValueError, match=r"trial anna/run:") as caught:
        scale_body(trial, markers="helen_hayes")
    message = str(caught.value)
    assert "set the attribute mass_kg" in message
    assert "use generic_body without them" in message
    assert "marker set 'helen_hayes' is unknown: known are rbds, bmc" in message


def test_markers_that_are_never_seen_together_measure_nothing(caplog):
    trial = record(person(), frames=10)
    first, second = slice(0.0, 0.045), slice(0.045, 1.0)
    trial["marker_position"].loc[{"time": first, "marker": ["R.Knee", "L.MT1"]}] = np.nan
    trial["marker_position"].loc[{"time": second, "marker": ["R.Knee.Medial", "L.Heel.Top"]}] = np.nan
    with caplog.at_level(logging.WARNING):
        found = scale_body(trial)
    assert "no landmarks to measure femur_r, tibia_r, calcn_r, calcn_l" in caplog.text
    assert joints(found)["talus_l"] == pytest.approx(joints(person())["talus_l"], abs=1e-4)
    assert all(np.isfinite(position).all() for position in places(found).values())


def test_a_base_with_other_names_is_refused():
    base = generic_body()
    other = BodyModel("torso only", base.segments[:1], base.joints[:1], base.coordinates[:6])
    with pytest.raises(
        ValueError, match=r"torso only has no calcn_l, .*: name its segments as in the OpenSim"
    ):
        scale_body(record(person()), base=other)


def test_unrecognized_markers_name_the_known_sets():
    trial = record(person()).assign_coords(marker=[f"M{number}" for number in range(50)])
    with pytest.raises(ValueError, match="Known marker sets: rbds"):
        scale_body(trial)


def test_a_set_without_standard_places_is_refused_with_a_remedy():
    with pytest.raises(ValueError, match="no standard places are known for the markers of gait2392: rename"):
        scale_body(record(person()), markers="gait2392")


def test_neither_height_nor_legs_is_too_little():
    trial = record(person()).sel(marker=["R.ASIS", "L.ASIS", "R.MT1", "R.MT5", "R.Heel.Top"])
    del trial.attrs["height_m"]
    with pytest.raises(ValueError, match=r"neither a body height nor a leg .* set the attribute height_m"):
        scale_body(trial)


@pytest.mark.real_data
def test_twenty_runners_have_human_legs(real_data):
    bodies = [(trial, scale_body(trial)) for trial in _static_trials(real_data)]
    assert len(bodies) >= 20
    thigh, shank, asymmetry_m = [], [], []
    for trial, body in bodies:
        lengths = {name: np.linalg.norm(place) for name, place in joints(body).items()}
        thigh.append((lengths["tibia_r"] + lengths["tibia_l"]) / 2 / trial.attrs["height_m"])
        shank.append((lengths["talus_r"] + lengths["talus_l"]) / 2 / trial.attrs["height_m"])
        asymmetry_m += [lengths[f"{name}_r"] - lengths[f"{name}_l"] for name in ("tibia", "talus")]
        assert 0.14 < 2 * joints(body)["femur_r"][2] < 0.21
    assert 0.215 < min(thigh) < max(thigh) < 0.265
    assert 0.220 < min(shank) < max(shank) < 0.255
    assert np.mean(thigh) == pytest.approx(0.245, abs=0.01)
    assert np.mean(shank) == pytest.approx(0.246, abs=0.012)
    assert max(np.abs(asymmetry_m)) < 0.012


@pytest.mark.real_data
def test_the_body_takes_the_pose_of_its_static_trial(real_data):
    for trial in _static_trials(real_data)[:3]:
        body = compile_body(scale_body(trial))
        markers = trial["marker_position"].median("time").sel(marker=list(body.marker_names)).values
        error_m = solve_coordinates(body, torch.tensor(markers[None])).marker_error
        assert float((error_m**2).mean().sqrt()) < 0.001


@pytest.mark.real_data
def test_a_published_model_is_scaled_too(real_data):
    from gaitbook.readers.osim_model import read_body

    base = read_body(real_data / "opencap" / "Models" / "final.osim")
    found = scale_body(record(person("opencap")), base=base)
    # its knee is no hinge and sits a little off the origin of its shank
    for child, within_m in {"femur_r": 1e-4, "tibia_r": 1e-2, "talus_r": 2e-2}.items():
        length_m = np.linalg.norm(joints(found)[child])
        assert length_m == pytest.approx(np.linalg.norm(joints(person())[child]), abs=within_m)
    assert found.mass_kg == pytest.approx(62.0)


def _static_trials(folder) -> list[xr.Dataset]:
    from gaitbook.readers.c3d import read_c3d
    from gaitbook.readers.rbds import list_rbds

    pytest.importorskip("ezc3d", reason="ezc3d is not installed (pip install gaitbook[c3d])")
    runs = {run.static_path: run for run in list_rbds(folder / "rbds") if run.static_path}
    return [read_c3d(path).assign_attrs(run.attributes) for path, run in runs.items()]
