"""AddBiomechanics files: everything that was written is read, and what is damaged is named."""

import struct

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.schema import faults, validate
from gaitbook.readers.addbiomechanics import B3DError, read_b3d, read_b3d_trial, read_b3d_trials
from gaitbook.readers.b3d_coordinates import coordinate_names
from gaitbook.readers.b3d_header import MISSING_FORCE
from tests.readers.b3d_writer import COORDINATES, MARKERS, WrittenFile, WrittenTrial, write_b3d

N_FRAMES = 50
FEET_M = {"right": 0.1, "left": -0.1}


def walker(**changes) -> WrittenTrial:
    """Half a second: the right foot loaded with 600 N in the first half, the left with 500 N in the second."""
    rng = np.random.default_rng(0)
    markers = np.zeros((N_FRAMES, len(MARKERS), 3))
    for i, name in enumerate(MARKERS[:-1]):
        markers[:, i] = [0.1 if "TOE" in name else -0.1, 0.03, FEET_M["right" if name[0] == "R" else "left"]]
    markers[:, -1] = np.nan
    return WrittenTrial(
        rng.normal(size=(N_FRAMES, len(COORDINATES))),
        markers,
        contact=wrenches(),
        plates=wrenches(),
        **changes,
    )


def wrenches():
    force, point, torque = (np.zeros((N_FRAMES, 2, 3)) for _ in range(3))
    half = N_FRAMES // 2
    for body, (span, foot) in enumerate(((slice(half), "right"), (slice(half, None), "left"))):
        force[span, body] = [10.0, 600.0 - 100 * body, -5.0]
        point[span, body] = [0.02, 0.0, FEET_M[foot]]
        torque[span, body] = [0.0, 3.0, 0.0]
    return force, point, torque


def write(folder, *trials, **changes):
    return write_b3d(folder / "runner.b3d", WrittenFile(list(trials) or [walker()], **changes))


def test_header_tells_the_person_and_the_trials(tmp_path):
    path = write(tmp_path, walker(passes=(0, 1, 2)), walker(name="two", passes=(0, 1, 2), time_step_s=0.005))
    subject = read_b3d(path)
    assert (subject.height_m, subject.mass_kg, subject.age_year, subject.sex) == (1.7, 60.0, 30, "female")
    assert (subject.href, subject.notes, subject.tags) == (
        "https://example.org/study",
        "cite us",
        ("healthy",),
    )
    assert subject.contact_bodies == ("calcn_r", "calcn_l")
    assert subject.coordinates == COORDINATES
    assert [each.kind for each in subject.passes] == ["kinematics", "dynamics", "low_pass_filter"]
    assert "ground_pelvis" in subject.passes[2].model_text
    assert [(each.name, each.n_frames, each.time_step_s, each.n_plates) for each in subject.trials] == [
        ("walk one", N_FRAMES, 0.01, 2),
        ("two", N_FRAMES, 0.005, 2),
    ]


def test_unknown_facts_of_the_person_stay_unknown(tmp_path):
    subject = read_b3d(write(tmp_path, sex="unknown", facts={}))
    assert (subject.height_m, subject.mass_kg, subject.sex) == (None, None, None)


@pytest.mark.parametrize(("wanted", "shift"), [(None, 2), ("kinematics", 0), ("dynamics", 1), (1, 1)])
def test_every_pass_of_every_trial_can_be_read(tmp_path, wanted, shift):
    walks = [walker(passes=(0, 1, 2)), walker(name="two", passes=(0, 1, 2))]
    walks[1].position += 0.25
    trials = read_b3d_trials(write(tmp_path, *walks), wanted)
    for trial, walk in zip(trials, walks, strict=True):
        expected = walk.position + shift
        knee = trial["joint_angle"].sel(coordinate="knee_angle_r")
        np.testing.assert_array_equal(knee, expected[:, COORDINATES.index("knee_angle_r")])
        np.testing.assert_array_equal(trial["pelvis_position"], expected[:, 1:4])


