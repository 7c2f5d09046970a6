"""What each way of reading a walk tells of age, body mass index and visceral fat, and how much there is to be told.

Women and men are fitted apart, in the same folds for every set of features. What can be told at most is known for
synthetic people: age moves the styles of walking, and what true style scores tell of it is a ceiling for anyone who
sees walking only. Styles are of shape (how a body is held) or of motion (how far and when it moves).
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.conventions import SEXES
from gaitbook.studies.known_causes import TARGETS
from gaitbook.studies.paired_scores import limits_of, redraw_people, redrawn_correlations
from gaitbook.studies.person_folds import deal_people
from gaitbook.studies.unseen_ridge import UnseenRidge
from gaitbook.synthesis.manner import styles_table

Array = NDArray[np.float64]
DEMOGRAPHICS: Final = "demographics"
SHOWN_TARGETS: Final = ("age", "bmi", "visceral_fat")
TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "age": ("bmi_kgm2", "height_m"),
    "bmi": ("age_year", "height_m"),
    "visceral_fat": ("age_year", "height_m"),
}
"""What a questionnaire and a tape tell of a target: the set called demographics."""
SHAPE_KINDS: Final = ("offset", "camera")
DRAWS: Final = 1000
POOLED: Final = "pooled"


def score_features(
    sets: Mapping[str, pd.DataFrame],
    people: pd.DataFrame,
    *,
    targets: Sequence[str] = SHOWN_TARGETS,
    folds: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """Correlation of what each set tells of unseen people with the truth, by target and sex.

    Parameters
    ----------
    sets
        Features (subject, feature) by name, of the same people and without gaps; demographics are added.
    people
        With sex and the columns of the targets.
    targets
        Any of ``"age"``, ``"bmi"``, ``"visceral_fat"``, ``"height"``.
    folds, seed
        Of the dealing into folds and of the redraws of people.

    Returns
    -------
    pandas.DataFrame
        One row per target, sex and set: target, sex, features, n, r, low, high (95 %, redraws of people).
    """
    rows = [
        {"target": target, "sex": sex, "features": name, "n": n, "r": r, "low": low, "high": high}
        for target in targets
        for sex in SEXES
        for name, n, r, low, high in _score(sets, people, target, sex, folds, seed)
    ]
    return pd.DataFrame(rows)


def compare_features(
    sets: Mapping[str, pd.DataFrame],
    people: pd.DataFrame,
    first: str,
    second: str,
    *,
    targets: Sequence[str] = ("age",),
    folds: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """By how much one set tells more than another of the same people, by target and sex.

    Returns
    -------
    pandas.DataFrame
        target, sex, n, gain (r of the first less that of the second), low, high (95 %, both redrawn together).

    Raises
    ------
    ValueError
        A set is not there.
    """
    lost = [name for name in dict.fromkeys((first, second)) if name not in sets]
    if lost:
        raise ValueError(f"There are no features {', '.join(lost)}; there are {', '.join(sets)}")
    rows = []
    for target in targets:
        for sex in SEXES:
            compared = {"first": sets[first], "second": sets[second]}
            truth, fold, predicted = _predict(compared, people, target, sex, folds, seed)
            drawn = [_redrawn(each, truth, fold, seed) for each in predicted.values()]
            low, high = np.quantile(drawn[0][1:] - drawn[1][1:], [0.025, 0.975])
            gain = float(drawn[0][0] - drawn[1][0])
            rows.append(
                {"target": target, "sex": sex, "n": len(truth), "gain": gain, "low": low, "high": high}
            )
    return pd.DataFrame(rows)


def planted_sets(styles: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """True style scores as sets of features: ``"all styles"``, ``"shape"``, ``"motion"``.

    Parameters
    ----------
    styles
        Rows ``subject``, one column per style, as drawn by `gaitbook.synthesis.causes.draw_causes`.
    """
    kinds = {name: entry["kind"] for name, entry in styles_table()["styles"].items()}
    shape = [name for name in styles if kinds[name] in SHAPE_KINDS]
    return {"all styles": styles, "shape": styles[shape], "motion": styles.drop(columns=shape)}


def predict_targets(
    features: pd.DataFrame,
    people: pd.DataFrame,
    *,
    targets: Sequence[str] = SHOWN_TARGETS,
    folds: int = 5,
    seed: int = 0,
) -> tuple[pd.DataFrame, pd.Series]:
    """Out-of-fold predictions (subject, target) in the unit of the target, and the fold of each person."""
    predicted = pd.DataFrame(index=features.index, columns=list(targets), dtype=float)
    dealt = pd.Series(0, features.index, name="fold")
    for sex in SEXES:
        own = _people_of(features, people, sex)
        fold = deal_people(people.loc[own], folds=folds, seed=seed)
        dealt.loc[own] = fold
        truth = people.loc[own, [TARGETS[name] for name in targets]].to_numpy(dtype=float)
        told = UnseenRidge(features.loc[own].to_numpy(dtype=float), fold.to_numpy()).predict(truth)
        means = np.stack([truth[(fold != each).to_numpy()].mean(axis=0) for each in range(folds)])
        predicted.loc[own] = told + means[fold.to_numpy()]
    return predicted, dealt


def _score(
    sets: Mapping[str, pd.DataFrame], people: pd.DataFrame, target: str, sex: str, folds: int, seed: int
) -> list[tuple[str, int, float, float, float]]:
    told = people[list(TOLD[target])] if target in TOLD else people[["age_year"]]
    first = next(iter(sets.values()))
    together = {DEMOGRAPHICS: told.loc[first.index], **sets}
    truth, fold, predicted = _predict(together, people, target, sex, folds, seed)
    return [(name, len(truth), *_summary(each, truth, fold, seed)) for name, each in predicted.items()]


def _predict(
    sets: Mapping[str, pd.DataFrame], people: pd.DataFrame, target: str, sex: str, folds: int, seed: int
) -> tuple[Array, NDArray[np.intp], dict[str, Array]]:
    """Truth (person,), folds, and out-of-fold predictions (person,) by set, of one sex."""
    own = _people_of(next(iter(sets.values())), people, sex)
    fold = deal_people(people.loc[own], folds=folds, seed=seed).to_numpy(dtype=np.intp)
    truth = people.loc[own, TARGETS[target]].to_numpy(dtype=float)
    predicted = {
        name: UnseenRidge(table.loc[own].to_numpy(dtype=float), fold).predict(truth[:, None])[:, 0]
        for name, table in sets.items()
    }
    return truth, fold, predicted


def _people_of(features: pd.DataFrame, people: pd.DataFrame, sex: str) -> pd.Index:
    return features.index[(people.loc[features.index, "sex"] == sex).to_numpy()]


def _summary(predicted: Array, truth: Array, fold: NDArray[np.intp], seed: int) -> tuple[float, float, float]:
    drawn = _redrawn(predicted, truth, fold, seed)
    low, high = limits_of(drawn[1:, None])
    return float(drawn[0]), float(low[0]), float(high[0])


def _redrawn(predicted: Array, truth: Array, fold: NDArray[np.intp], seed: int) -> Array:
    """Correlation (1 + draw,) as it is, and of people drawn again."""
    scaled = (truth - truth.mean()) / truth.std()
    weights = np.concatenate([np.ones((1, len(truth))), redraw_people(len(truth), draws=DRAWS, seed=seed)])
    return np.asarray(redrawn_correlations(predicted[:, None], scaled[:, None], fold, weights)[:, 0])
