"""Which targets can be tested, and why the others cannot: checked before anything is fitted.

Nothing here looks at gait, so a family of targets may be chosen by it. Every target keeps its row and, if it is set
apart, a reason in words.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.covariate_residuals import CovariateResiduals
from gaitbook.studies.normal_scores import normal_scores, score_skewed

Array = NDArray[np.float64]
FEWEST_PEOPLE: Final = 50
PEOPLE_PER_AXIS: Final = 2
"""A target needs twice as many people as the design has axes, or covariates explain it by themselves."""
FEWEST_CASES: Final = 10
SAME_MEASURE: Final = 0.98
TOLD: Final = 0.9
TOLD_AND_NAMED: Final = 0.5
NAMED: Final = re.compile(
    r"(?:^|[^a-z])(?:weight|waist|bmi|body mass|height|stature|visceral|vat|kg/m2|fat mass|scan mass|lean mass"
    r"|surface area|circumference|age)(?:[^a-z]|$)"
)
"""Words in a name or unit by which a target contains age, height, weight or fat, if covariates bear it out."""
CHUNK: Final = 500
UNTESTABLE, DUPLICATE, TAUTOLOGY = "untestable", "duplicate", "tautology"


class _Columns(NamedTuple):
    """Values (person, target), whether each can be tested at all, names and units (target,)."""

    values: Array
    testable: NDArray[np.bool_]
    names: list[str]
    units: list[str]


def check_targets(
    values: pd.DataFrame,
    design: pd.DataFrame,
    *,
    sex: str,
    units: Mapping[str, str] | None = None,
    duplicate_of: Mapping[str, str] | None = None,
    fewest_cases: int = FEWEST_CASES,
) -> pd.DataFrame:
    """Targets of one sex, and which of them can be tested.

    Set apart are targets that nobody or too few people have, that are constant or differ in too few people; second
    readings of an earlier target (correlated with it by 0.98 or more among those who have both, or so declared); and
    tautologies: the covariates tell 90 % of their variance, or 50 % if the name or unit says that they contain one.

    Parameters
    ----------
    values
        Rows ``subject``, columns phenotypes, NaN where missing.
    design
        Rows ``subject``: covariates in the form that is to count as known, without gaps.
    sex
        Of the people.
    units
        Unit by phenotype.
    duplicate_of
        First reading by phenotype, as the data dictionary has it.
    fewest_cases
        People who must differ from the most common value.

    Returns
    -------
    pandas.DataFrame
        One row per phenotype, in the order of the columns: phenotype, sex, n, r2_covariates, usable, fault
        (``"untestable"``, ``"duplicate"``, ``"tautology"`` or empty), reason.

    Raises
    ------
    ValueError
        Participants or phenotypes occur twice, people lack covariates, values are infinite; all faults are named.

    Examples
    --------
    >>> people = pd.RangeIndex(100, name="subject")
    >>> design = pd.DataFrame({"age_year": np.linspace(40.0, 70.0, 100)}, people)
    >>> values = pd.DataFrame({"pulse": np.arange(100.0) % 7, "blood_group": 1.0}, people)
    >>> check_targets(values, design, sex="female")[["phenotype", "usable", "reason"]].to_numpy().tolist()
    [['pulse', True, ''], ['blood_group', False, 'everybody has the same value']]
    """
    faults = list(_find_faults(values, design))
    if faults:
        raise ValueError("Targets cannot be checked: " + "; ".join(faults))
    names = [str(name) for name in values.columns]
    table = values.to_numpy(dtype=float)
    residuals = CovariateResiduals(design.loc[values.index].to_numpy(dtype=float))
    fewest = max(FEWEST_PEOPLE, PEOPLE_PER_AXIS * residuals.axes.shape[1])
    reasons = [_explain_untestable(column, fewest, fewest_cases) for column in table.T]
    testable = np.array([not reason for reason in reasons], dtype=bool)
    columns = _Columns(table, testable, names, [(units or {}).get(name, "") for name in names])
    told = _told_by_covariates(columns, residuals)
    faults = [UNTESTABLE if reason else "" for reason in reasons]
    found = {
        TAUTOLOGY: _find_tautologies(columns, told),
        DUPLICATE: _find_duplicates(columns, duplicate_of or {}),
    }
    for fault, explained in found.items():
        for number, reason in explained.items():
            if not reasons[number]:
                reasons[number], faults[number] = reason, fault
    counted = {"phenotype": names, "sex": sex, "n": np.isfinite(table).sum(axis=0), "r2_covariates": told}
    return pd.DataFrame(
        {**counted, "usable": [not each for each in reasons], "fault": faults, "reason": reasons}
    )


def _explain_untestable(column: Array, fewest: int, fewest_cases: int) -> str:
    known = column[np.isfinite(column)]
    if not known.size:
        return "nobody has it"
    if len(known) < fewest:
        return f"{len(known)} people have it, at least {fewest} are needed"
    levels, counts = np.unique(known, return_counts=True)
    if len(levels) == 1:
        return "everybody has the same value"
    differing = int(counts.sum() - counts.max())
    if differing < fewest_cases:
        two = len(levels) == 2  # noqa: PLR2004 - a diagnosis
        what = "are cases" if two else f"differ from {levels[counts.argmax()]:g}"
        return f"{differing} of {len(known)} people {what}, at least {fewest_cases} are needed"
    return ""


def _told_by_covariates(columns: _Columns, residuals: CovariateResiduals) -> Array:
    """Share (target,) of variance that the design tells, of values or of their ranks, if that is more.

    A few failed readings hide what a measure contains; ranks show it. Adjusted for the number of axes.
    """
    told = np.full(len(columns.names), np.nan)
    values = columns.values[:, columns.testable]
    freedom = np.isfinite(values).sum(axis=0) - residuals.axes.shape[1]
    shares = []
    for each in (values, normal_scores(values)):
        left = np.nansum(residuals.remove(each) ** 2, axis=0) / freedom
        shares.append(1 - left / np.nanvar(each, axis=0, ddof=1))
    told[columns.testable] = np.maximum(*shares)
    return told


def _find_tautologies(columns: _Columns, told: Array) -> dict[int, str]:
    """Reason by number of the target."""
    found = {}
    for number in np.flatnonzero(np.nan_to_num(told) >= TOLD_AND_NAMED):
        words = f"{columns.names[number].replace('_', ' ')} {columns.units[number]}".lower()
        named = NAMED.search(words)
        share = f"covariates tell {100 * told[number]:.0f} % of its variance"
        if told[number] >= TOLD:
            found[int(number)] = f"it contains a covariate: {share}"
        elif named:
            word = named.group().strip(" _()")
            found[int(number)] = f"it contains a covariate: it is called {word!r}, and {share}"
    return found


def _find_duplicates(columns: _Columns, duplicate_of: Mapping[str, str]) -> dict[int, str]:
    """Reason by number of the target that repeats an earlier one."""
    found = {
        number: f"it is a second reading of {duplicate_of[name]}, says the dictionary"
        for number, name in enumerate(columns.names)
        if duplicate_of.get(name) in columns.names
    }
    tested = np.flatnonzero(columns.testable)
    scored = score_skewed(columns.values[:, tested])[0]
    for first, second, r, n in find_same(scored):
        later = int(tested[second])
        said = f"it says the same as {columns.names[tested[first]]} (r = {r:.3f} in {n} people)"
        found.setdefault(later, said)
    return found


def find_same(values: Array, *, least: float = SAME_MEASURE) -> list[tuple[int, int, float, int]]:
    """Pairs of targets that say the same: number of the first and of the second, correlation, people who have both.

    Parameters
    ----------
    values
        (person, target), NaN where missing.
    least
        Absolute correlation among at least 50 people who have both.

    Returns
    -------
    list of tuple
        Sorted by the second, then the first.
    """
    known = np.isfinite(values)
    centered = np.where(known, values - np.nanmean(values, axis=0), 0.0) if values.size else values
    spread = np.sqrt((centered**2).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
    scaled = centered / np.where(spread > 0, spread, 1.0)
    has, square = known.astype(float), scaled**2
    pairs = []
    for start in range(0, values.shape[1], CHUNK):
        own, before = slice(start, start + CHUNK), slice(0, start + CHUNK)
        n = np.maximum(has[:, own].T @ has[:, before], 1.0)
        sums, others = scaled[:, own].T @ has[:, before], has[:, own].T @ scaled[:, before]
        product = scaled[:, own].T @ scaled[:, before] - sums * others / n
        size = square[:, own].T @ has[:, before] - sums**2 / n
        other_size = has[:, own].T @ square[:, before] - others**2 / n
        scale = np.sqrt(np.maximum(size, 0.0) * np.maximum(other_size, 0.0))
        r = np.divide(product, scale, out=np.zeros_like(product), where=scale > 0)
        alike = (np.abs(r) >= least) & (n >= FEWEST_PEOPLE)
        pairs += [
            (int(first), start + int(second), float(r[second, first]), int(n[second, first]))
            for second, first in np.argwhere(alike)
            if first < start + second
        ]
    return pairs


def _find_faults(values: pd.DataFrame, design: pd.DataFrame) -> Iterator[str]:
    for name, table in {"values": values, "covariates": design}.items():
        twice = table.index[table.index.duplicated()].unique()
        if len(twice):
            yield (
                f"{name} have more than one row for {', '.join(map(str, twice))}: keep one visit of each participant"
            )
    names = values.columns[values.columns.duplicated()].unique()
    if len(names):
        yield f"phenotypes occur twice: {', '.join(map(str, names))}; rename or drop one"
    lost = values.index.difference(design.index)
    if len(lost):
        yield f"{len(lost)} people have no covariates, such as {lost[0]}: leave them out of both tables"
    gaps = int(design.isna().any(axis=1).sum())
    if gaps:
        yield f"covariates of {gaps} people have gaps: leave these people out"
    infinite = values.columns[np.isinf(values.to_numpy(dtype=float)).any(axis=0)]
    if len(infinite):
        yield f"values are infinite in {', '.join(map(str, infinite))}: mark missing values as NaN"
