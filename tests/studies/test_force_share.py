import numpy as np
import pytest
import xarray as xr

from gaitbook.conventions import AXES, FEET
from gaitbook.representation.channels import FORCE
from gaitbook.studies.force_gain import fit_gain
from gaitbook.studies.force_share import SHARES, find_difference, share_of

TIME = np.arange(50) / 100.0


def forces(change=0.0):
    values = np.zeros((50, 2, 3))
    values[10:40] = [50.0, 700.0, 20.0]
    array = xr.DataArray(
        values + change * (values != 0.0) * np.random.default_rng(0).normal(size=values.shape),
        {"time": TIME, "foot": list(FEET), "axis": list(AXES)},
        ("time", "foot", "axis"),
    )
    return xr.Dataset({"ground_reaction_force": array}, attrs={"mass_kg": 70.0, "subject": "p"})


def drawn(dataset):
    return dataset.expand_dims(draw=2)


def walking(**attrs):
    return xr.Dataset(attrs={"gait": "walk", **attrs})


def test_without_anything_learned_the_found_force_counts_alone():
    assert share_of({}, walking(), drawn=True) == [1.0] * len(FORCE)


def test_shares_go_by_gait_and_kind_and_axis():
    own = {"x": 0.1, "y": 0.2, "z": 0.3}
    card = {SHARES: {"walk/drawn": own}}
    found = dict(zip(FORCE, share_of(card, walking(), drawn=True), strict=True))
    assert found["force/x/left"] == 0.1
    assert found["force/z/right"] == 0.3
    assert found["pressure/x/left"] == found["free_moment/right"] == found["force/y/left"] == 0.2
    assert share_of(card, walking(), drawn=False) == [1.0] * len(FORCE)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_share_that_made_the_truth_is_found_again(share):
    one, other = forces(), forces(30.0)
    both = one["ground_reaction_force"] * (1 - share) + other["ground_reaction_force"] * share
    truth = one.assign(ground_reaction_force=both)
    shares = fit_gain([find_difference(drawn(one), drawn(other), truth)])
    assert shares == pytest.approx(dict.fromkeys(AXES, share), abs=1e-9)


def test_frames_in_the_air_are_not_judged():
    difference = find_difference(drawn(forces()), drawn(forces(30.0)), forces())
    assert len(difference.missed) == 60
    assert difference.person == "p"
