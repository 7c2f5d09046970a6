import numpy as np
import pytest

from gaitbook.readers.opensim import read_markers, read_motion, read_plates

ANGLES = "time\tpelvis_tx\tpelvis_ty\tpelvis_tz\thip_flexion_r\tknee_angle_r"


def write(folder, text, name="ik.mot"):
    path = folder / name
    path.write_text(text)
    return path


def motion(folder, rows="0.00 0 0.9 0 30 60\n0.01 0.1 0.9 0 31 61\n", header="inDegrees=yes", labels=ANGLES):
    return write(folder, f"{header}\nendheader\n{labels}\n{rows}")


def test_degrees_become_radians_and_translations_stay_meters(tmp_path):
    recording = read_motion(motion(tmp_path))
    np.testing.assert_allclose(recording["joint_angle"].sel(coordinate="knee_angle_r"), np.deg2rad([60, 61]))
    np.testing.assert_array_equal(recording["pelvis_position"], [[0, 0.9, 0], [0.1, 0.9, 0]])
    assert recording["joint_angle"].attrs["units"] == "rad"
    assert recording["pelvis_position"].attrs["units"] == "m"
    assert recording.attrs["sampling_rate_hz"] == pytest.approx(100)
    assert "angles read as degrees" in recording.attrs["log"]


@pytest.mark.parametrize("header", ["inDegrees=no", "version=1"], ids=["stated", "not stated"])
def test_radians_stay(tmp_path, header):
    recording = read_motion(motion(tmp_path, "0.00 0 0.9 0 0.5 1.0\n0.01 0 0.9 0 0.5 1.1\n", header))
    np.testing.assert_array_equal(recording["joint_angle"].sel(coordinate="knee_angle_r"), [1.0, 1.1])


def test_full_paths_name_coordinates_and_states_are_left_out_by_name(tmp_path):
    hip = "/jointset/hip_r/hip_flexion_r"
    labels = f"time {hip}/value {hip}/speed knee_angle_r/value /forceset/soleus_r/activation"
    recording = read_motion(motion(tmp_path, "0.00 0.5 9 0.6 1\n0.01 0.5 9 0.6 1\n", "version=3", labels))
    assert recording["coordinate"].values.tolist() == ["hip_flexion_r", "knee_angle_r"]
    assert any(
        "hip_flexion_r/speed, /forceset/soleus_r/activation" in line for line in recording.attrs["log"]
    )


def test_unknown_coordinates_are_kept_and_lonely_translations_noted(tmp_path):
    recording = read_motion(
        motion(
            tmp_path,
            "0.0 0.1 0.5 0.7\n0.1 0.1 0.5 0.7\n",
            "version=1",
            "time pelvis_tx hip_flexion_r jaw_opening",
        )
    )
    assert "jaw_opening" in recording["coordinate"]
    assert "pelvis_position" not in recording
    assert "pelvis position left out: only pelvis_tx given" in recording.attrs["log"]


def test_degrees_that_look_like_radians_are_noted(tmp_path):
    assert (
        "check that inDegrees=yes is true"
        in read_motion(motion(tmp_path, "0.0 0 0.9 0 0.3 0.6\n0.1 0 0.9 0 0.3 0.6\n")).attrs["log"][-1]
    )


REFUSED = {
    "degrees called radians": ({"header": "inDegrees=no"}, r"angles reach 61.*inDegrees=yes"),
    "millimeters": (
        {"rows": "0 10 950 0 30 60\n0.1 10 950 0 31 61\n"},
        r"pelvis_tx, pelvis_ty, pelvis_tz reach 950 m.*millimeters",
    ),
    "no coordinates": (
        {"labels": "time a b c d e"},
        r"no joint angles known.*columns are a, b, c, d, e.*Expected OpenSim",
    ),
    "forces": ({"labels": "time ground_force_r_vx a b c d"}, "Forces are read by read_plates"),
    "twice": (
        {"labels": "time a b c hip_flexion_r /jointset/hip_r/hip_flexion_r/value"},
        "names hip_flexion_r more than once",
    ),
    "all zero": ({"rows": "0 0 0.9 0 0 0\n0.1 0 0.9 0 0 0\n"}, "all joint angles are zero"),
}


