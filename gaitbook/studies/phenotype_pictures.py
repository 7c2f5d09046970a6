"""Tables of the phenotype studies in the shape in which figures take them."""

from typing import Final

import numpy as np
import pandas as pd

from gaitbook.conventions import SEXES
from gaitbook.representation.skeleton import REGIONS
from gaitbook.studies.discovery_scores import score_discoveries, true_targets
from gaitbook.studies.feature_scores import (
    DEMOGRAPHICS,
    SHOWN_TARGETS,
    compare_features,
    planted_sets,
    predict_targets,
    score_features,
)
from gaitbook.studies.gain_discoveries import GainDiscoveries
from gaitbook.studies.known_causes import TARGETS
from gaitbook.studies.person_folds import deal_people
from gaitbook.studies.person_intervals import EVERYONE, coverage_of_intervals
from gaitbook.studies.region_ablation import (
    RegionFeatures,
    ablate_regions,
    compare_with_planted,
    leading_regions,
    planted_regions,
)
from gaitbook.studies.static_dynamic import WHOLE
from gaitbook.studies.studied_walkers import StudiedWalkers
from gaitbook.studies.system_discoveries import discover_systems
from gaitbook.studies.walker_views import VIEWS
from gaitbook.synthesis.causes import load_styles

SHOWN_READERS: Final = ("engineered", "keypoints", "harmonics", "fast")
TRUE_SETS: Final = {"shape": "true shape", "motion": "true motion", "all styles": "true shape and motion"}
TAUGHT: Final = "taught true styles"
PROCEDURES: Final = {"permutation": "ours", "published": "published"}
PLANTED_SHARE: Final = 0.25
"""A region with at least so much of what is planted for a system is outlined."""
_ESTIMATE: Final = {"r": "value", "gain": "value"}


def score_readers(walkers: StudiedWalkers, *, seed: int = 0) -> pd.DataFrame:
    """What demographics, engineered features, keypoints and the encoder tell of age, body mass index and visceral fat.

    Returns
    -------
    pandas.DataFrame
        As `gaitbook.studies.feature_scores.score_features`.
    """
    shown = {name: walkers.sets[name] for name in SHOWN_READERS if name in walkers.sets}
    return score_features(shown, walkers.people, seed=seed)


def compare_readers(
    walkers: StudiedWalkers | None, first: str, second: str, *, seed: int = 0
) -> pd.DataFrame:
    """By how much one set tells more than another: target, sex, n, gain, low, high; no row if nobody has both."""
    if walkers is None or not {first, second} <= set(walkers.sets):
        return pd.DataFrame(columns=["target", "sex", "n", "gain", "low", "high"])
    return compare_features(walkers.sets, walkers.people, first, second, targets=SHOWN_TARGETS, seed=seed)


def score_views(walkers: StudiedWalkers, *, seed: int = 0) -> pd.DataFrame:
    """What the encoder tells of windows that lost their shape, their motion or its order; as `score_readers`."""
    shown = {name: walkers.sets[name] for name in (WHOLE, *VIEWS)}
    scores = score_features(shown, walkers.people, seed=seed)
    return scores[scores["features"] != DEMOGRAPHICS].reset_index(drop=True)


def tell_at_most(
    walkers: StudiedWalkers, taught: StudiedWalkers, *, target: str = "age", seed: int = 0
) -> pd.DataFrame:
    """What true style scores tell of a target beside what is told of joints; styles of shape, of motion, and all.

    Parameters
    ----------
    walkers
        Simulated.
    taught
        The same or more people, as a reader sees them who was taught true styles.
    target
        As for `gaitbook.studies.feature_scores.score_features`.
    seed
        Of folds and redraws.

    Raises
    ------
    ValueError
        The styles are not known.
    """
    if walkers.styles is None:
        raise ValueError(
            "What can be told at most is known of simulated people only: open them without a folder."
        )
    true = {TRUE_SETS[name]: table for name, table in planted_sets(walkers.styles).items()}
    seen = {name: walkers.sets[name] for name in ("keypoints", "fast")}
    seen[TAUGHT] = taught.sets["taught"].loc[walkers.people.index]
    ordered = {name: true[name] for name in TRUE_SETS.values()}
    scores = score_features({**seen, **ordered}, walkers.people, targets=[target], seed=seed)
    return scores[scores["features"] != DEMOGRAPHICS].reset_index(drop=True)


def as_estimates(table: pd.DataFrame) -> pd.DataFrame:
    """Correlations or gains under the names that `gaitbook.studies.uncertainty.pick_estimate` knows."""
    return table.rename(columns=_ESTIMATE).assign(unit="")


def tabulate_gains(found: GainDiscoveries) -> pd.DataFrame:
    """Every target: phenotype, system, sex, n, r_covariates, r_with_gait, gain, low, high, q, and why it has none."""
    columns = ["phenotype", "system", "sex", "n", "r_covariates", "r_with_gait", "gain", "low", "high", "q"]
    table = found.table.rename(columns={"r_both": "r_with_gait"})
    return table[[*columns, "reason"]].reset_index(drop=True)


