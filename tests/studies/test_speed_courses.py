"""Tables of what speed does, from people whose numbers are known in closed form."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.speed_changes import COMPARED, RISING
from gaitbook.studies.speed_courses import (
    PUBLISHED,
    WORDS,
    beside_published,
    cover_speeds,
    list_wins,
    mean_ratio,
    say_quantity,
    tabulate_courses,
    tabulate_errors,
    tabulate_rises,
)
from gaitbook.studies.speed_people import LAWS, MIXED

SPEEDS_MPS = (3.0, 5.0)
GROUPS = ("running, simulated", "running, recorded")
PEOPLE = 5


def foretold(value=lambda true: true, *, half=1.0, groups=GROUPS, quantities=tuple(WORDS)):
    """People whose numbers grow by two per m/s, and are foretold by a function of the truth."""
    rows = []
    for group in groups:
        for person in range(PEOPLE):
            for speed in SPEEDS_MPS:
                true = 10.0 + person + 2.0 * speed
                told = {"value": value(true), "low": value(true) - half, "high": value(true) + half}
                fixed = {"group": group, "subject": f"p{person}", "gait": "run", "own_mps": 4.0}
                own = {"height_m": 1.7, "own": 18.0 + person, "true": true, "speed_mps": speed}
                rows += [{**fixed, **own, **told, "quantity": name} for name in quantities]
    return pd.DataFrame(rows)


def simple(told, *, laws=2.0, mixed=3.0):
    """Both simple ways, which err by as much as is said."""
    keys = ["group", "subject", "gait", "speed_mps", "quantity"]
    ways = [
        told[keys].assign(way=way, value=told["true"] + off) for way, off in ((LAWS, laws), (MIXED, mixed))
    ]
    return pd.concat(ways, ignore_index=True)


def test_courses_have_all_sources_and_close_at_the_known_speed():
    told = foretold()
    courses = tabulate_courses(told, simple(told))
    one = courses[(courses["group"] == GROUPS[0]) & (courses["quantity"] == "stride length")]
    assert set(one["source"]) == {"foretold", "measured", LAWS, MIXED}
    known = one[(one["source"] == "foretold") & (one["speed_mps"] == 4.0)].iloc[0]
    assert known[["value", "low", "high"]].tolist() == [20.0] * 3
    fast = one[(one["source"] == "foretold") & (one["speed_mps"] == 5.0)].iloc[0]
    assert fast[["value", "low", "high"]].tolist() == [22.0, 21.0, 23.0]
    assert set(one["own_mps"]) == {4.0}
    assert one["unit"].unique().tolist() == ["m"]


def test_courses_come_in_the_order_asked_for_whatever_the_table_has():
    told = foretold().iloc[::-1]
    courses = tabulate_courses(told, simple(told), quantities=["loading_rate", "cadence"])
    assert list(dict.fromkeys(courses["quantity"])) == ["loading rate", "cadence"]


def test_measured_means_have_intervals_over_people_only_where_there_are_several():
    told = foretold()
    courses = tabulate_courses(told, simple(told))
    bars = courses[courses["source"] == "measured"]
    assert (bars["low"] < bars["value"]).all()
    alone = told[told["subject"] == "p0"]
    single = tabulate_courses(alone, simple(alone))
    assert single.loc[single["source"] == "measured", ["low", "high"]].isna().all(axis=None)


def test_courses_can_be_drawn():
    from gaitbook.figures.speed_courses import plot_speed_courses

    told = foretold(quantities=("cadence",))
    assert plot_speed_courses(tabulate_courses(told, simple(told))).figure is not None


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_rises_and_spreads_scale_with_what_is_foretold(factor):
    table = tabulate_rises(foretold(lambda true: factor * true))
    assert table["quantity"].tolist() == [say_quantity(name) for name in RISING] * len(GROUPS)
    assert table["ratio"].to_numpy() == pytest.approx(factor)
    assert table["spread_ratio"].to_numpy() == pytest.approx(factor)
    assert table["true"].to_numpy() == pytest.approx(4.0)
    assert set(zip(table["from_mps"], table["to_mps"], strict=True)) == {SPEEDS_MPS}
    assert set(table["people"]) == {PEOPLE}


def test_a_group_where_nobody_has_both_ends_has_no_rise():
    told = foretold()
    slow = (told["subject"] == "p0") == (told["speed_mps"] == 3.0)
    table = tabulate_rises(told[(told["group"] == GROUPS[0]) | slow])
    assert set(table["group"]) == {GROUPS[0]}
    assert tabulate_rises(told[slow]).empty


def test_errors_name_the_best_way():
    told = foretold(lambda true: true + 1.0)
    errors = tabulate_errors(told, simple(told))
    assert errors[["model", LAWS, MIXED]].drop_duplicates().to_numpy().tolist() == [[1.0, 2.0, 3.0]]
    assert set(errors["best"]) == {"model"}
    assert len(errors) == len(GROUPS) * len(COMPARED)


def test_wins_are_counted_and_what_is_lost_is_named():
    told = foretold(lambda true: true + 1.0)
    ways = simple(told)
    ways.loc[(ways["quantity"] == "contact_time") & (ways["way"] == LAWS), "value"] -= 2.0
    wins = list_wins(tabulate_errors(told, ways))
    assert wins["group"].tolist() == list(GROUPS)
    assert wins["wins"].tolist() == [len(COMPARED) - 1] * 2
    assert wins["simple_is_better"].tolist() == [f"contact time ({LAWS})"] * 2
    assert list_wins(tabulate_errors(told, simple(told)))["simple_is_better"].unique().tolist() == ["none"]


def test_a_way_that_is_missing_in_a_group_does_not_win():
    told = foretold(lambda true: true + 9.0)
    ways = simple(told)
    errors = tabulate_errors(told, ways[(ways["way"] == LAWS) | (ways["group"] == GROUPS[0])])
    there = errors[errors["group"] == GROUPS[1]]
    assert there[MIXED].isna().all()
    assert set(there["best"]) == {LAWS}


def test_coverage_is_that_of_people():
    told = foretold(lambda true: true + 2.0)
    inside = told["subject"].isin(["p0", "p1"])
    told.loc[inside, "high"] = np.inf
    told.loc[inside, "low"] = -np.inf
    cover = cover_speeds(told)
    assert list(cover) == list(GROUPS)
    assert cover[GROUPS[0]].value == pytest.approx(40.0)
    assert (cover[GROUPS[0]].n, cover[GROUPS[0]].unit) == (PEOPLE, "%")


def test_the_mean_spread_is_told_by_group():
    assert mean_ratio(foretold(lambda true: 0.3 * true)) == pytest.approx(dict.fromkeys(GROUPS, 0.3))


def test_ratios_stand_beside_the_published_ones():
    table = beside_published(tabulate_rises(foretold())).set_index("quantity")
    assert list(table) == ["GaitDynamics, 3 to 5 m/s", *sorted(GROUPS)] or list(table)[1:] == list(GROUPS)
    assert set(table.index) == {say_quantity(name) for name in PUBLISHED}
    assert table.loc["stride length"].iloc[0] == pytest.approx(1.21 / 0.78)
    assert table[list(GROUPS)].to_numpy() == pytest.approx(1.0)


def test_numbers_without_a_name_of_their_own_are_said_plainly():
    assert say_quantity("peak_hip_flexion") == "peak hip flexion"
