import numpy as np
import pytest

from gaitbook.body_model import Marker
from gaitbook.marker_sets import load_marker_sets
from gaitbook.mechanics.body_dimensions import body_lengths, body_sizes
from gaitbook.mechanics.marker_placement import list_placements, place_markers

SIZES = body_sizes(body_lengths(1.75))
RIDES_ON = {
    "thigh": "femur",
    "shank": "tibia",
    "foot": "calcn",
    "upper_arm": "humerus",
    "forearm": "radius",
    "head": "torso",
}


def by_name(name: str) -> dict[str, Marker]:
    return {marker.name: marker for marker in place_markers(name, SIZES)}


@pytest.mark.parametrize("name", list_placements())
def test_every_marker_of_a_set_has_a_place_on_the_segment_it_rides_on(name):
    placed = by_name(name)
    known = load_marker_sets()[name]
    assert set(placed) == known.markers
    for group, markers in known.segments.items():
        part, _, side = group.rpartition("_") if group.endswith(("_right", "_left")) else (group, "", "")
        expected = {RIDES_ON.get(part, part) + (f"_{side[0]}" if side else "")}
        hands = {expected_name.replace("radius", "hand") for expected_name in expected}
        assert {placed[marker].segment for marker in markers} <= expected | hands


@pytest.mark.parametrize("name", ["rbds", "plug_in_gait", "opencap"])
def test_left_mirrors_right(name):
    placed = by_name(name)
    letters = [("R", "L"), ("r", "L")]
    pairs = [
        (marker, placed[left + marker.name[1:]])
        for marker in placed.values()
        for right, left in letters
        if marker.name.startswith(right) and left + marker.name[1:] in placed
    ]
    assert len(pairs) > 10
    for right, left in pairs:
        assert np.array_equal(np.multiply(right.position_m, (1, 1, -1)), left.position_m)
        assert left.segment == right.segment.removesuffix("_r") + (
            "_l" if right.segment.endswith("_r") else ""
        )


def test_lateral_is_outside_and_the_knee_is_between():
    placed = by_name("rbds")
    assert placed["R.Knee"].position_m[2] > 0 > placed["R.Knee.Medial"].position_m[2]
    assert placed["L.Knee"].position_m[2] < 0 < placed["L.Knee.Medial"].position_m[2]
    middle = np.mean([placed["R.Knee"].position_m, placed["R.Knee.Medial"].position_m], axis=0)
    assert middle == pytest.approx([0.0, -SIZES["femur"][1], 0.0])


def test_an_unknown_set_names_the_known_ones():
    with pytest.raises(ValueError, match=r"markers of 'helen_hayes'. Known sets: rbds, .*Rename"):
        place_markers("helen_hayes", SIZES)
