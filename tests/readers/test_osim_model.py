import logging

import numpy as np
import pytest

from gaitbook.body_model import IDENTITY, BodyModelError, Polynomial, Spline
from gaitbook.mechanics.body import compile_body
from gaitbook.mechanics.kinematics import forward_kinematics, joint_centers, marker_positions
from gaitbook.readers.osim_model import read_body
from tests.readers import osim_writer as osim
from tests.readers.osim_oracle import MIXED, RADIANS, Witness

PELVIS = osim.body("pelvis")
THIGH = osim.body("thigh")
TURN = "<LinearFunction name='function'><coefficients>1 0</coefficients></LinearFunction>"
KNOTS = "<x>-1 0 1 2.5 3</x><y>0.1 0.3 -0.2 0.5 0.4</y>"
ROOT = osim.joint("PinJoint", "root", "/ground", "/bodyset/pelvis", osim.coordinate("tilt"))
FLEXION = osim.coordinate("flexion")
ROUNDING_M = 1e-9


def write(folder, content, name="leg.osim", encoding="utf-8"):
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


def leg(*joints, bodies=(PELVIS, THIGH), sets=()):
    """Version 4 model: pelvis on the ground, then the joints of the test."""
    return osim.document(osim.members("BodySet", *bodies), osim.members("JointSet", ROOT, *joints), *sets)


def hip(inner, coordinates=FLEXION, kind="CustomJoint"):
    return osim.joint(kind, "hip", "/bodyset/pelvis", "/bodyset/thigh", coordinates, inner)


def moved_by(function, names="flexion", slot="rotation1", direction="0 0 1"):
    return hip(osim.transform(**{slot: (names, direction, function)}))


PIN_HIP = hip("", kind="PinJoint")


def hip_of(folder, *joints, **parts):
    model = read_body(write(folder, leg(*joints, **parts)))
    return model.joints[-1]


def message_of(folder, content):
    with pytest.raises(BodyModelError) as error:
        read_body(write(folder, content))
    return str(error.value)


def test_bodies_become_segments_in_order(tmp_path):
    model = read_body(write(tmp_path, leg(PIN_HIP)))
    assert model.name == "leg"
    assert [segment.name for segment in model.segments] == ["pelvis", "thigh"]
    assert model.mass_kg == 4.0
    assert model.segments[0].center_m == (0.1, -0.2, 0.3)
    assert model.segments[0].inertia_kgm2 == (0.1, 0.2, 0.25, 0.01, 0.02, 0.03)


def test_six_single_moments_of_inertia_are_read(tmp_path):
    single = "".join(f"<inertia_{term}>{value}</inertia_{term}>" for term, value in [("xx", 1), ("yz", 0.5)])
    model = read_body(write(tmp_path, leg(bodies=(osim.body("pelvis", inertia=single),))))
    assert model.segments[0].inertia_kgm2 == (1.0, 0.0, 0.0, 0.0, 0.0, 0.5)


def test_coordinates_keep_default_range_lock_and_order(tmp_path):
    locked = osim.coordinate("flexion", 0.3, "2 -1", "<locked> True </locked><clamped>true</clamped>")
    model = read_body(write(tmp_path, leg(hip("", locked, "PinJoint"))))
    tilt, flexion = model.coordinates
    assert (tilt.name, tilt.locked, tilt.is_rotation) == ("tilt", False, True)
    assert (flexion.default, flexion.low, flexion.high, flexion.locked) == (0.3, -1.0, 2.0, True)


def test_a_coordinate_without_range_has_no_limits(tmp_path):
    model = read_body(write(tmp_path, leg(hip("", '<Coordinate name="flexion"/>', "PinJoint"))))
    assert (model.coordinates[-1].low, model.coordinates[-1].high) == (-np.inf, np.inf)


