"""What each task tells of a person, and what all tasks tell together, by three ways to put them together."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from gaitbook.conventions import SEXES
from gaitbook.studies.feature_scores import SHOWN_TARGETS
from gaitbook.studies.known_causes import TARGETS
from gaitbook.studies.person_folds import deal_people
from gaitbook.studies.prediction_scores import score_values
from gaitbook.studies.studied_walkers import StudiedWalkers
from gaitbook.studies.task_fusion import ALL_WAYS, predict_tasks
from gaitbook.studies.walker_features import TASK

TASK_WORDS: Final = {
    "tm_3kmh": "walk at 3 km/h",
    "self_selected_gait_speed": "walk at own speed",
    "stationary_walk": "slow walk",
    "sit_to_stand": "rising from a bench",
    "romberg_closed": "standing, eyes closed",
}
"""Words for the tasks of simulated walkers; the own name of others."""
WAY_WORDS: Final = {
    "mean": "mean of tasks",
    "side_by_side": "tasks side by side",
    "stacked": "tasks weighed",
}


def score_tasks(
    walkers: StudiedWalkers, *, targets: Sequence[str] = SHOWN_TARGETS, folds: int = 5, seed: int = 0
) -> pd.DataFrame:
    """Correlation of what each task, and each way to put them together, tells of unseen people with the truth.

    Parameters
    ----------
    walkers
        With a set of features for each task, named as ``"task self_selected_gait_speed"``.
    targets
        Any of ``"age"``, ``"bmi"``, ``"visceral_fat"``, ``"height"``.
    folds, seed
        Of the dealing into folds and of the redraws of people.

    Returns
    -------
    pandas.DataFrame
        One row per target, sex and set: target, sex, features (the task, or the way in words), n, r, low, high (95 %,
        redraws of people).

    Raises
    ------
    ValueError
        The features are not told apart by task.
    """
    tasks = {name.removeprefix(TASK): table for name, table in walkers.sets.items() if name.startswith(TASK)}
    if not tasks:
        raise ValueError(
            f"There are no features of single tasks, such as '{TASK}sit_to_stand', among {', '.join(walkers.sets)}: "
            "make them anew with `gaitbook embed COHORT --table FILE`."
        )
    parts = []
    for sex in SEXES:
        people = walkers.people[walkers.people["sex"] == sex]
        truth = people[[TARGETS[name] for name in targets]].set_axis(list(targets), axis=1)
        fold = deal_people(people, folds=folds, seed=seed)
        told = predict_tasks(
            {name: table.loc[people.index].to_numpy(dtype=float) for name, table in tasks.items()},
            np.empty((len(people), 0)),
            fold.to_numpy(dtype=np.intp),
            truth.to_numpy(dtype=float),
            ways=ALL_WAYS,
        )
        for name, each in told.items():
            predicted = pd.DataFrame(each.both, people.index, truth.columns)
            scores = score_values(predicted, truth, fold, people["sex"], seed=seed)
            words = WAY_WORDS | TASK_WORDS
            shown = words.get(name, name.replace("_", " "))
            parts.append(scores[scores["measure"] == "r"].assign(features=shown))
    table = pd.concat(parts, ignore_index=True).rename(columns={"phenotype": "target", "value": "r"})
    order = {name: number for number, name in enumerate(targets)}
    table = table.sort_values("target", key=lambda names: names.map(order), kind="stable")
    return table[["target", "sex", "features", "n", "r", "low", "high"]].reset_index(drop=True)
