"""Files of AddBiomechanics as training material: found, read, measured, pruned; what is left out is accounted for."""

import numpy as np
import pytest

from gaitbook.cohort.exclusions import count_reasons
from gaitbook.conventions import PELVIS_TRANSLATIONS
from gaitbook.mechanics.body_points import body_points
from gaitbook.readers.b3d_coordinates import coordinate_names
from gaitbook.studies.archived_motion import archived_motions, list_archives, person_of
from gaitbook.studies.prediction_bodies import reverse_coordinates
from tests.mechanics.body_file import write_body
from tests.readers.b3d_writer import MARKERS, MODEL, WrittenFile, WrittenTrial, write_b3d
from tests.studies.formula_walk import HEIGHT_M, KNEES, MASS_KG, formula_body, formula_walk

FACTS = {14: HEIGHT_M, 15: MASS_KG}
CLIPPED = 9
"""Code of force that was clipped and interpolated."""


def model_text(folder, model=None):
    return write_body(model or formula_body(), folder / "person.osim").read_text(encoding="utf-8")


def walker(text, *, duration_s=1.7, rate_hz=100.0, force=True, knee_sign=1.0, **changes):
    """The walk by formula as AddBiomechanics has it: two passes, the force of the second given to standing feet."""
    walk = formula_walk(duration_s=duration_s, rate_hz=rate_hz)
    angle = {name: walk["joint_angle"].sel(coordinate=name).values for name in walk["coordinate"].values}
    angle |= dict(
        zip(PELVIS_TRANSLATIONS, walk["pelvis_position"].transpose("axis", "time").values, strict=True)
    )
    frames = walk.sizes["time"]
    signs = [knee_sign if name.startswith("knee_angle") else 1.0 for name in coordinate_names(text)]
    position = (
        np.stack([angle.get(name, np.zeros(frames)) for name in coordinate_names(text)], axis=1) * signs
    )
    wrench = [np.zeros((frames, 2, 3)) for _ in range(3)]
    if force:
        wrench[0][..., 1] = 350.0
        heels = body_points(walk, formula_body(), ("calcn_r", "calcn_l"))
        wrench[1][:] = heels.transpose("time", "point", "axis").values
    return WrittenTrial(
        position,
        np.full((frames, len(MARKERS), 3), np.nan),
        contact=tuple(wrench),
        passes=(0, 1),
        time_step_s=1.0 / rate_hz,
        **changes,
    )


