"""A linear mixed model of what speed does to people, and a person at another speed by it.

One model per gait and quantity, fitted on other people; the person's own number at one speed then moves the course
toward that person, as far as people differ (best linear unbiased prediction). Tables are those of
`gaitbook.studies.speed_baselines`.
"""

import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.speed_baselines import NUMBERS, beside_own, require_columns

Array = NDArray[np.float64]
logger = logging.getLogger(__name__)

LEAST_SPREAD: Final = 1e-9
"""Share of the size of a quantity below which its spread is rounding."""


@dataclass(frozen=True)
class SpeedMixedModel:
    """What speed does to one quantity of one gait: a course for everybody, and how far people lie from it.

    Parameters
    ----------
    center_mps, width_mps
        Speeds are told from this one in units of this.
    course
        (power,) constant, slope and curvature of the course.
    course_covariance
        (power, power) of their estimates.
    between
        (2, 2) covariance over people of their constants and slopes.
    within
        Variance of a number about its person's course.
    people
        On whom it rests.
    """

    center_mps: float
    width_mps: float
    course: Array
    course_covariance: Array
    between: Array
    within: float
    people: int

    def predict(self, own: tuple[Array, Array], speed_mps: Array) -> tuple[Array, Array]:
        """Best linear unbiased prediction (row,) at other speeds, and its standard deviation (row,).

        Parameters
        ----------
        own
            Own speed, m/s (row,), and the number there (row,).
        speed_mps
            (row,) speed asked for.

        References
        ----------
        Robinson (1991), doi:10.1214/ss/1177011926.
        """
        before, after = self._powers(own[0]), self._powers(speed_mps)
        own_powers = min(2, len(self.course))
        between = self.between[:own_powers, :own_powers]
        spread, shared, asked = (
            np.einsum("ri,ij,rj->r", first[:, :own_powers], between, second[:, :own_powers])
            for first, second in ((before, before), (before, after), (after, after))
        )
        total = spread + self.within
        gain = np.divide(shared, total, out=np.zeros_like(total), where=total > 0)
        value = after @ self.course + gain * (own[1] - before @ self.course)
        lever = after - gain[:, None] * before
        unsure = np.einsum("ri,ij,rj->r", lever, self.course_covariance, lever)
        return value, np.sqrt(np.maximum(asked - gain * shared, 0.0) + self.within + unsure)

    def _powers(self, speed_mps: Array) -> Array:
        scaled = (speed_mps - self.center_mps) / self.width_mps
        return np.vander(scaled, len(self.course), increasing=True)


@dataclass(frozen=True)
class SpeedModels:
    """A `SpeedMixedModel` of each gait and quantity, by (gait, quantity)."""

    models: Mapping[tuple[str, str], SpeedMixedModel]

    def predict(self, own: pd.DataFrame, asked: pd.DataFrame, level: float = 0.9) -> pd.DataFrame:
        """Numbers of people at other speeds, from their own at one, with Student's intervals for a new measurement.

        Parameters
        ----------
        own, asked
            As for `scaling_laws`; height is not needed.
        level
            Coverage of the intervals.

        Returns
        -------
        pandas.DataFrame
            Columns subject, gait, speed_mps, quantity, value, low, high.

        Raises
        ------
        ValueError
            As `scaling_laws`, or if a quantity was not among those of the training people.
        """
        from scipy.stats import t

        require_columns(own, NUMBERS, "own")
        rows = beside_own(own.dropna(subset="value"), asked)
        parts = []
        groups: Any = rows.groupby(["gait", "quantity"], sort=False)
        for (gait, quantity), group in groups:
            if (gait, quantity) not in self.models:
                raise ValueError(f"no model of {quantity} ({gait}): fit one on people who have it")
            model, own_mps = self.models[gait, quantity], group["own_mps"].to_numpy(float)
            number, asked_mps = group["value"].to_numpy(float), group["speed_mps"].to_numpy(float)
            value, spread = model.predict((own_mps, number), asked_mps)
            half = t.ppf(0.5 + level / 2, max(model.people - 1, 1)) * spread
            parts.append(group.assign(value=value, low=value - half, high=value + half))
        return pd.concat(parts).sort_index()[[*NUMBERS, "low", "high"]]


def fit_speed_models(numbers: pd.DataFrame) -> SpeedModels:
    """Linear mixed models of numbers over speed, value ~ speed + speed², with each person's constant and slope.

    Parameters
    ----------
    numbers
        Of training people at several speeds; NaN is left out. With two speeds the course is straight.

    Returns
    -------
    SpeedModels
        Where the fit does not converge, people share their slope, which is logged.

    Raises
    ------
    ValueError
        If a column is missing.
    """
    require_columns(numbers, NUMBERS, "numbers")
    groups: Any = numbers.dropna(subset="value").groupby(["gait", "quantity"], sort=False)
    return SpeedModels({key: _fit(group, " of ".join(reversed(key))) for key, group in groups})


class _Found(NamedTuple):
    """Course, covariance of its estimates, covariance between people and variance within."""

    course: Array
    covariance: Array
    between: Array
    within: float


def _fit(group: pd.DataFrame, name: str) -> SpeedMixedModel:
    speed, value = (group[column].to_numpy(float) for column in ("speed_mps", "value"))
    center, width, size = float(speed.mean()), float(speed.std()) or 1.0, float(value.std())
    people, count = group["subject"].to_numpy(), int(group["subject"].nunique())
    powers = np.vander((speed - center) / width, min(3, len(np.unique(speed))), increasing=True)
    if size <= LEAST_SPREAD * (1.0 + abs(float(value.mean()))):
        nothing = np.zeros((2, 2))
        return SpeedMixedModel(center, width, np.r_[value.mean(), 0.0], nothing, nothing, 0.0, count)
    found = _mixed(value / size, powers, people, powers[:, :2])
    if found is None:
        logger.warning("%s: slopes of people were not found and are taken as equal", name)
        found = _mixed(value / size, powers, people, powers[:, :1]) or _least_squares(value / size, powers)
    between = np.zeros((2, 2))
    between[: len(found.between), : len(found.between)] = size**2 * found.between
    covariance, within = size**2 * found.covariance, size**2 * found.within
    return SpeedMixedModel(center, width, size * found.course, covariance, between, within, count)


def _mixed(value: Array, powers: Array, people: NDArray[Any], own: Array) -> _Found | None:
    """Fit by restricted maximum likelihood with coefficients of `own` of each person; None where that fails."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    count = powers.shape[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:  # Powell's steps find variances of zero, where those along gradients stop short.
            fitted = MixedLM(value, powers, groups=people, exog_re=own).fit(method=["powell", "lbfgs"])
        except (np.linalg.LinAlgError, ValueError, ZeroDivisionError):
            return None
        found = _Found(
            np.asarray(fitted.fe_params, dtype=float),
            np.asarray(fitted.cov_params(), dtype=float)[:count, :count],
            np.asarray(fitted.cov_re, dtype=float),
            float(fitted.scale),
        )
    finite = all(np.isfinite(part).all() for part in found)
    sound = finite and fitted.converged and np.linalg.eigvalsh(found.between)[0] > -LEAST_SPREAD
    return found if sound else None


def _least_squares(value: Array, powers: Array) -> _Found:
    course, *_ = np.linalg.lstsq(powers, value)
    within = float(np.mean((value - powers @ course) ** 2))
    covariance = within * np.linalg.pinv(powers.T @ powers)
    return _Found(course.astype(float), covariance.astype(float), np.zeros((1, 1)), within)
