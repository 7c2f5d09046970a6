"""Measured quantities beside what publications say, with intervals over people: met or missed."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import pandas as pd

from gaitbook.studies.uncertainty import Estimate, mean_over_subjects

SAME_SPEED_MPS: Final = 0.051
YOUNG_YEAR, OLD_YEAR = 30.0, 70.0
FEWEST_PEOPLE: Final = 3
COLUMNS: Final = (
    "quantity",
    "gait",
    "speed_mps",
    "statistic",
    "value",
    "value_low",
    "value_high",
    "n",
    "low",
    "high",
    "unit",
    "met",
    "source",
)


def load_targets(part: str = "targets") -> list[dict[str, Any]]:
    """Targets as in ``published_targets.yml``: its part ``"targets"``, ``"effects"`` or ``"monotone"``."""
    return [dict(row) for row in _load()[part]]


def judge(
    measured: pd.DataFrame, targets: Sequence[Mapping[str, Any]] | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """Every target with what was measured.

    Parameters
    ----------
    measured
        Columns subject, gait, speed_mps, quantity, value; sex and age_year for the statistics that need them. Several
        rows of a person at a speed are averaged. Rows with a condition are left out.
    targets
        As given by `load_targets`, which is the default.
    level
        Coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns quantity, gait, speed_mps (or the range of a slope, as text), statistic, value, value_low, value_high
        (interval over people), n, low, high (what is published), unit, met, source. Targets of which nothing was
        measured have NaN and are missed.
    """
    usual = measured
    if "condition" in measured:
        usual = measured[measured["condition"].fillna("") == ""]
    rows = [_row(usual, target, level) for target in (load_targets() if targets is None else targets)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def within(value: float, low: float | None, high: float | None) -> bool:
    """Whether a value lies in a range, an end of which may be open (None); NaN never does."""
    above = low is None or np.isnan(low) or value >= low
    below = high is None or np.isnan(high) or value <= high
    return bool(np.isfinite(value) and above and below)


def _row(measured: pd.DataFrame, target: Mapping[str, Any], level: float) -> dict[str, Any]:
    statistic = str(target.get("statistic", "mean"))
    chosen = measured[(measured["quantity"] == target["quantity"]) & (measured["gait"] == target["gait"])]
    speeds = target.get("speeds_mps", [target.get("speed_mps")])
    found = _estimate(_at_speeds(chosen, speeds), statistic, level)
    speed = " to ".join(f"{each:g}" for each in speeds)
    return {
        "quantity": target["quantity"],
        "gait": target["gait"],
        "speed_mps": speed,
        "statistic": statistic,
        "value": found.value,
        "value_low": found.low,
        "value_high": found.high,
        "n": found.n,
        "low": np.nan if target["low"] is None else target["low"],
        "high": np.nan if target["high"] is None else target["high"],
        "unit": target["unit"],
        "met": within(found.value, target["low"], target["high"]),
        "source": target["source"],
    }


def _at_speeds(table: pd.DataFrame, speeds_mps: Sequence[float]) -> pd.DataFrame:
    low, high = min(speeds_mps) - SAME_SPEED_MPS, max(speeds_mps) + SAME_SPEED_MPS
    return table[table["speed_mps"].astype(float).between(low, high)]


def _estimate(table: pd.DataFrame, statistic: str, level: float) -> Estimate:
    if table.empty:
        return Estimate(np.nan, np.nan, np.nan)
    if statistic == "slope":
        slopes = [_slope(part["speed_mps"], part["value"]) for _, part in table.groupby("subject")]
        return mean_over_subjects(slopes, level=level)
    people = table.groupby("subject")["value"].mean().dropna()
    if statistic == "mean":
        return mean_over_subjects(people, level=level)
    return _between_people(people, table, statistic, level)


def _between_people(people: pd.Series, table: pd.DataFrame, statistic: str, level: float) -> Estimate:
    values = people.to_numpy(dtype=float)
    if len(values) < FEWEST_PEOPLE:
        return Estimate(np.nan, np.nan, np.nan, n=len(values))
    if statistic == "sd":
        return _spread(values, level)
    facts = table.groupby("subject")[["sex", "age_year"]].first().loc[people.index]
    if statistic == "sex":
        return _sex_difference(values, facts["sex"].to_numpy(), level)
    if statistic == "age":
        return _age_change(values, facts["age_year"].to_numpy(dtype=float), level)
    raise ValueError(f"no statistic {statistic!r}; choose mean, sd, slope, age or sex")


def _slope(x: pd.Series, y: pd.Series) -> float:
    """Slope of the least-squares line of one person; NaN where there is one speed only."""
    speed, value = x.to_numpy(dtype=float), y.to_numpy(dtype=float)
    if np.ptp(speed) <= SAME_SPEED_MPS:
        return float("nan")
    return float(np.polyfit(speed, value, 1)[0])


def _spread(values: np.ndarray, level: float) -> Estimate:
    """Standard deviation between people, with the chi-squared interval of a normal one."""
    from scipy import stats

    spread, freedom = float(values.std(ddof=1)), len(values) - 1
    ends = stats.chi2.ppf([0.5 + level / 2, 0.5 - level / 2], freedom)
    low, high = (spread * float(np.sqrt(freedom / end)) for end in ends)
    return Estimate(spread, low, high, n=len(values), level=level)


def _sex_difference(values: np.ndarray, sex: np.ndarray, level: float) -> Estimate:
    from scipy import stats

    groups = [values[sex == each] for each in ("female", "male")]
    if min(map(len, groups)) < FEWEST_PEOPLE:
        return Estimate(np.nan, np.nan, np.nan, n=len(values))
    interval = stats.ttest_ind(*groups, equal_var=False).confidence_interval(level)
    difference = float(groups[0].mean() - groups[1].mean())
    return Estimate(difference, float(interval.low), float(interval.high), n=len(values), level=level)


def _age_change(values: np.ndarray, age_year: np.ndarray, level: float) -> Estimate:
    from scipy import stats

    line = stats.linregress(age_year, values)
    half = float(stats.t.ppf(0.5 + level / 2, len(values) - 2) * line.stderr)
    years = OLD_YEAR - YOUNG_YEAR
    change, reach = years * float(line.slope), years * half
    return Estimate(change, change - reach, change + reach, n=len(values), level=level)


@cache
def _load() -> Mapping[str, list[Mapping[str, Any]]]:
    import yaml

    text = files("gaitbook.studies").joinpath("published_targets.yml").read_text(encoding="utf-8")
    content: Mapping[str, list[Mapping[str, Any]]] = yaml.safe_load(text)
    return content
