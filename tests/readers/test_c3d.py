"""A person stands on a plate; force, place and twist are known, whatever the type of plate, unit or axes."""

import shutil
import sys

import numpy as np
import pytest

from gaitbook.readers.c3d import read_c3d
from tests.readers.c3d_writer import (
    CORNERS_M,
    FORCE_N,
    FREE_MOMENT_NM,
    POINT_M,
    raw_channels,
    standing_markers,
    write_c3d,
)

pytest.importorskip("ezc3d", reason="ezc3d is not installed (pip install gaitbook[c3d])")

# z up to y up: (x, y, z) becomes (x, z, -y).
Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
SWELL = np.linspace(1.0, 1.1, 20)
UNITS = {1: ("N", "N", "N", "mm", "mm", "Nmm"), 3: ("N",) * 8}


def log_of(recording):
    return " | ".join(recording.attrs["log"])


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
def test_known_force_is_recovered_from_every_type_of_plate(tmp_path, kind):
    units = UNITS.get(kind, ("N", "N", "N", "Nmm", "Nmm", "Nmm"))
    analog = raw_channels(kind)[:, None] * SWELL
    if kind == 1:  # its channels 4 and 5 are places, which do not grow with the force
        analog[3:5] = raw_channels(1)[3:5, None]
    recording = read_c3d(write_c3d(tmp_path / "a.c3d", analog=analog, kind=kind, analog_units=units))
    plate = recording.sel(plate="plate_1")
    np.testing.assert_allclose(plate["plate_force"], SWELL[:, None] * (Z_UP @ FORCE_N), rtol=1e-5)
    np.testing.assert_allclose(plate["plate_center_of_pressure"], [Z_UP @ POINT_M] * 20, atol=1e-6)
    np.testing.assert_allclose(plate["plate_free_moment"], FREE_MOMENT_NM * SWELL, rtol=1e-4)
    about_origin = np.cross(POINT_M, FORCE_N) + np.array([0.0, 0.0, FREE_MOMENT_NM])
    np.testing.assert_allclose(plate["plate_moment"], SWELL[:, None] * (Z_UP @ about_origin), rtol=1e-4)
    assert recording.attrs["plate_rate_hz"] == pytest.approx(200.0)


@pytest.mark.parametrize(
    ("unit", "moment"), [("mm", "Nmm"), ("mm", "N.m"), ("m", "Nm"), ("m", "Nmm"), ("mm", "")]
)
def test_units_come_from_the_file(tmp_path, unit, moment):
    length = 1000.0 if unit == "mm" else 1.0
    analog = raw_channels(2, length=length)
    analog[3:] *= {"Nmm": 1000.0, "N.m": 1.0, "Nm": 1.0, "": length}[moment] / length
    file = write_c3d(tmp_path / "a.c3d", analog=analog, unit=unit, analog_units=("N",) * 3 + (moment,) * 3)
    recording = read_c3d(file)
    assert float(recording["marker_position"].sel(marker="C7", axis="y").mean()) == pytest.approx(
        1.7, abs=1e-6
    )
    point = recording["plate_center_of_pressure"].isel(plate=0, plate_time=0)
    np.testing.assert_allclose(point, Z_UP @ POINT_M, atol=1e-6)
    assert recording["marker_position"].attrs["units"] == "m"
    assert recording["plate_moment"].attrs["units"] == "N m"


@pytest.mark.parametrize("up", ["x", "y", "z"])
def test_the_axis_that_the_plates_face_becomes_y(tmp_path, up):
    # The laboratory of the writer (z up), turned cyclically: the person and the plate are the same.
    shift = {"z": 0, "x": 1, "y": 2}[up]
    points = np.roll(standing_markers(10), shift, axis=0)
    file = write_c3d(
        tmp_path / "a.c3d", points=points, corners=np.roll(CORNERS_M, shift, axis=1), analog=raw_channels(2)
    )
    recording = read_c3d(file)
    assert f"up is +{up}" in log_of(recording)
    np.testing.assert_allclose(
        recording["marker_position"].isel(time=0).sel(axis="y"), [0.05, 0.9, 1.7], atol=1e-6
    )
    assert float(recording["plate_force"].isel(plate=0, plate_time=0).sel(axis="y")) == pytest.approx(
        700.0, rel=1e-5
    )
    # Right-handed still: the turn from the first to the second and third marker keeps its sense.
    a, b, c = recording["marker_position"].isel(time=0).values
    heel, asis, c7 = standing_markers(1)[:, :, 0].T / 1000
    assert np.linalg.det([a, b, c]) == pytest.approx(np.linalg.det([heel, asis, c7]), abs=1e-6)


