r"""Which part of the body carries what? Features with a region hidden, and of one region alone.

What a set of features tells of a target beyond covariates is its share of variance, :math:`r |r|` in people who were
not learned from. A region loses as much as is missing when it is hidden, and gives as much as it tells alone; its worth
is the mean of both, what it adds as the last and as the first. (Over all orders that would be Shapley's value, Lindeman
1980; of regions that tell of different things both are the same.) A system's worth is the mean over all of its targets,
none chosen for its score. Redrawing people says how sure it is that a region comes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.studies.paired_scores import (
    COVARIATES,
    DRAWS,
    PairedScores,
    Predictor,
    limits_of,
    people_of_each_sex,
    predict_beyond,
    require_tables,
    score_sets,
)

Array = NDArray[np.float64]
WHOLE: Final = "whole"
MEASURES: Final = ("loss", "alone", "worth")


@dataclass(frozen=True)
class RegionFeatures:
    """Features (subject, feature) of the same skeletons with and without their regions.

    Parameters
    ----------
    whole
        Of whole skeletons.
    masked
        By region: with the region hidden.
    only
        By region: with all others hidden.
    """

    whole: pd.DataFrame
    masked: Mapping[str, pd.DataFrame]
    only: Mapping[str, pd.DataFrame]


def ablate_regions(
    features: RegionFeatures,
    values: pd.DataFrame,
    people: pd.DataFrame,
    fold: pd.Series,
    *,
    systems: pd.Series | None = None,
    predict: Predictor = predict_beyond,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """What every region tells of every target or system, by sex.

    Parameters
    ----------
    features
        Of whole skeletons, and of the same without and with only each region.
    values
        Targets (subject, target).
    people
        With sex and covariates.
    fold
        By subject.
    systems
        System by target; without, each target stands for itself.
    predict
        How features predict.
    draws, seed
        Of the redraws of people.

    Returns
    -------
    pandas.DataFrame
        By sex, system and region: targets (how many could be judged), loss, alone and worth, each with _low and _high,
        and first: share of redraws in which the region has the greatest worth of all.

    Raises
    ------
    ValueError
        Regions or tables do not fit, or a target has no system; all faults are named.
    """
    _require_regions(features, values, systems)
    regions = tuple(features.masked)
    sets = {WHOLE: features.whole}
    sets |= {f"without {region}": features.masked[region] for region in regions}
    sets |= {f"only {region}": features.only[region] for region in regions}
    require_tables(sets, {"values": values, "folds": fold}, people)
    groups = values.columns.to_series() if systems is None else systems.loc[values.columns]
    parts = []
    for sex, own in people_of_each_sex(people.loc[features.whole.index]):
        mine = {name: table.loc[own] for name, table in sets.items()}
        told = people.loc[own, list(COVARIATES)]
        scores = score_sets(mine, values.loc[own], told, fold, predict=predict, draws=draws, seed=seed)
        parts.append(_judge_regions(scores, groups, regions).assign(sex=sex))
    table = pd.concat(parts, ignore_index=True)
    return table[["sex", *table.columns.drop("sex")]]


def leading_regions(regions: pd.DataFrame) -> pd.DataFrame:
    """The region that comes first most often, by sex and system: columns sex, system, region, first, worth.

    Parameters
    ----------
    regions
        As given by `ablate_regions`; systems of which nothing could be judged are left out.
    """
    known = regions.dropna(subset=["worth"]).sort_values(["first", "worth"], ascending=False, kind="stable")
    best = known.drop_duplicates(["sex", "system"]).sort_index()
    return best[["sex", "system", "region", "first", "worth"]].reset_index(drop=True)


def planted_regions(loading: xr.DataArray, parts: Mapping[str, str]) -> pd.DataFrame:
    """The truth of a synthetic cohort: how much of what a system does to styles shows in each region.

    Parameters
    ----------
    loading
        (style, body_system, sex): effects of systems on styles, ``phenotypes["loading"]``.
    parts
        Region that shows each style, as given by `gaitbook.synthesis.causes.load_styles`.

    Returns
    -------
    pandas.DataFrame
        Columns sex, system, region, planted: share of the squared loadings; a system without effect is left out.
    """
    region = [parts[str(style)] for style in loading["style"].values]
    squared = (loading**2).rename("planted").assign_coords(region=("style", region)).groupby("region").sum()
    total = squared.sum("region")
    shares = (
        (squared / total.where(total > 0)).to_series().dropna().rename_axis(index={"body_system": "system"})
    )
    return shares.reset_index()[["sex", "system", "region", "planted"]]


def visible_regions(loading: xr.DataArray, styles: pd.DataFrame) -> pd.DataFrame:
    """The truth of a synthetic cohort where joints show it: a trunk that turns is seen in the shoulders.

    Parameters
    ----------
    loading
        As for `planted_regions`.
    styles
        As given by `ablate_regions` with the true style scores for targets: columns sex, system (the style), region,
        worth.

    Returns
    -------
    pandas.DataFrame
        As `planted_regions`, each style shared among regions by their worth for it.
    """
    worth = (
        styles.set_index(["sex", "system", "region"])["worth"]
        .clip(lower=0.0)
        .rename_axis(index={"system": "style"})
    )
    told = loading**2 * worth.to_xarray().reindex(style=loading["style"], sex=loading["sex"]).fillna(0.0)
    total = told.sum("style")
    whole = total.sum("region")
    shares = (total / whole.where(whole > 0)).rename("planted").to_series().dropna()
    shares = shares.rename_axis(index={"body_system": "system"})
    return shares.reset_index()[["sex", "system", "region", "planted"]]


def compare_with_planted(leading: pd.DataFrame, planted: pd.DataFrame) -> pd.DataFrame:
    """Whether the region that leads is one where something was planted.

    Parameters
    ----------
    leading
        As given by `leading_regions`.
    planted
        As given by `planted_regions` or `visible_regions`.

    Returns
    -------
    pandas.DataFrame
        Columns of ``leading``; further planted (share in that region), most (the region with the largest share),
        is_planted and is_most. Systems without a planted effect are left out.
    """
    most = planted.loc[planted.groupby(["sex", "system"])["planted"].idxmax()]
    most = most.rename(columns={"region": "most"})[["sex", "system", "most"]]
    table = leading.merge(most, on=["sex", "system"])
    table = table.merge(planted, on=["sex", "system", "region"], how="left").fillna({"planted": 0.0})
    return table.assign(is_planted=table["planted"] > 0, is_most=table["region"] == table["most"])


def _judge_regions(scores: PairedScores, groups: pd.Series, regions: tuple[str, ...]) -> pd.DataFrame:
    """Rows of one sex."""
    names = list(dict.fromkeys(groups))
    member = (groups.to_numpy()[:, None] == np.array(names)[None, :]).astype(float)
    known = np.asarray(np.isfinite(scores.r).all(axis=0))
    r = _system_measures(_variance_shares(scores.r)[:, None], member, known, len(regions))
    drawn = _system_measures(_variance_shares(scores.drawn), member, known, len(regions))
    leader = drawn["worth"].argmax(axis=0)
    count = (member.T @ known).astype(int)
    rows = []
    for place, region in enumerate(regions):
        columns: dict[str, object] = {"system": names, "region": region, "targets": count}
        for measure in MEASURES:
            low, high = limits_of(drawn[measure][place])
            columns |= {measure: r[measure][place, 0], f"{measure}_low": low, f"{measure}_high": high}
        first = np.where(count > 0, (leader == place).mean(axis=0), np.nan)
        rows.append(pd.DataFrame({**columns, "first": first}))
    table = pd.concat(rows, ignore_index=True)
    order = table["system"].map({name: place for place, name in enumerate(names)})
    return table.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)


def _variance_shares(r: Array) -> Array:
    return np.asarray(np.nan_to_num(r * np.abs(r)))


def _system_measures(share: Array, member: Array, known: NDArray[np.bool_], regions: int) -> dict[str, Array]:
    """Measures (region, draw, system) from shares of variance (set, draw, target)."""
    weight = member * known[:, None]
    count = weight.sum(axis=0)
    mean = share @ (weight / np.where(count > 0, count, np.nan))
    loss, alone = mean[:1] - mean[1 : 1 + regions], mean[1 + regions :]
    return {"loss": loss, "alone": alone, "worth": (loss + alone) / 2}


def _require_regions(features: RegionFeatures, values: pd.DataFrame, systems: pd.Series | None) -> None:
    faults = []
    apart = sorted(set(features.masked) ^ set(features.only))
    if apart:
        faults.append(f"regions {', '.join(apart)} are hidden or alone, but not both")
    if len(features.masked) < 2:  # noqa: PLR2004 - one region cannot come first
        faults.append(f"{len(features.masked)} region cannot be compared")
    homeless = pd.Index([]) if systems is None else values.columns.difference(systems.dropna().index)
    if len(homeless):
        faults.append(f"{len(homeless)} targets have no system, such as {homeless[0]}")
    if faults:
        raise ValueError("Regions cannot be compared: " + "; ".join(faults))