@pytest.mark.parametrize(("changes", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_motion_is_refused_with_file_and_remedy(tmp_path, changes, message):
    path = motion(tmp_path, **changes)
    with pytest.raises(ValueError, match=message) as error:
        read_motion(path)
    assert str(path) in str(error.value)


# A person of three markers: head 1.7 m above the heels, walking at 0.1 m per frame.
TRC_ROWS = [[0.1 * i, 1.7, 0.0, 0.1 * i, 0.05, 0.1, 0.1 * i, 0.05, -0.1] for i in range(5)]


def trc(folder, rows=TRC_ROWS, units="m", scale=1.0, rate=150, labels="C7 RHEE LHEE", cells=None, tail=""):
    names = "\t\t\t".join(labels.split())
    text = "\n".join(
        [
            "PathFileType\t4\t(X/Y/Z)\twalk.trc",
            "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits",
            f"{rate}\t{rate}\t{len(rows)}\t3\t{units}",
            f"Frame#\tTime\t{names}\t\t",
            "\t\tX1\tY1\tZ1\tX2\tY2\tZ2\tX3\tY3\tZ3",
            "",
            *(
                cells
                or [
                    "\t".join(map(str, [i + 1, f"{i / rate:.3f}", *(scale * np.array(row)).tolist()]))
                    for i, row in enumerate(rows)
                ]
            ),
        ]
    )
    return write(folder, text + tail, "walk.trc")


@pytest.mark.parametrize(("units", "scale"), [("m", 1), ("cm", 100), ("mm", 1000), ("MM", 1000)])
def test_markers_come_out_in_meters(tmp_path, units, scale):
    recording = read_markers(trc(tmp_path, units=units, scale=scale, tail="\n"))
    np.testing.assert_allclose(recording["marker_position"].values.reshape(5, 9), TRC_ROWS, atol=1e-12)
    assert recording["marker"].values.tolist() == ["C7", "RHEE", "LHEE"]
    assert recording.attrs["sampling_rate_hz"] == pytest.approx(150)


def test_stamps_rounded_to_milliseconds_become_even(tmp_path):
    time_s = read_markers(trc(tmp_path))["time"].values
    np.testing.assert_allclose(np.diff(time_s), 1 / 150, rtol=1e-6)


def test_zeros_empty_cells_and_nan_are_missing_but_one_zero_is_a_number(tmp_path):
    cells = [
        "1\t0.000\t0\t0\t0\t0\t0.05\t0.1\t\t\t",
        "2\t0.007\t0\t1.7\t0\tNaN\tNaN\tNaN\t1\t0.05\t0",
        "3\t0.013\t0\t1.7\t0",
    ]
    cells += ["4\t0.020\t0\t1.7\t0\t0\t0.05\t0.1\t1\t0.05\t0"]
    position = read_markers(trc(tmp_path, cells=cells))["marker_position"]
    missing = position.isnull().all("axis").values
    np.testing.assert_array_equal(
        missing, [[True, False, True], [False, True, False], [False, True, True], [False] * 3]
    )
    assert (position.isnull().all("axis") == position.isnull().any("axis")).all()


def test_subject_prefixes_go_and_repeated_names_get_a_number(tmp_path):
    recording = read_markers(trc(tmp_path, labels="Anna:C7 Anna:RHEE Anna:RHEE"))
    assert recording["marker"].values.tolist() == ["C7", "RHEE", "RHEE_2"]
    assert recording.attrs["log"] == ["repeated marker name RHEE renamed RHEE_2"]


def row(text, count=9):
    return ["\t".join(["1", "0.000", *["1.0"] * count]), text]


TRC_REFUSED = {
    "unit unknown": ({"units": "inch"}, r"Units is 'inch', expected one of mm, cm, dm, m"),
    "millimeters called meters": ({"scale": 1000}, "reach 1700 m; they may be in millimeters"),
    "meters called millimeters": ({"units": "mm"}, "all markers lie within 1.65 mm of one another"),
    "cut off": (
        {"cells": row("2\t0.007\t1.0\t1.")},
        "the last row has 4 cells, expected 11: the file was cut off",
    ),
    "word": ({"cells": row("2\t0.007" + "\tx" * 9)}, "row 2: could not convert"),
    "too many": ({"cells": row("2\t0.007" + "\t1" * 12)}, "row 2 has 14 cells, expected 11"),
    "no time": ({"cells": row("2\t" + "\t1" * 9)}, "rows without a time"),
    "no rows": ({"rows": []}, "holds no rows"),
}


@pytest.mark.parametrize(("changes", "message"), TRC_REFUSED.values(), ids=TRC_REFUSED)
def test_markers_that_cannot_be_read_are_refused_with_file_and_remedy(tmp_path, changes, message):
    path = trc(tmp_path, **changes)
    with pytest.raises(ValueError, match=message) as error:
        read_markers(path)
    assert str(path) in str(error.value)


def test_a_file_without_any_header_lists_all_that_is_missing(tmp_path):
    with pytest.raises(ValueError, match=r"no line of labels that starts with Frame#; Units is 'missing'"):
        read_markers(write(tmp_path, "1 2 3\n", "walk.trc"))


def test_a_frame_count_that_is_not_kept_is_noted(tmp_path):
    path = trc(tmp_path)
    path.write_text(path.read_text().replace("150\t150\t5\t3", "150\t150\t9\t3"))
    assert read_markers(path).attrs["log"] == ["header states NumFrames = 9, found 5"]


@pytest.mark.parametrize("reader", [read_motion, read_markers, read_plates])
def test_a_missing_file_is_named(tmp_path, reader):
    with pytest.raises(FileNotFoundError, match="There is no file"):
        reader(tmp_path / "gone")


def refusal(reader, path):
    try:
        reader(path)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.real_data
def test_every_real_table_is_read_or_refused_with_its_name(real_data):
    unread = set()
    for path in sorted(path for path in real_data.rglob("*") if path.suffix in (".mot", ".sto", ".trc")):
        readers = [read_markers] if path.suffix == ".trc" else [read_motion, read_plates]
        refusals = [refusal(reader, path) for reader in readers]
        assert all(str(path) in text for text in refusals if text)
        if all(refusals):
            unread.add(path.name)
    assert unread == {"id.sto"}, "joint moments are neither motion nor ground reaction force"
