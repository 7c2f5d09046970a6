r"""Would the same person get the same number again? Two sessions, two tasks or two halves of a recording.

With mean squares of people :math:`R`, sessions :math:`C` and what is left :math:`E`, of :math:`n` people in :math:`k`
sessions,

.. math::

    \mathrm{ICC}(2,1) = \frac{R - E}{R + (k - 1) E + k (C - E) / n}, \qquad
    \mathrm{ICC}(3,1) = \frac{R - E}{R + (k - 1) E}

The first asks for the same number (agreement), the second forgives what shifts everybody alike (consistency).

References
----------
Shrout and Fleiss (1979), doi:10.1037/0033-2909.86.2.420. McGraw and Wong (1996), doi:10.1037/1082-989X.1.1.30. Bland
and Altman (1999), doi:10.1177/096228029900800204. Weir (2005), doi:10.1519/15184.1.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.cohort.exclusions import Exclusion

Array = NDArray[np.float64]
FEWEST_PEOPLE: Final = 5
STILL: Final = 1e-12
COLUMNS: Final = (
    *(
        "n",
        "agreement",
        "agreement_low",
        "agreement_high",
        "consistency",
        "consistency_low",
        "consistency_high",
    ),
    *("standard_error", "smallest_change", "shift", "limits_low", "limits_high"),
)


def intraclass_correlations(values: Array, *, level: float = 0.95) -> pd.DataFrame:
    """ICC(2,1) and ICC(3,1) with intervals, and the standard error of measurement.

    Parameters
    ----------
    values
        (person, session, feature), without gaps.
    level
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        One row per feature: n, agreement (ICC(2,1)) and consistency (ICC(3,1)), each with _low and _high;
        standard_error of one measurement, sessions counted as error, in the unit of the feature. NaN where a feature
        does not vary.

    Raises
    ------
    ValueError
        Too few people or sessions, or gaps; all faults are named.
    """
    _require_values(values)
    people, sessions, _ = values.shape
    between, among, left = _mean_squares(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = sessions * (among - left) / people
        agreement = (between - left) / (between + (sessions - 1) * left + shift)
        consistency = (between - left) / (between + (sessions - 1) * left)
    error = np.sqrt(np.maximum(among - left, 0.0) / people + left)
    first = _agreement_limits(values.shape, between, among, left, level)
    second = _consistency_limits(values.shape, between / np.maximum(left, STILL), level)
    columns = [np.full(len(left), people), agreement, *first, consistency, *second, error]
    table = pd.DataFrame(dict(zip(COLUMNS, columns, strict=False)))
    constant = between <= STILL
    table.loc[constant, list(COLUMNS[1:7])] = np.nan
    return table


def retest_table(
    first: pd.DataFrame,
    second: pd.DataFrame,
    *,
    level: float = 0.95,
    exclusions: list[Exclusion] | None = None,
) -> pd.DataFrame:
    r"""Reliability of every feature over two sessions.

    Parameters
    ----------
    first, second
        (subject, feature) with the same features, such as embeddings or predictions of two tasks or halves.
    level
        Of intervals of ICC, and share of people between the limits of agreement.
    exclusions
        Where people are put who lack a session or a number, with the reason.

    Returns
    -------
    pandas.DataFrame
        By feature, as `intraclass_correlations`; further smallest_change, :math:`1.96 \sqrt 2` standard errors, which
        chance exceeds in one of twenty people; shift (mean of second minus first) and limits_low, limits_high (Bland
        and Altman).

    Raises
    ------
    ValueError
        Features differ, people stand twice, or too few have both sessions; all faults are named.
    """
    from scipy.stats import norm

    _require_sessions(first, second)
    left_out = exclusions if exclusions is not None else []
    people = _with_both(first, second, left_out)
    pair = np.stack(
        [each.loc[people].to_numpy(dtype=float) for each in (first, second[first.columns])], axis=1
    )
    table = intraclass_correlations(pair, level=level).set_index(first.columns)
    apart = pair[:, 1] - pair[:, 0]
    reach = float(norm.ppf(0.5 + level / 2)) * apart.std(axis=0, ddof=1)
    return table.assign(
        smallest_change=float(norm.ppf(0.975)) * np.sqrt(2.0) * table["standard_error"],
        shift=apart.mean(axis=0),
        limits_low=apart.mean(axis=0) - reach,
        limits_high=apart.mean(axis=0) + reach,
    )


def summarize_retest(table: pd.DataFrame) -> pd.Series:
    """Median and quartiles of ICC(2,1) over features, and the share of features whose interval lies above 0.75.

    Above 0.75 reliability is called good (Koo and Li 2016, doi:10.1016/j.jcm.2016.02.012).
    """
    agreement = table["agreement"].dropna()
    quartiles = agreement.quantile([0.25, 0.5, 0.75])
    names = ["lower_quartile", "median", "upper_quartile"]
    good = float((table["agreement_low"].dropna() > 0.75).mean())  # noqa: PLR2004 - as written above
    return pd.Series([*quartiles, good, len(agreement)], [*names, "good_share", "features"])


def _mean_squares(values: Array) -> tuple[Array, Array, Array]:
    """Mean squares (feature,) of people, sessions and what is left."""
    people, sessions, _ = values.shape
    grand = values.mean(axis=(0, 1))
    of_person, of_session = values.mean(axis=1), values.mean(axis=0)
    left = values - of_person[:, None] - of_session[None] + grand
    return (
        sessions * ((of_person - grand) ** 2).sum(axis=0) / (people - 1),
        people * ((of_session - grand) ** 2).sum(axis=0) / (sessions - 1),
        (left**2).sum(axis=(0, 1)) / ((people - 1) * (sessions - 1)),
    )


def _agreement_limits(
    shape: tuple[int, ...], between: Array, among: Array, left: Array, level: float
) -> tuple[Array, Array]:
    """Interval of ICC(2,1), with Satterthwaite's degrees of freedom (McGraw and Wong 1996, table 7)."""
    from scipy.stats import f as fisher

    n, k = shape[:2]
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (between - left) / (between + (k - 1) * left + k * (among - left) / n)
        a = k * r / (n * (1 - r))
        b = 1 + k * r * (n - 1) / (n * (1 - r))
        freedom = (a * among + b * left) ** 2 / (
            (a * among) ** 2 / (k - 1) + (b * left) ** 2 / ((n - 1) * (k - 1))
        )
        freedom = np.maximum(freedom, STILL)
        lower = fisher.ppf(0.5 + level / 2, n - 1, freedom)
        upper = fisher.ppf(0.5 + level / 2, freedom, n - 1)
        other = k * among + (k * n - k - n) * left
        low = n * (between - lower * left) / (lower * other + n * between)
        high = n * (upper * between - left) / (other + n * upper * between)
    exact = left + among <= STILL * between
    return np.where(exact, 1.0, low), np.where(exact, 1.0, high)


