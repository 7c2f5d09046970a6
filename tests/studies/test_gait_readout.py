import numpy as np
import pytest

from gaitbook.studies.gait_readout import TOLD, fit_readout
from tests.studies.embedded_people import FEATURES, TASKS, draw_embedded


@pytest.fixture(scope="module")
def learned():
    return fit_readout(*draw_embedded(240), card={"encoder": "abc"})


def test_what_is_told_of_others_is_right_on_average(learned):
    features, people = draw_embedded(300, seed=1)
    women = (people["sex"] == "female").to_numpy()
    told = learned.tasks["walk"].tell(features.loc[women, "walk"].to_numpy(), "female")
    truth = people.loc[women, list(TOLD)].to_numpy()
    for number, least in enumerate((0.7, 0.7, 0.5)):
        assert np.corrcoef(told[:, number], truth[:, number])[0, 1] > least
    assert np.abs(told.mean(axis=0) - truth.mean(axis=0)).max() < 8


def test_errors_are_those_of_people_who_were_not_learned_from(learned):
    features, people = draw_embedded(400, seed=2)
    assert learned.errors.shape == (2, 240, len(TASKS), len(TOLD))
    fresh = [
        learned.tasks[task].tell(features[task].to_numpy(), "pooled")[:, 0] - people["age_year"]
        for task in TASKS
    ]
    assert learned.errors[1, :, :, 0].std() == pytest.approx(np.std(fresh), rel=0.15)
    assert learned.errors[0, :, :, 0].std() > 0.9 * np.std(fresh)


def test_the_mean_of_tasks_errs_less_than_each(learned):
    single = learned.errors[0].std(axis=0)[:, 0]
    assert learned.errors[0].mean(axis=1)[:, 0].std() < single.min()


def test_people_without_a_task_or_a_target_are_passed_over_and_counted():
    features, people = draw_embedded(130)
    features.iloc[3, 0] = np.nan
    people.loc[people.index[5], "bmi_kgm2"] = np.nan
    people.loc[people.index[7], "sex"] = "unknown"
    readout = fit_readout(features, people)
    assert (readout.card["people"], readout.card["passed_over"]) == (127, 3)
    assert len(readout.tasks["walk"].features) == FEATURES


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f, p: (f, p.drop(columns=["sex", "bmi_kgm2"])), "people have no column sex, bmi_kgm2"),
        (lambda f, p: (f["walk"], p), "features have no tasks"),
        (lambda f, p: (f, p.assign(sex="male")), "no female person has all tasks"),
    ],
)
def test_what_cannot_be_learned_is_said(change, message):
    with pytest.raises(ValueError, match=f"A readout cannot be learned: {message}"):
        fit_readout(*change(*draw_embedded(120)))
