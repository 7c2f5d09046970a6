"""Emulated cohorts and graphs of causes in the shape in which figures take them."""

from dataclasses import replace
from typing import Final

import pandas as pd
from tqdm.auto import tqdm

from gaitbook.conventions import SEXES
from gaitbook.models.weights import walker_features
from gaitbook.studies.cause_statement import (
    BOTH,
    arrows_of,
    judge_controls,
    judge_sensitivity,
    state_cause,
)
from gaitbook.studies.emulated_cohorts import draw_cohort, fit_emulator
from gaitbook.studies.gain_discoveries import MODES, GainDiscoveries, gain_design
from gaitbook.studies.gain_test import GainSettings
from gaitbook.studies.known_causes import TARGETS
from gaitbook.studies.phenotype_pictures import PROCEDURES
from gaitbook.studies.realized_discoveries import judge_cohort, summarize_realized
from gaitbook.studies.studied_walkers import StudiedWalkers, take_every
from gaitbook.studies.walker_features import STUDY_PEOPLE, load_features
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.phenotype_graph import true_graph
from gaitbook.synthesis.population import draw_people

FIRST_SEED: Final = 5001
"""Of the emulated cohorts; the people who are studied have seed 0."""
LEAST_LOADING: Final = 0.1
"""Styles that the system moves by less, in women and in men, are not drawn."""


