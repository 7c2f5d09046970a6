"""Comparison of methods on the same people.

Two methods judged on the same people are compared person by person: the difference of one person's errors is one
number, and its mean over people has an interval. Doubt is then about people, not about steps.
"""

from itertools import combinations

import pandas as pd

from gaitbook.studies.uncertainty import mean_over_subjects


def compare_methods(
    table: pd.DataFrame, *, by: list[str], unit: str = "", level: float = 0.95
) -> pd.DataFrame:
    """Paired differences of every two methods, with interval and Wilcoxon's signed-rank test.

    Parameters
    ----------
    table
        Columns method, subject, value and those of ``by``.
    by
        Columns that define separate comparisons.
    unit
        Unit of ``value``.
    level
        Coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns ``by``, first, second, value (first minus second), low, high, n, p_value (two-sided, Holm-corrected
        over the rows), unit.

    References
    ----------
    Holm 1979, Scandinavian Journal of Statistics 6(2):65-70.
    """
    from statsmodels.stats.multitest import multipletests

    rows = []
    for key, group in table.groupby(by, sort=False, observed=True):
        labels = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        errors = group.pivot_table(index="subject", columns="method", values="value", observed=True)
        for first, second in combinations(list(dict.fromkeys(group["method"])), 2):
            rows.append(
                {**labels, "first": first, "second": second, **_paired(errors[first] - errors[second], level)}
            )
    result = pd.DataFrame(rows)
    return result.assign(p_value=multipletests(result["p_value"], method="holm")[1], unit=unit)


def _paired(difference: pd.Series, level: float) -> dict[str, float]:
    from scipy import stats

    numbers = difference.dropna()
    estimate = mean_over_subjects(numbers, level=level)
    p_value = (
        float(stats.wilcoxon(numbers).pvalue) if len(numbers) > 1 and (numbers != 0).any() else float("nan")
    )
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "n": estimate.n,
        "p_value": p_value,
    }
