"""What may be missing: the 33 conditions, and what is drawn for training."""

import pytest
import torch

from gaitbook.representation.channels import (
    ANGLES,
    CHANNELS,
    FORCE,
    HEIGHT,
    MOTION,
    ONE_AXIS,
    PHYSICS,
    THREE_AXES,
    VELOCITY,
    channels_of,
    numbers_of,
)
from gaitbook.representation.hiding import (
    FIVE,
    FULL,
    ONE_LEG,
    PARTS,
    TO_FIND_FORCE,
    HidingSampler,
    condition_names,
    hidden_channels,
    hidden_coordinates,
)
from gaitbook.representation.states import LEG, UPPER

WINDOWS, FRAMES = 4000, 30
MIDDLE = FRAMES // 2


@pytest.fixture(scope="module")
def drawn():
    return HidingSampler(FRAMES).draw(WINDOWS, torch.Generator().manual_seed(0))


def known(drawn, *names):
    """Whether all of these channels are known (window, time)."""
    return drawn.known[..., numbers_of(names)].all(dim=-1)


def hidden_throughout(drawn):
    """Which coordinates are hidden in all frames (window, coordinate)."""
    return ~drawn.known[..., numbers_of(f"angle/{name}" for name in ANGLES)].any(dim=1)


def flags(names):
    return torch.tensor([name in names for name in ANGLES])


def test_there_are_33_conditions_each_once():
    names = condition_names()
    assert len(names) == len(set(names)) == 33
    assert names[0] == FULL
    assert names[-2:] == list(ONE_LEG)
    assert sum("," in name for name in names) == 25
    assert ", ".join(FIVE) not in names


def test_conditions_hide_different_coordinates():
    assert len({frozenset(hidden_coordinates(name)) for name in condition_names()}) == 33


def test_parts_are_the_whole_body():
    assert sorted(name for names in PARTS.values() for name in names) == sorted(ANGLES)


@pytest.mark.parametrize("condition", condition_names()[1:-2])
def test_a_condition_hides_its_parts_on_both_sides_and_nothing_else(condition):
    hidden = set(hidden_coordinates(condition))
    for part, names in PARTS.items():
        assert hidden.issuperset(names) if part in condition else hidden.isdisjoint(names)


def test_nothing_hides_nothing():
    assert hidden_coordinates(FULL) == ()
    assert hidden_channels(()) == []


def test_of_one_leg_nothing_else_is_seen():
    right = set(ANGLES) - set(hidden_coordinates("only right leg"))
    joints = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle", "subtalar_angle")
    assert right == {f"{name}_r" for name in joints}
    assert set(ANGLES) - set(hidden_coordinates("only left leg")) == {f"{name}_l" for name in joints}


def test_a_part_that_is_not_known_is_refused():
    with pytest.raises(
        ValueError, match=r"The body has no part 'head', 'tail': choose among trunk, pelvis, hips"
    ):
        hidden_coordinates("head, knees, tail")


def test_channels_of_hidden_coordinates_are_hidden_once():
    names = ("hip_flexion_r", "hip_rotation_r", "knee_angle_l")
    expected = {channel for name in names for channel in channels_of(name)}
    assert hidden_channels(names) == sorted(numbers_of(expected))


def test_with_the_whole_pelvis_its_velocity_and_height_are_hidden():
    path = set(numbers_of((*VELOCITY, HEIGHT)))
    assert path <= set(hidden_channels(PARTS["pelvis"]))
    assert path.isdisjoint(hidden_channels(PARTS["pelvis"][:2]))
    assert hidden_channels(ANGLES) == numbers_of(MOTION)


def test_a_coordinate_that_is_not_represented_cannot_be_hidden():
    with pytest.raises(KeyError, match="coordinate 'mtp_angle_r' is not represented"):
        hidden_channels(["mtp_angle_r"])


def test_a_draw_has_a_flag_for_every_number(drawn):
    assert drawn.known.shape == (WINDOWS, FRAMES, len(CHANNELS))
    assert drawn.upper.shape == (WINDOWS,)
    assert drawn.known.dtype == drawn.upper.dtype == torch.bool


def test_the_same_generator_draws_the_same(drawn):
    sampler = HidingSampler(FRAMES)
    again = sampler.draw(WINDOWS, torch.Generator().manual_seed(0))
    assert torch.equal(again.known, drawn.known)
    assert torch.equal(again.upper, drawn.upper)
    assert not torch.equal(sampler.draw(WINDOWS, torch.Generator().manual_seed(1)).known, drawn.known)


def test_force_is_hidden_in_most_windows_and_of_one_foot_in_some(drawn):
    right, left = (known(drawn, *(f"force/{axis}/{foot}" for axis in "xyz")) for foot in ("right", "left"))
    assert (right == right[:, :1]).all()
    shares = {
        (one, other): float(((right[:, 0] == one) & (left[:, 0] == other)).float().mean())
        for one in (False, True)
        for other in (False, True)
    }
    assert shares[False, False] == pytest.approx(0.85, abs=0.02)
    for case in ((True, False), (False, True), (True, True)):
        assert shares[case] == pytest.approx(0.05, abs=0.012)


