"""Of which targets does gait tell, in women and in men? One call, by the procedure that holds or by the published one.

Which targets are asked about is settled before gait is looked at (`gaitbook.studies.target_checks`); each sex is a
family; every target keeps its row, with a reason where it was not asked. The published procedure is run on the same
people and returns the same columns, to be set beside.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import SEXES
from gaitbook.studies.covariate_design import COLUMNS, covariate_design
from gaitbook.studies.false_discovery import LEVEL, Family, control_families
from gaitbook.studies.gain_test import DEFAULT_SETTINGS, GainSettings, GainTests, judge_gain
from gaitbook.studies.person_folds import deal_people
from gaitbook.studies.published_procedure import publish_gains
from gaitbook.studies.target_checks import FEWEST_PEOPLE, TAUTOLOGY, UNTESTABLE, check_targets

Array = NDArray[np.float64]
Mode = Literal["permutation", "published"]
MODES: Final[tuple[Mode, ...]] = ("permutation", "published")
QUESTION: Final = "gait beyond covariates"
FOLDS: Final = 5
POOLED: Final = "pooled"
"""Women and men, asked together."""
SET_APART: Final = (UNTESTABLE, TAUTOLOGY)


@dataclass(frozen=True)
class GainDiscoveries:
    """What gait tells beyond covariates.

    Parameters
    ----------
    table
        One row per phenotype and sex: phenotype, sex, system, n, r_covariates, r_both, gain, p, q, discovered, reason,
        question, mode; by permutation also the other columns of `gaitbook.studies.gain_test.GainTests`.
    tests
        Tests by sex, with their null statistics; empty for the published procedure.
    """

    table: pd.DataFrame
    tests: Mapping[str, GainTests]


def gain_design(people: pd.DataFrame) -> Array:
    """Design (person, column) that counts as known: curves of the covariates, and products of every two.

    Without products, diagnoses leak: where a threshold is crossed, the effect of one covariate depends on the others.

    Parameters
    ----------
    people
        One row per person, of one sex, with age, body mass index, visceral fat and height.
    """
    curves = covariate_design(people[list(COLUMNS)])
    values = people[list(COLUMNS)].to_numpy(dtype=float)
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    products = [
        scaled[:, first] * scaled[:, second] for first, second in combinations(range(len(COLUMNS)), 2)
    ]
    return np.column_stack([curves, *products])


def pooled_design(people: pd.DataFrame) -> Array:
    """Design (person, column) of women and men together: that of each sex, and who is a woman.

    Parameters
    ----------
    people
        As for `gain_design`, with sex.
    """
    blocks = []
    for sex in SEXES:
        own = (people["sex"] == sex).to_numpy()
        if own.any():
            inner = gain_design(people[own])
            block = np.zeros((len(people), inner.shape[1]))
            block[own] = inner
            blocks += [own[:, None].astype(float), block]
    return np.column_stack(blocks)


def discover_gains(
    features: pd.DataFrame,
    phenotypes: xr.Dataset,
    people: pd.DataFrame,
    *,
    mode: Mode = "permutation",
    pooled: bool = False,
    level: float = LEVEL,
    set_apart: Collection[str] = SET_APART,
    settings: GainSettings = DEFAULT_SETTINGS,
) -> GainDiscoveries:
    """Discoveries among all phenotypes, by sex.

    Parameters
    ----------
    features
        Rows ``subject``, without gaps.
    phenotypes
        ``value`` (subject, phenotype), with the coordinates ``system`` and ``unit``.
    people
        Rows ``subject``: sex, age_year, bmi_kgm2, visceral_fat_cm2, height_m.
    mode
        ``"permutation"``: people are dealt out, Benjamini and Hochberg in each sex. ``"published"``: see
        `gaitbook.studies.published_procedure`; it sets no target apart.
    pooled
        Ask women and men together, as one family named ``"pooled"``; each sex keeps its own effects of covariates, and
        people are dealt out within their sex.
    level
        False discovery rate in each sex, or of all.
    set_apart
        Faults, of those of `gaitbook.studies.target_checks.check_targets`, for which a target is not asked about.
    settings
        Of the permutations; its seed deals the folds too.

    Raises
    ------
    ValueError
        The mode is unknown or cannot be pooled, columns are missing, participants occur twice, or nobody is in all
        three tables; all faults are named.
    """
    shared = _shared_people(features, phenotypes, people, mode, pooled=pooled)
    taken = phenotypes["value"].sel(subject=shared).transpose("subject", "phenotype")
    values = pd.DataFrame(taken.values.astype(float), shared, phenotypes["phenotype"].values.tolist())
    people, columns = people.loc[shared], features.loc[shared].to_numpy(dtype=float)
    tests: dict[str, GainTests] = {}
    if mode == "published":
        table = publish_gains(
            columns,
            people[list(COLUMNS)].to_numpy(dtype=float),
            values.to_numpy(),
            people["sex"].to_numpy(dtype=str),
            phenotypes=list(values.columns),
            level=level,
        ).assign(question=QUESTION)
    else:
        units = dict(zip(values.columns, phenotypes["unit"].values.tolist(), strict=True))
        groups = (POOLED,) if pooled else SEXES
        for group in groups:
            own = np.full(len(people), True) if pooled else (people["sex"] == group).to_numpy()
            tests[group] = _judge_group(
                columns[own], values[own], people[own], units, group, set_apart, settings
            )
        families = [Family(QUESTION, group, tuple(values.columns)) for group in groups]
        table = control_families(pd.concat([each.table for each in tests.values()]), families, level=level)
    system = phenotypes["system"].to_series()
    table = table.assign(system=system.reindex(table["phenotype"]).to_numpy(), mode=mode)
    return GainDiscoveries(table, tests)


def _judge_group(
    features: Array,
    values: pd.DataFrame,
    people: pd.DataFrame,
    units: Mapping[str, str],
    group: str,
    set_apart: Collection[str],
    settings: GainSettings,
) -> GainTests:
    names = list(values.columns)
    if len(people) < FEWEST_PEOPLE:
        few = f"{group} people: {len(people)}, at least {FEWEST_PEOPLE} are needed"
        empty = pd.DataFrame(
            {"phenotype": names, "sex": group, "n": values.notna().sum().to_numpy(), "p": np.nan}
        )
        return GainTests(empty.assign(reason=few), np.empty((0, len(names))), pd.DataFrame())
    design = pooled_design(people) if group == POOLED else gain_design(people)
    checked = check_targets(values, pd.DataFrame(design, people.index), sex=group, units=units)
    asked = ~checked["fault"].isin(set_apart).to_numpy()
    fold = deal_people(people, folds=FOLDS, seed=settings.seed).to_numpy(dtype=np.intp)
    judged = judge_gain(
        features,
        design,
        np.where(asked, values.to_numpy(), np.nan),
        fold,
        phenotypes=names,
        sex=group,
        strata=np.unique(people["sex"], return_inverse=True)[1],
        settings=settings,
    )
    reason = judged.table["reason"].where(asked, checked["reason"])
    table = judged.table.assign(n=checked["n"], fault=checked["fault"], reason=reason)
    return GainTests(table, judged.null, judged.pooling)


def _shared_people(
    features: pd.DataFrame, phenotypes: xr.Dataset, people: pd.DataFrame, mode: str, *, pooled: bool
) -> NDArray[Any]:
    """People who are in all three tables, in the order of the features; raises all faults at once."""
    faults = [] if mode in MODES else [f"the mode is {mode!r}, known are {', '.join(MODES)}"]
    if pooled and mode == "published":
        faults.append("the published procedure is not pooled: ask women and men apart")
    missing = [name for name in ("sex", *COLUMNS) if name not in people]
    faults += [f"people have no column {', '.join(missing)}"] if missing else []
    lacking = [name for name in ("system", "unit") if name not in phenotypes.coords]
    faults += [f"phenotypes have no coordinate {', '.join(lacking)}"] if lacking else []
    subjects = pd.Index(phenotypes["subject"].values)
    indices = {"features": features.index, "phenotypes": subjects, "people": people.index}
    for name, index in indices.items():
        twice = index[index.duplicated()].unique()
        if len(twice):
            listed = ", ".join(map(str, twice))
            faults.append(f"{name} have more than one row for {listed}: keep one visit of each participant")
    shared = features.index[features.index.isin(subjects) & features.index.isin(people.index)]
    faults += (
        [] if len(shared) else ["nobody is in the features, the phenotypes and the people table at once"]
    )
    if faults:
        raise ValueError("Gains cannot be found: " + "; ".join(faults))
    return np.asarray(shared)
