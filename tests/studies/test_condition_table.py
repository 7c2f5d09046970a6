"""The table of conditions: who is in it, in what order, and what its intervals are widened by."""

import pandas as pd
import pytest

from gaitbook.representation.hiding import condition_names
from gaitbook.studies import condition_table as tables
from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.condition_table import KEYS, VALUES, condition_table
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people
from tests.studies.formula_walk import untrained_model

PLAN = CompletionPlan(draws=4, steps=1)
ASKED = ("trunk", "nothing")


@pytest.fixture(scope="module")
def motion():
    person = draw_people(1).iloc[0]
    trial = simulate_gait(person.to_dict() | {"subject": "p"}, speed_mps=1.3, gait="walk", duration_s=2.0)
    return MeasuredMotion(trial, person_body(trial.attrs))


def measure(motion, factor=None):
    with pytest.MonkeyPatch.context() as patch:
        if factor is not None:
            patch.setattr(tables, "interval_factors", lambda *_: dict.fromkeys("xyz", factor))
        other = motion._replace(trial=motion.trial.assign_attrs(subject="q"))
        options = {"conditions": ASKED, "plan": PLAN, "processes": 1, "progress": False}
        return condition_table(untrained_model(), [motion, other], **options)


@pytest.fixture(scope="module")
def table(motion):
    return measure(motion)


def of(table, measure):
    return table[(table["measure"] == measure) & (table["axis"] == "y")].set_index("condition")


def test_conditions_come_in_the_order_asked_for(table):
    assert list(table["condition"].unique()) == list(ASKED)
    assert list(table) == [*KEYS, *VALUES]


def test_people_are_counted_and_bound_each_mean(table):
    assert (table["n"] == 2).all()
    known = table.dropna(subset="value")
    assert (known["low"] <= known["value"]).all()
    assert (known["value"] <= known["high"]).all()
    assert (of(table, "profile")["value"] > 0).all()


def test_hidden_angles_are_judged_where_some_are_hidden(table):
    assert set(table[table["measure"] == "angle"]["condition"]) == {"trunk"}


def test_intervals_are_as_wide_as_the_model_was_calibrated(motion, table):
    wide = measure(motion, factor=2.0)
    ratio = of(wide, "width")["value"] / of(table, "width")["value"]
    assert ratio.to_list() == pytest.approx([2.0, 2.0], rel=1e-6)
    assert of(wide, "profile").equals(of(table, "profile"))


def test_the_table_is_the_same_again(motion, table):
    pd.testing.assert_frame_equal(measure(motion), table)


def test_all_33_conditions_are_the_default(motion, monkeypatch):
    asked = []
    monkeypatch.setattr(tables, "run_jobs", lambda _, jobs, **__: asked.extend(jobs) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        condition_table(untrained_model(), [motion])
    (job,) = asked
    assert list(job[-1]) == condition_names()
    assert job[2].draws == 20


def test_without_people_held_out_there_is_no_table():
    with pytest.raises(ValueError, match="no trial of people held out: name a cohort that has some"):
        condition_table(untrained_model(), [])
