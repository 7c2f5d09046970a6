import numpy as np
import pytest

from gaitbook.readers.plate_columns import plate_column
from gaitbook.readers.plate_tables import read_plates

COUNT = 40
TIME_S = np.arange(COUNT) / 100
LOAD = np.where((TIME_S >= 0.1) & (TIME_S < 0.3), 1.0, 0.0)


def stance(side=0.1, start_m=0.5):
    """One stance: the center of pressure rolls 0.2 m forward under a force that leans, with a small free moment."""
    roll = np.linspace(0, 1, COUNT)
    force = LOAD[:, None] * np.stack(
        [-100 + 200 * roll, 700 + 100 * np.sin(9 * roll), 30 * np.cos(5 * roll)], axis=1
    )
    point = np.stack([start_m + 0.2 * roll, np.zeros(COUNT), np.full(COUNT, side)], axis=1)
    free = LOAD * (3 - 2 * roll)
    return force, point, np.stack([0 * free, free, 0 * free], axis=1)


def write(folder, named, extra=None, name="grf.mot"):
    columns = {"time": TIME_S, **named, **(extra or {})}
    rows = "\n".join(
        "\t".join(f"{value:.9g}" for value in row) for row in np.stack(list(columns.values()), axis=1)
    )
    path = folder / name
    path.write_text("nRows=40\ninDegrees=yes\nendheader\n" + "\t".join(columns) + "\n" + rows + "\n")
    return path


def columns(force_name, point_name, moment_name, plate):
    return {
        template.replace("?", axis): values[:, i]
        for template, values in zip((force_name, point_name, moment_name), plate, strict=True)
        for i, axis in enumerate("xyz")
    }


GROUND = ["ground_force_r_v?", "ground_force_r_p?", "ground_torque_r_?"]
PREFIXED = ["R_ground_force_v?", "R_ground_force_p?", "R_ground_torque_?"]
BARE = ["ground_force_v?", "ground_force_p?", "ground_torque_?"]
NUMBERED = ["ground_force_1_v?", "ground_force_1_p?", "ground_force_1_m?"]
MOMENTS = ["ground_force_1_v?", "ground_force_1_p?", "ground_moment_1_m?"]


def renamed(names, old, new):
    return [name.replace(old, new, 1) for name in names]


FAMILIES = {
    "r and l": (GROUND, renamed(GROUND, "_r_", "_l_"), ["right", "left"]),
    "R_ and L_": (PREFIXED, renamed(PREFIXED, "R_", "L_"), ["right", "left"]),
    "none and 1_": (BARE, [f"1_{name}" for name in BARE], ["right", "left"]),
    "numbered": (NUMBERED, renamed(NUMBERED, "_1_", "_2_"), ["1", "2"]),
    "numbered, moment": (MOMENTS, renamed(MOMENTS, "_1_", "_2_"), ["1", "2"]),
    "FP": (["FP1_v?", "FP1_p?", "FP1_m?"], ["FP2_force_?", "FP2_cop_?", "FP2_moment_?"], ["1", "2"]),
}


@pytest.mark.parametrize(("first", "second", "names"), FAMILIES.values(), ids=FAMILIES)
def test_every_family_of_columns_gives_the_same_plates(tmp_path, first, second, names):
    plates = stance(0.1), stance(-0.1)
    path = write(
        tmp_path, columns(*first, plates[0]) | columns(*second, plates[1]), {"pelvis_tilt": 0 * TIME_S}
    )
    recording = read_plates(path)
    assert recording["plate"].values.tolist() == names
    for i, (force, point, moment) in enumerate(plates):
        on = LOAD > 0
        plate = recording.isel(plate=i)
        np.testing.assert_allclose(plate["plate_force"], force, atol=1e-5)
        np.testing.assert_allclose(
            plate["plate_moment"][on], (np.cross(point, force) + moment)[on], atol=1e-5
        )
        np.testing.assert_allclose(plate["plate_center_of_pressure"][on], point[on], atol=1e-6)
        np.testing.assert_allclose(plate["plate_free_moment"], moment[:, 1], atol=1e-5)
    assert "no plate columns, left out: pelvis_tilt" in recording.attrs["log"]
    assert recording.attrs["plate_rate_hz"] == pytest.approx(100)


ABOUT = {"center of pressure": None, "laboratory origin": (0, 0, 0), "corner of the plate": (1.2, -0.04, 0.7)}


@pytest.mark.parametrize("reference", ABOUT.values(), ids=ABOUT)
def test_the_point_of_the_moments_is_told_from_the_moments(tmp_path, reference):
    force, point, moment = stance()
    written = moment if reference is None else moment + np.cross(point - np.array(reference), force)
    recording = read_plates(write(tmp_path, columns("FP1_v?", "FP1_p?", "FP1_m?", (force, point, written))))
    np.testing.assert_allclose(recording["plate_free_moment"][:, 0], moment[:, 1], atol=1e-4)
    np.testing.assert_allclose(recording["plate_moment"][:, 0], np.cross(point, force) + moment, atol=1e-4)
    assert any("moments are about" in line for line in recording.attrs["log"]) == (reference is not None)