@pytest.mark.parametrize(
    ("kind", "rotations", "translations"),
    [
        ("WeldJoint", {}, {}),
        ("PinJoint", {0: ("a", "z")}, {}),
        ("SliderJoint", {}, {0: ("a", "x")}),
        ("UniversalJoint", {0: ("a", "x"), 1: ("b", "y")}, {}),
        ("GimbalJoint", {0: ("a", "x"), 1: ("b", "y"), 2: ("c", "z")}, {}),
        ("PlanarJoint", {0: ("a", "z")}, {0: ("b", "x"), 1: ("c", "y")}),
    ],
)
def test_joints_with_fixed_axes_move_along_theirs(tmp_path, kind, rotations, translations):
    names = "abc"[: len(rotations) + len(translations)]
    joint = hip_of(tmp_path, hip("", "".join(osim.coordinate(name) for name in names), kind))
    for axes, expected in ((joint.rotations, rotations), (joint.translations, translations)):
        found = {
            place: (axis.coordinate, "xyz"[axis.direction.index(1.0)])
            for place, axis in enumerate(axes)
            if axis.coordinate
        }
        assert found == expected
        assert all(axis.function == IDENTITY for axis in axes if axis.coordinate)


def test_a_coordinate_that_a_joint_does_not_list_is_named_after_it(tmp_path):
    model = read_body(write(tmp_path, leg(hip("", "", "PinJoint"))))
    assert model.coordinates[-1].name == "hip_coord_0"
    assert model.coordinates[-1].is_rotation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<LinearFunction name='function'><coefficients>2 0.5</coefficients></LinearFunction>", (0.5, 2.0)),
        (
            "<PolynomialFunction name='function'><coefficients>3 2 1</coefficients></PolynomialFunction>",
            (1, 2, 3),
        ),
        (
            "<MultiplierFunction name='function'><function><LinearFunction><coefficients>2 1</coefficients>"
            "</LinearFunction></function><scale>0.5</scale></MultiplierFunction>",
            (0.5, 1.0),
        ),
        (
            "<function><MultiplierFunction><scale>3</scale><MultiplierFunction name='function'><scale>2</scale>"
            "<LinearFunction name='function'><coefficients>1 0</coefficients></LinearFunction></MultiplierFunction>"
            "</MultiplierFunction></function>",
            (0.0, 6.0),
        ),
        ("", (0.0, 1.0)),
    ],
    ids=["linear", "polynomial, highest first", "multiplier", "multiplier of a multiplier", "none"],
)
def test_functions_become_polynomials_from_the_constant_upward(tmp_path, text, expected):
    axis = hip_of(tmp_path, moved_by(text)).rotations[0]
    assert axis.function == Polynomial(expected)
    assert axis.coordinate == "flexion"


@pytest.mark.parametrize("kind", ["SimmSpline", "NaturalCubicSpline", "natCubicSpline"])
def test_splines_keep_their_knots_and_take_the_factor(tmp_path, kind):
    scaled = (
        f"<MultiplierFunction name='function'><function><{kind}>{KNOTS}</{kind}></function>"
        "<scale>2</scale></MultiplierFunction>"
    )
    joint = hip_of(tmp_path, moved_by(scaled, slot="translation2"))
    assert joint.translations[1].function == Spline((-1, 0, 1, 2.5, 3), (0.2, 0.6, -0.4, 1.0, 0.8))


def test_a_constant_moves_without_a_coordinate_and_axes_become_unit_vectors(tmp_path):
    constant = "<Constant name='function'><value>0.25</value></Constant>"
    joint = hip_of(tmp_path, moved_by(constant, slot="translation1", direction="0 3 4"))
    axis = joint.translations[0]
    assert (axis.function, axis.coordinate, axis.direction) == (Polynomial((0.25,)), None, (0.0, 0.6, 0.8))


@pytest.mark.parametrize(
    ("slots", "is_rotation"),
    [
        ({"rotation1": TURN}, True),
        ({"translation1": TURN}, False),
        ({"rotation2": f"<SimmSpline name='function'>{KNOTS}</SimmSpline>", "translation1": TURN}, False),
        ({"rotation2": TURN, "translation1": f"<SimmSpline name='function'>{KNOTS}</SimmSpline>"}, True),
        ({"translation3": f"<SimmSpline name='function'>{KNOTS}</SimmSpline>"}, False),
        ({"rotation3": f"<SimmSpline name='function'>{KNOTS}</SimmSpline>"}, True),
    ],
)
def test_a_coordinate_is_an_angle_if_it_turns_the_child(tmp_path, slots, is_rotation):
    axes = {slot: ("flexion", "0 0 1", function) for slot, function in slots.items()}
    model = read_body(write(tmp_path, leg(hip(osim.transform(**axes)))))
    assert model.coordinates[-1].is_rotation is is_rotation


