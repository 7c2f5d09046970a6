"""Curves of arrows: apart at the nodes, smooth between them, with room for numbers."""

import numpy as np
import pytest

from gaitbook.figures.cause_curves import bend_through, find_ports, room_around, stops_along
from gaitbook.figures.cause_layout import lay_out_causes


def test_arrows_leave_in_the_order_in_which_they_arrive():
    layout = lay_out_causes([("age", "one"), ("age", "two"), ("age", "three")])
    ports = find_ports(layout, apart=0.1, most=1.0)
    leaving = sorted((layout.nodes[effect][1], ports[cause, effect][0]) for cause, effect in ports)
    assert [port for _, port in leaving] == pytest.approx([-0.1, 0.0, 0.1])
    assert all(end == 0.0 for _, end in ports.values())


def test_many_arrows_stay_on_their_node():
    layout = lay_out_causes([("age", f"effect {number}") for number in range(9)])
    ports = [start for start, _ in find_ports(layout, apart=0.1, most=0.3).values()]
    assert max(ports) - min(ports) == pytest.approx(0.3)


def test_a_curve_runs_through_all_points_and_is_level_there():
    points = [(0.0, 0.0), (1.0, 2.0), (3.0, 1.0)]
    curve = bend_through(points)
    assert curve[::3] == points
    for before, at, after in zip(curve[2::3], curve[3::3], curve[4::3], strict=False):
        assert before[1] == at[1] == after[1]


def test_numbers_may_stand_on_the_curve_only():
    stops = np.array(stops_along(bend_through([(0.0, 1.0), (2.0, 1.0)])))
    np.testing.assert_allclose(stops[:, 1], 1.0)
    assert (np.abs(stops[:, 0] - 1.0) < 1.0).all()
    assert tuple(stops[0]) == pytest.approx((1.0, 1.0))


def test_room_grows_with_the_distance_to_other_numbers():
    taken = [(0.0, 0.0, 0.1)]
    rooms = [room_around((0.0, down), (0.1, 0.1), taken) for down in (0.0, 0.05, 0.1, 5.0)]
    assert rooms == sorted(rooms)
    assert (rooms[0], rooms[-1]) == (0.0, 1.0)
