import numpy as np
import pytest

from gaitbook.mechanics.anthropometry import (
    Lump,
    Part,
    body_parts,
    join_lumps,
    load_anthropometry,
    upright_lump,
)

SINGLE = {"head", "upper_trunk", "mid_trunk", "lower_trunk"}


@pytest.mark.parametrize("sex", ["female", "male", None])
def test_published_masses_add_up_to_the_body(sex):
    total = sum(part.mass * (1 if name in SINGLE else 2) for name, part in body_parts(sex).items())
    assert total == pytest.approx(1.0, abs=2e-4)


@pytest.mark.parametrize(("sex", "trunk_m"), [("female", 0.5293), ("male", 0.5319)])
def test_pieces_of_the_trunk_make_the_published_trunk(sex, trunk_m):
    pieces = load_anthropometry()["inertia"][sex]["parts"]
    length_m = sum(pieces[name]["length_m"] for name in SINGLE - {"head"})
    assert length_m == pytest.approx(trunk_m, abs=1e-9)


def test_without_a_sex_numbers_are_the_mean():
    both = [body_parts(sex)["thigh"] for sex in ("female", "male")]
    mean = body_parts(None)["thigh"]
    assert mean.mass == pytest.approx(np.mean([each.mass for each in both]))
    assert mean.radii == pytest.approx(np.mean([each.radii for each in both], axis=0))


def test_a_part_hangs_from_its_upper_end():
    part = Part(mass=0.5, length=0.2, center=0.25, radii=(0.3, 0.2, 0.1))
    lump = upright_lump(part, 10.0, top_m=(0.0, 1.0, 0.0), length_m=2.0)
    assert lump.mass_kg == 5.0
    assert lump.center_m == pytest.approx([0.0, 0.5, 0.0])
    assert np.diag(lump.inertia_kgm2) == pytest.approx(5.0 * np.array([0.6, 0.2, 0.4]) ** 2)


def test_two_points_joined_turn_like_a_dumbbell():
    ends = [Lump(1.0, np.array([0.0, y, 0.0]), np.zeros((3, 3))) for y in (0.0, 2.0)]
    dumbbell = join_lumps("dumbbell", ends)
    assert (dumbbell.mass_kg, dumbbell.center_m) == (2.0, (0.0, 1.0, 0.0))
    assert dumbbell.inertia_kgm2 == pytest.approx((2.0, 0.0, 2.0, 0.0, 0.0, 0.0))


def test_nothing_joined_has_no_mass():
    assert join_lumps("talus_r", []).mass_kg == 0.0
