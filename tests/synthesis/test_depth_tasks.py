import numpy as np
import pytest

from gaitbook.synthesis.camera_tables import NO_ERRORS
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.depth_tasks import TASKS, WALKS_MPS, observe_tasks
from gaitbook.synthesis.population import draw_people
from gaitbook.synthesis.solved_stride import solve_stride


@pytest.fixture(scope="module")
def days():
    """Trials by task of two days, and those of the first day again, without errors of the camera."""
    people = draw_people(1, seed=2)
    person = {**people.iloc[0].to_dict(), "subject": people.index[0]}
    styles = draw_causes(people, seed=2).styles.iloc[0].to_dict()
    stride = solve_stride(
        person,
        speed_mps=person["comfortable_speed_mps"],
        gait="walk",
        condition=Condition(),
        styles=styles,
        seed=2,
    )

    def come(day):
        seen = observe_tasks(
            stride, person, styles=styles, duration_s=4.0, room="A", seed=2, errors=NO_ERRORS, day=day
        )
        return {trial.attrs["task"]: trial["skeleton_position"].values for trial in seen}

    return come(0), come(1), come(0)


def test_a_person_does_every_task(days):
    assert list(days[0]) == list(TASKS)
    assert {joints.shape for joints in days[0].values()} == {(120, 32, 3)}


def test_the_same_day_is_the_same_to_the_bit(days):
    assert all(np.array_equal(days[0][task], days[2][task]) for task in TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_another_day_is_another_course_of_the_same_body(days, task):
    first, second = (day[task] for day in days[:2])
    assert np.abs(first - second).max() > 0.001
    thigh = [
        np.linalg.norm(each[:, 18] - each[:, 19], axis=-1) for each in (first, second)
    ]  # left hip and knee
    assert np.median(thigh[0]) == pytest.approx(np.median(thigh[1]), abs=0.005)
    if task in WALKS_MPS:
        about_pelvis = [(each - each[:, :1]).mean(axis=0) for each in (first, second)]
        np.testing.assert_allclose(*about_pelvis, atol=0.05)
