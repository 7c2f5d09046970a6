"""What a file holds is told by its content, not by its name."""

from pathlib import Path

import pytest

from gaitbook.readers.file_kinds import identify_file

HEADER = "title\nnRows=1\nendheader\n"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("forces.mot", HEADER + "time\tpelvis_tilt\n0\t0\n", "kinematics"),
        ("forces.sto", HEADER + "time /jointset/knee_r/knee_angle_r/value\n0 0\n", "kinematics"),
        ("angles.mot", HEADER + "time\tground_force_r_vx\tground_force_r_vy\n0\t0\t0\n", "force"),
        ("both.mot", HEADER + "time\tpelvis_tilt\t1_ground_force_vy\n0\t0\t0\n", "force"),
        ("x.TRC", "PathFileType\nDataRate\n100\nFrame#\tTime\tC7\n", "markers"),
        ("x.c3d", "\x02\x50 and more", "c3d"),
    ],
)
def test_files_are_known_by_their_content(tmp_path: Path, name: str, content: str, kind: str):
    path = tmp_path / name
    path.write_bytes(content.encode())
    assert identify_file(path).kind == kind


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("id.sto", HEADER + "time\thip_flexion_r_moment\n0\t0\n", "moments or forces of joints"),
        ("emg.sto", HEADER + "time\tsoleus_r\n0\t0\n", "without joint angles or ground reaction forces"),
        ("cut.mot", "title\nnRows=1\n", "'endheader' or all below it is missing"),
        ("only.mot", HEADER, "'endheader' or all below it is missing"),
        ("x.trc", "hello", "no line of marker labels"),
        ("x.c3d", "hello", "not that of a .c3d file"),
        ("x.c3d", "\x02", "not that of a .c3d file"),
        ("x.mot", "", "an empty file"),
        ("model.osim", "<xml/>", "a musculoskeletal model"),
        ("x.b3d", "x", "an AddBiomechanics archive"),
        ("walk1.forces", "x", "Motion Analysis"),
        ("notes.docx", "x", "not a file of motion or force"),
    ],
)
def test_what_cannot_be_used_has_a_reason(tmp_path: Path, name: str, content: str, reason: str):
    path = tmp_path / name
    path.write_bytes(content.encode())
    found = identify_file(path)
    assert found.kind == ""
    assert reason in found.reason


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "walk.csv",
            "time," + ",".join(f"{i}_{joint}_{axis}" for i, joint in enumerate("ABCDE") for axis in "xyz"),
        ),
        ("walk.tsv", "frame\tjoint\tx\ty\tz\n0\tPELVIS\t0\t0\t0\n"),
        ("walk.json", '{"frames": [{"bodies": [{"body_id": 1, "joint_positions": []}]}]}'),
        ("walk.skeleton", "1\n0\n"),
    ],
)
def test_skeletons_are_known_by_their_joints(tmp_path: Path, name: str, content: str):
    path = tmp_path / name
    path.write_text(content)
    assert identify_file(path).kind == "skeleton"


def test_other_tables_are_no_skeletons(tmp_path: Path):
    path = tmp_path / "speeds.csv"
    path.write_text("subject,speed_x,speed_y\nanna,1,2\n")
    assert "a table without joints of a skeleton" in identify_file(path).reason
