"""How often are discoveries false, and how many are missed? Cohort after cohort, each beside its own truth.

One cohort tells little: its discoveries share people, and are right or wrong together. So cohorts are drawn anew
(`gaitbook.studies.emulated_cohorts`), each is judged by our procedure and by the published one, and what they realize
is averaged over cohorts.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.studies.discovery_scores import score_discoveries, true_targets
from gaitbook.studies.emulated_cohorts import EmulatedCohort, Emulator, draw_cohort
from gaitbook.studies.gain_discoveries import MODES, Mode, discover_gains
from gaitbook.studies.gain_test import GainSettings
from gaitbook.studies.system_discoveries import discover_systems

PEOPLE: Final = 3414
SIGNIFICANT: Final = 0.05
FEW_PERMUTATIONS: Final = GainSettings(permutations=20)
TRUE_STYLES: Final = "true styles"
"""Our procedure, told the true styles of walking instead of features: what is lost by it, and not before it."""


def realize_discoveries(
    emulator: Emulator,
    seeds: Iterable[int],
    *,
    people: int = PEOPLE,
    modes: tuple[Mode, ...] = MODES,
    settings: GainSettings = FEW_PERMUTATIONS,
    by_styles: bool = False,
    progress: bool = True,
) -> pd.DataFrame:
    """What both procedures find in cohorts whose truth is known.

    Parameters
    ----------
    emulator
        As given by `gaitbook.studies.emulated_cohorts.fit_emulator`.
    seeds
        Of the cohorts, one for each.
    people
        In each cohort.
    modes
        Procedures, see `gaitbook.studies.gain_discoveries.discover_gains`.
    settings
        Of the permutations.
    by_styles
        Judge by the true styles too, as procedure `TRUE_STYLES`.
    progress
        Whether to show a progress bar.

    Returns
    -------
    pandas.DataFrame
        One row per cohort, procedure and sex: those of `gaitbook.studies.discovery_scores.score_discoveries`, and
        type_one (share of null and of confounded-only targets with p below 0.05), null_targets.
    """
    rows = []
    for seed in tqdm(list(seeds), desc="judging cohorts", unit="cohort", disable=not progress):
        cohort = draw_cohort(emulator, people, seed=seed)
        rows += [judge_cohort(cohort, mode, settings).assign(cohort=seed) for mode in modes]
        if by_styles:
            told = judge_cohort(replace(cohort, features=cohort.styles), "permutation", settings)
            rows.append(told.assign(procedure=TRUE_STYLES, cohort=seed))
    table = pd.concat(rows, ignore_index=True)
    return table[["cohort", "procedure", "sex", *table.columns.drop(["cohort", "procedure", "sex"])]]


def judge_cohort(
    cohort: EmulatedCohort, mode: Mode, settings: GainSettings = FEW_PERMUTATIONS
) -> pd.DataFrame:
    """What one procedure finds in one cohort: rows by sex, as `realize_discoveries` gives them."""
    seeded = replace(settings, seed=settings.seed + 1)
    found = discover_gains(cohort.features, cohort.phenotypes, cohort.people, mode=mode, settings=seeded)
    systems = None
    if mode == "permutation":
        systems = discover_systems(found.table.dropna(subset=["system"])).systems
    scores = score_discoveries(found.table, cohort.phenotypes, systems=systems)
    return scores.merge(_type_one(found.table, cohort.phenotypes), on="sex").assign(procedure=mode)


def summarize_realized(realized: pd.DataFrame) -> pd.DataFrame:
    """Means over cohorts with intervals, by procedure, sex and quantity.

    Parameters
    ----------
    realized
        As given by `realize_discoveries`.

    Returns
    -------
    pandas.DataFrame
        Columns procedure, sex, quantity (false_proportion, power, systems_recovered, systems_false, type_one), value,
        low, high (1.96 standard errors over cohorts), cohorts.
    """
    quantities = ["false_proportion", "power", "systems_recovered", "systems_false", "type_one"]
    long = realized.melt(["cohort", "procedure", "sex"], quantities, var_name="quantity")
    grouped = long.groupby(["procedure", "sex", "quantity"], sort=False)["value"]
    table = grouped.agg(value="mean", spread="std", cohorts="count").reset_index()
    reach = 1.96 * table["spread"] / np.sqrt(table["cohorts"])
    return table.assign(low=table["value"] - reach, high=table["value"] + reach).drop(columns="spread")


def _type_one(table: pd.DataFrame, phenotypes: xr.Dataset) -> pd.DataFrame:
    """Share of targets with nothing to find that look as if there were something, by sex."""
    truth = true_targets(phenotypes)
    nothing = truth[~truth["true"] & ~truth["apart"]][["phenotype", "sex"]]
    p = table.merge(nothing, on=["phenotype", "sex"]).dropna(subset=["p"])
    counted = (
        p.assign(found=p["p"] < SIGNIFICANT).groupby("sex")["found"].agg(type_one="mean", null_targets="size")
    )
    return counted.reset_index()
