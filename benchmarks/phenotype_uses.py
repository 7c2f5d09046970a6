"""What part F makes of the same people beside gains: tasks, diagnoses, women and men together, negative controls."""

from collections.abc import Iterator
from functools import cache

import xarray as xr
from phenotype_walkers import OURS, causes, people, phenotypes, walkers, write_table
from report import Line

from gaitbook.models.weights import walker_features
from gaitbook.studies.diagnoses import score_diagnoses
from gaitbook.studies.feature_scores import SHOWN_TARGETS, compare_features
from gaitbook.studies.gain_discoveries import GainDiscoveries, discover_gains
from gaitbook.studies.gain_test import GainSettings
from gaitbook.studies.pooled_sexes import compare_pooled
from gaitbook.studies.studied_walkers import StudiedWalkers
from gaitbook.studies.task_scores import score_tasks
from gaitbook.studies.truth_pictures import judge_nulls
from gaitbook.studies.walker_features import load_features

SETTINGS = GainSettings(permutations=15)


@cache
def studied() -> StudiedWalkers:
    """The people of the table of features, with everything that was measured of them."""
    names = walkers().subjects
    return StudiedWalkers(
        walkers().sets,
        people().loc[names],
        phenotypes().sel(subject=names.tolist()),
        causes().styles.loc[names],
        xr.Dataset(),
    )


@cache
def asked(*, pooled: bool = False) -> GainDiscoveries:
    """Gains of everything, women and men apart or together."""
    own = studied()
    return discover_gains(own.sets[OURS], own.phenotypes, own.people, pooled=pooled, settings=SETTINGS)


def tasks() -> Iterator[Line]:
    """What single tasks tell of age, and all of them put together."""
    table = score_tasks(studied())
    write_table(table, "tasks")
    for row in table[table["target"] == "age"].itertuples():
        figure = f"{row.r:.3f} ({row.low:.3f} to {row.high:.3f}), n {row.n}"
        yield Line(f"age, {row.sex}, {row.features}", figure, "reported", met=True)


def known_people() -> Iterator[Line]:
    """What an encoder gains by having learned, without labels, from the people it is judged on."""
    sets = load_features(walker_features("known")).sets
    table = compare_features(sets, people(), "known", "strangers", targets=SHOWN_TARGETS)
    write_table(table, "known")
    for row in table.itertuples():
        figure = f"{row.gain:+.3f} ({row.low:+.3f} to {row.high:+.3f}), n {row.n}"
        yield Line(f"transductive encoder, {row.target}, {row.sex}", figure, "reported", met=True)


def diagnoses() -> Iterator[Line]:
    """Probabilities of yes-or-no targets, by covariates and with gait."""
    table = score_diagnoses(asked(), studied())
    write_table(table, "diagnoses")
    for sex, own in table[table["reason"] == ""].groupby("sex", sort=False):
        found = own[own["q"] <= 0.05]
        figure = (
            f"{len(own)} told, area under the curve {own['auc_covariates'].mean():.3f} by covariates and "
            f"{own['auc_with_gait'].mean():.3f} with gait; of {len(found)} discovered "
            f"{found['auc_covariates'].mean():.3f} and {found['auc_with_gait'].mean():.3f}, "
            f"{int((found['low'] > 0).sum())} with an interval above zero"
        )
        yield Line(f"diagnoses, {sex}", figure, "reported", met=True)


def together() -> Iterator[Line]:
    """Women and men asked together, and apart."""
    table = compare_pooled(asked(), asked(pooled=True), studied())
    write_table(table, "together")
    for row in table.itertuples():
        figure = f"{row.discovered} found, {row.false_percent:.1f} % false, power {row.power_percent:.1f} %"
        yield Line(f"women and men {row.asked}", figure, "reported", met=True)


def controls() -> Iterator[Line]:
    """Targets that nothing acts on."""
    for row in judge_nulls(asked(), studied()).itertuples():
        figure = f"{100 * row.share:.1f} ({100 * row.low:.1f} to {100 * row.high:.1f}) % of {row.n}"
        yield Line(f"negative controls below 5 %, {row.sex}", figure, "5 % within", bool(row.holds))