def test_up_is_told_by_the_markers_without_plates_and_by_the_side_of_the_floor(tmp_path):
    assert "up is +z of the file (the markers" in log_of(read_c3d(write_c3d(tmp_path / "a.c3d")))
    upside_down = standing_markers(10) * np.array([1.0, -1.0, -1.0])[:, None, None]
    recording = read_c3d(write_c3d(tmp_path / "b.c3d", points=upside_down))
    assert "up is -z" in log_of(recording)
    assert float(recording["marker_position"].sel(axis="y").min()) > 0


def test_up_falls_back_on_the_screen_and_then_on_z(tmp_path):
    crouched = np.repeat(
        np.array([[0.0, 0.1, 300.0], [250.0, 0.1, 20.0], [0.1, 200.0, 250.0]])[:, :, None], 10, axis=2
    )
    recording = read_c3d(
        write_c3d(tmp_path / "a.c3d", points=crouched, extra=[("POINT", "Y_SCREEN", ["+Y"])])
    )
    assert "up is +y of the file (the file draws it upward" in log_of(recording)
    assert "up is +z of the file (nothing" in log_of(read_c3d(write_c3d(tmp_path / "b.c3d", points=crouched)))


def test_force_on_the_plate_is_turned_into_force_on_the_person(tmp_path):
    recording = read_c3d(write_c3d(tmp_path / "a.c3d", analog=-raw_channels(2)))
    assert "force on the plate; turned" in log_of(recording)
    first = recording.isel(plate_time=0, plate=0)
    np.testing.assert_allclose(first["plate_force"], Z_UP @ FORCE_N, rtol=1e-5)
    np.testing.assert_allclose(first["plate_center_of_pressure"], Z_UP @ POINT_M, atol=1e-6)
    assert float(first["plate_free_moment"]) == pytest.approx(FREE_MOMENT_NM, rel=1e-4)


def test_an_unloaded_plate_has_no_center_of_pressure(tmp_path):
    analog = raw_channels(2)[:, None] * np.where(np.arange(20) < 10, 0.02, 1.0)  # 14 N, then 700 N
    recording = read_c3d(write_c3d(tmp_path / "a.c3d", analog=analog)).isel(plate=0)
    point = recording["plate_center_of_pressure"]
    assert point[:10].isnull().all()
    assert point[10:].notnull().all()
    assert (recording["plate_free_moment"][:10] == 0).all()
    assert float(recording["plate_force"][0].sel(axis="y")) == pytest.approx(14.0, rel=1e-5)


def test_zeros_and_negative_residuals_are_missing(tmp_path):
    points = standing_markers(10)
    points[:, 0, 3:5] = 0.0
    points[:, 1, 7] = np.nan  # written with residual -1
    position = read_c3d(write_c3d(tmp_path / "a.c3d", points=points))["marker_position"]
    assert position.sel(marker="R.Heel").isnull().all("axis").values.nonzero()[0].tolist() == [3, 4]
    assert position.sel(marker="R.ASIS").isnull().all("axis").values.nonzero()[0].tolist() == [7]
    assert position.sel(marker="C7").notnull().all()


def test_labels_are_unique_and_unnamed_points_are_left_out(tmp_path):
    points = np.tile(standing_markers(10), (1, 3, 1))[:, :7]
    labels = ["Ann:RKNE", "Ann:RKNE", "Ann:RANK", "*12", "", "Ann:LHipAngles", "Ann:C7"]
    extra = [("POINT", "ANGLES", ["Ann:LHipAngles"])]
    recording = read_c3d(write_c3d(tmp_path / "a.c3d", points=points, labels=labels, extra=extra))
    assert recording["marker"].values.tolist() == ["RKNE", "RKNE_2", "RANK", "C7"]
    for words in ("RKNE -> RKNE_2", "left out 1 model outputs", "left out 2 points without a name"):
        assert words in log_of(recording)