def test_the_motion_type_of_older_files_decides(tmp_path):
    stated = osim.coordinate("flexion", inner="<motion_type>translational</motion_type>")
    inner = osim.transform(rotation1=("flexion", "0 0 1", TURN))
    assert not read_body(write(tmp_path, leg(hip(inner, stated)))).coordinates[-1].is_rotation


@pytest.mark.parametrize("path", ["pelvis_offset", "/jointset/hip/pelvis_offset", "../hip/pelvis_offset"])
def test_offset_frames_of_a_joint_are_found_by_any_path(tmp_path, path):
    frames = osim.offset("pelvis_offset", "/bodyset/pelvis", "1 2 3", "0.1 0.2 0.3")
    other = osim.offset("pelvis_offset", "/bodyset/pelvis", "9 9 9")
    pelvis = osim.body("pelvis", f"<components>{other}</components>")
    joint = osim.joint("PinJoint", "hip", path, "/bodyset/thigh", osim.coordinate("flexion"), frames=frames)
    found = hip_of(tmp_path, joint, bodies=(pelvis, THIGH))
    assert (found.parent, found.parent_position, found.parent_rotation) == (
        "pelvis",
        (1, 2, 3),
        (0.1, 0.2, 0.3),
    )
    assert (found.child, found.child_position, found.child_rotation) == ("thigh", (0, 0, 0), (0, 0, 0))


def test_offsets_on_offsets_are_put_together(tmp_path):
    quarter = np.pi / 2
    outer = osim.offset("socket", "..", "0 1 0", f"0 0 {quarter}")
    pelvis = osim.body("pelvis", f"<components>{outer}</components>")
    inner = osim.offset("pelvis_offset", "/bodyset/pelvis/socket", "0.5 0 0", f"0 0 {quarter}")
    joint = osim.joint("PinJoint", "hip", "pelvis_offset", "thigh", osim.coordinate("flexion"), frames=inner)
    found = hip_of(tmp_path, joint, bodies=(pelvis, THIGH))
    np.testing.assert_allclose(found.parent_position, [0, 1.5, 0], atol=1e-15)
    np.testing.assert_allclose(np.abs(found.parent_rotation), [0, 0, np.pi], atol=1e-15)


def test_offsets_at_a_right_angle_lose_no_turn(tmp_path):
    outer = osim.offset("socket", "pelvis", "0 0 0", f"0.3 {np.pi / 2} 0.2")
    inner = osim.offset("pelvis_offset", "/bodyset/pelvis/socket", "0 0 0", "0 0 0.4")
    pelvis = osim.body("pelvis", f"<components>{outer}</components>")
    joint = osim.joint("PinJoint", "hip", "pelvis_offset", "thigh", osim.coordinate("flexion"), frames=inner)
    found = hip_of(tmp_path, joint, bodies=(pelvis, THIGH))
    np.testing.assert_allclose(found.parent_rotation, [0.9, np.pi / 2, 0], atol=1e-7)


def test_a_frame_of_a_unique_name_is_found_anywhere(tmp_path):
    frame = f"<components>{osim.offset('socket', '/bodyset/pelvis', '1 2 3')}</components>"
    joint = osim.joint("PinJoint", "hip", "/socket", "/bodyset/thigh", FLEXION)
    assert hip_of(tmp_path, joint, sets=[frame]).parent_position == (1.0, 2.0, 3.0)


def test_frames_that_hang_on_each_other_in_a_ring_are_refused(tmp_path):
    frames = osim.offset("one", "two") + osim.offset("two", "one")
    joint = osim.joint("PinJoint", "hip", "one", "/bodyset/thigh", FLEXION, frames=frames)
    assert "'hip' names the frame 'one'" in message_of(tmp_path, leg(joint))


def test_the_sockets_of_the_way_to_version_4_are_read(tmp_path):
    ends = (("parent_frame", "pelvis"), ("child_frame", "thigh"))
    named = "".join(
        f"<socket_{end}_connectee_name>{body}</socket_{end}_connectee_name>" for end, body in ends
    )
    listed = "".join(
        f'<Connector name="{end}"><connectee_name>{body}</connectee_name></Connector>' for end, body in ends
    )
    for sockets in (named, f"<connectors>{listed}</connectors>"):
        joint = hip_of(tmp_path, f'<PinJoint name="hip">{sockets}</PinJoint>')
        assert (joint.parent, joint.child) == ("pelvis", "thigh")


