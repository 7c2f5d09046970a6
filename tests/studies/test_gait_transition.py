"""Walking and running near the speed where people change: where they cross, and what is warned of."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.gait_transition import (
    COMPARED,
    find_crossings,
    foretell_transition,
    list_warnings,
    transition_courses,
)
from gaitbook.studies.stride_measures import UNITS
from tests.studies.stride_people import answer, tiny_model

SPEEDS_MPS = (1.6, 2.0, 2.4)


def asked(shift=0.0, people=3):
    """Walking grows by ten per m/s from zero at 2.1 m/s, running stays at zero; people differ by a shift."""
    rows = []
    for person in range(people):
        for group in ("walking", "running"):
            for speed in SPEEDS_MPS:
                value = 10.0 * (speed - 2.1) + shift + person if group == "walking" else 0.0
                beyond = 1.5 if speed > 2.1 and group == "walking" else 1.0
                told = {"subject": f"p{person}", "group": group, "own_mps": 1.3, "speed_mps": speed}
                band = {"value": value, "low": value - 1.0, "high": value + 1.0, "beyond": beyond}
                words = {"warning": "Too fast." if beyond > 1.0 else ""}
                rows += [
                    {**told, **band, **words, "quantity": name, "unit": UNITS[name]} for name in COMPARED
                ]
    return pd.DataFrame(rows)


def test_curves_cross_where_straight_lines_between_speeds_do():
    table = find_crossings(asked(people=1))
    assert table["crossing_mps"].to_numpy() == pytest.approx(2.1)
    assert table["low_mps"].to_numpy() == pytest.approx(2.1)
    assert table["walking"].to_numpy() == pytest.approx(-1.0)
    assert (table["people"] == 1).all()
    assert (table["of"] == 1).all()


def test_people_who_never_cross_are_counted_as_such():
    table = find_crossings(asked(shift=3.5))
    assert table["people"].tolist() == [2] * len(COMPARED)
    assert table["of"].tolist() == [3] * len(COMPARED)
    never = find_crossings(asked(shift=50.0))
    assert never[["crossing_mps", "low_mps", "high_mps"]].isna().all(axis=None)
    assert (never["people"] == 0).all()


def test_courses_are_means_over_people_that_can_be_drawn():
    from gaitbook.figures.speed_courses import plot_speed_courses

    courses = transition_courses(asked())
    one = courses[(courses["group"] == "walking") & (courses["speed_mps"] == 2.0)]
    assert one["value"].to_numpy() == pytest.approx(0.0)
    assert len(one) == len(COMPARED)
    assert plot_speed_courses(courses).figure is not None


def test_only_requests_beyond_the_data_are_warned_of():
    table = list_warnings(asked())
    assert table.to_dict("records") == [
        {"gait": "walking", "speed_mps": 2.4, "wider": 1.5, "warning": "Too fast."}
    ]


def test_every_person_is_asked_for_both_gaits():
    walk = answer()
    speeds = {"walked_mps": (1.3, 2.6), "run_mps": (1.3,)}
    table = foretell_transition([(walk, walk)], tiny_model(), draws=2, processes=1, **speeds)
    assert len(table) == 3 * len(UNITS)
    assert set(table["group"]) == {"walking"}
    fast = table[table["speed_mps"] == 2.6]
    assert fast["warning"].str.contains("beyond what the model has seen walking").all()
    assert (fast["beyond"] > 1.0).all()
    assert np.isfinite(table.loc[table["quantity"] == "cadence", "value"]).all()
