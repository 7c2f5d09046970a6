"""Age bands of women and men, each with people enough to learn something of its own."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.paired_scores import people_of_each_sex

Array = NDArray[np.float64]
FEWEST_PEOPLE: Final = 40
"""Of a band: with fewer, nine in ten is not told from all."""
DECADE_YEAR: Final = 10.0
ALL_AGES: Final = "all ages"


def age_bands(people: pd.DataFrame, *, fewest: int = FEWEST_PEOPLE) -> pd.DataFrame:
    """Decades of age, of each sex, joined until each has people enough.

    Parameters
    ----------
    people
        Columns sex, age_year.
    fewest
        People of a band.

    Returns
    -------
    pandas.DataFrame
        Columns sex, band (such as ``"50 to 59 years"``), from_year, n; the first band reaches down, and the last up,
        without end.

    Raises
    ------
    ValueError
        Columns or ages are missing, or fewer people are of a sex than a band needs; all faults are named.
    """
    _require_people(people, fewest)
    parts = []
    for sex, own in people_of_each_sex(people):
        decade = np.floor(people.loc[own, "age_year"].to_numpy(dtype=float) / DECADE_YEAR) * DECADE_YEAR
        starts = _joined(decade, fewest)
        count = np.bincount(np.searchsorted(starts, decade, side="right") - 1, minlength=len(starts))
        parts.append(
            pd.DataFrame({"sex": sex, "band": list(_band_words(starts)), "from_year": starts, "n": count})
        )
    return pd.concat(parts, ignore_index=True)


def band_of(people: pd.DataFrame, bands: pd.DataFrame) -> pd.Series:
    """Band of `age_bands` of each person.

    Raises
    ------
    ValueError
        A sex has no bands, or an age is missing; all faults are named.
    """
    _require_people(people, 0)
    strange = sorted(set(people["sex"]) - set(bands["sex"]))
    if strange:
        raise ValueError(
            f"There are no intervals for the sex {', '.join(map(str, strange))}: nobody taught them"
        )
    found = pd.Series("", people.index, name="band")
    for sex, own in people_of_each_sex(people):
        of_sex = bands[bands["sex"] == sex].sort_values("from_year")
        place = np.searchsorted(of_sex["from_year"].to_numpy()[1:], people.loc[own, "age_year"], side="right")
        found.loc[own] = of_sex["band"].to_numpy()[place]
    return found


def _joined(decade: Array, fewest: int) -> Array:
    """First year of each band of people, from the youngest up; a last band that is too small joins the one before."""
    starts: list[float] = []
    gathered = fewest
    for start, count in zip(*np.unique(decade, return_counts=True), strict=True):
        if gathered >= fewest:
            starts.append(float(start))
            gathered = 0
        gathered += int(count)
    return np.array(starts[:-1] if gathered < fewest and len(starts) > 1 else starts)


def _band_words(starts: Array) -> Iterable[str]:
    if len(starts) == 1:
        return [ALL_AGES]
    middle = [f"{low:.0f} to {high - 1:.0f} years" for low, high in pairwise(starts[1:])]
    return [f"under {starts[1]:.0f} years", *middle, f"{starts[-1]:.0f} years and over"]


def _require_people(people: pd.DataFrame, fewest: int) -> None:
    missing = [name for name in ("sex", "age_year") if name not in people]
    faults = [f"people have no column {', '.join(missing)}"] if missing else []
    if not missing:
        unknown = int(people[["sex", "age_year"]].isna().any(axis=1).sum())
        faults += [f"people without sex or age: {unknown}, leave them out"] if unknown else []
        for sex, count in people["sex"].value_counts().items():
            if count < fewest:
                faults.append(f"{sex} people: {count}, an interval needs {fewest}: leave that sex out")
    if faults:
        raise ValueError("Intervals cannot be learned: " + "; ".join(faults))
