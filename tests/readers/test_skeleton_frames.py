"""Who is the person recorded."""

import numpy as np

from gaitbook.readers.skeleton_frames import follow_body

STANDING = np.array([[0.0, 0, 0], [0, 1, 0], [0, 1.6, 0]])


def bodies(places: list[tuple[int, int, float]]):
    """Rows of (frame, number, place)."""
    frame, number = (np.array(column) for column in list(zip(*places, strict=True))[:2])
    return frame, number, np.array([np.add(STANDING, (x, 0, 0)) for _, _, x in places])


def test_a_person_alone_is_followed_without_a_word():
    followed = follow_body(*bodies([(index, 4, 0.0) for index in range(5)]), frames=5)
    assert followed.rows.tolist() == [0, 1, 2, 3, 4]
    assert followed.log == ()


def test_numbers_that_two_people_exchange_do_not_exchange_the_people():
    places = [(f, n if f < 6 else 3 - n, x) for f in range(10) for n, x in ((1, 0.0), (2, 2.0))]
    followed = follow_body(*bodies(places[:-1]), frames=10)
    assert [places[row][2] for row in followed.rows if row >= 0].count(0.0) in (0, 10)
    assert "switched 1 time(s)" in followed.log[0]


def test_somebody_else_is_not_taken_for_a_person_who_left():
    places = [(f, 1, 0.0) for f in range(20) if f not in range(8, 16)] + [(f, 2, 0.8) for f in range(5, 16)]
    frame, number, position = bodies(sorted(places))
    followed = follow_body(frame, number, position, frames=20)
    assert (followed.rows[8:16] == -1).all()
    assert set(number[followed.rows[followed.rows >= 0]]) == {1}


def test_the_person_is_followed_backward_too():
    places = [(f, 9 if f < 5 else 1, 0.01 * f) for f in range(20)]
    assert follow_body(*bodies(places), frames=20).rows.tolist() == list(range(20))


def test_nobody_is_nobody():
    empty = np.zeros(0, dtype=int)
    followed = follow_body(empty, empty, np.zeros((0, 3, 3)), frames=3)
    assert followed.rows.tolist() == [-1, -1, -1]
    assert followed.log == ("no body was seen",)