def test_joints_and_bodies_among_the_components_count(tmp_path):
    components = f"<components>{THIGH}{PIN_HIP}</components>"
    model = read_body(write(tmp_path, leg(bodies=(PELVIS,), sets=[components])))
    assert [joint.child for joint in model.joints] == ["pelvis", "thigh"]


def old_leg(version, engine=False, inertia="<inertia_xx>0.1</inertia_xx><inertia_yy>0.2</inertia_yy>"):
    """Model of a pin, a custom joint and two markers in the layouts before version 4."""
    spline = f"<NaturalCubicSpline>{KNOTS}</NaturalCubicSpline>"
    axes = {
        "rotation1": ("flexion", "1 0 0", f"<function>{TURN}</function>"),
        "rotation2": ("flexion", "0 1 1", f"<function>{spline}</function>"),
        "translation1": ("shift", "1 0 0", f"<function>{TURN}</function>"),
    }
    inner = osim.transform(**axes) if not engine else old_axes(axes)
    coordinates = osim.coordinate("flexion", inner="<motion_type>rotational</motion_type>") + osim.coordinate(
        "shift", inner="<motion_type>translational</motion_type>"
    )
    inertia += "<inertia_zz>0.25</inertia_zz>"
    bodies = osim.members(
        "BodySet",
        '<Body name="ground"><mass>0</mass><Joint/></Body>',
        osim.body(
            "pelvis", osim.old_joint("PinJoint", "root", "ground", osim.coordinate("tilt")), inertia=inertia
        ),
        osim.body(
            "thigh", osim.old_joint("CustomJoint", "hip", "pelvis", coordinates, inner), inertia=inertia
        ),
    )
    markers = osim.members(
        "MarkerSet",
        '<Marker name="knee"><body>thigh</body><location> 0.1 0.2 0.3 </location><fixed>true</fixed></Marker>',
    )
    if engine:
        bodies = f"<DynamicsEngine><SimbodyEngine>{bodies}{markers}</SimbodyEngine></DynamicsEngine>"
        return osim.document(bodies, version=version)
    return osim.document(bodies, markers, version=version)


def old_axes(axes):
    """Axes as a plain list, as in version 1."""
    listed = [
        f'<TransformAxis name="{slot}">{function}<coordinate>{name}</coordinate><axis>{direction}</axis>'
        f"<is_rotation>{str(slot.startswith('r')).lower()}</is_rotation></TransformAxis>"
        for slot, (name, direction, function) in reversed(axes.items())
    ]
    return osim.members("TransformAxisSet", *listed)


@pytest.mark.parametrize("version", [20303, 30000])
def test_joints_inside_their_bodies_are_read(tmp_path, version):
    model = read_body(write(tmp_path, old_leg(version)))
    root, joint = model.joints
    assert (root.parent, root.child, joint.parent, joint.child) == ("ground", "pelvis", "pelvis", "thigh")
    assert (joint.parent_position, joint.parent_rotation) == ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    assert (joint.child_position, joint.child_rotation) == ((0.01, 0.02, 0.03), (-0.1, 0.2, -0.3))
    assert joint.rotations[0].coordinate == joint.rotations[1].coordinate == "flexion"
    assert isinstance(joint.rotations[1].function, Spline)
    assert [coordinate.is_rotation for coordinate in model.coordinates] == [True, True, False]
    assert (model.markers[0].segment, model.markers[0].fixed) == ("thigh", True)


def test_version_1_lists_axes_without_slots(tmp_path):
    model = read_body(write(tmp_path, old_leg(10900, engine=True)))
    joint = model.joints[-1]
    assert isinstance(joint.rotations[0].function, Spline)
    assert joint.rotations[1].function == IDENTITY
    assert joint.rotations[2].coordinate is None
    assert joint.translations[0].coordinate == "shift"
    assert model.markers[0].name == "knee"


def test_a_coupler_makes_one_coordinate_follow_another(tmp_path):
    spline = f"<SimmSpline>{KNOTS}</SimmSpline>"
    factor = "<scale_factor>2</scale_factor><isEnforced>true</isEnforced>"
    sets = [osim.members("ConstraintSet", osim.coupler("flexion", "tilt", spline, factor))]
    tilt, flexion = read_body(write(tmp_path, leg(PIN_HIP, sets=sets))).coordinates
    assert tilt.follows is None
    assert flexion.follows == "tilt"
    assert flexion.coupling == Spline((-1, 0, 1, 2.5, 3), (0.2, 0.6, -0.4, 1.0, 0.8))