def test_moments_about_no_point_leave_the_free_moment_unknown(tmp_path):
    force, point, moment = stance()
    moment = moment + 200 * np.random.default_rng(0).normal(size=moment.shape)
    recording = read_plates(write(tmp_path, columns("FP1_v?", "FP1_p?", "FP1_m?", (force, point, moment))))
    assert recording["plate_free_moment"][LOAD > 0].isnull().all()
    np.testing.assert_allclose(recording["plate_moment"][:, 0, 0], np.cross(point, force)[:, 0], atol=1e-5)
    assert "plate 1: moments are about no fixed point; its free moment is unknown" in recording.attrs["log"]


def test_the_center_of_pressure_of_an_unloaded_plate_is_never_trusted(tmp_path):
    force, point, moment = stance()
    force = force + (1 - LOAD[:, None]) * [0.5, 1.0, -0.5]
    garbage = np.where(LOAD[:, None] > 0, point, 346.0)
    recording = read_plates(write(tmp_path, columns("FP1_v?", "FP1_p?", "FP1_m?", (force, garbage, moment))))
    assert recording["plate_center_of_pressure"][LOAD == 0].isnull().all()
    assert np.abs(recording["plate_moment"][LOAD == 0]).max() < 2, (
        "1 N at the nearest loaded point, not at 346 m"
    )


def test_missing_points_and_moments_are_noted(tmp_path):
    force, point, _ = stance()
    axes = dict(zip("xyz", range(3), strict=True))
    no_moment = {
        f"R_ground_force_{p}{a}": v[:, i] for p, v in (("v", force), ("p", point)) for a, i in axes.items()
    }
    no_point = {f"L_ground_force_v{a}": force[:, i] for a, i in axes.items()}
    recording = read_plates(write(tmp_path, no_moment | no_point))
    assert (recording["plate_free_moment"].sel(plate="right") == 0).all()
    assert recording["plate_moment"].sel(plate="left").isnull().all()
    assert "plate right has no moments: its free moment is taken as zero" in recording.attrs["log"]
    assert any("plate left has no point of application" in line for line in recording.attrs["log"])


def test_a_plate_nobody_steps_on_is_noted(tmp_path):
    force, point, moment = stance()
    recording = read_plates(
        write(tmp_path, columns("FP1_v?", "FP1_p?", "FP1_m?", (0 * force, point, moment)))
    )
    assert recording["plate_center_of_pressure"].isnull().all()
    assert "plate 1 is never loaded" in recording.attrs["log"]


FORCE, POINT, MOMENT = stance()
REFUSED = {
    "kilo": ((1000 * FORCE, POINT, MOMENT), r"the force reaches 7\.741e\+05, too much for N"),
    "z up": ((FORCE[:, [0, 2, 1]], POINT, MOMENT), "largest force is along z, not y: turn the axes"),
    "on the plate": ((-FORCE, POINT, MOMENT), "vertical force points down: give the force on the person"),
    "millimeters": (
        (FORCE, 1000 * POINT, MOMENT),
        "center of pressure lies beyond 50 m: it may be in millimeters",
    ),
    "gaps": (
        (np.where(TIME_S[:, None] == 0.2, np.nan, FORCE), POINT, MOMENT),
        r"1 rows have no force \(NaN\)",
    ),
}


@pytest.mark.parametrize(("plate", "message"), REFUSED.values(), ids=REFUSED)
def test_numbers_that_cannot_be_are_refused_with_file_plate_and_remedy(tmp_path, plate, message):
    path = write(tmp_path, columns("R_ground_force_v?", "R_ground_force_p?", "R_ground_torque_?", plate))
    with pytest.raises(ValueError, match=message) as error:
        read_plates(path)
    assert f"{path}, plate right:" in str(error.value)


def test_unknown_columns_are_listed_with_those_expected(tmp_path):
    path = write(tmp_path, {"Fx": TIME_S, "Fy": TIME_S})
    with pytest.raises(
        ValueError,
        match=r"no ground reaction force columns\. Columns found: time, Fx, Fy\. Expected .*R_ground_force_vx",
    ):
        read_plates(path)


def test_all_incomplete_plates_are_listed(tmp_path):
    named = {"ground_force_r_vx": TIME_S, "ground_force_r_vy": TIME_S, "ground_force_l_px": TIME_S}
    with pytest.raises(
        ValueError,
        match=r"plate r has no force along z; plate l has no force along x, y, z; plate l has no point along y, z",
    ):
        read_plates(write(tmp_path, named))


@pytest.mark.parametrize(
    "label", ["time", "knee_angle_r", "ground_force", "FP1", "ground_force_r_q", "FP1_x"]
)
def test_other_columns_are_no_plate_columns(label):
    assert plate_column(label) is None
