"""What is known of a person beside the gait, on the scale on which it acts.

Covariates act linearly on styles and phenotypes, through the same fixed standardization for everybody, women and
men. So an analysis that adjusts linearly for the columns of the people table removes exactly what they do, and
whatever else it finds is either a true effect or a false discovery.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from gaitbook.conventions import SEXES

SEX_CODE = {"female": 0.5, "male": -0.5}


@cache
def load_causes() -> Mapping[str, Any]:
    """Causes of the style scores as written in ``causes.yml``."""
    return yaml.safe_load(files("gaitbook.synthesis").joinpath("causes.yml").read_text(encoding="utf-8"))


def covariate_names() -> tuple[str, ...]:
    """Names of the covariates in their order.

    Examples
    --------
    >>> covariate_names()
    ('age', 'bmi', 'visceral_fat', 'height', 'sex', 'mass', 'vigor')
    """
    return tuple(load_causes()["covariates"])


def standardize_covariates(people: pd.DataFrame) -> pd.DataFrame:
    """Covariates (subject, covariate) in standard deviations of all adults; sex is +1/2 for women, -1/2 for men.

    Parameters
    ----------
    people
        One row per person, as `gaitbook.synthesis.population.draw_people` returns it.

    Raises
    ------
    ValueError
        If columns are missing, values are not finite, a sex is unknown or a person occurs twice.
    """
    check_people(people)
    known: Mapping[str, Any] = load_causes()["covariates"]
    columns = {
        name: (
            people["sex"].map(SEX_CODE).astype(float)
            if name == "sex"
            else (people[entry["column"]].astype(float) - entry["mean"]) / entry["sd"]
        )
        for name, entry in known.items()
    }
    return pd.DataFrame(columns, index=people.index).rename_axis(index="subject", columns="covariate")


def check_people(people: pd.DataFrame) -> None:
    """Raise one error that names every fault of a people table."""
    needed = ["number", *(entry["column"] for entry in load_causes()["covariates"].values())]
    missing = [column for column in needed if column not in people.columns]
    faults = [f"column {column!r} is missing" for column in missing]
    for column in (name for name in needed if name not in missing and name != "sex"):
        unknown = int((~np.isfinite(people[column].to_numpy(dtype=float))).sum())
        faults += [f"{column!r} is not finite for {unknown} people"] if unknown else []
    if "sex" in people.columns:
        others = sorted({str(sex) for sex in people["sex"]} - set(SEXES))
        faults += [f"sex is {', '.join(others)}; known are {', '.join(SEXES)}"] if others else []
    twice = people.index[people.index.duplicated()].unique()
    faults += [f"subject {twice[0]!r} occurs more than once"] if len(twice) else []
    if faults:
        message = "The people table cannot be used: " + "; ".join(faults)
        raise ValueError(message + ". Draw it with gaitbook.synthesis.population.draw_people.")


def covariance_of(names: Sequence[str]) -> NDArray[np.float64]:
    """Covariance (covariate, covariate) of the standardized covariates among all adults, as written in the table."""
    spread = np.array([0.5 if name == "sex" else 1.0 for name in names])
    chosen = [covariate_names().index(name) for name in names]
    return _correlation()[np.ix_(chosen, chosen)] * spread[:, None] * spread[None, :]


@cache
def _correlation() -> NDArray[np.float64]:
    known = covariate_names()
    correlation = np.eye(len(known))
    for first, second, value in load_causes()["correlations"]:
        row, column = known.index(first), known.index(second)
        correlation[row, column] = correlation[column, row] = value
    return correlation


def weighted_sum(columns: pd.DataFrame, weights: pd.DataFrame) -> NDArray[np.float64]:
    """Sum over causes of column times weight, (subject, effect), from (subject, cause) and (effect, cause).

    Added term by term, because the matrix product of a chunk may differ in its last bits from that of the whole.
    """
    total = np.zeros((len(columns), len(weights)))
    for name in weights.columns:
        total += columns[name].to_numpy(dtype=float)[:, None] * weights[name].to_numpy(dtype=float)[None, :]
    return total
