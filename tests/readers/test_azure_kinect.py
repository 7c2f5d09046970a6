"""The body tracking of the Azure Kinect, and names of files."""

from pathlib import Path

import pytest

from gaitbook.readers.azure_kinect import describe_file_name, read_body_tracking
from tests.readers.skeleton_writer import NAMES, body_tracking, walking_person, write_json

PERSON = walking_person(6)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "10K_1234567890_tm_3kmh_front.csv",
            {"subject": "10K_1234567890", "task": "tm_3kmh", "view": "front"},
        ),
        (
            "10K_12_sit_to_stand_2023-04-05.csv",
            {"subject": "10K_12", "task": "sit_to_stand", "date": "2023-04-05"},
        ),
        (
            "10K_12_romberg_closed_side_20230405.csv",
            {"subject": "10K_12", "task": "romberg_closed", "view": "side", "date": "20230405"},
        ),
        ("anna_walk.json", {"subject": "anna", "task": "walk"}),
        ("anna.json", {"subject": "anna"}),
    ],
)
def test_person_task_and_view_are_read_from_the_name(name: str, told: dict):
    assert describe_file_name(name) == told


def test_joints_are_found_by_their_names_and_not_by_their_order(tmp_path: Path):
    content = body_tracking(PERSON)
    plain = read_body_tracking(write_json(tmp_path / "a.json", content))
    content["joint_names"] = content["joint_names"][::-1]
    for frame in content["frames"]:
        frame["bodies"][0]["joint_positions"].reverse()
    assert (read_body_tracking(write_json(tmp_path / "b.json", content)).position == plain.position).all()


def test_confidences_that_a_program_added_are_read(tmp_path: Path):
    content = body_tracking(PERSON)
    for frame in content["frames"]:
        frame["bodies"][0]["joint_confidences"] = [1] * 31 + [3]
    read = read_body_tracking(write_json(tmp_path / "a.json", content))
    assert read.confidence[0].tolist() == [1] * 31 + [2]


def without_bodies(content: dict) -> dict:
    return {**content, "frames": [{**frame, "bodies": []} for frame in content["frames"]]}


def with_few_joints(content: dict) -> dict:
    content["frames"][2]["bodies"][0]["joint_positions"].pop()
    return content


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_bodies, "there is no body in any frame"),
        (with_few_joints, r"joint_positions are \(31, 3\), expected \(32, 3\)"),
        (lambda content: {**content, "joint_names": [*NAMES[:-1], "TAIL"]}, "joint_names lacks EAR_RIGHT"),
        (lambda _: {"people": []}, "has no list 'frames'"),
    ],
)
def test_files_that_are_no_output_of_the_body_tracking_say_so(tmp_path: Path, change, message: str):
    path = write_json(tmp_path / "a.json", change(body_tracking(PERSON)))
    with pytest.raises(ValueError, match=message):
        read_body_tracking(path)


def test_a_file_that_was_cut_off_says_so(tmp_path: Path):
    path = write_json(tmp_path / "a.json", body_tracking(PERSON))
    path.write_text(path.read_text()[:500])
    with pytest.raises(ValueError, match="is no valid JSON"):
        read_body_tracking(path)