def test_trials_keep_the_contract_and_carry_the_force_of_the_pass(tmp_path):
    trial = validate(read_b3d_trials(write(tmp_path, walker(passes=(0, 1))))[0])
    force, point, _ = wrenches()
    np.testing.assert_allclose(trial["ground_reaction_force"], force)
    np.testing.assert_allclose(
        trial["center_of_pressure"].sel(foot="right")[: N_FRAMES // 2], point[: N_FRAMES // 2, 0]
    )
    assert trial["center_of_pressure"].sel(foot="right")[N_FRAMES // 2 :].isnull().all()
    np.testing.assert_allclose(trial["free_moment"].sel(foot="left").values[[0, -1]], [0, 3], atol=1e-12)
    assert trial["marker"].values.tolist() == list(MARKERS[:-1])
    assert (trial.attrs["subject"], trial.attrs["trial"], trial.attrs["processing_pass"]) == (
        "runner",
        "walk_one",
        "dynamics",
    )
    assert trial.attrs["sampling_rate_hz"] == 100
    assert not trial["force_missing"].any()


def test_bodies_of_one_foot_add_up_about_their_common_center(tmp_path):
    trial = walker(passes=(0, 1))
    force, point, torque = (np.zeros((N_FRAMES, 3, 3)) for _ in range(3))
    force[..., 1], force[:, 2, 1] = 300.0, 100.0
    point[:, 0, 0], point[:, 1, 0] = 0.0, 0.2
    trial.contact = (force, point, torque)
    path = write(tmp_path, trial, bodies=("calcn_r", "toes_r", "calcn_l"))
    read = read_b3d_trials(path)[0]
    np.testing.assert_allclose(read["ground_reaction_force"].sel(axis="y"), [[600, 100]] * N_FRAMES)
    np.testing.assert_allclose(read["center_of_pressure"].sel(axis="x", foot="right"), 0.1)


def test_a_kinematic_pass_takes_its_force_from_the_plates_and_the_nearest_foot(tmp_path):
    walk = walker()
    walk.plates = tuple(each[:, ::-1] for each in wrenches())  # the left foot is on the first plate
    trial = validate(read_b3d_trials(write(tmp_path, walk))[0])
    np.testing.assert_allclose(trial["ground_reaction_force"], wrenches()[0], atol=1e-9)
    assert "force of the plates as measured, given to the nearest foot" in trial.attrs["log"]


def test_plates_without_known_feet_leave_force_out_and_say_so(tmp_path):
    walk = walker()
    walk.markers[:] = np.nan
    trial = validate(read_b3d_trials(write(tmp_path, walk))[0])
    assert "ground_reaction_force" not in trial
    assert any("left out force" in note and "name no foot" in note for note in trial.attrs["log"])


def test_a_file_without_any_force_says_so(tmp_path):
    walk = walker()
    walk.contact = walk.plates = None
    assert "left out force: the file holds none" in read_b3d_trials(write(tmp_path, walk))[0].attrs["log"]


def test_missing_force_is_zero_marked_and_counted(tmp_path):
    codes = (0,) * 10 + (5,) * 3 + (18,) * 2 + (0,) * (N_FRAMES - 15)
    trial = validate(read_b3d_trials(write(tmp_path, walker(passes=(0, 1), missing=codes)))[0])
    np.testing.assert_array_equal(trial["force_missing"], np.array(codes) > 0)
    assert trial.attrs["missing_force"] == {MISSING_FORCE[5]: 3, MISSING_FORCE[18]: 2}
    assert not trial["ground_reaction_force"][trial["force_missing"].values].any()
    assert not trial["in_contact"][trial["force_missing"].values].any()


def test_force_missing_throughout_is_left_out(tmp_path):
    trial = read_b3d_trials(write(tmp_path, walker(passes=(0, 1), missing=(14,) * N_FRAMES)))[0]
    assert "ground_reaction_force" not in trial
    assert trial.attrs["missing_force"] == {"no force plate data": N_FRAMES}
    assert "left out force: it is missing in all frames" in trial.attrs["log"]


def test_all_nineteen_reasons_have_their_own_words(tmp_path):
    codes = (*range(19), 25) + (0,) * (N_FRAMES - 20)
    reasons = read_b3d(write(tmp_path, walker(missing=codes))).trials[0].missing_force
    assert len(set(MISSING_FORCE)) == 19
    assert reasons[:20] == (*MISSING_FORCE, "reason number 25")


def test_an_unknown_pass_is_refused_with_those_that_there_are(tmp_path):
    path = write(tmp_path, walker(passes=(0, 1)))
    for wanted in ("filtered", 2):
        with pytest.raises(
            B3DError, match=r"walk one: there is no processing pass .*it has 0 \(kinematics\), 1 \(dyn"
        ):
            read_b3d_trials(path, wanted)


def test_a_file_cut_off_is_refused(tmp_path):
    path = write(tmp_path)
    whole = path.read_bytes()
    for stop, message in ((-10, "was cut off: .* bytes, expected"), (500, "no .b3d file, or was cut off")):
        path.write_bytes(whole[:stop])
        with pytest.raises(B3DError, match=message):
            read_b3d(path)
    path.write_bytes(whole + b"more")
    with pytest.raises(B3DError, match="more frames than its header tells"):
        read_b3d(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "does not begin with the length"),
        (struct.pack("<q", -5) + b"x" * 50, "does not begin with the length"),
        (b"time,knee\n0,1\n0.01,2\n", "no .b3d file"),
        (struct.pack("<q", 4) + b"\xff\xff\xff\xff", "header, byte 0: a number has no end"),
        (struct.pack("<q", 4) + b"\x0b\x01\x01\x01", "no field of kind 3"),
        (struct.pack("<q", 2) + b"\x12\x09", "ends within field 2"),
        (struct.pack("<q", 2) + b"\x50\x01", "version 1; versions 3 and 4 can"),
    ],
)
def test_what_is_no_b3d_file_is_refused(tmp_path, content, message):
    path = tmp_path / "other.b3d"
    path.write_bytes(content)
    with pytest.raises(B3DError, match=message) as error:
        read_b3d(path)
    assert str(path) in str(error.value)


