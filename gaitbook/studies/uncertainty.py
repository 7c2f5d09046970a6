"""Estimates with intervals: people are the unit.

Steps of one person resemble each other, so counting steps as if they were people makes intervals far too narrow. Here
everything measured on one person is first averaged, and the interval speaks of people: Student's t on their means.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd


@dataclass(frozen=True)
class Estimate:
    """A number with its interval.

    Parameters
    ----------
    value, low, high
        Estimate and ends of the interval, in ``unit``.
    unit
        For the reader, such as ``"%BW"``.
    n
        People it rests on.
    level
        Coverage that the interval aims at.
    """

    value: float
    low: float
    high: float
    unit: str = ""
    n: int = 0
    level: float = 0.95

    def __str__(self) -> str:
        """Value, interval, unit: ``7.1 (6.5 to 7.7) %BW``."""
        return f"{self.value:.3g} ({self.low:.3g} to {self.high:.3g}) {self.unit}".rstrip()


def mean_over_subjects(values: npt.ArrayLike, *, unit: str = "", level: float = 0.95) -> Estimate:
    r"""Mean of one number per person, with Student's interval.

    .. math:: \bar{x} \pm t_{n-1} \, s / \sqrt{n}

    Parameters
    ----------
    values
        One number per person; NaN (not measured) is left out.
    unit
        Unit of the numbers.
    level
        Coverage of the interval.

    Returns
    -------
    Estimate
        With fewer than two people the interval is infinite: one person says nothing about others.

    Examples
    --------
    >>> str(mean_over_subjects([9.0, 10.0, 11.0], unit="%BW"))
    '10 (7.52 to 12.5) %BW'
    """
    from scipy import stats

    numbers = np.asarray(values, dtype=float)
    numbers = numbers[~np.isnan(numbers)]
    if numbers.size < 2:  # noqa: PLR2004 - a spread needs two
        value = float(numbers.mean()) if numbers.size else float("nan")
        return Estimate(value, -float("inf"), float("inf"), unit, int(numbers.size), level)
    half = stats.t.ppf(0.5 + level / 2, numbers.size - 1) * numbers.std(ddof=1) / np.sqrt(numbers.size)
    value = float(numbers.mean())
    return Estimate(value, value - float(half), value + float(half), unit, int(numbers.size), level)


def summarize(table: pd.DataFrame, by: list[str], *, unit: str = "", level: float = 0.95) -> pd.DataFrame:
    """Mean over people of every group of a tidy table.

    Parameters
    ----------
    table
        Columns ``subject``, ``value`` and those of ``by``; several rows of a person in a group are averaged first.
    by
        Columns that define the groups.
    unit
        Unit of ``value``.
    level
        Coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns ``by``, value, low, high, n, unit; sorted by ``by``.
    """
    per_person = table.groupby([*by, "subject"], sort=False, observed=True)["value"].mean().reset_index()
    rows = []
    for key, group in per_person.groupby(by, observed=True):
        estimate = mean_over_subjects(group["value"], unit=unit, level=level)
        labels = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        rows.append(
            {**labels, "value": estimate.value, "low": estimate.low, "high": estimate.high, "n": estimate.n}
        )
    return pd.DataFrame(rows).assign(unit=unit)


def mean_by_method(table: pd.DataFrame, *, unit: str = "", level: float = 0.95) -> dict[str, Estimate]:
    """Mean over people for each method of a tidy table with columns subject, method and value (one row per person)."""
    per_method = table.groupby("method", observed=True)["value"]
    return {str(method): mean_over_subjects(values, unit=unit, level=level) for method, values in per_method}


def pick_estimate(summary: pd.DataFrame, **labels: object) -> Estimate:
    """One row of a table of `summarize`, as an estimate with its interval.

    Parameters
    ----------
    summary
        As given by `summarize`.
    **labels
        Column and value that the row must have.

    Raises
    ------
    KeyError
        No row, or more than one, has these labels.
    """
    chosen = summary[np.logical_and.reduce([summary[name] == value for name, value in labels.items()])]
    if len(chosen) != 1:
        raise KeyError(
            f"{len(chosen)} rows have {', '.join(f'{k} {v!r}' for k, v in labels.items())}, expected one"
        )
    row = chosen.iloc[0]
    return Estimate(row["value"], row["low"], row["high"], unit=row["unit"], n=int(row["n"]))
