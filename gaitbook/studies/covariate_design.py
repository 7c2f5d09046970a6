r"""Covariates as flexible as what they are compared with: what gait adds must not be a curve of age.

Each covariate enters as a natural cubic spline (linear beyond the outer knots), its knots at the quantiles that Harrell
recommends. Where women and men are fitted together, sex enters by itself and with the whole curve of age.

References
----------
Harrell (2015), Regression modeling strategies, section 2.4.5 and table 2.3, doi:10.1007/978-3-319-19425-7.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
COLUMNS: Final = ("age_year", "bmi_kgm2", "visceral_fat_cm2", "height_m")
QUANTILES: Final[Mapping[int, tuple[float, ...]]] = MappingProxyType(
    {
        3: (0.10, 0.50, 0.90),
        4: (0.05, 0.35, 0.65, 0.95),
        5: (0.05, 0.275, 0.50, 0.725, 0.95),
        6: (0.05, 0.23, 0.41, 0.59, 0.77, 0.95),
        7: (0.025, 0.1833, 0.3417, 0.50, 0.6583, 0.8167, 0.975),
    }
)
"""Shares of people below each knot, by number of knots."""
FEWEST_KNOTS: Final = 3
LEAST_SPREAD: Final = 1e-9
"""A column that varies by less than this share of its size is constant."""
AGE: Final = "age_year"


def covariate_design(people: pd.DataFrame, *, columns: tuple[str, ...] = COLUMNS, knots: int = 4) -> Array:
    """Design (person, covariate): a constant, splines of covariates, sex, and sex by age.

    Knots are those of all people given: they know of covariates only, not of any target.

    Parameters
    ----------
    people
        One row per person, with ``columns``, and ``sex`` if women and men are fitted together.
    columns
        Covariates. One that is the same for everybody is left out; one with few values is left straight.
    knots
        3 to 7, or 0 for straight lines.

    Returns
    -------
    numpy.ndarray
        Columns but the first have mean zero and unit spread; for one person only the constant is left.

    Raises
    ------
    ValueError
        Columns or values are missing, or the knots are too few or too many; all faults are named.
    """
    faults = list(_find_faults(people, columns, knots))
    if faults:
        raise ValueError("Covariates cannot be laid out: " + "; ".join(faults))
    parts = {name: _curve(people[name].to_numpy(dtype=float), knots) for name in columns}
    design = [np.ones((len(people), 1)), *parts.values()]
    if "sex" in people and people["sex"].nunique() > 1:
        sexes = sorted(people["sex"].unique())[1:]
        member = (people["sex"].to_numpy()[:, None] == sexes).astype(float)
        design += [member, *(parts[AGE] * each[:, None] for each in member.T if AGE in parts)]
    return _standardize(np.column_stack(design))


def natural_spline(values: Array, knots: Array) -> Array:
    r"""Restricted cubic spline (person, term): the values, and one term for each knot but the last two.

    .. math:: \frac{(x - t_j)_+^3 - \frac{t_k - t_j}{t_k - t_{k-1}} (x - t_{k-1})_+^3
        + \frac{t_{k-1} - t_j}{t_k - t_{k-1}} (x - t_k)_+^3}{(t_k - t_1)^2}

    Parameters
    ----------
    values
        (person,).
    knots
        (knot,) in ascending order, at least three.
    """
    last, before = knots[-1], knots[-2]

    def cube(knot: float) -> Array:
        return np.maximum(values - knot, 0.0) ** 3

    terms = [
        cube(knot)
        - cube(before) * (last - knot) / (last - before)
        + cube(last) * (before - knot) / (last - before)
        for knot in knots[:-2]
    ]
    return np.column_stack([values, *(term / (last - knots[0]) ** 2 for term in terms)])


def _curve(values: Array, knots: int) -> Array:
    """Terms of one covariate: none if constant, itself if it has too few values for knots, else a spline."""
    centered = values - values.mean()
    spread = centered.std()
    if spread <= LEAST_SPREAD * (1.0 + np.abs(values).max()):
        return np.empty((len(values), 0))
    scaled = centered / spread
    for count in range(knots, FEWEST_KNOTS - 1, -1):
        places = np.quantile(scaled, QUANTILES[count])
        if len(np.unique(scaled)) > count and (np.diff(places) > LEAST_SPREAD).all():
            return natural_spline(scaled, places)
    return scaled[:, None]


def _standardize(design: Array) -> Array:
    """Columns about their mean, in their standard deviations; the constant stays, other constants go."""
    spread = design.std(axis=0)
    kept = spread > LEAST_SPREAD
    rest = (design[:, kept] - design[:, kept].mean(axis=0)) / spread[kept]
    return np.column_stack([np.ones(len(design)), rest])


def _find_faults(people: pd.DataFrame, columns: tuple[str, ...], knots: int) -> Iterator[str]:
    missing = [name for name in columns if name not in people]
    if missing:
        yield f"the people table has no column {', '.join(missing)}"
    if not len(people):
        yield "the people table is empty"
    if knots and knots not in QUANTILES:
        yield f"{knots} knots: choose {min(QUANTILES)} to {max(QUANTILES)}, or 0 for straight lines"
    for name in (each for each in columns if each in people):
        gaps = int((~np.isfinite(people[name].to_numpy(dtype=float))).sum())
        if gaps:
            yield f"{gaps} people have no {name}: fill it in or leave them out"
    if "sex" in people and people["sex"].isna().any():
        yield f"{int(people['sex'].isna().sum())} people have no sex: fill it in or leave them out"
