"""Who is in a trial: the user first, then the file, then the body."""

import pytest

from gaitbook.studies.prediction_people import Told, describe_trial, show_height
from gaitbook.synthesis.closed_form import simulate_trial
from tests.studies.formula_walk import HEIGHT_M, MASS_KG, formula_body, formula_walk


@pytest.fixture
def unknown():
    """The walk of nobody in particular."""
    walk = formula_walk()
    walk.attrs = {name: walk.attrs[name] for name in ("source", "subject", "trial", "sampling_rate_hz")}
    return walk


def test_what_the_user_tells_counts_for_more_than_what_the_file_says():
    told = Told(mass_kg=81.0, belt_speed_mps=0.0)
    attrs = describe_trial("walk", formula_walk(), told, None).attrs
    assert (attrs["mass_kg"], attrs["height_m"], attrs["belt_speed_mps"]) == (81.0, HEIGHT_M, 0.0)
    assert describe_trial("walk", formula_walk(), Told(), formula_body()).attrs["mass_kg"] == MASS_KG


def test_a_body_tells_mass_and_height_with_a_warning(unknown, caplog):
    attrs = describe_trial("walk", unknown, Told(), formula_body()).attrs
    assert attrs["mass_kg"] == pytest.approx(MASS_KG)
    assert attrs["height_m"] == pytest.approx(HEIGHT_M)
    assert (
        "walk: the body height is not known; 1.75 m is what thigh and shank of the body tell" in caplog.text
    )
    assert show_height("walk", formula_body()) == pytest.approx(HEIGHT_M)


def test_who_is_not_known_is_asked_for(unknown):
    with pytest.raises(
        ValueError, match=r"^walk: the body mass is not known: give --mass-kg, or the person's --model"
    ):
        describe_trial("walk", unknown, Told(height_m=1.8), None)
    with pytest.raises(ValueError, match=r"^walk: the body height is not known: give --height-m, or"):
        describe_trial("walk", unknown, Told(mass_kg=70.0), None)
    with pytest.raises(ValueError, match=r"height_m is 184, expected 0.4 to 2.6: check its unit"):
        describe_trial("walk", unknown, Told(height_m=184.0, mass_kg=70.0), None)


def test_height_may_be_left_to_markers():
    run = simulate_trial(duration_s=0.3)
    del run.attrs["height_m"]
    described = describe_trial("run", run, Told(), None)
    assert set(described.data_vars) == {"marker_position", "standing_position"}


def test_motion_comes_before_markers_and_force_is_left_aside():
    both = formula_walk(duration_s=1.0).assign(
        marker_position=simulate_trial(duration_s=0.3)["marker_position"]
    )
    assert set(describe_trial("walk", both, Told(), None).data_vars) == {"joint_angle", "pelvis_position"}
    walk = formula_walk()
    nowhere = walk.assign(pelvis_position=walk["pelvis_position"] * float("nan"))
    assert set(describe_trial("walk", nowhere, Told(), None).data_vars) == {"joint_angle"}


def test_nothing_to_complete_is_said(unknown):
    with pytest.raises(ValueError, match="walk: there are neither joint angles nor markers"):
        describe_trial("walk", unknown.drop_vars("joint_angle"), Told(), None)


def test_uneven_time_stamps_are_refused():
    walk = formula_walk()
    time_s = walk["time"].values.copy()
    time_s[100:] += 0.5
    with pytest.raises(ValueError, match="time steps vary"):
        describe_trial("walk", walk.assign_coords(time=time_s), Told(), None)
