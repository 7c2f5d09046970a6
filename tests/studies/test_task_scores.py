import dataclasses

import numpy as np
import pytest
import xarray as xr

from gaitbook.studies.studied_walkers import StudiedWalkers
from gaitbook.studies.task_scores import WAY_WORDS, score_tasks
from tests.studies.drawn_people import draw_people, table


@pytest.fixture(scope="module")
def walkers():
    people = draw_people(400)
    age = (people["age_year"] - 55.0) / 15.0
    rng = np.random.default_rng(0)
    sets = {
        "fast": table(people, *rng.standard_normal((3, 400))),
        "task sit_to_stand": table(people, age + 0.7 * rng.standard_normal(400), rng.standard_normal(400)),
        "task romberg_closed": table(people, age + 3.0 * rng.standard_normal(400)),
    }
    return StudiedWalkers(sets, people, xr.Dataset(), None, xr.Dataset())


def test_a_task_that_tells_more_scores_more_and_fusion_no_less(walkers):
    scores = score_tasks(walkers, targets=["age"])
    assert list(dict.fromkeys(scores["features"])) == [
        "rising from a bench",
        "standing, eyes closed",
        *WAY_WORDS.values(),
    ]
    for sex in ("female", "male"):
        r = scores[scores["sex"] == sex].set_index("features")["r"]
        assert r["rising from a bench"] > r["standing, eyes closed"] + 0.2
        assert r["tasks weighed"] > r["rising from a bench"] - 0.02
        assert r["tasks weighed"] >= r["mean of tasks"] - 0.02
    assert ((scores["low"] < scores["r"]) & (scores["r"] < scores["high"])).all()


def test_targets_keep_their_order(walkers):
    scores = score_tasks(walkers, targets=["visceral_fat", "age"])
    assert list(dict.fromkeys(scores["target"])) == ["visceral_fat", "age"]
    assert len(scores) == 2 * 2 * 5


def test_without_features_of_tasks_the_remedy_is_told(walkers):
    bare = dataclasses.replace(walkers, sets={"fast": walkers.features})
    with pytest.raises(
        ValueError, match=r"no features of single tasks.*among fast.*gaitbook embed COHORT --table"
    ):
        score_tasks(bare)
