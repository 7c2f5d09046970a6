"""The truth behind the phenotypes, as a list of arrows and as a dictionary of columns."""

import numpy as np
import pandas as pd
import xarray as xr

EDGE_COLUMNS = ["cause", "effect", "weight", "sex"]


def true_graph(phenotypes: xr.Dataset) -> pd.DataFrame:
    """Every arrow of the structural causal model, one row each: cause, effect, weight, sex.

    Arrows run from covariates and body systems to style scores and to phenotypes, and from a phenotype to its
    duplicate. Weights are in standard deviations of the effect per standard deviation of the cause (for sex, women
    minus men). ``sex`` is female or male where the arrow exists in that sex only or differs, else both.

    Parameters
    ----------
    phenotypes
        What `gaitbook.synthesis.phenotypes.draw_phenotypes` returns.
    """
    original = phenotypes["kind"] != "duplicate"
    both = [
        _edges(phenotypes["style_effect"], cause="cause", effect="style"),
        _edges(phenotypes["confounder_effect"].where(original, 0), cause="confounder", effect="phenotype"),
    ]
    edges = [
        pd.concat(both).assign(sex="both"),
        _by_sex(phenotypes["loading"], cause="body_system", effect="style"),
    ]
    effect = phenotypes["effect"].where(original, 0).rename("weight")
    direct = effect.to_series().reset_index()
    direct["cause"] = phenotypes["cause_system"].to_series().reindex(direct["phenotype"]).to_numpy()
    edges.append(direct.rename(columns={"phenotype": "effect"}))
    copies = phenotypes["repeat_correlation"].to_series()
    repeated = pd.DataFrame(
        {"cause": phenotypes["duplicate_of"].to_series(), "weight": copies, "sex": "both"}
    )
    edges.append(repeated.rename_axis("effect").reset_index())
    listed = pd.concat(edges, ignore_index=True)[EDGE_COLUMNS]
    return listed[listed["weight"] != 0].reset_index(drop=True)


def phenotype_dictionary(phenotypes: xr.Dataset) -> pd.DataFrame:
    """Data dictionary: one row per phenotype with system, unit, type, description, completeness, mean and spread.

    It says only what a reader of a real cohort would know; the truth stays in the dataset.

    Parameters
    ----------
    phenotypes
        What `gaitbook.synthesis.phenotypes.draw_phenotypes` returns.
    """
    known = ["system", "assessment", "unit", "type", "description", "missing_rule"]
    dictionary = pd.DataFrame({name: phenotypes[name].to_series() for name in known})
    value = phenotypes["value"].to_numpy()
    count = np.isfinite(value).sum(axis=0)
    mean = np.nansum(value, axis=0, dtype=float) / np.maximum(count, 1)
    spread = np.sqrt(np.nansum((value - mean) ** 2, axis=0, dtype=float) / np.maximum(count - 1, 1))
    return dictionary.assign(
        complete=count / max(len(value), 1),
        mean=np.where(count > 0, mean, np.nan),
        sd=np.where(count > 1, spread, np.nan),
    ).rename_axis("phenotype")


def _edges(weights: xr.DataArray, *, cause: str, effect: str) -> pd.DataFrame:
    listed = weights.rename("weight").reset_coords(drop=True).to_series().reset_index()
    return listed.rename(columns={cause: "cause", effect: "effect"})[["cause", "effect", "weight"]]


def _by_sex(weights: xr.DataArray, *, cause: str, effect: str) -> pd.DataFrame:
    parts = [
        _edges(weights.sel(sex=sex), cause=cause, effect=effect).assign(sex=sex)
        for sex in weights["sex"].values
    ]
    return pd.concat(parts)
