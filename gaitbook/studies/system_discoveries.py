r"""Discoveries by body system first, by target second.

The targets of a system are combined to one p value, systems are selected by Benjamini and Hochberg among the systems of
a sex, and in each of the :math:`R` selected of :math:`S` systems targets are found at the level :math:`q R / S`. The
average share of false discoveries over the selected systems is then at most :math:`q` (Benjamini and Bogomolov 2014,
doi:10.1111/rssb.12028). "Gait tells of 12 of 18 systems" is a claim with an error rate; to count a system because one
of its five hundred targets is significant is not.

With Simes' combination (1986, doi:10.1093/biomet/73.3.751; valid for positively dependent targets) every selected
system holds at least one discovered target. The largest statistic, under permutation of people, is valid for any
dependence, and gives p values no smaller than one over the permutations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.false_discovery import adjust_p_values

Array = NDArray[np.float64]
LEVEL: Final = 0.05


@dataclass(frozen=True)
class SystemDiscoveries:
    """Systems and targets of which gait tells.

    Parameters
    ----------
    systems
        One row per sex and system: sex, system, targets, tested, p, q, selected, discoveries (targets found in it).
    targets
        The rows of the tests, with system_selected, system_level (level within the system, NaN if not selected), q
        (within the system) and discovered.
    tally
        One row per sex: recovered, systems, and claim in words, such as ``"12 of 18"``.
    """

    systems: pd.DataFrame
    targets: pd.DataFrame
    tally: pd.DataFrame


def simes(p: Array) -> float:
    r"""Simes' p value :math:`\min_i m \, p_{(i)} / i` that all hypotheses of a group are true; NaN do not count.

    Parameters
    ----------
    p
        (test,).

    Returns
    -------
    float
        NaN if nothing was tested.

    Examples
    --------
    >>> simes(np.array([0.02, 0.9, 0.03, np.nan]))
    0.045
    """
    ordered = np.sort(p[np.isfinite(p)])
    if not len(ordered):
        return float("nan")
    return float((len(ordered) * ordered / np.arange(1, len(ordered) + 1)).min())


def largest_statistic_p(statistic: Array, null: Array) -> float:
    """P value of the largest statistic of a group among the largest of each permutation of people.

    Parameters
    ----------
    statistic
        (target,) such as those of `gaitbook.studies.gain_test.judge_gain`; NaN do not count.
    null
        (permutation, target).

    Examples
    --------
    >>> largest_statistic_p(np.array([0.5, 3.0]), np.array([[1.0, 2.0], [4.0, 0.0], [0.0, 0.0]]))
    0.5
    """
    tested = np.isfinite(statistic)
    if not tested.any():
        return float("nan")
    largest = null[:, tested].max(axis=1)
    return float((1 + (largest >= statistic[tested].max()).sum()) / (1 + len(largest)))


def discover_systems(
    tests: pd.DataFrame,
    *,
    level: float = LEVEL,
    system_p: Mapping[tuple[str, str], float] | None = None,
) -> SystemDiscoveries:
    """Select systems in each sex, then targets within them.

    Parameters
    ----------
    tests
        One row per phenotype and sex: phenotype, sex, system, p (NaN where not tested).
    level
        False discovery rate among systems, and on average within the selected ones.
    system_p
        Combined p value by (sex, system), such as that of `largest_statistic_p`; Simes' by default.

    Raises
    ------
    ValueError
        Columns are missing, phenotypes have no system, or a system has no combined p value; all faults are named.
    """
    _check(tests, system_p)
    systems = pd.concat([_select(own, level, system_p) for _, own in tests.groupby("sex", sort=False)])
    systems = systems.reset_index(drop=True)
    targets = tests.merge(
        systems[["sex", "system", "selected", "system_level"]], on=["sex", "system"], how="left"
    )
    targets = targets.rename(columns={"selected": "system_selected"}).set_index(tests.index)
    p, q = targets["p"].to_numpy(dtype=float), np.full(len(targets), np.nan)
    for rows in targets.groupby(["sex", "system"], sort=False).indices.values():
        q[rows] = adjust_p_values(p[rows])
    targets = targets.assign(q=q, discovered=targets["system_selected"] & (q <= targets["system_level"]))
    found = targets.groupby(["sex", "system"])["discovered"].sum()
    keys = pd.MultiIndex.from_frame(systems[["sex", "system"]])
    systems = systems.drop(columns="system_level").assign(discoveries=found.reindex(keys).to_numpy())
    return SystemDiscoveries(systems, targets, tally_systems(systems))


def tally_systems(systems: pd.DataFrame) -> pd.DataFrame:
    """How many systems are selected, by sex, of all declared: the tally of `SystemDiscoveries`.

    Parameters
    ----------
    systems
        Columns sex, system, selected.
    """
    counted = (
        systems.groupby("sex", sort=False)["selected"].agg(recovered="sum", systems="count").reset_index()
    )
    claims = [f"{row.recovered} of {row.systems}" for row in counted.itertuples()]
    return counted.assign(claim=claims)


def _select(
    own: pd.DataFrame, level: float, system_p: Mapping[tuple[str, str], float] | None
) -> pd.DataFrame:
    """Systems of one sex, selected by Benjamini and Hochberg; level within them in column system_level."""
    sex = str(own["sex"].iloc[0])
    rows = []
    for system, inside in own.groupby("system", sort=False):
        p = inside["p"].to_numpy(dtype=float)
        combined = simes(p) if system_p is None else system_p[sex, str(system)]
        tested = int(np.isfinite(p).sum())
        rows.append({"sex": sex, "system": system, "targets": len(p), "tested": tested, "p": combined})
    table = pd.DataFrame(rows)
    q = adjust_p_values(table["p"].to_numpy(dtype=float))
    selected = q <= level
    counted = max(int(np.isfinite(q).sum()), 1)
    within = np.where(selected, level * selected.sum() / counted, np.nan)
    return table.assign(q=q, selected=selected, system_level=within)


def _check(tests: pd.DataFrame, system_p: Mapping[tuple[str, str], float] | None) -> None:
    missing = [name for name in ("phenotype", "sex", "system", "p") if name not in tests]
    faults = [f"tests have no column {', '.join(missing)}"] if missing else []
    if not missing:
        homeless = tests.loc[tests["system"].isna() | (tests["system"] == ""), "phenotype"]
        faults += [f"no system is given for {', '.join(homeless)}"] if len(homeless) else []
        pairs = tests[["sex", "system"]].drop_duplicates().itertuples(index=False, name=None)
        lost = [f"{system} ({sex})" for sex, system in pairs if (sex, system) not in (system_p or {})]
        faults += [f"system_p has no value for {', '.join(lost)}"] if system_p is not None and lost else []
    if faults:
        raise ValueError("Systems cannot be selected: " + "; ".join(faults))
