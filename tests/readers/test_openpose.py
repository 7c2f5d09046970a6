"""Folders of OpenPose."""

from pathlib import Path

import numpy as np
import pytest

from gaitbook.readers.openpose import read_openpose
from tests.readers.skeleton_writer import as_layout, walking_person, write_json

PIXELS = as_layout(walking_person(8), "body25")[..., [2, 1]] * (300, -300) + (500, 700)


def person(joints: np.ndarray, shift: float = 0.0) -> dict:
    flat = np.concatenate([np.add(joints, (shift, 0)), np.full((25, 1), 0.8)], axis=1)
    return {"pose_keypoints_2d": flat.ravel().tolist(), "pose_keypoints_3d": []}


def test_the_person_is_followed_though_nobody_has_a_number(tmp_path: Path):
    for frame, joints in enumerate(PIXELS):
        people = [person(joints), person(joints, 600)]
        write_json(tmp_path / f"{frame:03d}.json", {"people": people[:: 1 if frame % 2 else -1]})
    read = read_openpose(tmp_path)
    steps = np.abs(np.diff(read.position[:, 0, 0]))
    assert steps.max() < 50
    assert np.isnan(read.position[..., 2]).all()
    assert any("8 frames hold several bodies" in note for note in read.log)


def test_joints_of_no_confidence_are_missing(tmp_path: Path):
    joints = np.concatenate([PIXELS[0], np.full((25, 1), 0.8)], axis=1)
    joints[4] = 0
    for frame in range(3):
        write_json(tmp_path / f"{frame}.json", {"people": [{"pose_keypoints_2d": joints.ravel().tolist()}]})
    read = read_openpose(tmp_path)
    assert np.isnan(read.position[:, 4]).all()
    assert (read.confidence[:, 4] == 0).all()


def test_folders_that_cannot_be_read_say_so(tmp_path: Path):
    with pytest.raises(ValueError, match=r"holds no \.json file of OpenPose with a person"):
        read_openpose(tmp_path)
    write_json(tmp_path / "0.json", {"people": [{"pose_keypoints_2d": [0.0] * 54}]})
    with pytest.raises(ValueError, match=r"people have \[54\] numbers, expected 75 of 25 joints"):
        read_openpose(tmp_path)
    (tmp_path / "1.json").write_text("{")
    with pytest.raises(ValueError, match=r"1\.json is no valid JSON"):
        read_openpose(tmp_path)
