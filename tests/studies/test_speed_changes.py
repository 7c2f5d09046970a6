import numpy as np
import pandas as pd
import pytest

from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies import known_changes
from gaitbook.studies.changed_strides import fill_stride
from gaitbook.studies.known_changes import KnownAnswer
from gaitbook.studies.speed_baselines import scaling_laws
from gaitbook.studies.speed_changes import (
    COLUMNS,
    COMPARED,
    RISING,
    foretell_speeds,
    own_numbers,
    rises,
    simulated_at_speeds,
    speed_errors,
    spreads,
    true_numbers,
)
from gaitbook.studies.stride_measures import UNITS, measure_strides
from tests.studies.stride_people import FASTER, answer, tiny_model

SPEEDS_MPS = (2.5, 4.5)
PEOPLE = 12


def foretold(value=lambda true: true, *, people=PEOPLE, quantity="contact_time", seed=0):
    """People whose number is drawn at each speed, and foretold by a function of the truth."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(people):
        base, rise = random.normal(10.0, 1.0), random.normal(4.0, 0.5)
        for speed in SPEEDS_MPS:
            true = base + rise * (speed == SPEEDS_MPS[1])
            told = {"value": value(true), "low": -np.inf, "high": np.inf, "true": true}
            fixed = {"subject": f"p{number}", "gait": "run", "own_mps": 3.5, "height_m": 1.7}
            rows.append({**fixed, "speed_mps": speed, "quantity": quantity, "own": base + 1.0, **told})
    return pd.DataFrame(rows)[list(COLUMNS)]


def rise(table, **options):
    (row,) = rises(table, *SPEEDS_MPS, **options).to_dict("records")
    return row


@pytest.fixture(scope="module")
def walkers():
    """One walker, told by 1.2 m/s, at two speeds that read the same in words, and at another."""
    known = answer()
    slow, fast = known.true_own, dict(known.answers)[FASTER]
    asked = ((GaitChange(speed_mps=1.212), slow), (GaitChange(speed_mps=1.214), fast), (FASTER, fast))
    assert asked[0][0].label == asked[1][0].label
    return KnownAnswer(known.stride, known.body, known.true_own, asked)


@pytest.fixture(scope="module")
def table(walkers):
    return foretell_speeds([walkers, walkers], tiny_model(), draws=3, processes=1, progress=False)


def test_every_number_is_foretold_once_at_every_speed(table):
    assert list(table) == list(COLUMNS)
    one = table.iloc[: len(table) // 2]
    assert len(one) == 3 * len(UNITS)
    assert not one.duplicated(["speed_mps", "quantity"]).any()
    assert one["speed_mps"].unique().tolist() == [1.212, 1.214, 1.6]
    assert set(table["quantity"]) == set(UNITS) >= set(COMPARED) > set(RISING)


def test_truths_are_those_of_the_strides_at_the_speeds(table, walkers):
    for change, stride in walkers.answers:
        there = table[table["speed_mps"] == change.speed_mps].iloc[: len(UNITS)].set_index("quantity")
        true = measure_strides(fill_stride(stride, tiny_model()), walkers.body).iloc[0]
        assert there["true"].to_dict() == pytest.approx(true.to_dict())


def test_people_are_told_by_their_own_speed_and_size(table, walkers):
    assert set(table["subject"]) == {"person-0001"}
    assert set(table["gait"]) == {"walk"}
    assert set(table["own_mps"]) == {1.2}
    assert set(table["height_m"]) == {walkers.stride.attrs["height_m"]}
    assert table.groupby("quantity")["own"].nunique().max() == 1
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()


def test_a_simulated_person_is_asked_for_every_speed(monkeypatch):
    own, asked = answer().true_own, []
    monkeypatch.setattr(
        known_changes, "simulated_stride", lambda _, __, request, **___: asked.append(request) or own
    )
    options = {"gait": "run", "own_mps": 3.0, "speeds_mps": SPEEDS_MPS}
    (known,) = simulated_at_speeds([0], processes=1, progress=False, **options)
    assert [change for change, _ in known.answers] == [GaitChange(speed_mps=each) for each in SPEEDS_MPS]
    assert [(gait, speed, measured) for gait, speed, _, measured in asked] == [
        ("run", 2.5, False),
        ("run", 4.5, False),
        ("run", 3.0, True),
        ("run", 3.0, False),
    ]


@pytest.mark.parametrize("factor", [1.0, 0.5, -2.0])
def test_the_rise_is_that_of_the_group_mean(factor):
    told = foretold(lambda true: 7.0 + factor * true)
    row = rise(told)
    true = told.groupby("speed_mps")["true"].mean()
    assert row["true"] == pytest.approx(true[4.5] - true[2.5])
    assert row["foretold"] == pytest.approx(factor * row["true"])
    assert [row[name] for name in ("ratio", "low", "high")] == pytest.approx([factor] * 3)
    assert row["n"] == PEOPLE
    assert list(row) == ["quantity", "foretold", "true", "ratio", "low", "high", "n"]


def test_the_interval_of_a_rise_is_that_of_the_bootstrap_over_people():
    told = foretold(people=200)
    noise = np.random.default_rng(1).normal(0.0, 1.0, len(told))
    told["value"] = told["true"] + noise * (told["speed_mps"] == SPEEDS_MPS[1])
    row = rise(told)
    expected = 1.645 * 1.0 / np.sqrt(200) / row["true"]
    assert row["low"] < row["ratio"] < row["high"]
    assert (row["high"] - row["low"]) / 2.0 == pytest.approx(expected, rel=0.15)
    assert rise(told) == row
    assert rise(told, seed=1)["low"] != row["low"]


def test_who_lacks_one_of_the_speeds_does_not_count():
    told = foretold()
    row = rise(told.drop(index=told.index[1]))
    assert row["n"] == PEOPLE - 1
    told.loc[told.index[2], "true"] = np.nan
    assert rise(told)["n"] == PEOPLE - 1


def test_a_number_that_nobody_has_at_both_speeds_has_no_rise():
    told = pd.concat([foretold(), foretold(quantity="stride_length")], ignore_index=True)
    absent = (told["quantity"] == "stride_length") & (told["speed_mps"] == 2.5)
    told.loc[absent, "value"] = np.nan
    assert rises(told, *SPEEDS_MPS)["quantity"].tolist() == ["contact_time"]


def test_rises_come_in_the_order_of_the_numbers():
    told = pd.concat([foretold(quantity=name) for name in RISING], ignore_index=True)
    assert rises(told, *SPEEDS_MPS)["quantity"].tolist() == list(RISING)


@pytest.mark.parametrize("factor", [1.0, 0.4, 3.0])
def test_the_spread_of_people_is_that_of_what_is_foretold_over_the_true_one(factor):
    found = spreads(foretold(lambda true: 100.0 - factor * true))
    assert list(found) == ["quantity", "ratio", "n"]
    assert found["ratio"].tolist() == pytest.approx([factor])
    assert found["n"].tolist() == [PEOPLE]


def test_the_spread_is_within_speeds_not_between_them():
    told = foretold()
    told["value"] = told.groupby("speed_mps")["true"].transform("mean")
    assert spreads(told)["ratio"].tolist() == pytest.approx([0.0], abs=1e-9)


def test_errors_are_of_people_and_the_model_comes_first():
    told = foretold(lambda true: true + 1.0)
    others = pd.concat(
        [
            told.assign(way=way, value=told["true"] + sign * size)[
                ["way", "subject", "gait", "speed_mps", "quantity", "value"]
            ]
            for way, sign, size in (("laws", -1.0, 3.0), ("nothing", 1.0, 5.0))
        ]
    )
    found = speed_errors(told, others)
    assert list(found) == ["quantity", "way", "error", "low", "high", "n"]
    assert found["way"].tolist() == ["model", "laws", "nothing"]
    assert found["error"].tolist() == pytest.approx([1.0, 3.0, 5.0])
    assert found["low"].tolist() == pytest.approx([1.0, 3.0, 5.0])
    assert found["high"].tolist() == pytest.approx([1.0, 3.0, 5.0])
    assert found["n"].tolist() == [PEOPLE] * 3


def test_everybody_counts_the_same_however_many_speeds_they_have():
    told = foretold(people=2)
    told.loc[told["subject"] == "p0", "value"] += 2.0
    error = speed_errors(told.drop(index=told.index[0]), told.iloc[:0].assign(way=""))
    assert error["error"].tolist() == pytest.approx([1.0])
    assert error["n"].tolist() == [2]


def test_what_is_not_true_of_anybody_has_no_error():
    told = foretold()
    told.loc[told["subject"] == "p0", "true"] = np.nan
    assert speed_errors(told, told.iloc[:0].assign(way=""))["n"].tolist() == [PEOPLE - 1]


def test_own_numbers_are_told_once_at_the_own_speed():
    told = foretold()
    own = own_numbers(told)
    assert list(own) == ["subject", "gait", "height_m", "quantity", "speed_mps", "value"]
    assert len(own) == PEOPLE
    assert set(own["speed_mps"]) == {3.5}
    assert own["value"].tolist() == told["own"].tolist()[::2]


def test_own_numbers_that_are_not_known_are_left_out():
    told = foretold()
    told.loc[told["subject"] == "p0", "own"] = np.nan
    assert len(own_numbers(told)) == PEOPLE - 1


def test_true_numbers_are_those_of_all_speeds():
    told = foretold(lambda true: true + 1.0)
    told.loc[told.index[0], "true"] = np.nan
    all_ = true_numbers(told)
    assert set(all_) == {"subject", "gait", "height_m", "quantity", "speed_mps", "value"}
    assert all_["speed_mps"].value_counts().to_dict() == {3.5: PEOPLE, 4.5: PEOPLE, 2.5: PEOPLE - 1}
    fast = all_[all_["speed_mps"] == 4.5]
    assert fast["value"].tolist() == told.loc[told["speed_mps"] == 4.5, "true"].tolist()


def test_scaling_laws_take_the_own_numbers_and_are_judged_beside_the_model(table):
    asked = table[["subject", "gait", "speed_mps"]].drop_duplicates()
    laws = scaling_laws(own_numbers(table), asked).assign(way="laws")
    found = speed_errors(table.iloc[: len(table) // 2], laws)
    assert set(found["way"]) == {"model", "laws"}
    assert found["way"].iloc[0] == "model"
    cadence = found[found["quantity"] == "cadence"].set_index("way")["error"]
    assert np.isfinite(cadence).all()
