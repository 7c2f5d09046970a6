"""Skeletons of any tracker become the same trial."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitbook.readers.skeleton_files import read_skeleton
from gaitbook.readers.skeleton_layouts import joint_names, load_layout
from tests.readers.skeleton_writer import (
    NAMES,
    as_camera_sees,
    as_layout,
    body_tracking,
    from_camera,
    in_use,
    long_table,
    walking_person,
    write_azure_table,
    write_json,
    write_ntu,
)

PERSON = walking_person()
MILLIMETER = 1e-3


def told_joints(layout: str) -> list[int]:
    """Places, among the 26 joints, of those that a layout tells with a single joint of its own."""
    places = load_layout(layout).places
    return [index for index, name in enumerate(joint_names()) if len(places.get(name, ())) == 1]


def agrees(trial, expected: np.ndarray, layout: str = "azure_kinect") -> bool:
    joints = told_joints(layout)
    found = trial["skeleton_position"].transpose("time", "joint", "axis").values
    return bool(np.abs(found[:, joints] - expected[:, joints]).max() < MILLIMETER)


def test_a_table_of_the_azure_kinect_is_read_to_the_millimeter(tmp_path: Path):
    trial = read_skeleton(write_azure_table(tmp_path / "10K_1234567890_tm_3kmh_front.csv", PERSON))
    assert agrees(trial, in_use(from_camera(PERSON)))
    assert tuple(trial["joint"].values) == joint_names()
    assert trial.attrs["sampling_rate_hz"] == 30
    told = {name: trial.attrs[name] for name in ("subject", "task", "view", "camera")}
    assert told == {"subject": "10K_1234567890", "task": "tm_3kmh", "view": "front", "camera": "azure_kinect"}
    assert trial["joint_confidence"].dtype == np.int8
    assert (trial["joint_confidence"] == 2).all()
    assert any(note.startswith("read in mm") for note in trial.attrs["log"])
    assert any("64 column(s) that are no places were left out" in note for note in trial.attrs["log"])


def test_the_json_of_the_body_tracking_is_read_to_the_millimeter(tmp_path: Path):
    trial = read_skeleton(write_json(tmp_path / "anna_walk.json", body_tracking(PERSON)))
    assert agrees(trial, in_use(from_camera(PERSON)))
    assert (trial["joint_confidence"] == 2).all()
    assert any("tells no confidence" in note for note in trial.attrs["log"])


def test_a_file_of_the_kinect_v2_is_read_to_the_millimeter(tmp_path: Path):
    trial = read_skeleton(write_ntu(tmp_path / "S001C002P003R001A012.skeleton", PERSON))
    assert agrees(trial, in_use(from_camera(PERSON)), "kinect_v2")
    assert trial.attrs["subject"] == "P003"
    assert (trial["joint_confidence"].sel(joint="NOSE") == 0).all()
    assert trial["skeleton_position"].sel(joint="NOSE").isnull().all()


@pytest.mark.parametrize("layout", ["kinect_v1", "coco17", "body25", "h36m17", "smpl24", "azure_kinect_26"])
def test_every_layout_is_read_from_an_array(tmp_path: Path, layout: str):
    path = tmp_path / "walk.npy"
    np.save(path, as_layout(as_camera_sees(PERSON), layout))
    trial = read_skeleton(path, layout=layout, sampling_rate_hz=30)
    assert agrees(trial, in_use(from_camera(PERSON)), layout)


SAVED_BY = {"csv": "to_csv", "tsv": "to_csv", "parquet": "to_parquet", "ntds": "to_feather"}


@pytest.mark.parametrize(("ending", "save"), SAVED_BY.items())
@pytest.mark.parametrize("layout", ["kinect_v2", "coco17"])
def test_long_tables_are_read_in_any_order_of_rows(tmp_path: Path, ending: str, save: str, layout: str):
    if ending in ("parquet", "ntds"):
        pytest.importorskip("pyarrow", reason="parquet and feather need pyarrow, which is no dependency")
    table = long_table(PERSON, layout).sample(frac=1, random_state=0).reset_index(drop=True)
    options = {"csv": {"index": False}, "tsv": {"index": False, "sep": "\t"}}.get(ending, {})
    getattr(table, save)(tmp_path / f"walk.{ending}", **options)
    trial = read_skeleton(tmp_path / f"walk.{ending}")
    assert agrees(trial, in_use(PERSON), layout)
    assert trial.attrs["camera"] == layout


def test_arrays_with_confidence_and_time_are_read(tmp_path: Path):
    sure = np.full(PERSON.shape[:2], 0.9)
    sure[3, NAMES.index("KNEE_LEFT")], sure[4, NAMES.index("KNEE_LEFT")] = 0.2, 0.0
    np.savez(tmp_path / "walk.npz", position=PERSON, confidence=sure, time_s=np.arange(len(PERSON)) / 50)
    trial = read_skeleton(tmp_path / "walk.npz")
    assert trial.attrs["sampling_rate_hz"] == 50
    assert trial["joint_confidence"].sel(joint="KNEE_LEFT").values[2:6].tolist() == [2, 1, 0, 2]
    np.save(tmp_path / "walk.npy", np.concatenate([PERSON, sure[..., None]], axis=2))
    again = read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=50)
    np.testing.assert_array_equal(again["joint_confidence"], trial["joint_confidence"])


def test_a_picture_is_read_where_its_scale_is_given(tmp_path: Path):
    pixels = as_layout(PERSON, "coco17")[..., [2, 1]] * (400, -400) + (320, 800)
    np.save(tmp_path / "walk.npy", pixels)
    with pytest.raises(ValueError, match="meters per pixel"):
        read_skeleton(tmp_path / "walk.npy", layout="coco17", sampling_rate_hz=30)
    trial = read_skeleton(tmp_path / "walk.npy", layout="coco17", sampling_rate_hz=30, unit=1 / 400)
    found = trial["skeleton_position"].sel(axis=["y", "z"]).values
    knee = joint_names().index("KNEE_LEFT")
    moved = in_use(PERSON)[:, knee, 1:] - found[:, knee]
    assert np.ptp(moved, axis=0).max() < MILLIMETER


def test_a_folder_of_openpose_is_read(tmp_path: Path):
    placed = as_layout(as_camera_sees(PERSON) * 1000, "body25")
    folder = tmp_path / "anna"
    folder.mkdir()
    for frame, joints in enumerate(placed):
        numbers = np.concatenate([joints, np.full((25, 1), 0.8)], axis=1).ravel().tolist()
        people = [{"pose_keypoints_3d": numbers, "pose_keypoints_2d": []}]
        write_json(folder / f"{frame:012d}_keypoints.json", {"version": 1.3, "people": people})
    trial = read_skeleton(folder, sampling_rate_hz=30)
    assert agrees(trial, in_use(from_camera(PERSON)), "body25")
    assert trial.attrs["subject"] == "anna"


def test_a_person_who_turns_from_the_axes_of_the_file_is_turned_back(tmp_path: Path):
    angle = np.deg2rad(35)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    np.save(tmp_path / "walk.npy", PERSON @ turn.T)
    trial = read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=30)
    assert agrees(trial, in_use(PERSON))
    assert any("turned by 35 degrees" in note for note in trial.attrs["log"])


@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_meters_and_millimeters_are_told_by_the_size_of_the_body(tmp_path: Path, scale: float):
    np.save(tmp_path / "walk.npy", PERSON * scale)
    assert agrees(read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=30), in_use(PERSON))


def test_a_size_of_no_person_is_one_message(tmp_path: Path):
    np.save(tmp_path / "walk.npy", PERSON * 100)
    with pytest.raises(ValueError, match=r"neither in m nor in mm: give unit \('cm' would give a person\)"):
        read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=30)
    assert agrees(read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=30, unit="cm"), in_use(PERSON))
    with pytest.raises(ValueError, match="would extend over 158 m"):
        read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=30, unit="m")


def swapped(*pairs: tuple[str, str]) -> np.ndarray:
    order = list(range(len(NAMES)))
    for first, second in pairs:
        a, b = NAMES.index(first), NAMES.index(second)
        order[a], order[b] = order[b], order[a]
    return PERSON[:, order]


LOWER = ("KNEE", "ANKLE", "FOOT")
ALL_SIDES = [(name, name.replace("LEFT", "RIGHT")) for name in NAMES if name.endswith("LEFT")]


@pytest.mark.parametrize(
    ("person", "message"),
    [
        (swapped(*ALL_SIDES), r"toes .* point backward: left and right are exchanged in all joints"),
        (PERSON * (1, 1, -1), "or one axis is mirrored"),
        (swapped(*((f"{part}_LEFT", f"{part}_RIGHT") for part in LOWER)), "exchanged in KNEE_LEFT and KNEE_RIGHT, "),
        (swapped(("KNEE_LEFT", "ANKLE_LEFT")), r"joints out of place: .*KNEE_LEFT.*The order of the joints"),
        (swapped(("HEAD", "ANKLE_LEFT"), ("NECK", "ANKLE_RIGHT")), r"bones have lengths of no person|the head"),
        (PERSON[:, ::-1], r"bones have lengths of no person|the head"),
    ],
)  # fmt: skip
def test_joints_in_another_order_are_one_message_that_names_them(
    tmp_path: Path, person: np.ndarray, message: str
):
    np.save(tmp_path / "walk.npy", person)
    with pytest.raises(ValueError, match=message):
        read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=30)


def test_a_head_below_the_feet_is_one_message(tmp_path: Path):
    path = write_json(tmp_path / "walk.json", body_tracking(PERSON @ np.diag([1, -1, -1])))
    with pytest.raises(
        ValueError, match=r"the head \(HEAD\) lies .* below the feet \(ANKLE_LEFT, ANKLE_RIGHT\)"
    ):
        read_skeleton(path)
    assert read_skeleton(path, up="y")["skeleton_position"].sel(joint="HEAD", axis="y").min() > 0.5


def test_the_array_of_another_layout_is_refused(tmp_path: Path):
    np.save(tmp_path / "walk.npy", as_layout(PERSON, "coco17"))
    with pytest.raises(ValueError, match="coco17 and h36m17 both have 17 joints: give layout"):
        read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=30)
    with pytest.raises(ValueError, match=r"lengths of no person|the head"):
        read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=30, layout="h36m17")


def test_dropped_and_repeated_frames_are_counted_and_their_places_stay_empty(tmp_path: Path):
    path = write_azure_table(tmp_path / "anna_walk.csv", PERSON)
    table = pd.read_csv(path)
    table = pd.concat([table.iloc[:10], table.iloc[9:20], table.iloc[23:]])
    table.to_csv(path, index=False)
    trial = read_skeleton(path)
    assert trial.sizes["time"] == len(PERSON)
    assert trial["skeleton_position"].isnull().all(["joint", "axis"]).values.nonzero()[0].tolist() == [
        20,
        21,
        22,
    ]
    assert (trial["joint_confidence"][20:23] == 0).all()
    log = " | ".join(trial.attrs["log"])
    assert "1 frame(s) with the time of the frame before were left out" in log
    assert "3 frame(s) were dropped in 1 gap(s), the longest of 0.13 s" in log


def test_time_that_runs_backward_is_one_message(tmp_path: Path):
    path = write_azure_table(tmp_path / "anna_walk.csv", PERSON)
    table = pd.read_csv(path)
    pd.concat([table.iloc[30:], table.iloc[:30]]).assign(body_id=1).drop(columns="body_id").to_csv(
        path, index=False
    )
    with pytest.raises(
        ValueError, match=r"time runs backward 1 time.*first after frame 15: it holds several recordings"
    ):
        read_skeleton(path)


def test_bodies_are_followed_and_switches_are_counted(tmp_path: Path):
    content = body_tracking(PERSON)
    for index, frame in enumerate(content["frames"]):
        body = frame["bodies"][0]
        body["body_id"] = 1 if index < 30 else 7
        other = {
            **body,
            "body_id": 2,
            "joint_positions": np.add(body["joint_positions"], [900, 0, 0]).tolist(),
        }
        if index < 25:
            frame["bodies"] = [other, body]
        if index in (12, 13):
            frame["bodies"] = [other]
    trial = read_skeleton(write_json(tmp_path / "walk.json", content))
    expected = in_use(from_camera(PERSON))
    expected[12:14] = np.nan
    np.testing.assert_allclose(trial["skeleton_position"], expected, atol=MILLIMETER)
    log = " | ".join(trial.attrs["log"])
    assert "number switched 1 time(s)" in log
    assert "not seen in 2 of 45 frames" in log
    assert "23 frames hold several bodies" in log


@pytest.mark.parametrize("name", ["walk.mkv", "walk.mp4"])
def test_a_video_names_the_step_that_is_missing(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(b"\x1a\x45")
    with pytest.raises(ValueError, match=r"offline_processor input\.mkv output\.json"):
        read_skeleton(tmp_path / name)


def test_what_cannot_be_read_says_so(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="There is no file"):
        read_skeleton(tmp_path / "walk.csv")
    (tmp_path / "walk.docx").write_text("x")
    with pytest.raises(ValueError, match="of no known format of skeletons"):
        read_skeleton(tmp_path / "walk.docx")
    np.save(tmp_path / "walk.npy", PERSON)
    with pytest.raises(ValueError, match="no unit 'inch'"):
        read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=30, unit="inch")
    with pytest.raises(ValueError, match="'up' is no axis"):
        read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=30, up="up")
    with pytest.raises(ValueError, match="faces away from -x"):
        read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=30, facing="-x")
    with pytest.raises(ValueError, match="nobody faces y where y is up"):
        read_skeleton(tmp_path / "walk.npy", sampling_rate_hz=30, facing="y")
    np.save(tmp_path / "body.npy", as_layout(PERSON, "smpl24"))
    with pytest.raises(ValueError, match="holds no time: give sampling_rate_hz"):
        read_skeleton(tmp_path / "body.npy")


def test_a_trial_can_be_cut_into_windows(tmp_path: Path):
    from gaitbook.representation.skeleton import skeleton_windows

    trial = read_skeleton(write_json(tmp_path / "walk.json", body_tracking(PERSON)))
    assert skeleton_windows(trial, frames=45).values.shape == (1, 45, 26, 4)
    assert json.loads(json.dumps(trial.attrs))["trial"] == "walk"
