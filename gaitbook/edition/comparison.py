"""Comparing a table with its frozen form, column by column.

A number agrees if it lies within ``atol + rtol * |expected|``; text must be equal; missing equals missing. Rows are
compared by position: studies write their tables in a fixed order.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

REPRODUCED = "reproduced"
DRIFTED = "drifted"
NOT_RUN = "not run"
DEFAULT_TOLERANCE = {"rtol": 0.01, "atol": 1e-6}


@dataclass(frozen=True)
class Verdict:
    """Outcome for one figure, table or set of values.

    Attributes
    ----------
    study, figure
        Where it stands.
    outcome
        ``reproduced``, ``drifted`` or ``not run``.
    reason
        For what drifted: column, row, expected and found; for what did not run: why.
    column
        The column that deviates most.
    deviation
        Its largest deviation as a share of the tolerance; above 1 it drifted.
    """

    study: str
    figure: str
    outcome: str
    reason: str = ""
    column: str = ""
    deviation: float = 0.0


def compare_tables(
    expected: pd.DataFrame,
    found: pd.DataFrame,
    tolerances: Mapping[str, Mapping[str, float]],
    *,
    study: str,
    figure: str,
) -> Verdict:
    """Verdict on one table.

    Parameters
    ----------
    expected, found
        Frozen table and that of the run.
    tolerances
        ``rtol`` and ``atol`` by column, or, in a table with a column ``name``, by the name of a row; the entry
        ``default`` holds for the others.
    study, figure
        Names, for the verdict.

    Examples
    --------
    >>> frozen = pd.DataFrame({"error": [7.1]})
    >>> compare_tables(frozen, frozen * 1.05, {}, study="01_force", figure="errors").reason
    'figure errors, column error, row 0: expected 7.1, found 7.455'
    """
    faults = [f"column {name} is gone" for name in expected.columns if name not in found.columns]
    faults += [f"column {name} is new" for name in found.columns if name not in expected.columns]
    if len(expected) != len(found):
        faults.append(f"expected {len(expected)} rows, found {len(found)}")
    if faults:
        reason = f"figure {figure}: {'; '.join(faults)}"
        return Verdict(study, figure, DRIFTED, reason, deviation=float("inf"))
    shares = {
        str(name): _shares(expected[name], found[name], _allowed(expected, str(name), tolerances))
        for name in expected.columns
    }
    worst = max(shares, key=lambda name: float(shares[name].max(initial=0.0)), default="")
    deviation = float(shares[worst].max(initial=0.0)) if worst else 0.0
    reasons = [
        _sentence(expected, found, name, share)
        for name, share in shares.items()
        if share.max(initial=0.0) > 1
    ]
    if not reasons:
        return Verdict(study, figure, REPRODUCED, column=worst if deviation else "", deviation=deviation)
    return Verdict(study, figure, DRIFTED, f"figure {figure}, " + "; ".join(reasons), worst, deviation)


def _allowed(
    expected: pd.DataFrame, column: str, tolerances: Mapping[str, Mapping[str, float]]
) -> np.ndarray:
    if not pd.api.types.is_numeric_dtype(expected[column]):
        return np.zeros(len(expected))
    of_column = {**DEFAULT_TOLERANCE, **tolerances.get("default", {}), **tolerances.get(column, {})}
    names = expected["name"] if "name" in expected.columns else [""] * len(expected)
    rows = [{**of_column, **tolerances.get(str(name), {})} for name in names]
    size = np.abs(expected[column].to_numpy(dtype=float))
    return np.array([row["atol"] for row in rows]) + np.array([row["rtol"] for row in rows]) * size


def _shares(expected: pd.Series, found: pd.Series, allowed: np.ndarray) -> np.ndarray:
    if not (pd.api.types.is_numeric_dtype(expected) and pd.api.types.is_numeric_dtype(found)):
        same = np.array(
            [str(one) == str(other) for one, other in zip(expected, found, strict=True)], dtype=bool
        )
        return np.where(same, 0.0, np.inf)
    one, other = expected.to_numpy(dtype=float), found.to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.abs(other - one) / allowed
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    return np.where(same, 0.0, np.where(np.isnan(share), np.inf, share))


def _sentence(expected: pd.DataFrame, found: pd.DataFrame, column: str, share: np.ndarray) -> str:
    row = int(share.argmax())
    place = f"row {row}" + (f" ({expected['name'].iloc[row]})" if "name" in expected.columns else "")
    one, other = expected[column].iloc[row], found[column].iloc[row]
    return f"column {column}, {place}: expected {_short(one)}, found {_short(other)}"


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)