def test_free_moment_goes_with_force(drawn):
    for foot in ("right", "left"):
        assert torch.equal(known(drawn, f"free_moment/{foot}"), known(drawn, f"force/y/{foot}"))


@pytest.mark.parametrize("names", [PHYSICS, [name for name in FORCE if name.startswith("pressure")]])
def test_what_needs_the_place_of_the_feet_is_never_known_where_legs_or_path_are_hidden(drawn, names):
    placed = known(drawn, *(f"angle/{name}" for name in LEG), *VELOCITY)
    told = drawn.known[..., numbers_of(names)].any(dim=-1)
    assert told.any()
    assert not (told & ~placed).any()


def test_physics_is_known_in_most_windows_whose_legs_are(drawn):
    placed = known(drawn, *(f"angle/{name}" for name in LEG), *VELOCITY)[:, MIDDLE]
    assert float(known(drawn, *PHYSICS)[:, MIDDLE][placed].float().mean()) == pytest.approx(0.85, abs=0.03)


def test_numbers_of_one_joint_are_hidden_together(drawn):
    for joint, names in THREE_AXES.items():
        shared = [*(f"rotation/{joint}/{number}" for number in range(6)), *(f"rate/{name}" for name in names)]
        each = drawn.known[..., numbers_of(shared)]
        assert torch.equal(each.all(dim=-1), each.any(dim=-1))
        assert torch.equal(each[..., 0], known(drawn, *(f"angle/{name}" for name in names)))
    for name in ONE_AXIS:
        assert torch.equal(known(drawn, f"rate/{name}"), known(drawn, f"angle/{name}"))


def test_a_hidden_pelvis_has_no_path_and_some_paths_are_hidden_alone(drawn):
    attitude = drawn.known[..., numbers_of(f"angle/{name}" for name in PARTS["pelvis"])].any(dim=-1)
    path = known(drawn, *VELOCITY, HEIGHT)
    assert torch.equal(path, drawn.known[..., numbers_of((*VELOCITY, HEIGHT))].any(dim=-1))
    assert not (path & ~attitude).any()
    alone = attitude & ~path
    assert float(alone[:, MIDDLE].float().mean()) == pytest.approx(0.05, abs=0.02)


def test_single_parts_single_legs_and_single_coordinates_are_drawn(drawn):
    hidden = hidden_throughout(drawn)
    below = flags(LEG)
    for condition in ("nothing", "knees", "pelvis", "hips, ankles", "only right leg", "only left leg"):
        wanted = flags(hidden_coordinates(condition)) & below
        assert ((hidden & below) == wanted).all(dim=1).any(), condition
    one_sided = hidden[:, ANGLES.index("knee_angle_r")] != hidden[:, ANGLES.index("knee_angle_l")]
    assert float(one_sided.float().mean()) > 0.05


def test_one_leg_alone_is_seen_now_and_then(drawn):
    hidden = hidden_throughout(drawn)
    for leg in ONE_LEG:
        alone = (hidden == flags(hidden_coordinates(leg))).all(dim=1)
        assert float(alone.float().mean()) == pytest.approx(0.05, abs=0.015)


def test_legs_are_whole_in_a_large_share_and_arms_are_missing_in_many(drawn):
    hidden = hidden_throughout(drawn)
    assert float((~hidden & flags(LEG)).sum(dim=1).eq(len(LEG)).float().mean()) > 0.4
    arms = (hidden | ~flags(PARTS["arms"])).all(dim=1)
    assert 0.5 < float(arms.float().mean()) < 0.75


def test_the_upper_body_is_told_to_be_hidden_where_any_of_it_is(drawn):
    assert torch.equal(drawn.upper, (hidden_throughout(drawn) & flags(UPPER)).any(dim=1))


def test_spans_of_time_are_hidden_in_a_tenth_of_the_windows():
    frames = 150
    drawn = HidingSampler(frames).draw(1000, torch.Generator().manual_seed(2))
    angles = drawn.known[..., numbers_of(f"angle/{name}" for name in ANGLES)]
    gone = (~angles).sum(dim=1)
    partly = (gone > 0) & (gone < frames)
    assert float(partly.any(dim=1).float().mean()) == pytest.approx(0.1, abs=0.03)
    assert 1 <= int(gone[partly].min()) <= int(gone[partly].max()) <= 75
    changes = (angles[:, 1:] != angles[:, :-1]).sum(dim=1)
    assert int(changes.max()) == 2
    assert (~angles).all(dim=-1).any(dim=1).float().mean() > 0.02


def test_who_has_to_find_force_is_never_told_it_and_sees_more_whole_motions(drawn):
    finding = HidingSampler(FRAMES, TO_FIND_FORCE).draw(WINDOWS, torch.Generator().manual_seed(0))
    assert not finding.known[..., numbers_of(FORCE)].any()
    whole, usual = (
        (~hidden_throughout(each) | ~flags(LEG)).all(dim=1).float().mean() for each in (finding, drawn)
    )
    assert float(whole) > float(usual) + 0.1
    placed = known(finding, *(f"angle/{name}" for name in LEG), *VELOCITY)
    assert float(known(finding, *PHYSICS)[placed].float().mean()) == pytest.approx(0.95, abs=0.02)