@pytest.mark.parametrize("off", ["<isEnforced>false</isEnforced>", "<isDisabled>true</isDisabled>"])
def test_constraints_that_are_off_do_nothing(tmp_path, off):
    constraints = (
        osim.coupler("flexion", "tilt tilt", IDENTITY, off),
        f'<WeldConstraint name="w">{off}</WeldConstraint>',
    )
    model = read_body(write(tmp_path, leg(PIN_HIP, sets=[osim.members("ConstraintSet", *constraints)])))
    assert all(coordinate.follows is None for coordinate in model.coordinates)


def test_markers_ride_on_bodies_or_offset_frames_and_not_on_the_ground(tmp_path, caplog):
    frame = osim.offset("plate", "..", "1 0 0", f"0 0 {np.pi / 2}")
    thigh = osim.body("thigh", f"<components>{frame}</components>")
    markers = osim.members(
        "MarkerSet",
        osim.marker("knee", "/bodyset/thigh", inner="<fixed>true</fixed>"),
        osim.marker("cluster", "/bodyset/thigh/plate", "0.5 0 0"),
        osim.marker("floor", "/ground"),
    )
    with caplog.at_level(logging.INFO, logger="gaitbook"):
        model = read_body(write(tmp_path, leg(PIN_HIP, bodies=(PELVIS, thigh), sets=[markers])))
    knee, cluster = model.markers
    assert (knee.name, knee.segment, knee.position_m, knee.fixed) == ("knee", "thigh", (0.1, 0.2, 0.3), True)
    assert (cluster.segment, cluster.fixed) == ("thigh", False)
    np.testing.assert_allclose(cluster.position_m, [1, 0.5, 0], atol=1e-15)
    assert "marker floor is fixed to the ground" in caplog.text


def test_everything_else_in_the_model_is_passed_over(tmp_path):
    forces = "<ForceSet><objects><Thelen2003Muscle name='m'><pin>PinJoint</pin></Thelen2003Muscle></objects></ForceSet>"
    defaults = (
        '<defaults><Body name="default"/><BodySet><objects><Body name="d"/></objects></BodySet></defaults>'
    )
    model = read_body(write(tmp_path, leg(PIN_HIP, sets=[forces, defaults])))
    assert [segment.name for segment in model.segments] == ["pelvis", "thigh"]


@pytest.mark.parametrize(
    ("before", "encoding"),
    [
        ("\n  <?xml version='1.0' encoding='UTF-8'?>", "utf-8"),
        ("<?xml version='1.0' encoding='UTF-8'?>", "utf-8-sig"),
        ("<?xml version='1.0' encoding='UTF-8'?>\n<!-- by Müller -->", "latin-1"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><!-- by Müller -->", "latin-1"),
    ],
    ids=["leading blanks", "byte order mark", "wrong encoding", "other encoding"],
)
def test_untidy_files_are_read(tmp_path, before, encoding):
    assert read_body(write(tmp_path, before + leg(PIN_HIP), encoding=encoding)).mass_kg == 4.0


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file .*nobody\.osim"):
        read_body(tmp_path / "nobody.osim")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("time\tknee\n0\t1\n", "is no XML that can be read"),
        ("<OpenSimDocument><Model>", "is no XML that can be read"),
        (
            "<OpenSimDocument><ScaleTool/></OpenSimDocument>",
            "holds no <Model> (its root is <OpenSimDocument>)",
        ),
        (osim.document(osim.members("BodySet", PELVIS)), "1 bodies, but no joint"),
    ],
    ids=["a table", "cut off", "a setup file", "no joints"],
)
def test_files_that_are_no_models_are_refused(tmp_path, content, expected):
    assert expected in message_of(tmp_path, content)


