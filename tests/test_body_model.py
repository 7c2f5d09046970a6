import numpy as np
import pytest

from gaitbook.body_model import (
    GROUND,
    IDENTITY,
    STILL,
    ZERO,
    Axis,
    BodyModel,
    BodyModelError,
    Coordinate,
    Joint,
    Marker,
    Segment,
    Spline,
)

ONE = Segment("one", 1.0)
TWO = Segment("two", 2.0)
ROOT = Joint("root", GROUND, "one")
LINK = Joint("link", "one", "two")


def fault_of(segments=(ONE, TWO), joints=(ROOT, LINK), coordinates=(), markers=()):
    with pytest.raises(BodyModelError) as caught:
        BodyModel("figure", segments, joints, coordinates, markers)
    return str(caught.value)


def test_a_sound_model_has_no_fault():
    model = BodyModel(
        "figure", (ONE, TWO), (ROOT, LINK), (Coordinate("bend"),), (Marker("tip", "two", (0, 1, 0)),)
    )
    assert model.mass_kg == 3.0
    assert [joint.name for joint in model.ordered_joints] == ["root", "link"]


def test_joints_are_ordered_level_by_level_whatever_their_order_in_the_file():
    segments = tuple(Segment(name, 1.0) for name in "abcd")
    joints = (Joint("cd", "c", "d"), Joint("ab", "a", "b"), Joint("ac", "a", "c"), Joint("a", GROUND, "a"))
    model = BodyModel("tree", segments, joints, ())
    assert [joint.child for joint in model.ordered_joints] == ["a", "b", "c", "d"]


def test_several_segments_may_hang_on_the_ground():
    model = BodyModel("pair", (ONE, TWO), (ROOT, Joint("other", GROUND, "two")), ())
    assert [joint.child for joint in model.ordered_joints] == ["one", "two"]


def test_defaults_say_a_free_coordinate_and_a_weld():
    free = Coordinate("any")
    assert (free.default, free.low, free.high, free.locked, free.follows) == (
        0.0,
        -np.inf,
        np.inf,
        False,
        None,
    )
    assert free.coupling == IDENTITY
    assert STILL == ROOT.rotations == ROOT.translations
    assert all(axis == Axis(axis.direction, ZERO, None) for axis in STILL)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"segments": (ONE, TWO, TWO)}, "segment 'two' is there 2 times"),
        ({"joints": (ROOT, LINK, Joint("link", "one", "two"))}, "joint 'link' is there 2 times"),
        ({"coordinates": (Coordinate("bend"),) * 3}, "coordinate 'bend' is there 3 times"),
        ({"markers": (Marker("tip", "one", (0, 0, 0)),) * 2}, "marker 'tip' is there 2 times"),
        (
            {"joints": (ROOT, LINK, Joint("far", "one", "wing"))},
            "joint 'far' names the unknown segment 'wing'",
        ),
        ({"joints": (ROOT, Joint("link", "wing", "two"))}, "joint 'link' names the unknown segment 'wing'"),
        (
            {
                "joints": (
                    ROOT,
                    Joint("link", "one", "two", rotations=(Axis((1, 0, 0), IDENTITY, "bend"), *STILL[1:])),
                )
            },
            "joint 'link' names the unknown coordinate 'bend'",
        ),
        (
            {
                "joints": (
                    ROOT,
                    Joint("link", "one", "two", translations=(*STILL[:2], Axis((0, 0, 1), ZERO, "slide"))),
                )
            },
            "joint 'link' names the unknown coordinate 'slide'",
        ),
        (
            {"coordinates": (Coordinate("beta", follows="bend"),)},
            "coordinate 'beta' follows the unknown coordinate 'bend'",
        ),
        ({"markers": (Marker("tip", "wing", (0, 0, 0)),)}, "marker 'tip' sits on the unknown segment 'wing'"),
        ({"joints": (ROOT,)}, "segment 'two' hangs on 0 joints, expected one"),
        (
            {"joints": (ROOT, LINK, Joint("again", GROUND, "two"))},
            "segment 'two' hangs on 2 joints, expected one",
        ),
        (
            {"joints": (Joint("root", "two", "one"), LINK)},
            "segment(s) one, two do not hang on the ground",
        ),
    ],
)
def test_each_fault_is_said_with_its_name(changed, said):
    message = fault_of(**changed)
    assert "Body model 'figure' has" in message
    assert f"- {said}" in message


def test_all_faults_come_in_one_message():
    message = fault_of(
        segments=(ONE, ONE, TWO),
        joints=(ROOT,),
        coordinates=(Coordinate("a", follows="b"),),
        markers=(Marker("tip", "wing", (0, 0, 0)),),
    )
    assert "has 4 fault(s):" in message
    assert message.count("\n- ") == 4


def test_a_ring_that_hangs_nowhere_is_found():
    assert "do not hang on the ground" in fault_of(
        segments=(ONE, TWO, Segment("three", 1.0)),
        joints=(ROOT, Joint("out", "three", "two"), Joint("back", "two", "three")),
    )


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (((0.0, 1.0), (1.0,)), "2 argument.* and 1 value"),
        (((0.0,), (1.0,)), "at least two"),
        (((0.0, 1.0, 1.0), (1.0, 2.0, 3.0)), "do not increase"),
    ],
)
def test_a_spline_needs_increasing_arguments_and_as_many_values(points, message):
    with pytest.raises(BodyModelError, match=message):
        Spline(*points)
