import numpy as np
import pytest
import torch

from gaitbook.mechanics.body_points import body_points
from gaitbook.representation.channels import CHANNELS, FEET_PLACES, mirror_table, numbers_of
from gaitbook.representation.feet import STANDARD_HEIGHT_M, STANDARD_MASS_KG, place_feet
from gaitbook.representation.states import encode_states
from gaitbook.synthesis.person_body import person_body

SOLE = [name for name in FEET_PLACES if "velocity" in name]


def column(places: torch.Tensor, name: str) -> np.ndarray:
    return places[..., FEET_PLACES.index(name)].numpy()


def test_feet_of_a_standard_body_are_where_its_segments_are(walk):
    body = person_body({"height_m": STANDARD_HEIGHT_M, "mass_kg": STANDARD_MASS_KG})
    trial = walk.trial.assign_attrs(height_m=STANDARD_HEIGHT_M)
    places = place_feet(encode_states(trial, body))
    heel = body_points(trial, body, ("calcn_r",)).isel(point=0)
    away = (heel - trial["pelvis_position"]).sel(axis="x") / STANDARD_HEIGHT_M
    assert column(places, "heel/x/right") == pytest.approx(away.values, abs=1e-4)
    height = heel.sel(axis="y").values / STANDARD_HEIGHT_M
    assert np.ptp(column(places, "heel/y/right") - height) == pytest.approx(0.0, abs=1e-4)


def test_a_foot_that_carries_weight_hardly_moves_over_the_ground(walk):
    places = place_feet(encode_states(walk.trial, walk.model))
    load = walk.trial["ground_reaction_force"].sel(foot="right", axis="y").values
    force = load / (walk.trial.attrs["mass_kg"] * 9.81)
    slow = np.hypot(*(column(places, f"heel_velocity/{axis}/right") for axis in "xy"))
    slow = np.minimum(slow, np.hypot(*(column(places, f"forefoot_velocity/{axis}/right") for axis in "xy")))
    assert np.median(slow[force > 0.5]) < 0.1 * np.median(slow[force < 0.01])


def test_places_of_a_mirrored_motion_are_the_mirrored_places(walk):
    states = encode_states(walk.trial, walk.model)
    source, sign = mirror_table()
    mirrored = states[:, source] * torch.tensor(sign)
    own = numbers_of(FEET_PLACES)
    assert place_feet(mirrored).numpy() == pytest.approx(mirrored[:, own].numpy(), abs=2e-3)


def test_feet_are_not_known_where_a_leg_is_not_and_move_unknown_where_the_path_is_not(walk):
    states = encode_states(walk.trial, walk.model)
    states[20:30, CHANNELS.index("angle/knee_angle_l")] = torch.nan
    states[40:, CHANNELS.index("pelvis_velocity/x")] = torch.nan
    places = place_feet(states)
    assert torch.isnan(places[20:30]).all()
    assert torch.isfinite(places[50:, FEET_PLACES.index("heel/x/left")]).all()
    assert torch.isnan(places[50:, FEET_PLACES.index("heel_velocity/x/left")]).all()


def test_draws_are_placed_as_each_alone(walk):
    states = encode_states(walk.trial, walk.model)
    both = place_feet(torch.stack([states, states.roll(3, dims=0)]))
    assert torch.allclose(both[0], place_feet(states), equal_nan=True, atol=1e-5)