def test_all_that_is_not_supported_is_listed_at_once(tmp_path):
    knee = "<PiecewiseLinearFunction name='function'><x>0 1</x><y>0 1</y></PiecewiseLinearFunction>"
    sine = "<Sine name='function'/>"
    inner = osim.transform(rotation1=("flexion", "0 0 1", knee), translation2=("flexion", "0 1 0", sine))
    ankle = osim.joint("BallJoint", "ankle", "/bodyset/thigh", "/bodyset/foot")
    toes = osim.joint("ScapulothoracicJoint", "toes", "/bodyset/foot", "/bodyset/toes")
    weld = osim.members("ConstraintSet", '<PointConstraint name="buckle"/>')
    bodies = (PELVIS, THIGH, osim.body("foot"), osim.body("toes"))
    message = message_of(tmp_path, leg(hip(inner), ankle, toes, bodies=bodies, sets=[weld]))
    assert "leg.osim" in message
    assert "5 thing(s)" in message
    assert "joint 'ankle' is of type BallJoint" in message
    assert "joint 'toes' is of type ScapulothoracicJoint" in message
    assert "joint 'hip', rotation1: functions of type PiecewiseLinearFunction are not supported" in message
    assert "joint 'hip', translation2: functions of type Sine are not supported" in message
    assert "constraint 'buckle' is of type PointConstraint" in message
    assert "Replace these in OpenSim" in message


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (leg(hip("<reverse>true</reverse>", kind="PinJoint")), "joint 'hip' is reversed"),
        (
            leg(osim.joint("PinJoint", "hip", "/bodyset/pelvis", "/ground")),
            "reversed (its child is the ground)",
        ),
        (leg(osim.joint("PinJoint", "hip", "shank", "thigh")), "'hip' names the frame 'shank'"),
        (leg(osim.joint("PinJoint", "hip", "", "thigh")), "'hip' names the frame ''"),
        (leg(moved_by(TURN, "")), "rotation1: its function has 0 coordinates"),
        (leg(moved_by(TURN, "flexion tilt")), "its function has 2 coordinates (flexion tilt)"),
        (leg(moved_by(TURN, direction="0 0 0")), "the axis has no direction"),
        (leg(moved_by(TURN, direction="0 1")), "<axis> should be 3 numbers, but is 2"),
        (leg(moved_by(TURN, direction="up")), "<axis> should be numbers, but is 'up'"),
        (leg(moved_by(TURN.replace("1 0", "1 2 3"))), "LinearFunction has 3 coefficients"),
        (leg(moved_by("<PolynomialFunction name='function'/>")), "PolynomialFunction has no coefficients"),
        (leg(moved_by("<MultiplierFunction name='function'/>")), "MultiplierFunction holds no function"),
        (leg(moved_by("<SimmSpline name='function'><x>0 1</x><y>1</y></SimmSpline>")), "has 2 x and 1 y"),
        (leg(moved_by("<SimmSpline name='function'><x>1 1</x><y>1 2</y></SimmSpline>")), "do not increase"),
        (leg(PIN_HIP, bodies=(PELVIS, osim.body("thigh", mass=""))), "body 'thigh' has no mass"),
        (leg(bodies=(osim.body("pelvis", inertia="<inertia>1 2</inertia>"),)), "2 moments of inertia"),
        (
            leg(bodies=(osim.body("pelvis", mass="<mass>2 kg</mass>"),)),
            "Body 'pelvis': <mass> should be numbers, but is '2 kg'",
        ),
        (
            leg(sets=[osim.members("MarkerSet", osim.marker("knee", "shank"))]),
            "'marker knee' names the frame 'shank'",
        ),
        (
            old_leg(10900, engine=True)
            .replace("is_rotation>false", "is_rotation>true")
            .replace(
                "</objects><groups/></TransformAxisSet>",
                "<TransformAxis name='r4'><is_rotation>true</is_rotation></TransformAxis></objects></TransformAxisSet>",
            ),
            "more than three",
        ),
    ],
)
def test_what_contradicts_itself_is_named(tmp_path, content, expected):
    assert expected in message_of(tmp_path, content)


