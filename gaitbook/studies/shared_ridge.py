"""Thousands of targets predicted at once: by covariates alone, and by covariates with gait.

Each person is predicted from those of other folds. Covariates are free, gait is penalized; the penalty is chosen for
each target among the people who teach, by generalized cross-validation. Targets that nearly the same people have share
one factorization, from which the few who lack a target are taken out exactly (`gaitbook.studies.ridge_factors`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gaitbook.studies.folded_people import LEAST_SPREAD, PENALTIES, Fold, FoldedPeople
from gaitbook.studies.missing_patterns import Pattern, PatternGroup, cheapest_groups
from gaitbook.studies.ridge_factors import Factors, can_do_without, predict_targets

__all__ = ["PENALTIES", "SharedPrediction", "SharedRidge", "explain_unlearnable"]

Array = NDArray[np.float64]
CHUNK: Final = 512
"""Targets that are predicted in one go."""
LEAST_FREEDOM: Final = 10
"""People who teach beyond the number of covariates."""
NO_VALUE: Final = "nobody has a value"
ONE_VALUE: Final = "all values are the same"


@dataclass(frozen=True)
class SharedPrediction:
    """What others teach about each person.

    Parameters
    ----------
    covariates
        (person, target) by covariates alone; NaN where a target cannot be learned. Who lacks the value is predicted
        as well.
    both
        (person, target) by covariates and features.
    penalty
        (fold, target) penalty per person; NaN where a target cannot be learned.
    reason
        (target,) why it cannot be learned; empty where it can.
    """

    covariates: Array
    both: Array
    penalty: Array
    reason: NDArray[np.str_]


class SharedRidge(FoldedPeople):
    """Features and covariates of people dealt into folds, ready to predict any targets.

    Parameters
    ----------
    features
        (person, feature), without gaps. They are scaled to unit variance among all who teach a fold.
    design
        (person, covariate), without gaps, as `gaitbook.studies.covariate_design.covariate_design` lays them out; a
        constant is added. With no column, ``both`` tells what the features say by themselves.
    fold
        (person,) number of the fold in which a person is left out.
    penalties
        Per person, for features of unit variance.
    single
        Compute in single precision: about half the time and memory.
    metrics
        By fold, what lays out the features instead of their standard deviations; see
        `gaitbook.studies.folded_people.FoldedPeople`.

    Raises
    ------
    ValueError
        People differ between the tables, values are missing, or there are fewer than two folds; all faults are named.
    """

    def predict(self, values: NDArray[np.floating], *, chunk: int = CHUNK) -> SharedPrediction:
        """Predictions of targets (person, target), NaN where a person lacks the value.

        Parameters
        ----------
        values
            As many rows as people. Stack permuted targets side by side: those with the same gaps share what is slow.
        chunk
            Targets predicted in one go; fewer need less memory.

        Raises
        ------
        ValueError
            The rows are not as many as the people.
        """
        self.require_rows(values)
        reason = explain_unlearnable(values, self.fold, self.design.shape[1])
        learned = np.flatnonzero(reason == "")
        covariates, both = (np.full(values.shape, np.nan) for _ in range(2))
        penalty = np.full((len(np.unique(self.fold)), values.shape[1]), np.nan)
        groups = cheapest_groups(
            np.isfinite(values[:, learned]),
            features=self.features.shape[1],
            penalties=len(self.penalties),
        )

        def predict_fold(number: int, fold: Fold) -> None:
            for factors, absent, rows, targets in self._factorize_groups(fold, groups):
                for part in np.array_split(learned[targets], -(-len(targets) // chunk)):
                    taught, mean, spread = self._standardize(values, rows, absent, part)
                    first, second, chosen = predict_targets(factors, taught, absent, self.penalties)
                    place = np.ix_(fold.asked, part)
                    covariates[place], both[place] = mean + spread * first, mean + spread * second
                    penalty[number, part] = self.penalties[chosen]

        self.for_each_fold(predict_fold)
        return SharedPrediction(covariates, both, penalty, reason)

    def _factorize_groups(
        self, fold: Fold, groups: list[PatternGroup]
    ) -> Iterator[tuple[Factors, NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]]:
        """Factors, absent teachers, rows of teachers and targets of every pattern."""
        for group in groups:
            rows = fold.taught[group.known[fold.taught]]
            factors = self.factorize(fold, rows)
            for pattern in group.patterns:
                absent = np.flatnonzero(~pattern.known[rows])
                if can_do_without(factors, absent):
                    yield factors, absent, rows, pattern.targets
                else:
                    yield self._factorize_alone(fold, pattern)

    def _factorize_alone(
        self, fold: Fold, pattern: Pattern
    ) -> tuple[Factors, NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        rows = fold.taught[pattern.known[fold.taught]]
        return self.factorize(fold, rows), np.array([], dtype=np.intp), rows, pattern.targets

    def _standardize(
        self,
        values: NDArray[np.floating],
        rows: NDArray[np.intp],
        absent: NDArray[np.intp],
        part: NDArray[np.intp],
    ) -> tuple[NDArray[Any], Array, Array]:
        """Targets of teachers about their mean in their standard deviations, zero where missing."""
        taught = values[np.ix_(rows, part)].astype(float)
        present = np.delete(taught, absent, axis=0)
        mean, spread = present.mean(axis=0), present.std(axis=0)
        spread = np.where(spread > LEAST_SPREAD * (1.0 + np.abs(mean)), spread, 1.0)
        taught = (taught - mean) / spread
        taught[absent] = 0.0
        return taught.astype(self.dtype), mean, spread


def explain_unlearnable(
    values: NDArray[np.floating], fold: NDArray[np.integer], covariates: int
) -> NDArray[np.str_]:
    """Why targets (person, target) cannot be learned (target,); empty where they can.

    Parameters
    ----------
    values
        NaN where missing.
    fold
        (person,).
    covariates
        Columns of the design, with the constant.
    """
    known = np.isfinite(values)
    total = known.sum(axis=0)
    fewest = total - np.array([known[fold == each].sum(axis=0) for each in np.unique(fold)]).max(axis=0)
    low, high = (
        bound(np.where(known, values, fill), axis=0) for bound, fill in ((np.min, np.inf), (np.max, -np.inf))
    )
    needed = covariates + LEAST_FREEDOM
    reason = np.where(fewest < needed, "too few people have a value to teach a fold: ", "").astype(object)
    short = fewest < needed
    reason[short] += np.array([f"{count}, {needed} are needed" for count in fewest[short]], dtype=object)
    with np.errstate(invalid="ignore"):
        reason[high - low <= LEAST_SPREAD * (1.0 + np.abs(high))] = ONE_VALUE
    reason[total == 0] = NO_VALUE
    return reason.astype(np.str_)
