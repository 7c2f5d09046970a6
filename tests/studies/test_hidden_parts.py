import numpy as np
import pandas as pd
import pytest

from gaitbook.representation.states import encode_states
from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.hidden_parts import Contestant, calibrate, condition_summary, judge_conditions
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people
from tests.studies.oracles import Oracle, Shifted

PLAN = CompletionPlan(draws=8, steps=2)


@pytest.fixture(scope="module")
def motion():
    person = draw_people(1).iloc[0]
    trial = simulate_gait(person.to_dict() | {"subject": "p"}, speed_mps=1.3, gait="walk", duration_s=2.4)
    return MeasuredMotion(trial, person_body(trial.attrs))


@pytest.fixture(scope="module")
def judged(motion):
    truth = encode_states(motion.trial, motion.model)
    contestants = [
        Contestant("knows", Oracle(truth), PLAN),
        Contestant("guesses", Shifted(truth, error=0.2, shift=0.2), PLAN),
    ]
    return judge_conditions([motion], contestants, conditions=("nothing", "knees"), progress=False)


def value(judged, **labels):
    chosen = judged[np.logical_and.reduce([judged[name] == each for name, each in labels.items()])]
    assert len(chosen) == 1
    return float(chosen["value"].iloc[0])


def test_who_knows_the_truth_wins_under_every_condition(judged):
    for condition in ("nothing", "knees"):
        labels = {"condition": condition, "measure": "profile", "axis": "y"}
        assert value(judged, model="knows", **labels) < 0.05 < value(judged, model="guesses", **labels)


def test_hidden_angles_are_judged_and_only_those(judged):
    assert value(judged, model="knows", condition="knees", measure="angle") < 1e-3
    assert value(judged, model="guesses", condition="knees", measure="angle") > 1.0
    assert judged[judged["condition"] == "nothing"]["measure"].ne("angle").all()


def test_calibrated_intervals_hold_where_they_were_calibrated(motion):
    truth = encode_states(motion.trial, motion.model)
    one = Contestant("guesses", Shifted(truth, error=0.2, shift=0.3), PLAN)
    factors = calibrate([motion], one, progress=False)
    assert set(factors) == {"nothing"}
    judged = judge_conditions([motion], [one], factors=factors, progress=False)
    for axis in factors["nothing"]:
        assert value(judged, measure="coverage", axis=axis) == pytest.approx(0.9, abs=0.02)


def test_the_time_that_a_trial_takes_is_told(judged):
    assert (judged[judged["measure"] == "seconds"]["value"] > 0).all()


def test_people_are_the_unit_of_a_summary(judged):
    once, more = judged.assign(subject="a"), judged.assign(subject="b", value=judged["value"] + 2.0)
    summary = condition_summary(pd.concat([once, once, once, more]))
    row = summary[(summary["measure"] == "profile") & (summary["axis"] == "y")].iloc[0]
    alone = judged[(judged["measure"] == "profile") & (judged["axis"] == "y")]
    first = alone[(alone["model"] == row["model"]) & (alone["condition"] == row["condition"])]
    assert row["value"] == pytest.approx(float(first["value"].iloc[0]) + 1.0)
    assert row["n"] == 2


def test_a_part_that_does_not_exist_is_refused(motion):
    with pytest.raises(ValueError, match="no part 'tail'"):
        judge_conditions([motion], [Contestant("x", None, PLAN)], conditions=("tail",), progress=False)