@pytest.mark.parametrize(
    ("constraints", "expected"),
    [
        ([osim.coupler("flexion", "tilt tilt", osim.IDENTITY)], "2 independent coordinates (tilt tilt)"),
        ([osim.coupler("flexion", "yaw", osim.IDENTITY)], "names coordinates that no joint has: yaw"),
        ([osim.coupler("flexion", "tilt", "")], "coupler 'patella' has no function"),
        ([osim.coupler("flexion", "tilt", osim.IDENTITY)] * 2, "coordinate 'flexion' is coupled 2 times"),
        (
            [osim.coupler("flexion", "tilt", osim.IDENTITY), osim.coupler("tilt", "flexion", osim.IDENTITY)],
            "coordinate 'flexion' follows 'tilt', which follows another itself",
        ),
        (['<WeldConstraint name="belt"/>'], "constraint 'belt' is of type WeldConstraint"),
    ],
)
def test_constraints_that_cannot_be_kept_are_named(tmp_path, constraints, expected):
    sets = [osim.members("ConstraintSet", *constraints)]
    assert expected in message_of(tmp_path, leg(PIN_HIP, sets=sets))


def test_a_body_on_two_joints_is_refused_with_the_name_of_the_file(tmp_path):
    second = osim.joint("PinJoint", "loop", "/ground", "/bodyset/thigh", osim.coordinate("swing"))
    message = message_of(tmp_path, leg(PIN_HIP, second))
    assert "leg.osim" in message
    assert "segment 'thigh' hangs on 2 joints" in message


def test_a_body_without_a_joint_is_refused(tmp_path):
    assert "segment 'thigh' hangs on 0 joints" in message_of(tmp_path, leg())


def every_joint():
    """One chain through all joint and function types, with offset frames and a coupler."""
    kinds = {"WeldJoint": 0, "SliderJoint": 1, "UniversalJoint": 2, "GimbalJoint": 3, "PlanarJoint": 3}
    bodies, joints, parent = [PELVIS], [ROOT], "pelvis"
    for place, (kind, count) in enumerate(kinds.items()):
        coordinates = "".join(osim.coordinate(f"q{place}{index}") for index in range(count))
        frames = osim.offset("before", f"/bodyset/{parent}", "0.1 0.2 0.3", "0.5 -0.4 0.3")
        frames += osim.offset("after", f"/bodyset/b{place}", "-0.3 0.1 0.2", "0.2 0.6 -0.8")
        bodies.append(osim.body(f"b{place}"))
        joints.append(osim.joint(kind, f"j{place}", "before", "after", coordinates, frames=frames))
        parent = f"b{place}"
    spline, scaled = (f"<SimmSpline {name}>{KNOTS}</SimmSpline>" for name in ("name='function'", ""))
    axes = {
        "rotation1": ("bend", "0.6 0 0.8", osim.IDENTITY),
        "rotation2": ("bend", "0 1 0", spline),
        "rotation3": (
            "twist",
            "1 0 0",
            "<PolynomialFunction name='function'><coefficients>0.3 -1 0.2</coefficients></PolynomialFunction>",
        ),
        "translation1": (
            "bend",
            "1 0 0",
            f"<MultiplierFunction name='function'><function>{scaled}</function><scale>0.7</scale></MultiplierFunction>",
        ),
        "translation2": ("", "0 1 0", "<Constant name='function'><value>0.4</value></Constant>"),
        "translation3": (
            "twist",
            "0 0 1",
            "<LinearFunction name='function'><coefficients>2 0.1</coefficients></LinearFunction>",
        ),
    }
    bodies.append(osim.body("last"))
    joints.append(
        osim.joint(
            "CustomJoint",
            "end",
            f"/bodyset/{parent}",
            "/bodyset/last",
            osim.coordinate("bend", limits="-2 4") + osim.coordinate("twist"),
            osim.transform(**axes),
        )
    )
    return osim.document(
        osim.members("BodySet", *bodies),
        osim.members("JointSet", *joints),
        osim.members(
            "ConstraintSet", osim.coupler("q10", "bend", scaled, "<scale_factor>0.5</scale_factor>")
        ),
        osim.members("MarkerSet", osim.marker("tip", "/bodyset/last"), osim.marker("hub", "/bodyset/b2")),
    )


