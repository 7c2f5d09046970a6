"""Groups of people at other speeds, and the simple ways beside the model."""

import pandas as pd
import pytest

from gaitbook.studies.known_changes import can_run
from gaitbook.studies.speed_people import (
    LAWS,
    MIXED,
    foretell_groups,
    measure_groups,
    pair_gaits,
    runner_numbers,
    simple_ways,
)
from tests.studies.stride_people import FASTER, answer, tiny_model


@pytest.fixture(scope="module")
def faster():
    known = answer()
    return known._replace(answers=((FASTER, dict(known.answers)[FASTER]),))


@pytest.fixture(scope="module")
def table(faster):
    groups = {"walking": [faster], "nobody": []}
    return foretell_groups(groups, tiny_model(), draws=2, processes=1)


def test_runners_are_the_first_who_can_run():
    numbers = runner_numbers(4)
    assert numbers == [each for each in range(numbers[-1] + 1) if can_run(each)]
    assert min(runner_numbers(2, first=400)) >= 400


def test_people_are_paired_by_name(faster):
    other = faster._replace(stride=faster.stride.assign_attrs(subject="somebody else"))
    assert pair_gaits([faster, other], [faster]) == [(faster, faster)]


def test_groups_of_nobody_are_left_out(table):
    assert set(table["group"]) == {"walking"}
    assert set(table["speed_mps"]) == {1.6}


def test_nobody_at_all_is_refused():
    with pytest.raises(ValueError, match="nobody in any group: give at least one person"):
        foretell_groups({"nobody": []}, tiny_model())


def test_numbers_to_learn_from_are_those_that_are_foretold_against(faster, table):
    measured = measure_groups({"walking": [faster]}, tiny_model(), processes=1)
    assert set(measured["speed_mps"]) == {1.2, 1.6}
    fast = measured[measured["speed_mps"] == 1.6].set_index("quantity")["value"]
    true = table.set_index("quantity")["true"]
    assert fast.to_dict() == pytest.approx(true.loc[fast.index].to_dict())
    own = measured[measured["speed_mps"] == 1.2].set_index("quantity")["value"]
    assert own.to_dict() == pytest.approx(table.set_index("quantity")["own"].loc[own.index].to_dict())


def test_nobody_to_learn_from_leaves_an_empty_table():
    assert measure_groups({"walking": []}, tiny_model()).empty


def test_simple_ways_answer_at_the_speeds_foretold_and_the_own_one(faster, table):
    learned = measure_groups({"walking": [faster]}, tiny_model(), processes=1)
    few = learned[learned["quantity"].isin(["cadence", "stride_length"])]
    others = [few.assign(subject=f"p{each}", value=few["value"] * (1.0 + 0.01 * each)) for each in range(4)]
    chosen = table[
        table["quantity"].isin(["cadence", "stride_length", "contact_time", "peak_vertical_force"])
    ]
    laws = simple_ways(chosen, few.iloc[:0])
    assert set(laws["way"]) == {LAWS}
    assert set(laws["speed_mps"]) == {1.2, 1.6}
    own = laws[laws["speed_mps"] == 1.2].set_index("quantity")["value"]
    assert own.to_dict() == pytest.approx(chosen.set_index("quantity")["own"].to_dict())
    short = chosen.assign(group="walking")
    every = learned[learned["quantity"].isin(chosen["quantity"])]
    taught = pd.concat([every.assign(subject=f"p{each}", value=every["value"] + each) for each in range(4)])
    both = simple_ways(short, pd.concat([taught, *others[:0]]))
    assert set(both["way"]) == {LAWS, MIXED}
