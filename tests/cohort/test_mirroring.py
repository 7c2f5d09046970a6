import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.mirroring import mirror_array, mirror_label, mirror_trial


def lopsided_trial() -> xr.Dataset:
    """Two markers, two knees, one force: nothing alike on the two sides."""
    time = np.arange(5) / 100
    force = np.zeros((5, 2, 3))
    force[:, 0] = [1.0, 2.0, 3.0]
    return xr.Dataset(
        {
            "marker_position": (("time", "marker", "axis"), np.arange(45.0).reshape(5, 3, 3)),
            "joint_angle": (("time", "coordinate"), np.arange(15.0).reshape(5, 3)),
            "ground_reaction_force": (("time", "foot", "axis"), force),
            "free_moment": (("time", "foot"), np.stack([np.ones(5), np.zeros(5)], axis=1)),
            "in_contact": (("time", "foot"), np.stack([np.ones(5), np.zeros(5)], axis=1).astype(bool)),
        },
        coords={
            "time": time,
            "marker": ["L.Heel.Top", "R.Heel.Top", "SACR"],
            "coordinate": ["pelvis_list", "knee_angle_r", "knee_angle_l"],
            "foot": ["right", "left"],
            "axis": ["x", "y", "z"],
        },
    )


def test_mirroring_twice_changes_nothing():
    trial = lopsided_trial()
    xr.testing.assert_identical(mirror_trial(mirror_trial(trial)), trial)


def test_right_becomes_left_and_lateral_turns():
    trial, mirrored = lopsided_trial(), mirror_trial(lopsided_trial())
    left = mirrored["ground_reaction_force"].sel(foot="left")
    assert left.isel(time=0).values.tolist() == [1.0, 2.0, -3.0]
    assert (mirrored["joint_angle"].sel(coordinate="knee_angle_l") == trial["joint_angle"][:, 1]).all()
    assert (mirrored["joint_angle"].sel(coordinate="pelvis_list") == -trial["joint_angle"][:, 0]).all()
    assert mirrored["free_moment"].sel(foot="left").values.tolist() == [-1.0] * 5
    assert mirrored["in_contact"].sel(foot="left").all()
    assert mirrored["in_contact"].dtype == bool


def test_a_marker_of_the_midline_stays_and_crosses_over():
    trial, mirrored = lopsided_trial(), mirror_trial(lopsided_trial())
    before, after = (t["marker_position"].sel(marker="SACR") for t in (trial, mirrored))
    assert (after.sel(axis="z") == -before.sel(axis="z")).all()
    assert (after.sel(axis="x") == before.sel(axis="x")).all()


@pytest.mark.parametrize(
    ("label", "partner"),
    [
        ("R.ASIS", "L.ASIS"),
        ("RHEE", "LHEE"),
        ("r_toe", "l_toe"),
        ("knee_angle_l", "knee_angle_r"),
        ("LACR", "RACR"),
    ],
)
def test_partners_are_found_by_the_spellings_of_the_field(label, partner):
    assert mirror_label(label, frozenset({label, partner})) == partner


def test_a_label_without_partner_is_its_own_mirror_image():
    assert mirror_label("R.ASY", frozenset({"R.ASY", "L.ASIS"})) == "R.ASY"


def test_the_force_on_one_foot_becomes_that_on_the_other():
    left = lopsided_trial()["ground_reaction_force"].sel(foot="left")
    assert mirror_array(left)["foot"].item() == "right"


@pytest.mark.parametrize("name", ["joint_angle_deviation", "joint_angle_observability"])
def test_how_well_an_angle_is_known_changes_sides_but_never_sign(name):
    trial = lopsided_trial()
    known = trial.assign({name: trial["joint_angle"].copy()})
    mirrored = mirror_trial(known)
    assert (mirrored[name].sel(coordinate="knee_angle_l") == known[name].sel(coordinate="knee_angle_r")).all()
    assert (mirrored[name].sel(coordinate="pelvis_list") == known[name].sel(coordinate="pelvis_list")).all()
    assert (mirrored["joint_angle"].sel(coordinate="pelvis_list") <= 0).all()
    xr.testing.assert_identical(mirror_trial(mirrored), known)


def test_what_a_motion_requires_turns_as_what_was_measured():
    moment = xr.DataArray([3.0], dims="time", name="required_free_moment")
    assert mirror_array(moment).item() == -3.0
    residual = xr.DataArray(
        [[1.0, 2.0]], dims=("time", "coordinate"), coords={"coordinate": ["pelvis_ty", "pelvis_tz"]}
    )
    assert mirror_array(residual.rename("joint_moment")).values.tolist() == [[1.0, -2.0]]


def test_in_a_mirror_a_moment_turns_other_than_a_force():
    """A moment about the lateral axis stays; those about the other two run the other way."""
    axis = {"axis": ["x", "y", "z"]}
    moment = xr.DataArray([1.0, 2.0, 3.0], axis, "axis", name="required_moment")
    assert mirror_array(moment).values.tolist() == [-1.0, -2.0, 3.0]
    assert mirror_array(moment.rename("required_force")).values.tolist() == [1.0, 2.0, -3.0]
    xr.testing.assert_identical(mirror_array(mirror_array(moment)), moment)


def test_in_a_mirror_the_moment_of_a_force_is_that_of_the_mirrored_force():
    rng = np.random.default_rng(0)
    axis = {"axis": ["x", "y", "z"]}
    point, force = (xr.DataArray(rng.normal(size=3), axis, "axis") for _ in range(2))
    moment = xr.cross(point, force, dim="axis").rename("required_moment")
    mirrored = xr.cross(mirror_array(point), mirror_array(force), dim="axis")
    np.testing.assert_allclose(mirror_array(moment), mirrored, atol=1e-15)
