"""Tables and arrays of joints."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitbook.readers.joint_columns import find_joint_columns
from gaitbook.readers.keypoint_tables import read_keypoint_array, read_keypoint_table
from tests.readers.skeleton_writer import NAMES, long_table, walking_person, write_azure_table

PERSON = walking_person(20)


@pytest.mark.parametrize("pattern", ["{}_{}", "{}.{}", "{} {}", "7_K4ABT_JOINT_{}_{}", "{}{}"])
def test_columns_of_a_joint_are_known_however_they_are_written(pattern: str):
    columns = [
        pattern.format("Knee_Left", letter.upper() if "}{" in pattern else letter) for letter in "xyzc"
    ]
    found = find_joint_columns([*columns, "time", "Knee_Left_qx", "Knee_Left_orientation_x"])
    assert len(found.joints) == 1
    assert list(next(iter(found.joints.values()))) == ["x", "y", "z", "confidence"]
    assert found.others == ("time", "Knee_Left_qx", "Knee_Left_orientation_x")


def test_orientations_and_columns_that_are_absent_are_told(tmp_path: Path):
    path = write_azure_table(tmp_path / "walk.csv", PERSON)
    table = pd.read_csv(path)
    table.drop(columns=[name for name in table if "THUMB" in name]).to_csv(path, index=False)
    read = read_keypoint_table(path)
    assert np.isnan(read.position[:, NAMES.index("THUMB_LEFT")]).all()
    assert any("joints without columns: THUMB_LEFT, THUMB_RIGHT" in note for note in read.log)
    assert any(
        "60 column(s) that are no places were left out, such as '0_PELVIS_qw'" in note for note in read.log
    )


def test_levels_of_the_azure_kinect_stay_levels(tmp_path: Path):
    read = read_keypoint_table(write_azure_table(tmp_path / "walk.csv", PERSON, confidence=1))
    assert (read.confidence == 1).all()


def test_the_person_is_followed_through_rows_of_several_bodies(tmp_path: Path):
    path = write_azure_table(tmp_path / "walk.csv", PERSON)
    table = pd.read_csv(path)
    joints = [name for name in table if name.endswith(("_x", "_y", "_z"))]
    other = table.iloc[:15].assign(body_id=2)
    other[joints] += 1500.0
    empty = table.iloc[[4]].assign(body_id=np.nan)
    mixed = pd.concat([other, table.drop(index=4), empty]).sort_values("timestamp")
    mixed.to_csv(path, index=False)
    read = read_keypoint_table(path)
    whole = read_keypoint_table(write_azure_table(tmp_path / "alone.csv", PERSON))
    expected = whole.position.copy()
    expected[4] = np.nan
    np.testing.assert_allclose(read.position, expected)
    assert any("not seen in 1 of 20 frames" in note for note in read.log)


def spoil_cell(table: pd.DataFrame) -> pd.DataFrame:
    table = table.astype(object)
    table.loc[3, "2_SPINE_CHEST_x"] = "1,5"
    return table


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table[["timestamp", "body_id"]], "has no columns of joints such as PELVIS_x"),
        (spoil_cell, r"column '2_SPINE_CHEST_x' reads '1,5' in row 5: write numbers with a decimal point"),
        (lambda table: table.iloc[:0], "has no rows"),
        (
            lambda table: table.drop(columns="timestamp").assign(body_id=[1, 2] * 10),
            "tells several bodies apart",
        ),
        (lambda table: table.rename(columns=lambda name: name + "?"), "has no columns of joints"),
    ],
)
def test_a_wide_table_that_cannot_be_read_says_so(tmp_path: Path, change, message: str):
    path = write_azure_table(tmp_path / "walk.csv", PERSON)
    change(pd.read_csv(path)).to_csv(path, index=False)
    with pytest.raises(ValueError, match=message):
        read_keypoint_table(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: pd.concat([table, table.iloc[[30]]]), r"1 row\(s\) repeat a joint of the same frame"),
        (lambda table: table.drop(columns=["frame", "time_s"]), "needs x, y, z and frame or time beside it"),
        (lambda table: table.assign(joint=table["joint"] + "abc"), "belong to no known layout"),
    ],
)
def test_a_long_table_that_cannot_be_read_says_so(tmp_path: Path, change, message: str):
    change(long_table(PERSON, "coco17")).to_csv(tmp_path / "walk.csv", index=False)
    with pytest.raises(ValueError, match=message):
        read_keypoint_table(tmp_path / "walk.csv")


def test_a_layout_that_shares_no_name_is_refused(tmp_path: Path):
    table = pd.DataFrame({f"tail{index}_{axis}": [0.0] for index in range(6) for axis in "xyz"})
    table.to_csv(tmp_path / "cat.csv", index=False)
    with pytest.raises(ValueError, match="no column is named after a joint of the layout coco17"):
        read_keypoint_table(tmp_path / "cat.csv", layout="coco17")


def test_parquet_without_its_library_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(_: Path) -> pd.DataFrame:
        raise ImportError("pyarrow")

    monkeypatch.setattr(pd, "read_parquet", refuse)
    (tmp_path / "walk.parquet").write_bytes(b"PAR1")
    with pytest.raises(ImportError, match=r"needs pyarrow: pip install pyarrow, or save as \.csv"):
        read_keypoint_table(tmp_path / "walk.parquet")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((5, 96)), r"shape \(5, 96\), expected numbers \(time, joint, 2, 3 or 4\)"),
        (np.zeros((5, 32, 5)), r"shape \(5, 32, 5\)"),
        (np.full((5, 32, 3), "a"), "the array is <U1"),
        (np.zeros((5, 9, 3)), "no known layout has 9 joints"),
    ],
)
def test_an_array_that_is_no_skeleton_says_so(tmp_path: Path, values: np.ndarray, message: str):
    np.save(tmp_path / "walk.npy", values)
    with pytest.raises(ValueError, match=message):
        read_keypoint_array(tmp_path / "walk.npy")


def test_files_that_hold_no_array_say_so(tmp_path: Path):
    np.savez(tmp_path / "walk.npz", force=np.zeros(3))
    with pytest.raises(ValueError, match="holds force: expected an array 'position'"):
        read_keypoint_array(tmp_path / "walk.npz")
    (tmp_path / "walk.npy").write_bytes(b"hello")
    with pytest.raises(ValueError, match="is no array of numbers"):
        read_keypoint_array(tmp_path / "walk.npy")


def test_pixels_with_confidence_are_told_from_places_in_space(tmp_path: Path):
    pixels = np.random.default_rng(0).uniform(50, 400, (6, 17, 3))
    pixels[..., 2] = 0.7
    np.save(tmp_path / "walk.npy", pixels)
    read = read_keypoint_array(tmp_path / "walk.npy", layout="coco17")
    assert np.isnan(read.position[..., 2]).all()
    assert (read.confidence == 2).all()
    assert "taken as confidence" in read.log[0]
