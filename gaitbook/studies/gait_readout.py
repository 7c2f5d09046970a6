r"""What an embedding tells of a person's age, body mass index and visceral fat, as one small file.

Each task has a ridge regression for women, for men, and for all; what tasks tell is averaged over those that are there,
as in the gait foundation model (arXiv:2603.25283). Intervals are made of the errors that exactly these tasks leave
together in people who were not learned from, by sex and age band (`gaitbook.studies.person_intervals`). A recording
unlike all that were seen is left out: it is judged by its place along the leading axes of the embedding and by its
distance from their plane (`gaitbook.studies.abstention`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.conventions import SEXES
from gaitbook.studies.abstention import LEVEL, SeenPeople, learn_seen
from gaitbook.studies.known_causes import TARGETS
from gaitbook.studies.person_folds import deal_people
from gaitbook.studies.unseen_ridge import PENALTIES

Array = NDArray[np.float64]
TOLD: Final = tuple(TARGETS[name] for name in ("age", "bmi", "visceral_fat"))
POOLED: Final = "pooled"
MODELS: Final = (*SEXES, POOLED)
MOST_AXES: Final = 32
PEOPLE_PER_AXIS: Final = 20
LEAST_SPREAD: Final = 1e-6


@dataclass(frozen=True)
class TaskReadout:
    """What one task tells.

    Parameters
    ----------
    features
        Names of the numbers of the embedding.
    mean, spread
        (feature,) of the people who were seen.
    weights, means
        (model, feature, target) and (model, target), models as in `MODELS`.
    axes
        (feature, axis): the leading axes of numbers in standard deviations.
    seen
        What is usual along the axes, and off their plane.
    """

    features: tuple[str, ...]
    mean: Array
    spread: Array
    weights: Array
    means: Array
    axes: Array
    seen: SeenPeople

    def tell(self, values: Array, model: str) -> Array:
        """Targets (person, target) read from numbers (person, feature)."""
        which = MODELS.index(model)
        return np.asarray((values - self.mean) / self.spread @ self.weights[which] + self.means[which])

    def place(self, values: Array) -> Array:
        """Place (person, axis + 1) along the axes, and the logarithm of the distance from their plane."""
        return _place((values - self.mean) / self.spread, self.axes)


@dataclass(frozen=True)
class GaitReadout:
    """What all tasks tell.

    Parameters
    ----------
    tasks
        By name.
    people
        Who was learned from: sex, age_year.
    errors
        (2, person, task, target), truth less what was told by others of the person's sex, and by others of both sexes.
    card
        Where it comes from, as JSON can hold it.
    """

    tasks: Mapping[str, TaskReadout]
    people: pd.DataFrame
    errors: Array
    card: Mapping[str, Any]


def fit_readout(
    features: pd.DataFrame,
    people: pd.DataFrame,
    *,
    folds: int = 5,
    seed: int = 0,
    card: Mapping[str, Any] | None = None,
) -> GaitReadout:
    """Learn to read age, body mass index and visceral fat from an embedding.

    Parameters
    ----------
    features
        Rows ``subject``, columns (``task``, ``feature``), as given by `gaitbook.studies.gait_embedding.embed`.
    people
        Columns sex and those of `TOLD`; more people are passed over.
    folds, seed
        Of the dealing of people by which errors are found.
    card
        What is to be told of it, such as the hash of the encoder's file as ``"encoder"``.

    Raises
    ------
    ValueError
        Columns are missing, features have no tasks, or nobody has all tasks and targets; all faults are named.
    """
    own = _require_teachers(features, people)
    known = people.loc[own, ["sex", *dict.fromkeys(["age_year", *TOLD])]]
    fold = deal_people(known, folds=folds, seed=seed).to_numpy()
    truth = known[list(TOLD)].to_numpy(dtype=float)
    names = list(dict.fromkeys(features.columns.get_level_values(0)))
    tasks, errors = {}, np.empty((2, len(own), len(names), len(TOLD)))
    for number, name in enumerate(names):
        values = features.loc[own, name].to_numpy(dtype=float)
        tasks[name] = _fit_task(values, truth, known["sex"], tuple(map(str, features[name].columns)))
        errors[:, :, number] = _unseen_errors(values, truth, known["sex"], fold)
    told = {"people": len(own), "passed_over": len(features) - len(own), **(card or {})}
    return GaitReadout(tasks, known[["sex", "age_year"]], errors, told)


def axis_names(count: int) -> tuple[str, ...]:
    """Names of so many numbers by which a recording is judged."""
    return (*(f"axis {number}" for number in range(count - 1)), "distance from all axes")


def _fit_task(values: Array, truth: Array, sex: pd.Series, features: tuple[str, ...]) -> TaskReadout:
    mean, spread = _scale(values)
    score = (values - mean) / spread
    among = [*((sex == each).to_numpy() for each in SEXES), np.ones(len(sex), dtype=bool)]
    fitted = [_ridge(score[rows], truth[rows]) for rows in among]
    weights, means = (np.stack(each) for each in zip(*fitted, strict=True))
    count = max(1, min(MOST_AXES, len(values) // PEOPLE_PER_AXIS, len(features)))
    axes = np.linalg.eigh(score.T @ score)[1][:, -count:]
    places = pd.DataFrame(_place(score, axes), columns=list(axis_names(count + 1)))
    return TaskReadout(features, mean, spread, weights, means, axes, learn_seen(places, level=LEVEL))


def _unseen_errors(values: Array, truth: Array, sex: pd.Series, fold: NDArray[np.integer]) -> Array:
    """Truth less what others tell (2, person, target): others of the same sex, and all others."""
    errors = np.empty((2, *truth.shape))
    for each in np.unique(fold):
        for place, among in [(0, (sex == one).to_numpy()) for one in SEXES] + [(1, np.ones(len(sex), bool))]:
            taught, asked = among & (fold != each), among & (fold == each)
            weights, means = _ridge(values[taught], truth[taught])
            errors[place, asked] = truth[asked] - values[asked] @ weights - means
    return errors


def _ridge(values: Array, truth: Array) -> tuple[Array, Array]:
    """Weights (feature, target) and constant (target,); each target has the penalty that suits it."""
    from sklearn.linear_model import RidgeCV

    mean, spread = _scale(values)
    penalties = len(values) * np.array(PENALTIES)
    fitted = RidgeCV(penalties, alpha_per_target=True).fit((values - mean) / spread, truth)
    weights = (fitted.coef_ / spread).T
    return weights, np.asarray(fitted.intercept_ - mean @ weights)


def _scale(values: Array) -> tuple[Array, Array]:
    """Mean and standard deviation (feature,), one where nothing varies."""
    mean, spread = values.mean(axis=0), values.std(axis=0)
    return mean, np.where(spread > LEAST_SPREAD * (1.0 + np.abs(mean)), spread, 1.0)


def _place(score: Array, axes: Array) -> Array:
    along = score @ axes
    off = np.sqrt(np.maximum((score**2).sum(axis=1) - (along**2).sum(axis=1), LEAST_SPREAD))
    return np.column_stack([along, np.log(off)])


def _require_teachers(features: pd.DataFrame, people: pd.DataFrame) -> pd.Index:
    """People who have all features and all targets."""
    absent = [name for name in ("sex", *TOLD) if name not in people]
    faults = [f"people have no column {', '.join(absent)}"] if absent else []
    if features.columns.nlevels == 1:
        faults.append("features have no tasks: their columns must be (task, feature)")
    if not faults:
        sexes = people["sex"].isin(SEXES)
        complete = people.index[people[list(TOLD)].notna().all(axis=1) & sexes]
        own = features.dropna().index.intersection(complete, sort=False)
        counts = people.loc[own, "sex"].value_counts()
        lacking = [sex for sex in SEXES if not counts.get(sex, 0)]
        if lacking:
            faults.append(f"no {' and no '.join(lacking)} person has all tasks and all of {', '.join(TOLD)}")
    if faults:
        raise ValueError("A readout cannot be learned: " + "; ".join(faults))
    return own
