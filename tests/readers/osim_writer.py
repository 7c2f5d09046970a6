"""Small OpenSim models, written by hand for the tests: a leg of a pelvis, a thigh and whatever a test adds."""

IDENTITY = '<LinearFunction name="function"><coefficients>1 0</coefficients></LinearFunction>'
SLOTS = ("rotation1", "rotation2", "rotation3", "translation1", "translation2", "translation3")
DIRECTIONS = ("1 0 0", "0 1 0", "0 0 1")


def document(*sets, version=40000):
    return f'<OpenSimDocument Version="{version}"><Model name="leg">{"".join(sets)}</Model></OpenSimDocument>'


def members(kind, *elements):
    return f"<{kind}><objects>{''.join(elements)}</objects><groups/></{kind}>"


def body(name, inner="", mass="<mass>2</mass>", inertia="<inertia>0.1 0.2 0.25 0.01 0.02 0.03</inertia>"):
    return f'<Body name="{name}">{mass}<mass_center>0.1 -0.2 0.3</mass_center>{inertia}{inner}</Body>'


def coordinate(name, default=0.0, limits="-1 2", inner=""):
    return (
        f'<Coordinate name="{name}"><default_value>{default}</default_value>'
        f"<range>{limits}</range>{inner}</Coordinate>"
    )


def offset(name, on, translation="0 0 0", orientation="0 0 0"):
    return (
        f'<PhysicalOffsetFrame name="{name}"><socket_parent>{on}</socket_parent>'
        f"<translation>{translation}</translation><orientation>{orientation}</orientation></PhysicalOffsetFrame>"
    )


def joint(kind, name, parent, child, coordinates="", inner="", frames=""):
    """Joint as of version 4."""
    return (
        f'<{kind} name="{name}"><socket_parent_frame>{parent}</socket_parent_frame>'
        f"<socket_child_frame>{child}</socket_child_frame><coordinates>{coordinates}</coordinates>"
        f"<frames>{frames}</frames>{inner}</{kind}>"
    )


def old_joint(kind, name, parent, coordinates="", inner=""):
    """Joint inside its body, as before version 4."""
    return (
        f'<Joint><{kind} name="{name}"><parent_body>{parent}</parent_body>'
        "<location_in_parent>0.1 0.2 0.3</location_in_parent>"
        "<orientation_in_parent>0.4 0.5 0.6</orientation_in_parent>"
        "<location>0.01 0.02 0.03</location><orientation>-0.1 0.2 -0.3</orientation>"
        f"{members('CoordinateSet', coordinates)}{inner}</{kind}></Joint>"
    )


def transform(**axes):
    """Spatial transform; each given slot is (names of coordinates, direction, function)."""
    lines = []
    for index, slot in enumerate(SLOTS):
        still = ("", DIRECTIONS[index % 3], '<Constant name="function"><value>0</value></Constant>')
        names, direction, function = axes.get(slot, still)
        lines.append(
            f'<TransformAxis name="{slot}"><coordinates>{names}</coordinates><axis>{direction}</axis>'
            f"{function}</TransformAxis>"
        )
    return f"<SpatialTransform>{''.join(lines)}</SpatialTransform>"


def coupler(dependent, independent, function, inner=""):
    return (
        '<CoordinateCouplerConstraint name="patella"><coupled_coordinates_function>'
        f"{function}</coupled_coordinates_function>"
        f"<independent_coordinate_names>{independent}</independent_coordinate_names>"
        f"<dependent_coordinate_name>{dependent}</dependent_coordinate_name>{inner}</CoordinateCouplerConstraint>"
    )


def marker(name, frame, location="0.1 0.2 0.3", inner=""):
    return (
        f'<Marker name="{name}"><socket_parent_frame>{frame}</socket_parent_frame>'
        f"<location>{location}</location>{inner}</Marker>"
    )
