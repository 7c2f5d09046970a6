"""Files of NTU RGB+D."""

from pathlib import Path

import numpy as np
import pytest

from gaitbook.readers.kinect_v2 import read_ntu_skeleton
from tests.readers.skeleton_writer import walking_person, write_ntu

PERSON = walking_person(6)


def test_states_of_tracking_are_levels_of_confidence(tmp_path: Path):
    assert (read_ntu_skeleton(write_ntu(tmp_path / "a.skeleton", PERSON, state=1)).confidence == 1).all()


def test_person_camera_and_action_are_read_from_the_name(tmp_path: Path):
    read = read_ntu_skeleton(write_ntu(tmp_path / "S001C002P003R001A013.skeleton", PERSON))
    assert read.attributes == {"subject": "P003", "task": "A013", "view": "C002"}


def test_a_frame_without_a_body_is_empty(tmp_path: Path):
    path = write_ntu(tmp_path / "a.skeleton", PERSON)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(["7", "0", *lines[1:]]))
    read = read_ntu_skeleton(path)
    assert np.isnan(read.position[0]).all()
    assert (read.confidence[0] == 0).all()
    assert "the person was not seen in 1 of 7 frames" in read.log


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[: len(text) // 2], "or it was cut off"),
        (lambda text: "\n".join(text.splitlines()[:-3]), "it ends in frame 6 of 6"),
        (lambda text: text.replace("\n25\n", "\n20\n"), "frame 1 has 20 joints, expected 25"),
        (lambda _: "2\n0\n0\n", "holds no body in any of its 2 frames"),
        (lambda _: "hello\n", "is no .skeleton file"),
        (lambda _: "", "is empty"),
    ],
)
def test_files_that_cannot_be_read_say_so(tmp_path: Path, change, message: str):
    path = write_ntu(tmp_path / "a.skeleton", PERSON)
    path.write_text(change(path.read_text()))
    with pytest.raises(ValueError, match=message):
        read_ntu_skeleton(path)
