"""Change of knee moments when people are asked to walk differently, beside what publications say."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from gaitbook.studies.published_targets import load_targets, within
from gaitbook.studies.uncertainty import mean_over_subjects, summarize

QUANTITIES: Final = (
    "knee_adduction_first_peak",
    "knee_adduction_second_peak",
    "knee_adduction_impulse",
    "knee_flexion_first_peak",
)


def paired_changes(measured: pd.DataFrame, *, quantities: Sequence[str] = QUANTITIES) -> pd.DataFrame:
    """Change of each person against themselves walking as they like at the same speed, percent.

    Parameters
    ----------
    measured
        As given by `gaitbook.studies.gait_measures.measure_all`; rows without condition are what changes are against.
    quantities
        Which of its quantities.

    Returns
    -------
    pandas.DataFrame
        Columns subject, condition, dose, quantity, value (%); people without a counterpart are left out.
    """
    chosen = measured[measured["quantity"].isin(quantities)].copy()
    chosen["condition"] = chosen["condition"].fillna("")
    shared = ["subject", "gait", "speed_mps", "quantity"]
    usual = chosen[chosen["condition"] == ""].groupby(shared)["value"].mean()
    asked = chosen[chosen["condition"] != ""].groupby([*shared, "condition", "dose"])["value"].mean()
    both = asked.reset_index().merge(usual.rename("usual").reset_index(), on=shared)
    both["value"] = 100.0 * (both["value"] - both["usual"]) / both["usual"]
    return both.drop(columns=["usual", "gait"])


def condition_table(changes: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Mean change over people of every condition, dose and quantity.

    Parameters
    ----------
    changes
        As given by `paired_changes`.
    level
        Coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns condition, dose, quantity, value, low, high (interval over people, %), n, unit, published_low,
        published_high, required, met (of the targets; True where nothing is demanded), source.
    """
    table = summarize(changes, ["condition", "dose", "quantity"], unit="%", level=level)
    records: Any = table.to_dict("records")
    rows = [_beside(row, load_targets("effects")) for row in records]
    return pd.DataFrame(rows)


def monotone_table(changes: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Whether effects grow with the dose: mean change from each dose to the next, with its interval over people.

    Returns
    -------
    pandas.DataFrame
        Columns condition, quantity, doses, value, low, high (percentage points), n, met, source.
    """
    rows = []
    for target in load_targets("monotone"):
        chosen = changes[
            (changes["condition"] == target["condition"]) & (changes["quantity"] == target["quantity"])
        ]
        table = chosen.pivot_table(index="subject", columns="dose", values="value")
        table.insert(0, 0.0, 0.0)
        for first, second in zip(table.columns[:-1], table.columns[1:], strict=True):
            step = mean_over_subjects((table[second] - table[first]).to_numpy(), level=level)
            falls = target["direction"] == "falls"
            labels = {name: target[name] for name in ("condition", "quantity", "source")}
            facts = {"value": step.value, "low": step.low, "high": step.high, "n": step.n}
            met = bool(step.value < 0 if falls else step.value > 0)
            rows.append(labels | {"doses": f"{first:g} to {second:g}"} | facts | {"met": met})
    return pd.DataFrame(rows)


def _beside(row: Mapping[str, Any], targets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    target = next((each for each in targets if _speaks_of(each, row)), None)
    if target is None:
        nothing = {"published_low": np.nan, "published_high": np.nan, "required": False, "met": True}
        return {**row, **nothing, "source": ""}
    low, high = target["low"], target["high"]
    return {
        **row,
        "published_low": np.nan if low is None else low,
        "published_high": np.nan if high is None else high,
        "required": bool(target.get("required", True)),
        "met": within(float(row["value"]), low, high),
        "source": target["source"],
    }


def _speaks_of(target: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    same_dose = target["dose"] is None or np.isclose(target["dose"], row["dose"])
    return bool(
        target["condition"] == row["condition"] and target["quantity"] == row["quantity"] and same_dose
    )
