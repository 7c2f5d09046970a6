"""Discoveries beside the truth of a synthetic cohort: how many are false, how many were missed.

A discovery is true if gait and target share a cause beyond the covariates in that sex, or if the target is a second
reading of one that does. Tautologies contain a covariate; whether gait "adds" to them is no question of health, so they
are counted apart and are neither true nor false.
"""

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

TAUTOLOGY: Final = "tautology"


def true_targets(phenotypes: xr.Dataset) -> pd.DataFrame:
    """What there is to be found.

    Parameters
    ----------
    phenotypes
        Table of a synthetic cohort, as given by `gaitbook.synthesis.phenotypes.draw_phenotypes`: ``seen_in_gait``
        (phenotype, sex), ``kind``, ``duplicate_of`` and ``system``.

    Returns
    -------
    pandas.DataFrame
        One row per phenotype and sex: phenotype, sex, system, kind, true (seen in gait, or a duplicate of a target that
        is), apart (a tautology, or a duplicate of one).

    Raises
    ------
    ValueError
        The table does not say what is true.
    """
    needed = ("seen_in_gait", "kind", "duplicate_of", "system")
    missing = [name for name in needed if name not in phenotypes.variables]
    if missing:
        raise ValueError(
            f"The phenotypes have no {', '.join(missing)}: discoveries can be judged only where the truth is known, "
            "in a synthetic cohort."
        )
    names = pd.Index(phenotypes["phenotype"].values)
    origin = _first_readings(names, phenotypes["duplicate_of"].values)
    kind = phenotypes["kind"].values
    apart = (kind == TAUTOLOGY) | (kind[origin] == TAUTOLOGY)
    rows = []
    for sex in phenotypes["sex"].values.tolist():
        seen = phenotypes["seen_in_gait"].sel(sex=sex).values
        found = {"phenotype": names, "sex": sex, "system": phenotypes["system"].values, "kind": kind}
        rows.append(pd.DataFrame({**found, "true": seen | seen[origin], "apart": apart}))
    return pd.concat(rows, ignore_index=True)


def score_discoveries(
    discoveries: pd.DataFrame, phenotypes: xr.Dataset, *, systems: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Realized false discovery proportion and power, by sex.

    Parameters
    ----------
    discoveries
        One row per phenotype and sex: phenotype, sex, discovered; targets that were set apart beforehand may be absent
        and then count as not discovered.
    phenotypes
        The truth, as for `true_targets`.
    systems
        One row per sex and system: sex, system, selected; by default a system is selected if any of its targets,
        tautologies aside, is discovered.

    Returns
    -------
    pandas.DataFrame
        One row per sex: discoveries, false_discoveries, false_proportion (zero if nothing is discovered), true_targets,
        power (share of them discovered), power_single (the same, duplicates aside), tautologies (discovered),
        systems_planted, systems_recovered (of those), systems_false (selected with nothing true in them).

    Raises
    ------
    ValueError
        Discoveries name targets that the truth does not know, or one target twice; all faults are named.
    """
    truth = true_targets(phenotypes)
    _check(discoveries, truth)
    merged = truth.merge(discoveries[["phenotype", "sex", "discovered"]], on=["phenotype", "sex"], how="left")
    merged = merged.assign(discovered=merged["discovered"].eq(True))
    sexes = [sex for sex in truth["sex"].unique() if sex in set(discoveries["sex"])]
    rows = [{"sex": sex, **_score(merged[merged["sex"] == sex], systems)} for sex in sexes]
    return pd.DataFrame(rows)


def _score(own: pd.DataFrame, systems: pd.DataFrame | None) -> dict[str, int | float]:
    counted = own[~own["apart"]]
    found, true = counted["discovered"], counted["true"]
    single = true & (counted["kind"] != "duplicate")
    discovered, false = int(found.sum()), int((found & ~true).sum())
    planted = set(counted.loc[true, "system"])
    if systems is None:
        selected = set(counted.loc[found, "system"])
    else:
        selected = set(systems.loc[systems["selected"] & (systems["sex"] == own["sex"].iloc[0]), "system"])
    return {
        "discoveries": discovered,
        "false_discoveries": false,
        "false_proportion": false / max(discovered, 1),
        "true_targets": int(true.sum()),
        "power": float(found[true].mean()) if true.any() else float("nan"),
        "power_single": float(found[single].mean()) if single.any() else float("nan"),
        "tautologies": int((own["apart"] & own["discovered"]).sum()),
        "systems_planted": len(planted),
        "systems_recovered": len(planted & selected),
        "systems_false": len(selected - planted),
    }


def _first_readings(names: pd.Index, duplicate_of: NDArray[np.str_]) -> NDArray[np.intp]:
    """Number (phenotype,) of what each phenotype repeats in the end; its own if it repeats nothing."""
    origin = names.get_indexer(pd.Index(duplicate_of))
    origin = np.where(origin < 0, np.arange(len(names)), origin)
    for _ in range(len(names)):
        further = origin[origin]
        if (further == origin).all():
            break
        origin = further
    return np.asarray(origin)


def _check(discoveries: pd.DataFrame, truth: pd.DataFrame) -> None:
    missing = [name for name in ("phenotype", "sex", "discovered") if name not in discoveries]
    faults = [f"discoveries have no column {', '.join(missing)}"] if missing else []
    if not missing:
        known = pd.MultiIndex.from_frame(truth[["phenotype", "sex"]])
        asked = pd.MultiIndex.from_frame(discoveries[["phenotype", "sex"]])
        strange = [f"{name} ({sex})" for name, sex in asked[~asked.isin(known)].unique()]
        faults += [f"the truth does not know {', '.join(strange)}"] if strange else []
        twice = [f"{name} ({sex})" for name, sex in asked[asked.duplicated()].unique()]
        faults += [f"more than one row for {', '.join(twice)}"] if twice else []
    if faults:
        raise ValueError("Discoveries cannot be judged: " + "; ".join(faults))