def test_repeated_labels_take_unique_descriptions(tmp_path):
    extra = [("POINT", "DESCRIPTIONS", ["Knee", "Knee medial", "Neck"])]
    recording = read_c3d(write_c3d(tmp_path / "a.c3d", labels=("RKNE", "RKNE", "C7"), extra=extra))
    assert recording["marker"].values.tolist() == ["RKNE", "Knee medial", "C7"]


def test_a_file_without_plates_holds_markers_only(tmp_path):
    recording = read_c3d(write_c3d(tmp_path / "a.c3d"))
    assert set(recording.data_vars) == {"marker_position"}
    assert recording.attrs["sampling_rate_hz"] == 100.0
    np.testing.assert_allclose(recording["time"], np.arange(10) / 100)
    assert "no force plate" in log_of(recording)


def test_plates_that_cannot_be_used_are_left_out_with_the_reason(tmp_path):
    stuck = np.repeat(raw_channels(2)[:, None], 20, axis=1)
    volts = ("V",) * 6
    for name, options, words in (
        ("stuck", {"analog": stuck}, "its force never changes (700 N upward)"),
        ("type", {"analog": raw_channels(2), "kind": 6}, "plates of type 6 are not read"),
        ("unit", {"analog": raw_channels(2), "analog_units": volts}, "a force channel is in 'V'"),
        ("flat", {"analog": raw_channels(2), "corners": CORNERS_M * 0}, "do not span a surface"),
    ):
        recording = read_c3d(write_c3d(tmp_path / f"{name}.c3d", **options))
        assert "plate_force" not in recording
        assert "left out plate 1" in log_of(recording)
        assert words in log_of(recording)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*walk\.c3d"):
        read_c3d(tmp_path / "walk.c3d")


def test_another_format_is_refused(tmp_path):
    (tmp_path / "walk.c3d").write_text("PathFileType 4\n" * 200)
    with pytest.raises(ValueError, match=r"walk\.c3d is not a \.c3d file .* export the trial again"):
        read_c3d(tmp_path / "walk.c3d")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused(tmp_path, share):
    file = write_c3d(tmp_path / "walk.c3d", points=standing_markers(100), analog=raw_channels(2))
    whole = file.read_bytes()
    file.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match=r"walk\.c3d is (not|damaged).*(again|reader)"):
        read_c3d(file)


def test_a_truncated_file_says_how_many_frames_are_left(tmp_path):
    file = write_c3d(tmp_path / "walk.c3d", points=standing_markers(100))
    # Three markers take 48 bytes a frame, and the frames begin with a block of 512 bytes.
    content = file.read_bytes()
    begin = 512 * (int.from_bytes(content[16:18], "little") - 1)
    file.write_bytes(content[: begin + 50 * 48])
    with pytest.raises(ValueError, match="cut off after 50 of 100 frames"):
        read_c3d(file)


def test_damaged_parameters_are_refused_before_ezc3d_sees_them(tmp_path):
    file = write_c3d(tmp_path / "walk.c3d", analog=raw_channels(2))
    content = bytearray(file.read_bytes())
    place = content.index(b"CORNERS") + len("CORNERS") + 2
    content[place + 1] = 200  # a parameter with 200 dimensions
    file.write_bytes(content)
    with pytest.raises(ValueError, match="damaged: a record of its parameters does not fit its place"):
        read_c3d(file)


def test_missing_parameters_are_named(tmp_path):
    file = write_c3d(tmp_path / "walk.c3d", analog=raw_channels(2))
    content = file.read_bytes()
    file.write_bytes(content.replace(b"OFFSET", b"OFFSXT"))
    with pytest.raises(ValueError, match="damaged: its parameters lack ANALOG:OFFSET"):
        read_c3d(file)


def test_no_marker_and_unknown_unit_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"a\.c3d holds no marker"):
        read_c3d(write_c3d(tmp_path / "a.c3d", labels=("*1", "*2", "")))
    with pytest.raises(ValueError, match=r"b\.c3d gives positions in 'furlong', expected one of"):
        read_c3d(write_c3d(tmp_path / "b.c3d", unit="furlong"))


