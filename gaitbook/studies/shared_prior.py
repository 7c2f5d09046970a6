r"""Ridge regression that knows which axes of gait tell of anything: many targets teach one prior.

Ridge regression holds every direction of the features, before it sees a target, for as likely to tell of it as any
other of the same variance. Thousands of targets of the same people know better: what walking tells of them comes of the
same few styles. In each fold, every target is therefore fitted twice. The first fits, shrunk as each target asks for,
are laid side by side on orthonormal axes as :math:`F`; with :math:`F F^\top = V W V^\top`, the directions :math:`V` get
the prior variances

.. math:: \pi_k = \max(w_k - \tilde w, 0) / (w_1 - \tilde w) + \epsilon,

in which the median :math:`\tilde w` is what chance gives to any direction, and :math:`\epsilon` leaves a way for what
only one target tells. The second fit is a ridge regression with that prior. Only people who teach the fold are asked,
so that the prediction of a person is as blind to them as before; where people are dealt out, the prior is learned
again.

References
----------
Brown and Zidek (1980), adaptive multivariate ridge regression, doi:10.1214/aos/1176344891. Breiman and Friedman
(1997), predicting several responses at once, doi:10.1111/1467-9868.00054.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gaitbook.studies.unseen_ridge import Split, UnseenRidge, fit_split, scale_features

Array = NDArray[np.float64]
FEWEST_TARGETS: Final = 100
"""Fewer targets than these teach no prior: a target would mostly teach itself."""
LEAST_PRIOR: Final = 0.01
"""Prior variance of directions that other targets say nothing of, where the best known one has 1."""


class _Metric(NamedTuple):
    """Directions (axis, direction) of the axes of a split, orthonormal, and their prior variances (direction,)."""

    directions: Array
    prior: Array


class SharedPriorRidge(UnseenRidge):
    """Features of people dealt into folds, ready to predict many targets with a prior that all of them teach.

    Parameters
    ----------
    features, fold
        As for `gaitbook.studies.unseen_ridge.UnseenRidge`, which this is if there are fewer than `FEWEST_TARGETS`.
    """

    def __init__(self, features: Array, fold: NDArray[np.integer]) -> None:
        super().__init__(features, fold)
        self._features, self._fold = features, fold

    def weigh(self, split: Split, known: Array) -> Array:
        """Weight (axis, target) of each axis of a split, for what teachers know (teacher, target)."""
        if known.shape[1] < FEWEST_TARGETS:
            return super().weigh(split, known)
        metric = _learn_metric(split, known)
        turned = Split(
            split.unseen,
            split.known,
            split.scores @ metric.directions,
            len(known) * metric.prior,
            split.unseen_scores,
        )
        size = np.sqrt(split.eigenvalues)
        weight = fit_split(turned, known) * np.sqrt(turned.eigenvalues)[:, None]
        return np.asarray(metric.directions @ weight / size[:, None])

    def metrics(self, targets: Array) -> dict[int, Array] | None:
        """Features in the metric of the prior, by fold: a matrix (feature, direction) in the unit of the features.

        Parameters
        ----------
        targets
            (person, target), zero where missing.

        Returns
        -------
        dict or None
            None if there are too few targets to teach a prior. Features times the matrix, in a ridge regression without
            further scaling, have the prior.
        """
        if targets.shape[1] < FEWEST_TARGETS:
            return None
        found = {}
        for each, split in zip(np.unique(self._fold), self.splits, strict=True):
            known = targets[split.known] - targets[split.known].mean(axis=0)
            metric = _learn_metric(split, known)
            mean, scale = scale_features(self._features[split.known])
            taught = (self._features[split.known] - mean) * scale
            turn = scale[:, None] * (taught.T @ split.scores) / split.eigenvalues
            found[int(each)] = turn @ metric.directions * np.sqrt(len(known) * metric.prior)
        return found


def _learn_metric(split: Split, known: Array) -> _Metric:
    """What the targets (teacher, target), in standard deviations, say of the axes."""
    spread = known.std(axis=0)
    scaled = np.divide(known, spread, out=np.zeros_like(known), where=spread > 0)
    fitted = np.sqrt(split.eigenvalues)[:, None] * fit_split(split, scaled)
    told, directions = np.linalg.eigh(fitted @ fitted.T)
    beyond = np.maximum(told - np.median(told), 0.0)
    most = beyond.max(initial=0.0)
    share = beyond / most if most > 0 else np.ones_like(beyond)
    return _Metric(directions, share + LEAST_PRIOR)