def tabulate_systems(found: GainDiscoveries, walkers: StudiedWalkers) -> pd.DataFrame:
    """Body systems: system, sex, found, tested, selected, and planted (NaN where the truth is not known)."""
    systems = discover_systems(found.table.dropna(subset=["system"])).systems
    systems = systems.rename(columns={"discoveries": "found"}).assign(planted=np.nan)
    if walkers.is_truth_known:
        truth = true_targets(walkers.phenotypes)
        planted = (truth["true"] & ~truth["apart"]).groupby([truth["system"], truth["sex"]]).any()
        keys = pd.MultiIndex.from_frame(systems[["system", "sex"]])
        systems = systems.assign(planted=planted.reindex(keys).to_numpy(dtype=bool))
    return systems[["system", "sex", "found", "tested", "selected", "planted"]]


def tabulate_procedures(
    ours: GainDiscoveries, published: GainDiscoveries, walkers: StudiedWalkers
) -> pd.DataFrame:
    """Both procedures on the same people: discoveries, how many the other shares, and what is false where it is known.

    Returns
    -------
    pandas.DataFrame
        procedure, sex, asked (targets not set apart), discovered, shared, false_percent and power_percent (NaN where
        the truth is not known).
    """
    rows = []
    found = {
        name: set(
            each.table.loc[each.table["discovered"].eq(True), ["phenotype", "sex"]].itertuples(index=False)
        )
        for name, each in (("ours", ours), ("published", published))
    }
    shared = pd.DataFrame(list(found["ours"] & found["published"]), columns=["phenotype", "sex"])
    for name, each in (("ours", ours), ("published", published)):
        table, scores = each.table, pd.DataFrame({"sex": list(SEXES)})
        if walkers.is_truth_known:
            scores = score_discoveries(table, walkers.phenotypes)
        told = scores.set_index("sex").reindex(columns=["false_proportion", "power"]).to_dict("index")
        for sex, own in table.groupby("sex", sort=False):
            rows.append(
                {
                    "procedure": name,
                    "sex": sex,
                    "asked": int(own["p"].notna().sum()),
                    "discovered": int(own["discovered"].eq(True).sum()),
                    "shared": int((shared["sex"] == sex).sum()),
                    "false_percent": 100 * told[sex]["false_proportion"],
                    "power_percent": 100 * told[sex]["power"],
                }
            )
    return pd.DataFrame(rows)


def map_regions(walkers: StudiedWalkers, *, seed: int = 0) -> pd.DataFrame:
    """What each region of the body tells of each system beyond the covariates, and where it was planted.

    Of simulated people only targets count on which a system truly acts; of others, all.

    Returns
    -------
    pandas.DataFrame
        system, sex, region, importance (mean of what is lost without the region and told by it alone), low, high,
        first, planted (whether a quarter or more is planted there; NaN where it is not known).
    """
    chosen = walkers.phenotypes
    if walkers.is_truth_known:
        chosen = chosen.sel(phenotype=chosen["kind"] == "true_effect")
    measured = chosen["value"].transpose("subject", "phenotype")
    names = measured["phenotype"].values.tolist()
    values = pd.DataFrame(measured.values.astype(float), pd.Index(measured["subject"].values), names)
    features = RegionFeatures(
        walkers.features,
        {region: walkers.sets[f"without {region}"] for region in REGIONS},
        {region: walkers.sets[f"only {region}"] for region in REGIONS},
    )
    people = walkers.people
    systems = chosen["system"].to_series()
    table = ablate_regions(
        features, values.loc[people.index], people, deal_people(people), systems=systems, seed=seed
    )
    table = table.rename(columns={"worth": "importance", "worth_low": "low", "worth_high": "high"})
    table = table.assign(planted=np.nan)
    if walkers.is_truth_known:
        shares = planted_regions(walkers.phenotypes["loading"], load_styles())
        share = shares.set_index(["sex", "system", "region"])["planted"]
        keys = pd.MultiIndex.from_frame(table[["sex", "system", "region"]])
        table = table.assign(planted=share.reindex(keys).fillna(0.0).to_numpy() >= PLANTED_SHARE)
    return table[["system", "sex", "region", "importance", "low", "high", "first", "planted"]]


def check_regions(regions: pd.DataFrame, walkers: StudiedWalkers) -> pd.DataFrame:
    """The leading region of each system of simulated people beside where most is planted.

    Returns
    -------
    pandas.DataFrame
        As `gaitbook.studies.region_ablation.compare_with_planted`: sex, system, region, first, worth, planted, most,
        is_planted, is_most.
    """
    lead = leading_regions(regions.rename(columns={"importance": "worth"}))
    return compare_with_planted(lead, planted_regions(walkers.phenotypes["loading"], load_styles()))


def cover_people(walkers: StudiedWalkers, *, seed: int = 0) -> pd.DataFrame:
    """How often intervals of 90 % told of one person hold: target, sex, age_band, n, coverage, low, high, width.

    Rows of both sexes, or of all ages, are named ``"all"``.
    """
    predicted, fold = predict_targets(walkers.features, walkers.people, seed=seed)
    parts = [
        coverage_of_intervals(
            predicted[target], walkers.people[TARGETS[target]], walkers.people, fold
        ).assign(target=target)
        for target in SHOWN_TARGETS
    ]
    table = pd.concat(parts, ignore_index=True).rename(columns={"band": "age_band", "share": "coverage"})
    return table[["target", "sex", "age_band", "n", "coverage", "low", "high", "width"]]


def by_age_band(coverage: pd.DataFrame) -> pd.DataFrame:
    """Rows of women and men at their age bands only, as `gaitbook.figures.coverage_bands.plot_coverage` takes them."""
    return coverage[(coverage["sex"] != EVERYONE) & (coverage["age_band"] != EVERYONE)].reset_index(drop=True)