def test_without_ezc3d_the_remedy_is_given(tmp_path, monkeypatch):
    file = write_c3d(tmp_path / "a.c3d")
    monkeypatch.setitem(sys.modules, "ezc3d", None)
    with pytest.raises(ImportError, match=r"pip install gaitbook\[c3d\]"):
        read_c3d(file)


@pytest.mark.real_data
@pytest.mark.parametrize(
    "name",
    [
        "opensim-core/walking2.c3d",
        "bmc/Gait.c3d",
        "rbds/RBDS002/RBDS002runT35.c3d",
        "rbds/RBDS03/RBDS03runT25.c3d",
    ],
)
def test_real_plates_agree_with_the_extraction_of_ezc3d(real_data, name):
    import ezc3d

    if not (real_data / name).is_file():
        pytest.skip(f"{name} is absent")
    recording = read_c3d(real_data / name)
    turn = np.eye(3) if "rbds" in name else Z_UP
    platforms = ezc3d.c3d(str(real_data / name), extract_forceplat_data=True)["data"]["platform"]
    assert len(platforms) == recording.sizes["plate"]
    for index, platform in enumerate(platforms):
        plate = recording.isel(plate=index)
        force = platform["force"].T @ turn.T
        loaded = np.abs(force[:, 1]) >= 20
        middle = turn @ platform["corners"].mean(axis=1) / 1000
        moment = platform["moment"].T @ turn.T / 1000 + np.cross(middle, force)
        point = platform["center_of_pressure"].T @ turn.T / 1000
        for ours, theirs in (
            (plate["plate_force"].values, force),
            (plate["plate_moment"].values, moment),
            (plate["plate_center_of_pressure"].values[loaded], point[loaded]),
            (plate["plate_free_moment"].values[loaded], (platform["Tz"].T @ turn.T / 1000)[loaded, 1]),
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6 * np.abs(theirs).max())


@pytest.mark.real_data
def test_real_calibration_follows_from_the_raw_channels(real_data):
    """The plate of the runners, by hand: calibrate, carry to the middle of the belt, then to the laboratory."""
    import ezc3d

    path = real_data / "rbds" / "RBDS001" / "RBDS001runT35.c3d"
    recording = read_c3d(path).isel(plate=0)
    content = ezc3d.c3d(str(path))
    platform = {
        name: np.asarray(entry["value"])
        for name, entry in content["parameters"]["FORCE_PLATFORM"].items()
        if name[0] != "_"
    }
    wrench = (platform["CAL_MATRIX"][:, :, 0] @ content["data"]["analogs"][0]).T
    # The plate's x points to -z of the laboratory, its y to +x and its z down.
    turn = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]])
    force = wrench[:, :3] @ turn.T
    transducer_m = platform["CORNERS"][:, :, 0].mean(axis=1) / 1000 - turn @ platform["ORIGIN"][:, 0] / 1000
    moment = wrench[:, 3:] @ turn.T / 1000 + np.cross(transducer_m, force)
    np.testing.assert_allclose(recording["plate_force"], force, rtol=1e-6, atol=1e-6 * np.abs(force).max())
    np.testing.assert_allclose(recording["plate_moment"], moment, rtol=1e-6, atol=1e-6 * np.abs(moment).max())
    loaded = force[:, 1] > 20
    point = np.column_stack([moment[:, 2], -moment[:, 0]])[loaded] / force[loaded, 1:2]
    np.testing.assert_allclose(
        recording["plate_center_of_pressure"].values[loaded][:, [0, 2]], point, rtol=1e-6
    )


@pytest.mark.real_data
def test_every_real_file_is_read_or_refused_with_a_reason(real_data):
    files = [path for path in real_data.rglob("*.c3d") if "static" in path.name or "rbds" not in path.parts]
    for path in files:
        recording = read_c3d(path)
        assert recording.sizes["marker"] >= 30
        assert "plate_force" in recording or "plate" in log_of(recording)


@pytest.mark.real_data
def test_a_real_file_cut_short_is_refused(real_data, tmp_path):
    copy = tmp_path / "cut.c3d"
    shutil.copy(real_data / "rbds" / "RBDS001" / "RBDS001static.c3d", copy)
    copy.chmod(0o644)
    content = copy.read_bytes()
    copy.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"cut\.c3d is damaged: it is cut off after \d+ of 150 frames"):
        read_c3d(copy)
