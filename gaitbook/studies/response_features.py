"""For whom a change of gait works: features of people that tell how they respond."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.dose_response import CASE, known_cases, own_slopes
from gaitbook.studies.speed_baselines import require_columns

Array = NDArray[np.float64]

FEWEST_PEOPLE: Final = 10
"""Below this nothing is predicted."""
FOLDS: Final = 10
PENALTIES: Final = tuple(float(10.0**power) for power in np.arange(-2.0, 4.1, 0.5))
LEAST_SPREAD: Final = 1e-10
"""Spread that is rounding."""


def predict_response(
    people: pd.DataFrame, changes: pd.DataFrame, *, level: float = 0.95, draws: int = 500, seed: int = 0
) -> pd.DataFrame:
    """Which features of people tell how they respond: ridge regression of each person's slope on all features.

    Parameters
    ----------
    people
        Column subject; every other column is a feature, a number or a word of two kinds (such as sex). People with
        gaps are left out.
    changes
        As for `gaitbook.studies.dose_response.dose_response`.
    level
        Coverage of the intervals.
    draws
        Bootstrap samples of people.
    seed
        Of folds and samples.

    Returns
    -------
    pandas.DataFrame
        Columns condition, quantity, feature, coefficient (standard deviations of response per standard deviation of
        feature), low, high (bootstrap over people), p (by the bootstrap's standard error and Student's t), q (false
        discovery rate over all rows), r2 (of people left out, one per condition and quantity) and n (people).

    Raises
    ------
    ValueError
        If a column is missing, a person has several rows of features, a feature is a word of more than two kinds, or
        fewer than `FEWEST_PEOPLE` people have features and changes.

    References
    ----------
    Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    from statsmodels.stats.multitest import multipletests

    require_columns(people, ["subject"], "people")
    features = _numbers_of(people.set_index("subject"))
    parts = []
    for key, group in known_cases(changes):
        slopes = own_slopes(*(group[name].to_numpy() for name in ("dose", "value", "subject")))
        both = features.join(slopes.rename("response"), how="inner").dropna()
        if len(both) < FEWEST_PEOPLE:
            named = " of ".join(reversed(key))
            raise ValueError(
                f"{named}: {len(both)} people have features and changes, give at least {FEWEST_PEOPLE}"
            )
        table = _explain(both[features.columns], both["response"].to_numpy(), level, draws, seed)
        parts.append(table.assign(**dict(zip(CASE, key, strict=True)), n=len(both)))
    table = pd.concat(parts, ignore_index=True)
    table["q"] = multipletests(table["p"], method="fdr_bh")[1]
    return table[[*CASE, "feature", "coefficient", "low", "high", "p", "q", "r2", "n"]]


def _numbers_of(people: pd.DataFrame) -> pd.DataFrame:
    """Features as numbers, words of two kinds as zero and one."""
    if several := sorted(set(map(str, people.index[people.index.duplicated()]))):
        raise ValueError(f"people has several rows of {', '.join(several)}: give one row per subject")
    features = {}
    for name, column in people.items():
        if pd.api.types.is_numeric_dtype(column):
            features[str(name)] = column.astype(float)
            continue
        kinds = sorted(column.dropna().unique())
        if len(kinds) > 2:  # noqa: PLR2004 - zero and one
            raise ValueError(f"the feature {name} has {len(kinds)} kinds: give numbers or words of two kinds")
        features[f"{name} ({kinds[-1]})"] = (column == kinds[-1]).astype(float).where(column.notna())
    return pd.DataFrame(features)


def _explain(features: pd.DataFrame, response: Array, level: float, draws: int, seed: int) -> pd.DataFrame:
    from scipy.stats import t
    from sklearn.linear_model import RidgeCV
    from sklearn.metrics import r2_score
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known, n = features.to_numpy(), len(response)
    ridge = make_pipeline(StandardScaler(), RidgeCV(PENALTIES))
    folds = KFold(min(FOLDS, n), shuffle=True, random_state=seed)
    r2 = r2_score(response, cross_val_predict(ridge, known, response, cv=folds))
    penalty = float(RidgeCV(PENALTIES).fit(_standard(known), _standard(response)).alpha_)
    random = np.random.default_rng(seed)
    samples = random.integers(0, n, (draws, n))
    drawn = np.stack([_ridge(known[rows], response[rows], penalty) for rows in samples])
    found, error = _ridge(known, response, penalty), drawn.std(axis=0)
    low, high = np.quantile(drawn, (0.5 - level / 2, 0.5 + level / 2), axis=0)
    size = np.divide(abs(found), error, out=np.zeros_like(found), where=error > 0)
    p = 2.0 * t.sf(size, max(n - known.shape[1] - 1, 1))
    names = {"feature": features.columns, "coefficient": found, "low": low, "high": high, "p": p}
    return pd.DataFrame(names).assign(r2=r2)


def _ridge(features: Array, response: Array, penalty: float) -> Array:
    """Coefficients of features and response of unit variance."""
    known = _standard(features)
    inner = known.T @ known + penalty * np.eye(known.shape[1])
    return np.asarray(np.linalg.solve(inner, known.T @ _standard(response)), dtype=float)


def _standard(values: Array) -> Array:
    away = values - values.mean(axis=0)
    spread = values.std(axis=0)
    return np.divide(away, spread, out=np.zeros_like(away), where=spread > LEAST_SPREAD)
