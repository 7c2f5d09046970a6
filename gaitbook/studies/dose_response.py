"""How much of a change of gait does how much to the knee, over people and for each of them.

Changes come as a long table, columns subject, condition, dose, quantity and value: what a condition at a dose changes
in a quantity of a person against that person's own gait, so that no dose is no change.
"""

import warnings
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.speed_baselines import require_columns

Array = NDArray[np.float64]

CASE: Final = ["condition", "quantity"]
CHANGES: Final = ["subject", "condition", "dose", "quantity", "value"]
PAYS: Final = 0.05
"""A bend pays if its likelihood ratio is rarer than this where there is none."""
LEAST_SCALE: Final = 1e-10
"""Share of the variance below which what is left is rounding."""


class _Course(NamedTuple):
    """Slope at no dose, its standard error, its spread over people, and the coefficient of dose squared."""

    slope: float
    error: float
    spread: float
    bend: float


def dose_response(changes: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Linear mixed model of change over dose, through zero, with a slope of each person.

    Parameters
    ----------
    changes
        Columns subject, condition, dose, quantity, value.
    level
        Coverage of the intervals over people (Student's t).

    Returns
    -------
    pandas.DataFrame
        Columns condition, quantity, per_dose (slope at no dose, per unit of dose), low, high, p, slope_sd (spread of
        slopes over people), bend (coefficient of dose², zero where it does not pay by likelihood ratio), n (people)
        and monotone (whether the mean over people moves one way from zero through all doses). Where the model cannot
        be fitted, as with one dose per person, these are mean and spread of each person's own slope.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    from scipy.stats import t

    rows = []
    for key, group in known_cases(changes):
        dose, value = (group[name].to_numpy(float) for name in ("dose", "value"))
        people = group["subject"].to_numpy()
        course = _mixed_course(dose, value, people) or _own_courses(dose, value, people)
        n = len(np.unique(people))
        half = t.ppf(0.5 + level / 2, n - 1) * course.error if n > 1 else np.inf
        p = 2.0 * t.sf(abs(course.slope) / course.error, n - 1) if course.error > 0 and n > 1 else np.nan
        numbers = {"per_dose": course.slope, "low": course.slope - half, "high": course.slope + half, "p": p}
        more = {"slope_sd": course.spread, "bend": course.bend, "n": n, "monotone": _is_monotone(group)}
        rows.append(dict(zip(CASE, key, strict=True)) | numbers | more)
    return pd.DataFrame(rows)


def responders(changes: pd.DataFrame, threshold_percent: float) -> pd.DataFrame:
    """Whether each person's load falls, stays or rises by more than a threshold.

    Parameters
    ----------
    changes
        Columns subject, condition, dose, quantity, value (%), perhaps probability (of the benefit); several rows of a
        person are averaged.
    threshold_percent
        Change that counts.

    Returns
    -------
    pandas.DataFrame
        The same columns, a row per person, condition, dose and quantity, and response: ``"responder"`` (falls),
        ``"non-responder"`` or ``"worse"`` (rises).

    Raises
    ------
    ValueError
        If a column is missing or the threshold is not positive.
    """
    require_columns(changes, CHANGES, "changes")
    if not threshold_percent > 0:
        raise ValueError(f"a threshold of {threshold_percent:g} % tells no responders: give a positive one")
    told = ["value", "probability"] if "probability" in changes else ["value"]
    table = changes.groupby(CHANGES[:-1], sort=False)[told].mean().reset_index()
    falls, rises = table["value"] <= -threshold_percent, table["value"] >= threshold_percent
    return table.assign(response=np.select([falls, rises], ["responder", "worse"], "non-responder"))


def known_cases(changes: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Rows of each condition and quantity, without doses of nothing and what is not known."""
    require_columns(changes, CHANGES, "changes")
    known = changes[changes["dose"] != 0].dropna(subset="value")
    groups: Any = known.groupby(CASE, sort=False)
    yield from groups


def own_slopes(dose: Array, value: Array, people: NDArray[Any]) -> pd.Series:
    """Slope of each person by least squares through zero."""
    sums = pd.DataFrame({"both": dose * value, "dose": dose**2}).groupby(people).sum()
    return sums["both"] / sums["dose"]


def _mixed_course(dose: Array, value: Array, people: NDArray[Any]) -> _Course | None:
    """Course by restricted maximum likelihood; None where people have one dose or the fit fails."""
    from scipy.stats import chi2

    several = pd.Series(dose).groupby(people).nunique() > 1
    size, width = float(np.sqrt(np.mean(value**2))), float(np.abs(dose).max())
    if several.sum() < 2 or size == 0:  # noqa: PLR2004 - a spread over people needs two of them
        return None
    powers = np.column_stack([dose / width, (dose / width) ** 2])
    straight, bent = (_fit(value / size, powers[:, :count], people, reml=False) for count in (1, 2))
    pays = bool(straight and bent and chi2.sf(2.0 * (bent.llf - straight.llf), 1) < PAYS)
    fitted = _fit(value / size, powers[:, : 1 + pays], people, reml=True)
    if fitted is None:
        return None
    slope, error, spread = (
        size / width * float(number)
        for number in (fitted.fe_params[0], fitted.bse_fe[0], np.sqrt(fitted.cov_re[0, 0]))
    )
    return _Course(slope, error, spread, size / width**2 * float(fitted.fe_params[1]) if pays else 0.0)


def _fit(value: Array, powers: Array, people: NDArray[Any], *, reml: bool) -> Any:  # noqa: ANN401 - statsmodels' own
    """Mixed model with a slope of each person; None where it does not converge or nothing is left over."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = MixedLM(value, powers, groups=people, exog_re=powers[:, :1])
            fitted = model.fit(reml=reml, method=["powell", "lbfgs"])
        except (np.linalg.LinAlgError, ValueError, ZeroDivisionError):
            return None
        numbers = np.r_[fitted.fe_params, fitted.bse_fe, fitted.cov_re.ravel(), fitted.llf]
    sound = fitted.converged and np.isfinite(numbers).all() and fitted.scale > LEAST_SCALE
    return fitted if sound else None


def _own_courses(dose: Array, value: Array, people: NDArray[Any]) -> _Course:
    slopes = own_slopes(dose, value, people).to_numpy()
    spread = float(slopes.std(ddof=1)) if len(slopes) > 1 else float("nan")
    return _Course(float(slopes.mean()), spread / float(np.sqrt(len(slopes))), spread, 0.0)


def _is_monotone(group: pd.DataFrame) -> bool:
    means = group.groupby("dose")["value"].mean()
    steps = np.diff(pd.concat([means, pd.Series({0.0: 0.0})]).sort_index().to_numpy())
    return bool((steps > 0).all() or (steps < 0).all())
