"""Features and covariates of people dealt into folds: who teaches whom, and what they share."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

import numpy as np
import scipy.linalg  # noqa: F401 - its threads can only be counted once it is there
from joblib import cpu_count  # type: ignore[import-untyped]
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from gaitbook.studies.ridge_factors import Factors, factorize

PENALTIES: Final = tuple(float(each) for each in np.logspace(-2.0, 4.0, 10))
"""Penalties per person, for features of unit variance."""
LEAST_SPREAD: Final = 1e-9


class Fold(NamedTuple):
    """Who teaches and who is asked (indices), and scaled features (person, axis)."""

    taught: NDArray[np.intp]
    asked: NDArray[np.intp]
    features: NDArray[Any]


class FoldedPeople:
    """Features and covariates of people dealt into folds.

    Parameters
    ----------
    features
        (person, feature), without gaps.
    design
        (person, covariate), without gaps; a constant is added.
    fold
        (person,) number of the fold in which a person is left out.
    penalties
        Per person, for features of unit variance.
    single
        Compute in single precision.
    metrics
        By fold, a matrix (feature, direction) that features are laid out by instead of being scaled, as
        `gaitbook.studies.shared_prior.SharedPriorRidge.metrics` gives it.

    Raises
    ------
    ValueError
        People differ between the tables, values are missing, or there are fewer than two folds; all faults are named.
    """

    def __init__(
        self,
        features: NDArray[np.floating],
        design: NDArray[np.floating],
        fold: NDArray[np.integer],
        *,
        penalties: tuple[float, ...] = PENALTIES,
        single: bool = False,
        metrics: Mapping[int, NDArray[np.floating]] | None = None,
    ) -> None:
        faults = list(_find_faults(features, design, fold))
        if faults:
            raise ValueError("Nothing can be learned: " + "; ".join(faults))
        self.dtype: type[np.floating] = np.float32 if single else np.float64
        self.features = np.asarray(features, dtype=self.dtype)
        self.design = np.column_stack([np.ones(len(fold)), design]).astype(self.dtype)
        self.fold = np.asarray(fold)
        self.penalties = np.array(penalties)
        self._metrics = metrics

    def prepare(self, each: np.integer) -> Fold:
        """Features in the metric of the fold, or in the standard deviations of those who teach.

        More features than people are turned into as many.
        """
        asked, taught = np.flatnonzero(self.fold == each), np.flatnonzero(self.fold != each)
        if self._metrics is not None:
            metric = self._metrics[int(each)].astype(self.dtype)
            return Fold(taught, asked, (self.features - self.features[taught].mean(axis=0)) @ metric)
        mean, spread = self.features[taught].mean(axis=0), self.features[taught].std(axis=0)
        floor = LEAST_SPREAD if self.dtype == np.float64 else np.sqrt(LEAST_SPREAD)
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > floor * (1 + np.abs(mean)))
        features = (self.features - mean) * scale
        if features.shape[1] > len(features):
            features = np.asarray(np.linalg.qr(features.T, mode="r")).T
        return Fold(taught, asked, features)

    def factorize(self, fold: Fold, rows: NDArray[np.intp]) -> Factors:
        """Factors of the people in ``rows``, and of those asked."""
        features = fold.features[rows], fold.features[fold.asked]
        return factorize(features, (self.design[rows], self.design[fold.asked]))

    def for_each_fold(self, work: Callable[[int, Fold], None]) -> None:
        """Do the work on every fold, given its number in order: on as many threads as cores, each by itself.

        Threads that share a product of matrices wait for each other, on a busy machine ten times as long as they
        compute; folds need not wait.
        """
        folds: list[np.integer] = list(np.unique(self.fold))
        with (
            threadpool_limits(limits=1, user_api="blas"),
            ThreadPoolExecutor(min(len(folds), cpu_count())) as pool,
        ):
            for _ in pool.map(lambda number: work(number, self.prepare(folds[number])), range(len(folds))):
                pass

    def require_rows(self, values: NDArray[np.floating]) -> None:
        """Raise an error unless targets (person, target) have a row for each person."""
        if values.ndim != 2 or len(values) != len(self.fold):  # noqa: PLR2004 - person and target
            raise ValueError(
                f"targets have shape {values.shape}: {len(self.fold)} rows are needed, one per person"
            )


def _find_faults(
    features: NDArray[np.floating], design: NDArray[np.floating], fold: NDArray[np.integer]
) -> Iterator[str]:
    counts = {"features": len(features), "design": len(design), "fold": len(fold)}
    if len(set(counts.values())) > 1:
        yield "people differ: " + ", ".join(f"{name} of {count}" for name, count in counts.items())
    if len(fold) == 1:
        yield "there is one person only, and nobody to learn from: fit them with others or leave them out"
    elif len(np.unique(fold)) < 2:  # noqa: PLR2004 - those who teach and those who are asked
        yield "all people are in one fold: at least 2 are needed"
    for name, table in (("features", features), ("covariates", design)):
        gaps = int((~np.isfinite(table)).any(axis=1).sum()) if table.size else 0
        if gaps:
            yield f"{name} of {gaps} people have gaps: leave out those who lack a task or a covariate"