def test_changing_tags_are_refused_with_trial_and_frame(tmp_path):
    path = write(tmp_path, walker(), walker(name="two"))
    subject = read_b3d(path)
    content = bytearray(path.read_bytes())
    at = subject.trials[1].first_byte + 7 * (subject.sensor_bytes + subject.pass_bytes) + subject.sensor_bytes
    content[at] ^= 0x08
    path.write_bytes(content)
    with pytest.raises(B3DError, match=r"trial two, frame 7, processed values: the tags differ"):
        read_b3d_trials(path)


def test_counts_that_contradict_the_header_are_refused(tmp_path):
    path = write(tmp_path, walker(passes=(0, 1)))
    path.write_bytes(path.read_bytes().replace(b"\x32\x07calcn_l", b"\x3a\x07calcn_l"))
    with pytest.raises(B3DError, match="forces on 2 bodies, expected one for each of calcn_r"):
        read_b3d_trials(path)
    with pytest.raises(B3DError, match="frames hold 9 coordinates, its model names 7"):
        read_b3d(write(tmp_path, coordinates=9))
    with pytest.raises(B3DError, match="no OpenSim model"):
        read_b3d(write(tmp_path, model="nothing"))
    with pytest.raises(B3DError, match=r"50 frames of 0\.01 s, but 3 remarks"):
        read_b3d(write(tmp_path, walker(missing=(0, 0, 0))))
    short = walker()
    short.markers = short.markers[:, :3]
    with pytest.raises(B3DError, match="9 numbers of markers, expected 7 and 15"):
        read_b3d_trials(write(tmp_path, short))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no file"):
        read_b3d(tmp_path / "gone.b3d")


