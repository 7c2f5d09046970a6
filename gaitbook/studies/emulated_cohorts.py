"""Many cohorts for the price of one: what walker and camera make of a person, emulated.

To see how often discoveries are false, whole cohorts must be drawn again and again, truth included. People, hidden
scores, styles and phenotypes cost nothing; walking does. So features of people who were simulated in full are regressed
on their styles, size and age, sex by sex, and a new person is given what the regression tells and the left-over of
somebody who walked. Whatever links a feature to a phenotype then runs through styles and covariates, as it must.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import SEXES
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.phenotypes import draw_phenotypes
from gaitbook.synthesis.population import draw_people

Array = NDArray[np.float64]
MEASURES: Final = ("age_year", "bmi_kgm2", "visceral_fat_cm2", "height_m", "comfortable_speed_mps")
FEWEST_PEOPLE: Final = 300
"""Of each sex; fewer do not tell what sixty regressors do."""
STREAM: Final = 4701


@dataclass(frozen=True)
class Emulator:
    """What makes features of a person, by sex.

    Parameters
    ----------
    weights
        (regressor, feature) by sex.
    leftovers
        (person, feature) by sex: what the regression does not tell of those who walked.
    scales
        Mean and standard deviation of the regressors, (2, regressor) by sex.
    explained
        Share of the variance of each feature (feature,) that the regression tells, over both sexes.
    names
        Of the features.
    """

    weights: dict[str, Array]
    leftovers: dict[str, Array]
    scales: dict[str, Array]
    explained: Array
    names: pd.Index


@dataclass(frozen=True)
class EmulatedCohort:
    """A cohort that was drawn: people, features, true styles (rows ``subject``), and phenotypes with their truth."""

    people: pd.DataFrame
    features: pd.DataFrame
    styles: pd.DataFrame
    phenotypes: xr.Dataset


def fit_emulator(features: pd.DataFrame, people: pd.DataFrame, styles: pd.DataFrame) -> Emulator:
    """Learn what features depend on.

    Parameters
    ----------
    features
        Rows ``subject``, without gaps; a hundred axes rather than thousands of columns.
    people, styles
        Of at least the same people, as drawn by `draw_people` and `draw_causes`.

    Raises
    ------
    ValueError
        There are too few people of a sex.
    """
    shared = features.index.intersection(people.index, sort=False)
    counts = people.loc[shared, "sex"].value_counts()
    few = [f"{counts.get(sex, 0)} {sex}" for sex in SEXES if counts.get(sex, 0) < FEWEST_PEOPLE]
    if few:
        raise ValueError(
            f"Features cannot be emulated from {', '.join(few)} people: at least {FEWEST_PEOPLE} of each sex are needed"
        )
    weights, leftovers, scales = {}, {}, {}
    for sex in SEXES:
        own = shared[(people.loc[shared, "sex"] == sex).to_numpy()]
        raw = _regressors(people.loc[own], styles.loc[own])
        scales[sex] = np.stack([raw.mean(axis=0), raw.std(axis=0)])
        design = _design(raw, scales[sex])
        values = features.loc[own].to_numpy(dtype=float)
        weights[sex] = np.linalg.lstsq(design, values, rcond=None)[0]
        # a regression that has seen these people leaves less of them than it would of others
        shrunk = np.sqrt(len(own) / (len(own) - design.shape[1]))
        leftovers[sex] = shrunk * (values - design @ weights[sex])
    rest = sum(float(len(left)) * left.var(axis=0) for left in leftovers.values()) / len(shared)
    explained = 1.0 - rest / features.loc[shared].to_numpy(dtype=float).var(axis=0)
    return Emulator(weights, leftovers, scales, np.asarray(explained), features.columns)


def draw_cohort(emulator: Emulator, count: int, *, seed: int) -> EmulatedCohort:
    """People who never were, with phenotypes and features.

    Parameters
    ----------
    emulator
        As given by `fit_emulator`.
    count
        How many people.
    seed
        Another seed, another cohort: people, hidden scores, noise, and whose left-over is whose.
    """
    people = draw_people(count, seed=seed)
    causes = draw_causes(people, seed=seed)
    phenotypes = draw_phenotypes(people, causes, seed=seed)
    rng = np.random.default_rng([seed, STREAM])
    values = np.empty((count, len(emulator.names)), dtype=np.float32)
    for sex in SEXES:
        rows = np.flatnonzero((people["sex"] == sex).to_numpy())
        raw = _regressors(people.iloc[rows], causes.styles.iloc[rows])
        left = emulator.leftovers[sex]
        told = _design(raw, emulator.scales[sex]) @ emulator.weights[sex]
        values[rows] = told + left[rng.integers(len(left), size=len(rows))]
    features = pd.DataFrame(values, people.index, emulator.names)
    return EmulatedCohort(people, features, causes.styles, phenotypes)


def _regressors(people: pd.DataFrame, styles: pd.DataFrame) -> Array:
    return np.column_stack([styles.to_numpy(dtype=float), people[list(MEASURES)].to_numpy(dtype=float)])


def _design(raw: Array, scale: Array) -> Array:
    """One, the standardized regressors and their squares."""
    each = (raw - scale[0]) / scale[1]
    return np.column_stack([np.ones(len(each)), each, each**2 - 1.0])
