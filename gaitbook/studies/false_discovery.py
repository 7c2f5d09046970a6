r"""False discovery rates over families that were declared before anybody looked.

A family is one question in one sex: all targets it was to be asked of. Targets that could not be tested keep their
place and their reason; leaving out targets for what their own score turned out to be would make the rest look better
than it is, so a family with members missing is an error, not a smaller family.

References
----------
Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x (``"bh"``; valid for independent and for positively
dependent targets). Benjamini and Yekutieli 2001, doi:10.1214/aos/1013699998 (``"by"``; any dependence). Storey 2004,
doi:10.1111/j.1467-9868.2004.00439.x (``"storey"``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
Method = Literal["bh", "by", "storey"]
METHODS: Final[tuple[Method, ...]] = ("bh", "by", "storey")
LEVEL: Final = 0.05
STOREY_CUT: Final = 0.5
"""p values above this count as those of null targets."""
UNTESTED: Final = "not tested, and no reason was given"


@dataclass(frozen=True)
class Family:
    """Targets of which one question is asked in one sex, named before the answer is known.

    Parameters
    ----------
    question
        In words, such as ``"gait beyond covariates"``.
    sex
        Of the people asked.
    phenotypes
        All targets of the question, tested or not.
    """

    question: str
    sex: str
    phenotypes: tuple[str, ...]


def adjust_p_values(p: Array, *, method: Method = "bh") -> Array:
    r"""Value q of each test: the least false discovery rate at which it is a discovery.

    Parameters
    ----------
    p
        (test,), NaN where not tested; those do not count.
    method
        ``"bh"``; ``"by"``, larger by the factor :math:`\sum_{i=1}^m 1/i`; or ``"storey"``, smaller by the estimated
        share of null targets :math:`\hat\pi_0 = (1 + \#\{p > \lambda\}) / (m (1 - \lambda))`, at most one.

    Returns
    -------
    ndarray
        (test,), NaN where p is.

    Raises
    ------
    ValueError
        An unknown method, or p values outside 0 to 1.

    Examples
    --------
    >>> adjust_p_values(np.array([0.01, np.nan, 0.04, 0.03])).tolist()
    [0.03, nan, 0.04, 0.04]
    """
    from scipy.stats import false_discovery_control

    faults = [] if method in METHODS else [f"the method is {method!r}, known are {', '.join(METHODS)}"]
    known = np.isfinite(p)
    outside = int(((p[known] < 0) | (p[known] > 1)).sum())
    faults += [f"{outside} p values lie outside 0 to 1"] if outside else []
    if faults:
        raise ValueError("False discovery rates cannot be found: " + "; ".join(faults))
    q = np.full(len(p), np.nan)
    if known.any():
        share = null_share_of(p[known]) if method == "storey" else 1.0
        q[known] = share * false_discovery_control(p[known], method="by" if method == "by" else "bh")
    return q


def null_share_of(p: Array, *, cut: float = STOREY_CUT) -> float:
    """Estimated share of null targets among p values (test,) without gaps, from those above ``cut``; at most one.

    Examples
    --------
    >>> null_share_of(np.array([0.001, 0.002, 0.01, 0.03, 0.04, 0.2, 0.45, 0.9]))
    0.5
    """
    return float(min(1.0, (1 + (p > cut).sum()) / (len(p) * (1 - cut))))


def control_families(
    tests: pd.DataFrame, families: Iterable[Family], *, method: Method = "bh", level: float = LEVEL
) -> pd.DataFrame:
    """Discoveries of each family, at a false discovery rate of its own.

    Parameters
    ----------
    tests
        One row per phenotype and sex: phenotype, sex, p; where p is NaN, the column reason says why.
    families
        Declared beforehand; a phenotype may be in several.
    method, level
        As for `adjust_p_values`; a discovery has q at or below the level.

    Returns
    -------
    pandas.DataFrame
        For each family the rows of ``tests``, in its order, with question, q, discovered, tested (targets of the
        family that have p) and declared (all its targets). What was not tested is no discovery and keeps its reason.

    Raises
    ------
    ValueError
        Families name targets that tests lack, or tests name a target twice; all are named.
    """
    declared = list(families)
    faults = list(_find_faults(tests, declared))
    if faults:
        raise ValueError("Families do not fit the tests: " + "; ".join(faults))
    indexed = tests.set_index(["sex", "phenotype"], drop=False)
    return pd.concat([_control(indexed, family, method, level) for family in declared], ignore_index=True)


def _control(indexed: pd.DataFrame, family: Family, method: Method, level: float) -> pd.DataFrame:
    rows = indexed.loc[[(family.sex, name) for name in family.phenotypes]].reset_index(drop=True)
    q = adjust_p_values(rows["p"].to_numpy(dtype=float), method=method)
    untested = rows["p"].isna()
    given = rows["reason"].fillna("") if "reason" in rows else pd.Series("", rows.index)
    return rows.assign(
        question=family.question,
        q=q,
        discovered=q <= level,
        tested=int((~untested).sum()),
        declared=len(rows),
        reason=given.mask(untested & (given == ""), UNTESTED),
    )


def _find_faults(tests: pd.DataFrame, families: list[Family]) -> Iterator[str]:
    missing = [name for name in ("phenotype", "sex", "p") if name not in tests]
    if missing:
        yield f"tests have no column {', '.join(missing)}"
        return
    if not families:
        yield "no family is declared"
    twice = tests.loc[tests.duplicated(["sex", "phenotype"]), "phenotype"].unique()
    if len(twice):
        yield f"tested more than once in the same sex: {', '.join(twice)}"
    present = set(zip(tests["sex"], tests["phenotype"], strict=True))
    for family in families:
        lost = [name for name in family.phenotypes if (family.sex, name) not in present]
        if lost:
            yield (
                f"{family.question!r} was declared for {', '.join(lost)} ({family.sex}), but tests have no row for "
                "them; keep targets that cannot be tested, with p NaN and a reason"
            )
        if len(set(family.phenotypes)) < len(family.phenotypes):
            yield f"{family.question!r} ({family.sex}) names a target twice"