def _consistency_limits(shape: tuple[int, ...], ratio: Array, level: float) -> tuple[Array, Array]:
    """Interval of ICC(3,1) from the ratio of mean squares of people and of what is left."""
    from scipy.stats import f as fisher

    n, k = shape[:2]
    freedom = (n - 1) * (k - 1)
    low = ratio / fisher.ppf(0.5 + level / 2, n - 1, freedom)
    high = ratio * fisher.ppf(0.5 + level / 2, freedom, n - 1)
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _with_both(first: pd.DataFrame, second: pd.DataFrame, left_out: list[Exclusion]) -> pd.Index:
    everyone = first.index.union(second.index, sort=False)
    both = first.index.intersection(second.index, sort=False)
    left_out += [Exclusion(str(each), "has one session only") for each in everyone.difference(both)]
    whole = both[
        np.isfinite(first.loc[both].to_numpy(dtype=float)).all(axis=1)
        & np.isfinite(second.loc[both].to_numpy(dtype=float)).all(axis=1)
    ]
    left_out += [Exclusion(str(each), "lacks a number in a session") for each in both.difference(whole)]
    return whole


def _require_sessions(first: pd.DataFrame, second: pd.DataFrame) -> None:
    faults = []
    differ = first.columns.symmetric_difference(second.columns)
    if len(differ):
        faults.append(f"{len(differ)} features are in one session only, such as {differ[0]}")
    for name, table in (("first", first), ("second", second)):
        repeated = int(table.index.duplicated().sum())
        faults += [f"{repeated} rows of the {name} session repeat a person: keep one"] if repeated else []
    if faults:
        raise ValueError("The sessions cannot be compared: " + "; ".join(faults))


def _require_values(values: Array) -> None:
    faults = []
    if values.shape[0] < FEWEST_PEOPLE:
        faults.append(f"{values.shape[0]} people have all sessions, at least {FEWEST_PEOPLE} are needed")
    if values.shape[1] < 2:  # noqa: PLR2004 - again means twice
        faults.append(f"{values.shape[1]} session is no repetition")
    gaps = int((~np.isfinite(values)).any(axis=(1, 2)).sum())
    if gaps:
        faults.append(f"{gaps} people have gaps: leave them out")
    if faults:
        raise ValueError("Reliability cannot be judged: " + "; ".join(faults))