def write(folder, *trials, name="P01.b3d", text=None, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    text = text or model_text(folder)
    own = WrittenFile(list(trials), model=text, facts=changes.pop("facts", FACTS), **changes)
    own.coordinates = len(coordinate_names(text))
    return write_b3d(folder / name, own)


def read(path):
    exclusions = []
    return list(archived_motions(path, exclusions)), exclusions


def test_a_file_is_its_own_study_and_a_folder_has_those_of_its_folders(tmp_path):
    text = model_text(tmp_path)
    for place in ("Carter/P01", "Carter/P02", "Moore"):
        write(tmp_path / "archive" / place, walker(text), text=text)
    write(tmp_path / "archive", walker(text), name="P09.B3D", text=text)
    root = tmp_path / "archive"
    assert list_archives(root / "Moore" / "P01.b3d") == [(root / "Moore" / "P01.b3d", "P01")]
    assert [(str(file.relative_to(root)), study) for file, study in list_archives(root)] == [
        ("Carter/P01/P01.b3d", "archive/Carter"),
        ("Carter/P02/P01.b3d", "archive/Carter"),
        ("Moore/P01.b3d", "archive/Moore"),
        ("P09.B3D", "archive"),
    ]


def test_a_folder_without_files_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no \.b3d file at .*: check the path"):
        list_archives(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"nothing\.b3d: check the path"):
        list_archives(tmp_path / "nothing.b3d")


def test_the_parts_of_a_split_recording_are_of_one_person():
    assert person_of("P001_split0") == person_of("P001_split12") == person_of("P001") == "P001"
    assert person_of("split1_P2") == "split1_P2"


def test_the_motion_is_that_of_the_first_pass_and_the_force_that_of_the_feet(tmp_path):
    """The writer adds a radian to every angle of the second pass; the first has no force of the feet."""
    text = model_text(tmp_path)
    (motion,), exclusions = read(write(tmp_path, walker(text), text=text, name="P01_split3.b3d"))
    walk = formula_walk(duration_s=1.7)
    apart = motion.trial["joint_angle"] - walk["joint_angle"].assign_coords(time=motion.trial["time"])
    assert float(abs(apart).sel(coordinate=["hip_flexion_r", "knee_angle_l"]).max()) < 0.02
    np.testing.assert_allclose(motion.trial["ground_reaction_force"].sel(axis="y"), 350.0)
    assert motion.trial.attrs["subject"] == "P01"
    assert motion.model.mass_kg == pytest.approx(MASS_KG)
    assert exclusions == []


def test_missing_force_is_not_known_and_is_cut_out(tmp_path):
    """Frames of missing force are cut out of the trial; the parts that are left have force in every frame."""
    text = model_text(tmp_path)
    missing = tuple(CLIPPED * (160 <= frame < 170) for frame in range(401))
    motions, exclusions = read(write(tmp_path, walker(text, duration_s=4.0, missing=missing), text=text))
    assert [each.trial.sizes["time"] for each in motions] == [160, 231]
    assert all(bool(each.trial["ground_reaction_force"].notnull().all()) for each in motions)
    assert [(each.reason, each.detail) for each in exclusions] == [
        ("frames without known force were cut", "10 of 401 frames")
    ]


def test_flags_that_come_and_go_leave_force_unknown_not_zero(tmp_path):
    text = model_text(tmp_path)
    flickering = np.isin(np.arange(171) % 4, [0]) & (np.arange(171) > 40)
    missing = tuple(CLIPPED * int(each) for each in flickering)
    ((motion,), exclusions) = read(write(tmp_path, walker(text, missing=missing), text=text))
    unknown = motion.trial["ground_reaction_force"].isnull().any(["foot", "axis"])
    assert unknown.values.tolist() == flickering.tolist()
    assert not bool(motion.trial["in_contact"].where(unknown, False).any())
    assert exclusions == []


def test_every_exclusion_is_counted_with_its_reason(tmp_path):
    text = model_text(tmp_path)
    short, good = walker(text, duration_s=1.0, name="short"), walker(text, name="good")
    motions, exclusions = read(write(tmp_path, short, good, text=text))
    assert [each.trial.attrs["trial"] for each in motions] == ["good"]
    assert [(each.item, each.reason) for each in exclusions] == [
        ("/addbiomechanics/P01/short", "shorter than 1.52 s")
    ]
    nobody = write(tmp_path, good, text=text, name="nobody.b3d", facts={})
    broken = tmp_path / "broken.b3d"
    broken.write_bytes(b"no archive")
    for path in (nobody, broken):
        assert read(path)[0] == []
        exclusions += read(path)[1]
    counted = count_reasons(exclusions).set_index("reason")["count"]
    assert counted.to_dict() == {
        "shorter than 1.52 s": 1,
        "the file does not tell mass_kg and height_m": 1,
        "the file cannot be read": 1,
    }


def test_other_contact_bodies_than_the_feet_leave_a_trial_out(tmp_path):
    text = model_text(tmp_path)
    motions, exclusions = read(write(tmp_path, walker(text), text=text, bodies=("calcn_r", "hand_l")))
    assert motions == []
    assert [each.reason for each in exclusions] == ["other contact bodies than the two feet"]


def test_angles_that_are_zero_throughout_were_not_measured(tmp_path):
    text = model_text(tmp_path)
    still = walker(text)
    still.position[:, coordinate_names(text).index("elbow_flex_r")] = 0.0
    ((motion,), _) = read(write(tmp_path, still, text=text))
    angle = motion.trial["joint_angle"]
    assert bool(angle.sel(coordinate="elbow_flex_r").isnull().all())
    assert bool(angle.sel(coordinate=["elbow_flex_l", "knee_angle_r"]).notnull().all())


def test_knees_that_count_extension_are_turned(tmp_path):
    text = model_text(tmp_path, reverse_coordinates(formula_body(), KNEES))
    ((motion,), _) = read(write(tmp_path, walker(text, knee_sign=-1.0), text=text))
    walk = formula_walk(duration_s=1.7)["joint_angle"].sel(coordinate=list(KNEES))
    apart = motion.trial["joint_angle"].sel(coordinate=list(KNEES)).values - walk.values
    assert float(abs(apart).max()) < 0.02


def test_a_model_that_lacks_legs_is_replaced_with_a_word(tmp_path, caplog):
    walk = walker(text := model_text(tmp_path))
    names = coordinate_names(text)
    walk.position = walk.position[:, [names.index(name) for name in coordinate_names(MODEL)]]
    _, exclusions = read(write(tmp_path, walk, text=MODEL))
    assert "a body of the person's height and mass is used, not the file's own" in caplog.text
    assert all(each.reason != "its motion cannot be found" for each in exclusions)


def test_the_real_file_is_too_short_to_learn_from(real_data):
    motions, exclusions = read(real_data / "b3d" / "results.b3d")
    assert motions == []
    assert [(each.reason, each.detail) for each in exclusions] == [
        ("shorter than 1.52 s", "1.32 s"),
        ("shorter than 1.52 s", "1.31 s"),
    ]