def judge_emulated(
    cohorts: int,
    *,
    people: int = STUDY_PEOPLE,
    every: int = 1,
    settings: GainSettings | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """What both procedures find in cohorts that are drawn again, truth included.

    Parameters
    ----------
    cohorts
        How many.
    people
        In each.
    every
        Ask of every so manieth phenotype only.
    settings
        Of the permutations.
    progress
        Whether to show a progress bar.

    Returns
    -------
    pandas.DataFrame
        The rows of `gaitbook.studies.realized_discoveries.judge_cohort`, and cohort and false_discovery.
    """
    crowd = draw_people(STUDY_PEOPLE)
    emulator = fit_emulator(load_features(walker_features()).sets["fast"], crowd, draw_causes(crowd).styles)
    rows = []
    for seed in tqdm(range(FIRST_SEED, FIRST_SEED + cohorts), desc="judging cohorts", disable=not progress):
        drawn = draw_cohort(emulator, people, seed=seed)
        few = replace(drawn, phenotypes=take_every(drawn.phenotypes, every))
        for mode in MODES:
            rows.append(judge_cohort(few, mode, settings or GainSettings()).assign(cohort=seed))
    table = pd.concat(rows, ignore_index=True)
    return table.assign(
        procedure=table["procedure"].map(PROCEDURES), false_discovery=table["false_proportion"]
    )


def mean_of_cohorts(judged: pd.DataFrame) -> pd.DataFrame:
    """Means over cohorts with intervals: procedure, sex, quantity, value, low, high, unit (percent), n (cohorts)."""
    summary = summarize_realized(judged).rename(columns={"cohorts": "n"})
    names = {"false_proportion": "false_discovery"}
    return summary.assign(quantity=summary["quantity"].replace(names), unit="")


def in_percent(summary: pd.DataFrame) -> pd.DataFrame:
    """Shares of `mean_of_cohorts` in percent, for the prose."""
    return summary.assign(**{name: 100 * summary[name] for name in ("value", "low", "high")}, unit="%")


def strongest_target(found: GainDiscoveries, walkers: StudiedWalkers) -> str:
    """The target with a true effect of which walking tells most, in the sex in which it tells less.

    Raises
    ------
    ValueError
        No target with a true effect was tested in both sexes.
    """
    names = walkers.phenotypes["phenotype"].values[walkers.phenotypes["kind"].values == "true_effect"]
    tested = found.table[found.table["phenotype"].isin(names)].dropna(subset=["p", "r_residual"])
    told = (
        tested.pivot(index="phenotype", columns="sex", values="r_residual")
        .reindex(columns=list(SEXES))
        .dropna()
    )
    if told.empty:
        raise ValueError(
            "No target with a true effect was tested in women and in men: ask of more targets or people."
        )
    return str(told.min(axis=1).idxmax())


def draw_arrows(walkers: StudiedWalkers, target: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """The part of the true graph that ties a target to walking, as a figure takes it.

    Parameters
    ----------
    walkers
        Simulated.
    target
        One of their phenotypes.

    Returns
    -------
    tuple
        Arrows (cause, effect, weight, sex): of what is adjusted for and of the hidden system, on the target and on the
        styles that the system moves; and the kind of each node.
    """
    styles = [str(name) for name in walkers.phenotypes["style"].values]
    graph = true_graph(walkers.phenotypes)
    parts = [arrows_of(graph, target, sex, styles=styles).assign(sex=sex) for sex in SEXES]
    arrows = pd.concat(parts, ignore_index=True)
    hidden = [
        name for name in arrows["cause"].unique() if name in set(walkers.phenotypes["body_system"].values)
    ]
    moved = arrows[arrows["cause"].isin(hidden) & arrows["effect"].isin(styles)]
    shown = moved.loc[moved["weight"].abs() >= LEAST_LOADING, "effect"].unique()
    causes = [*TARGETS, *hidden]
    kept = arrows[arrows["cause"].isin(causes) & arrows["effect"].isin([target, *shown])]
    kept = kept[~kept["effect"].isin(causes)]
    kinds = {name: "adjusted" for name in TARGETS if name in set(kept["cause"])}
    kinds |= dict.fromkeys(hidden, "hidden")
    kinds |= dict.fromkeys([*map(str, shown), target], "measured")
    return _with_both_sexes(kept[["cause", "effect", "weight", "sex"]]), kinds


def state_causes(found: GainDiscoveries, walkers: StudiedWalkers, target: str) -> pd.DataFrame:
    """What may be said of a target and what is true, in words, by sex: sex, statement."""
    styles = [str(name) for name in walkers.phenotypes["style"].values]
    graph = true_graph(walkers.phenotypes)
    covariates = gain_design(walkers.people[walkers.people["sex"] == SEXES[0]]).shape[1]
    rows = []
    for sex in SEXES:
        row = found.table[(found.table["phenotype"] == target) & (found.table["sex"] == sex)].iloc[0]
        sensitivity = judge_sensitivity(float(row["r_residual"]), int(row["n"]), covariates=covariates)
        arrows = arrows_of(graph, target, sex, styles=styles)
        # women and men are fitted apart, so that sex is adjusted for, too
        statement = state_cause(target.replace("_", " "), sensitivity, arrows, adjusted=(*TARGETS, "sex"))
        rows.append({"sex": sex, "statement": statement})
    return pd.DataFrame(rows)


def _with_both_sexes(arrows: pd.DataFrame) -> pd.DataFrame:
    """Arrows with a row for each sex, of weight zero where a sex has none."""
    wide = arrows[arrows["sex"] != BOTH].pivot_table(
        index=["cause", "effect"], columns="sex", values="weight"
    )
    filled = wide.reindex(columns=list(SEXES)).fillna(0.0).rename_axis(columns="sex")
    long = filled.reset_index().melt(["cause", "effect"], var_name="sex", value_name="weight")
    return long[["cause", "effect", "weight", "sex"]]


def judge_nulls(found: GainDiscoveries, walkers: StudiedWalkers) -> pd.DataFrame:
    """How often targets that nothing acts on were below 5 %, by sex, as `judge_controls` tells it.

    Parameters
    ----------
    found
        Of simulated people.
    walkers
        The same people: their targets of kind ``"null"`` are the negative controls.
    """
    tested = found.table.dropna(subset=["p"])
    null = set(walkers.phenotypes["phenotype"].values[walkers.phenotypes["kind"].values == "null"])
    return judge_controls(tested, [name for name in tested["phenotype"].unique() if name in null])