@pytest.fixture
def real_file(real_data):
    path = real_data / "b3d" / "results.b3d"
    if not path.is_file():
        pytest.skip("the AddBiomechanics file b3d/results.b3d is absent")
    return path


@pytest.mark.real_data
def test_a_real_file_gives_two_walks_with_plausible_force(real_file):
    subject = read_b3d(real_file)
    assert (subject.height_m, subject.mass_kg, subject.sex) == (1.7, 68.0, "male")
    assert len(subject.coordinates) == 33
    trials = read_b3d_trials(real_file)
    assert [trial.sizes["time"] for trial in trials] == [132, 131]
    for trial in trials:
        assert faults(trial) == []
        total = trial["ground_reaction_force"].sel(axis="y").sum("foot")
        assert 0.85 < float(total.mean()) / (68 * 9.81) < 1.05
        assert trial["in_contact"].any("foot").all()


@pytest.mark.real_data
def test_order_of_coordinates_puts_the_markers_of_a_real_file_in_place(real_file, tmp_path):
    osim = pytest.importorskip("opensim", reason="opensim is not installed: no second opinion on the order")
    osim.Logger.setLevelString("off")
    subject, trial = read_b3d(real_file), read_b3d_trials(real_file)[0]
    path = tmp_path / "model.osim"
    path.write_text(subject.passes[0].model_text)
    model = osim.Model(str(path))
    state = model.initSystem()
    coordinates, markers = model.getCoordinateSet(), model.getMarkerSet()
    first = trial.isel(time=40)
    for name in subject.coordinates:
        tail = name.rpartition("_t")[2]
        value = (
            first["pelvis_position"].sel(axis=tail)
            if tail in "xyz"
            else first["joint_angle"].sel(coordinate=name)
        )
        coordinate = coordinates.get(name)
        coordinate.setLocked(state, False)
        coordinate.setValue(state, float(value), False)
    model.realizePosition(state)
    error_m = []
    for name in trial["marker"].values:
        if markers.contains(name):
            place = markers.get(name).getLocationInGround(state)
            error_m.append(
                np.linalg.norm(place.to_numpy() - first["marker_position"].sel(marker=name).values)
            )
    assert len(error_m) == 45
    assert max(error_m) < 0.08


def test_older_models_name_their_joints_within_the_bodies():
    joint = (
        '<Body name="{}"><Joint><PinJoint><parent_body>{}</parent_body><CoordinateSet><objects>{}</objects>'
    )
    joint += "</CoordinateSet></PinJoint></Joint></Body>"
    rows = [("ground", "", ""), ("pelvis", "ground", "pelvis_tilt"), ("femur_r", "pelvis", "hip_flexion_r")]
    rows += [("femur_l", "pelvis", "hip_flexion_l"), ("tibia_r", "femur_r", "knee_angle_r")]
    bodies = "".join(
        joint.format(*row[:2], f'<Coordinate name="{row[2]}"/>' if row[2] else "") for row in rows
    )
    text = f"<OpenSimDocument><Model><BodySet><objects>{bodies}</objects></BodySet></Model></OpenSimDocument>"
    assert coordinate_names(text) == ("pelvis_tilt", "hip_flexion_r", "knee_angle_r", "hip_flexion_l")


def test_trials_are_read_one_by_one_as_they_are_all_at_once(tmp_path):
    path = write(tmp_path, walker(passes=(0, 1)), walker(name="two", passes=(0, 1)))
    subject = read_b3d(path)
    for wanted in (None, 0):
        both = [read_b3d_trial(subject, trial, wanted) for trial in subject.trials]
        for one, other in zip(both, read_b3d_trials(path, wanted), strict=True):
            xr.testing.assert_identical(one, other)
    with pytest.raises(B3DError, match="there is no processing pass 7"):
        read_b3d_trial(subject, subject.trials[1], 7)
