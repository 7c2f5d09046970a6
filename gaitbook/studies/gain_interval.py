"""How much better a target is predicted with gait than by covariates alone, with an interval over people.

Both predictions are of people whom the model has not seen, in the same folds, as `gaitbook.studies.shared_ridge` makes
them.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
DRAWS: Final = 1000
CHUNK: Final = 400
LEVEL: Final = 0.95
LEAST_GAIN: Final = 0.01
"""A correlation that rises by less is of no use to anybody."""
LEAST_SHARE: Final = 1e-9
"""Predictions that vary less than this share of the truth are constants, which tell nothing: their r is zero."""
MEASURES: Final = ("r_covariates", "r_both", "gain", "r2_covariates", "r2_both", "r2_gain")


def measure_gains(
    truth: Array,
    covariates: Array,
    both: Array,
    fold: NDArray[np.integer],
    *,
    least_gain: float = LEAST_GAIN,
    draws: int = DRAWS,
    level: float = LEVEL,
    seed: int = 0,
) -> pd.DataFrame:
    r"""Correlation and explained share of both predictions, and what gait adds, with intervals from redraws of people.

    Every number is of differences from the mean of the fold. Fits are not repeated: the interval speaks of these
    predictions for other people, not of models learned from others.

    Parameters
    ----------
    truth, covariates, both
        (person, target): what was measured, and out-of-fold predictions; NaN where missing.
    fold
        (person,) number of the fold in which a person was left out.
    least_gain
        Gain in correlation that is worthwhile.
    draws, level, seed
        Redraws of people, coverage of the interval, and seed of the redraws.

    Returns
    -------
    pandas.DataFrame
        One row per target: n, r_covariates, r_both, gain, low, high (of the gain), r2_covariates, r2_both, r2_gain,
        r2_low, r2_high, p_worthwhile (share of redraws, counted :math:`(1 + b)/(1 + m)`, whose gain is not above
        ``least_gain``) and worthwhile (its interval lies above ``least_gain``). NaN for a target without variation or
        prediction.
    """
    weights = np.random.default_rng(seed).multinomial(len(truth), np.full(len(truth), 1 / len(truth)), draws)
    everybody = np.ones((1, len(truth)))
    parts = []
    for start in range(0, truth.shape[1], CHUNK):
        columns = slice(start, start + CHUNK)
        centered = _center(truth[:, columns], covariates[:, columns], both[:, columns], fold)
        value = {name: found[0] for name, found in _measure(centered, everybody).items()}
        parts.append(_describe(value, _measure(centered, weights.astype(float)), least_gain, level))
    return pd.concat(parts, ignore_index=True).assign(n=np.isfinite(truth).sum(axis=0))[
        ["n", *parts[0].columns]
    ]


def _center(
    truth: Array, covariates: Array, both: Array, fold: NDArray[np.integer]
) -> tuple[Array, Array, Array, Array]:
    """Who has the target (0 or 1), and truth and both predictions about their means in each fold, zero in gaps."""
    known = np.isfinite(truth) & np.isfinite(covariates) & np.isfinite(both)
    parts = [np.where(known, each, 0.0) for each in (truth, covariates, both)]
    for each in np.unique(fold):
        inside = fold == each
        count = np.maximum(known[inside].sum(axis=0), 1)
        for values in parts:
            values[inside] -= values[inside].sum(axis=0) / count
    first, second, third = (values * known for values in parts)
    return known.astype(float), first, second, third


def _measure(centered: tuple[Array, Array, Array, Array], weights: Array) -> dict[str, Array]:
    """Measures (draw, target) with people weighted (draw, person)."""
    known, truth, *predictions = centered
    count = np.maximum(weights @ known, 1.0)
    mean = weights @ truth / count
    total = weights @ truth**2 - count * mean**2
    found = {}
    for name, predicted in zip(("covariates", "both"), predictions, strict=True):
        own_mean = weights @ predicted / count
        size = weights @ predicted**2 - count * own_mean**2
        product = weights @ (truth * predicted) - count * mean * own_mean
        scale = np.sqrt(np.maximum(size, 0.0) * np.maximum(total, 0.0))
        tells = scale > LEAST_SHARE * total
        found[f"r_{name}"] = np.divide(product, scale, out=np.where(total > 0, 0.0, np.nan), where=tells)
        share = 2 * product - size
        found[f"r2_{name}"] = np.divide(share, total, out=np.full(share.shape, np.nan), where=total > 0)
    return {
        **found,
        "gain": found["r_both"] - found["r_covariates"],
        "r2_gain": found["r2_both"] - found["r2_covariates"],
    }


def _describe(
    value: dict[str, Array], drawn: dict[str, Array], least_gain: float, level: float
) -> pd.DataFrame:
    """Rows of one chunk: each measure, and the intervals of the gains."""
    ends = [0.5 - level / 2, 0.5 + level / 2]
    exists = np.isfinite(value["gain"])
    interval = {}
    for name, prefix in (("gain", ""), ("r2_gain", "r2_")):
        usable = np.where(exists, np.nan_to_num(drawn[name]), 0.0)
        low, high = np.quantile(usable, ends, axis=0)
        interval[f"{prefix}low"] = np.where(exists, low, np.nan)
        interval[f"{prefix}high"] = np.where(exists, high, np.nan)
    failed = (~(drawn["gain"] > least_gain)).sum(axis=0)
    columns = {**{name: value[name] for name in MEASURES}, **interval}
    order = ["r_covariates", "r_both", "gain", "low", "high"]
    order += ["r2_covariates", "r2_both", "r2_gain", "r2_low", "r2_high"]
    return pd.DataFrame({name: columns[name] for name in order}).assign(
        p_worthwhile=np.where(exists, (1 + failed) / (1 + len(drawn["gain"])), np.nan),
        worthwhile=exists & (interval["low"] > least_gain),
    )