def assert_agrees(path, rounding_m=ROUNDING_M):
    """The file says the same to OpenSim, and its parts go to the same places in random poses."""
    model, witness = read_body(path), Witness(path)
    assert [coordinate.getName() for coordinate in witness.coordinates] == [c.name for c in model.coordinates]
    for ours, theirs in zip(model.coordinates, witness.coordinates, strict=True):
        assert ours.default == theirs.getDefaultValue()
        assert (ours.low, ours.high) == (theirs.getRangeMin(), theirs.getRangeMax())
        assert ours.locked == theirs.getDefaultLocked()
        kind = theirs.getMotionType()
        assert kind == MIXED or ours.is_rotation == (kind == RADIANS)
    bodies = {body.getName(): witness.segment(body) for body in witness.bodies}
    for segment in model.segments:
        own = [segment.mass_kg, *segment.center_m, *segment.inertia_kgm2]
        np.testing.assert_allclose(own, bodies.pop(segment.name), atol=1e-15)
    assert not bodies
    assert {joint.name for joint in model.joints} == {joint.getName() for joint in witness.joints}
    assert_places_agree(model, witness, rounding_m)


def assert_places_agree(model, witness, rounding_m):
    import torch

    compiled = compile_body(model)
    generator = np.random.default_rng(seed=7)
    low, high = (
        np.clip([getattr(coordinate, end) for coordinate in model.coordinates], -2.5, 2.5)
        for end in ("low", "high")
    )
    for _ in range(5):
        values = generator.uniform(low, high)
        pose = forward_kinematics(compiled, torch.as_tensor(values))
        expected = witness.place(dict(zip(compiled.coordinate_names, values, strict=True)))
        for names, found, places in (
            (compiled.segment_names, pose.position, expected.segments),
            (compiled.joint_names, joint_centers(compiled, pose), expected.joints),
            (compiled.marker_names, marker_positions(compiled, pose), expected.markers),
        ):
            assert set(names) == set(places)
            for name, position in zip(names, found, strict=True):
                np.testing.assert_allclose(position, places[name], atol=rounding_m, err_msg=name)


@pytest.mark.parametrize(
    "content",
    [every_joint(), old_leg(30000), old_leg(20303), old_leg(10904)],
    ids=["every joint type", "version 3", "version 2", "late version 1"],
)
def test_opensim_reads_hand_made_models_alike(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    assert_agrees(write(tmp_path, content))


@pytest.mark.parametrize("count", [2, 3, 4])
def test_opensim_agrees_on_splines_of_few_knots(tmp_path, monkeypatch, count):
    monkeypatch.chdir(tmp_path)
    x, y = (" ".join(knots.split()[:count]) for knots in ("-1 0 1 1.5", "0.1 0.3 -0.2 0.5"))
    curve = f"<SimmSpline name='function'><x>{x}</x><y>{y}</y></SimmSpline>"
    axes = {"rotation3": ("flexion", "0 0 1", TURN), "translation2": ("flexion", "0 1 0", curve)}
    wide = osim.coordinate("flexion", limits="-2 3")
    assert_agrees(write(tmp_path, leg(hip(osim.transform(**axes), wide))))


MASSES_KG = {
    "arnold2013/subject01/subject01.osim": 72.84,
    "arnold2013/subject02/subject02.osim": 76.48,
    "arnold2013/subject04/subject04.osim": 80.30,
    "gaitdynamics-examples/7e8622_example_opensim_model.osim": 71.527463,
    "gaitdynamics-examples/f8ca50_example_opensim_model.osim": 71.527463,
    "hamner/final.osim": 72.84,
    "opencap/Models/final.osim": 75.319608,
}


def model_of(real_data, place):
    if not (real_data / place).is_file():
        pytest.skip(f"{place} is absent from the real recordings")
    return real_data / place


@pytest.mark.real_data
@pytest.mark.parametrize("place", MASSES_KG)
def test_real_models_have_the_mass_of_their_person(real_data, place):
    model = read_body(model_of(real_data, place))
    assert model.mass_kg == pytest.approx(MASSES_KG[place], abs=1e-5)
    assert {"pelvis", "femur_r", "tibia_l", "calcn_r"} <= {segment.name for segment in model.segments}
    shifts = {coordinate.name for coordinate in model.coordinates if not coordinate.is_rotation}
    assert shifts == {"pelvis_tx", "pelvis_ty", "pelvis_tz"}


@pytest.mark.real_data
def test_every_real_model_is_read(real_data):
    for path in sorted(real_data.rglob("*.osim")):
        assert read_body(path).mass_kg > 0.0, path


@pytest.mark.real_data
@pytest.mark.parametrize("place", MASSES_KG)
def test_opensim_reads_real_models_alike(real_data, tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    assert_agrees(model_of(real_data, place))
