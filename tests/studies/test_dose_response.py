import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.dose_response import dose_response, responders

DOSES = (5.0, 10.0, 15.0)


def changes(count=20, *, slope=-1.2, spread=0.3, bend=0.0, noise=1.0, doses=DOSES, seed=0):
    """People whose peak changes by slope · dose + bend · dose², each with an own slope of this spread."""
    random = np.random.default_rng(seed)
    own = random.normal(slope, spread, count)
    rows = [
        (
            f"p{number}",
            "trunk lean",
            dose,
            "peak",
            own[number] * dose + bend * dose**2 + noise * random.normal(),
        )
        for number in range(count)
        for dose in doses
    ]
    return pd.DataFrame(rows, columns=["subject", "condition", "dose", "quantity", "value"])


def only(table, **options):
    return dose_response(table, **options).iloc[0]


def test_a_known_slope_and_its_spread_are_recovered():
    row = only(changes(60, seed=3))
    assert row["per_dose"] == pytest.approx(-1.2, abs=0.1)
    assert row["slope_sd"] == pytest.approx(0.3, abs=0.07)
    assert row["low"] < row["per_dose"] < row["high"]
    assert (row["n"], row["bend"], row["monotone"]) == (60, 0.0, True)
    assert row["p"] < 1e-6


def test_intervals_cover_as_often_as_they_say():
    rows = [only(changes(10, doses=(5.0, 15.0), seed=seed), level=0.8) for seed in range(15)]
    inside = sum(row["low"] <= -1.2 <= row["high"] for row in rows)
    assert 9 <= inside <= 15


def test_no_effect_is_rarely_called_one():
    p = [only(changes(10, slope=0.0, doses=(5.0, 15.0), seed=seed))["p"] for seed in range(10)]
    assert sum(number < 0.05 for number in p) <= 2


def test_a_bend_is_taken_where_it_pays():
    row = only(changes(40, slope=-2.0, bend=0.05, seed=2))
    assert row["bend"] == pytest.approx(0.05, abs=0.01)
    assert row["per_dose"] == pytest.approx(-2.0, abs=0.2)


def test_without_noise_slopes_are_those_of_people():
    row = only(changes(9, noise=0.0))
    own = changes(9, noise=0.0).query("dose == 10")["value"] / 10.0
    assert row["per_dose"] == pytest.approx(own.mean())
    assert row["slope_sd"] == pytest.approx(own.std())


def test_with_one_dose_each_slopes_are_those_of_people():
    table = changes(15, doses=(10.0,))
    row = only(table)
    half = 2.1448 * table["value"].std() / 10.0 / np.sqrt(15)
    assert row["per_dose"] == pytest.approx(table["value"].mean() / 10.0)
    assert row["high"] - row["per_dose"] == pytest.approx(half, rel=1e-3)


def test_one_person_says_nothing_about_others():
    row = only(changes(1))
    assert np.isinf([row["low"], row["high"]]).all()
    assert np.isnan(row["p"])


def test_the_opposite_change_has_the_opposite_slope():
    table = changes()
    first, second = only(table), only(table.assign(value=-table["value"]))
    assert second["per_dose"] == pytest.approx(-first["per_dose"], rel=1e-4)
    assert second["low"] == pytest.approx(-first["high"], rel=1e-3)


def test_another_unit_of_dose_changes_slopes_alone():
    table = changes()
    first, second = only(table), only(table.assign(dose=table["dose"] / 10.0))
    assert second["per_dose"] == pytest.approx(10.0 * first["per_dose"], rel=1e-4)
    assert second["p"] == pytest.approx(first["p"], rel=1e-2)


def test_doses_of_nothing_and_gaps_do_not_count():
    table = changes()
    more = table.assign(dose=0.0, value=0.0), table.assign(value=np.nan, subject="nobody")
    assert only(pd.concat([table, *more])).to_dict() == only(table).to_dict()


def test_what_falls_and_rises_again_is_not_monotone():
    means = {5.0: -5.0, 10.0: -8.0, 15.0: -6.0}
    table = changes(noise=0.01, spread=0.0)
    assert not only(table.assign(value=table["dose"].map(means)))["monotone"]


def test_doses_to_both_sides_are_monotone_through_zero():
    assert only(changes(doses=(-10.0, -5.0, 5.0, 10.0)))["monotone"]


def test_every_condition_and_quantity_has_a_row():
    parts = [changes().assign(condition=name, quantity=peak) for name in ("a", "b") for peak in ("c", "d")]
    table = dose_response(pd.concat(parts))
    assert table[["condition", "quantity"]].to_numpy().tolist() == [
        ["a", "c"],
        ["a", "d"],
        ["b", "c"],
        ["b", "d"],
    ]


def test_people_respond_or_not_or_get_worse():
    table = changes(3, doses=(10.0,)).assign(value=[-8.0, 4.0, 5.0])
    assert responders(table, 5.0)["response"].tolist() == ["responder", "non-responder", "worse"]


def test_strides_of_a_person_are_averaged_and_probability_is_kept():
    table = changes(1, doses=(10.0,))
    twice = pd.concat([table.assign(value=-4.0, probability=0.8), table.assign(value=-8.0, probability=1.0)])
    row = responders(twice, 5.0).iloc[0]
    assert (row["value"], row["response"]) == (-6.0, "responder")
    assert row["probability"] == pytest.approx(0.9)


def test_what_is_missing_is_named():
    with pytest.raises(ValueError, match=r"changes lacks the column.*dose"):
        dose_response(changes().drop(columns="dose"))
    with pytest.raises(ValueError, match=r"changes lacks the column.*value"):
        responders(changes().drop(columns="value"), 5.0)
    with pytest.raises(ValueError, match="give a positive one"):
        responders(changes(), 0.0)
