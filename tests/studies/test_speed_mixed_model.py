import logging

import numpy as np
import pandas as pd
import pytest

from gaitbook.studies import speed_mixed_model
from gaitbook.studies.speed_mixed_model import SpeedMixedModel, fit_speed_models

SPEEDS_MPS = (2.5, 3.5, 4.5)


def people(count, *, noise=0.0, constant=2.0, slope=0.0, seed=0, speeds_mps=SPEEDS_MPS):
    """Cadence of runners: 160 + 8 (v − 3.5) + 0.7 (v − 3.5)², each with an own constant and slope of these spreads."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        own = random.normal(0.0, (constant, slope))
        for speed_mps in speeds_mps:
            away = speed_mps - 3.5
            value = 160.0 + own[0] + (8.0 + own[1]) * away + 0.7 * away**2 + noise * random.normal()
            rows.append((f"p{number}", "run", speed_mps, "cadence", value))
    return pd.DataFrame(rows, columns=["subject", "gait", "speed_mps", "quantity", "value"])


def split(table):
    own = table["speed_mps"] == 3.5
    return table[own], table[~own]


def beside(predicted, truth):
    return predicted.merge(truth, on=["subject", "gait", "speed_mps", "quantity"], suffixes=("", "_true"))


def test_without_noise_the_prediction_is_the_truth():
    own, rest = split(people(5, seed=1))
    both = beside(fit_speed_models(people(12)).predict(own, rest), rest)
    assert np.allclose(both["value"], both["value_true"], atol=1e-4)
    assert (both["high"] - both["low"]).max() < 1e-3


def test_the_course_and_the_spread_of_people_are_recovered():
    model = fit_speed_models(people(80, noise=0.5, slope=1.0)).models["run", "cadence"]
    away = model.course / model.width_mps ** np.arange(3)
    assert away[1:] == pytest.approx([8.0, 0.7], abs=0.3)
    between = np.sqrt(np.diag(model.between)) / [1.0, model.width_mps]
    assert between == pytest.approx([2.0, 1.0], rel=0.2)
    assert np.sqrt(model.within) == pytest.approx(0.5, rel=0.2)


def test_intervals_cover_as_often_as_they_say():
    inside = []
    for seed in range(4):
        models = fit_speed_models(people(25, noise=0.5, slope=0.8, seed=seed))
        own, rest = split(people(150, noise=0.5, slope=0.8, seed=100 + seed))
        both = beside(models.predict(own, rest, level=0.9), rest)
        inside.append(both["value_true"].between(both["low"], both["high"]).mean())
    assert np.mean(inside) == pytest.approx(0.9, abs=0.04)


def test_a_person_is_believed_as_far_as_people_differ():
    course, unsure = np.array([10.0, 1.0]), np.zeros((2, 2))
    own = (np.array([3.0]), np.array([14.0]))
    for spread, expected in ((0.0, 12.0), (1.0, 14.0), (1e9, 16.0)):
        model = SpeedMixedModel(3.0, 1.0, course, unsure, np.diag([spread, 0.0]), 1.0, 20)
        assert model.predict(own, np.array([5.0]))[0] == pytest.approx(expected)


def test_the_interval_is_the_conditional_one():
    between, within = np.array([[4.0, 0.5], [0.5, 1.0]]), 0.25
    model = SpeedMixedModel(0.0, 1.0, np.zeros(3), np.zeros((3, 3)), between, within, 20)
    powers = np.array([[1.0, -1.0], [1.0, 2.0]])
    whole = powers @ between @ powers.T + within * np.eye(2)
    value, spread = model.predict((np.array([-1.0]), np.array([3.0])), np.array([2.0]))
    assert value[0] == pytest.approx(whole[0, 1] / whole[0, 0] * 3.0)
    assert spread[0] ** 2 == pytest.approx(whole[1, 1] - whole[0, 1] ** 2 / whole[0, 0])


def test_a_quantity_that_never_changes_is_told_without_doubt():
    own, rest = split(people(3).assign(value=5.0))
    predicted = fit_speed_models(people(8).assign(value=5.0)).predict(own, rest)
    assert predicted[["value", "low", "high"]].to_numpy() == pytest.approx(5.0)


def test_two_speeds_make_a_straight_course():
    models = fit_speed_models(people(20, noise=0.5, slope=0.8, speeds_mps=(2.5, 4.5)))
    assert len(models.models["run", "cadence"].course) == 2


def test_where_the_fit_fails_people_share_their_slope_and_it_is_logged(monkeypatch, caplog):
    fit = speed_mixed_model._mixed
    monkeypatch.setattr(
        speed_mixed_model, "_mixed", lambda *parts: fit(*parts) if parts[-1].shape[1] == 1 else None
    )
    with caplog.at_level(logging.WARNING):
        model = fit_speed_models(people(20, noise=0.5, seed=4)).models["run", "cadence"]
    assert "cadence of run: slopes of people were not found" in caplog.text
    assert model.between[1].tolist() == [0.0, 0.0]
    assert np.sqrt(model.between[0, 0]) == pytest.approx(2.0, rel=0.4)


def test_where_nothing_converges_the_course_is_that_of_least_squares(monkeypatch):
    monkeypatch.setattr(speed_mixed_model, "_mixed", lambda *_: None)
    own, rest = split(people(3, seed=2))
    predicted = fit_speed_models(people(20)).predict(own, rest)
    assert predicted.groupby("speed_mps")["value"].nunique().tolist() == [1, 1]


def test_rows_keep_the_order_in_which_they_were_asked():
    own, rest = split(people(3, seed=2))
    predicted = fit_speed_models(people(8, noise=0.1)).predict(own, rest.iloc[::-1])
    assert predicted["subject"].tolist() == rest["subject"].tolist()[::-1]


def test_what_is_missing_is_named():
    models = fit_speed_models(people(8, noise=0.1))
    own, rest = split(people(2))
    with pytest.raises(ValueError, match=r"no model of smile \(run\)"):
        models.predict(own.assign(quantity="smile"), rest)
    with pytest.raises(ValueError, match=r"no own numbers of p7 \(run\)"):
        models.predict(own, rest.assign(subject="p7"))
    with pytest.raises(ValueError, match=r"numbers lacks the column.*quantity"):
        fit_speed_models(people(2).drop(columns="quantity"))
