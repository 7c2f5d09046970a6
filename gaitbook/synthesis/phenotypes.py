r"""Health phenotypes whose causes are known.

Phenotype :math:`j` of a person is a monotone function of

.. math:: z_j = \beta_j^\top c + g_j^{\text{sex}} L_{s(j)} + \sigma_j \varepsilon_j,

with the standardized covariates :math:`c`, the hidden score :math:`L` of its body system (which also moves the style
of walking, see `gaitbook.synthesis.causes`) and noise that is shared within a block of measures. A normal measure is
linear in :math:`z`, a skewed one its exponential, a diagnosis the question whether :math:`z` exceeds a threshold. All
effects are invented: the table tests methods against a known truth and says nothing about biology.
"""

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtri

from gaitbook.conventions import SEXES
from gaitbook.synthesis.causes import Causes, style_effects, system_loadings
from gaitbook.synthesis.covariates import load_causes, standardize_covariates
from gaitbook.synthesis.missing_data import draw_missing, missing_rules
from gaitbook.synthesis.person_noise import draw_noise
from gaitbook.synthesis.phenotype_effects import CONFOUNDERS, PhenotypeEffects, phenotype_effects
from gaitbook.synthesis.phenotype_names import BINARY, load_phenotypes

PHENOTYPE_STREAM = 4103
TRAP_STREAM = 4105

EXPLANATION = {
    "title": "Synthetic phenotypes: every effect is invented and known",
    "kind": "true_effect: the score of the body system acts on the value; confounded_only: covariates alone act; "
    "null: nothing acts; duplicate: a second reading of duplicate_of; tautology: contains a covariate",
    "effect": "standard deviations of the phenotype per unit of the score of cause_system",
    "seen_in_gait": "whether the phenotype and the gait share a cause beyond the covariates",
    "missing": "by appointment, so that columns share few patterns; a little at random; depression_score_phq9 is "
    "missing more often where it is high; failed scans of total_scan_vat_volume are zeros, all others NaN",
}


def draw_phenotypes(people: pd.DataFrame, causes: Causes, *, seed: int = 0) -> xr.Dataset:
    """Phenotypes of each person, with the graph that made them.

    Parameters
    ----------
    people
        One row per person, as `gaitbook.synthesis.population.draw_people` returns it.
    causes
        What `gaitbook.synthesis.causes.draw_causes` returned for the same people.
    seed
        Of the cohort. A person's row depends on this and on the person's number, covariates and scores only.

    Returns
    -------
    xarray.Dataset
        ``value`` (subject, phenotype), float32, NaN where missing, in the ``unit`` of the phenotype; coordinates of
        the phenotype: ``system``, ``unit``, ``type``, ``description``, ``block``, ``assessment``, ``missing_rule``,
        ``kind``, ``duplicate_of``, ``cause_system``. The truth: ``effect`` (phenotype, sex), ``confounder``
        (phenotype, confounder), ``repeat_correlation`` (phenotype), ``seen_in_gait`` (phenotype, sex), ``loading``
        (style, system, sex) and ``style_effect`` (style, cause), all in standard deviations.

    Raises
    ------
    ValueError
        If the people table cannot be used, or the causes are those of other people.
    """
    covariates = standardize_covariates(people)
    _check_same_people(people, causes)
    effects = phenotype_effects()
    numbers = people["number"].tolist()
    latent = _draw_latent(numbers, covariates, people["sex"], causes, effects, seed=seed)
    missing = draw_missing(numbers, effects.table, latent, seed=seed)
    value = _in_units(latent, effects.table)
    value[missing] = np.nan
    _hide_failures(value, numbers, effects.table, seed=seed)
    return _describe(value, covariates.index, causes, effects).assign_attrs(seed=seed, **EXPLANATION)


def _draw_latent(
    numbers: list[int],
    covariates: pd.DataFrame,
    sex: pd.Series,
    causes: Causes,
    effects: PhenotypeEffects,
    *,
    seed: int,
) -> NDArray[np.float32]:
    """Standardized values (person, phenotype), summed term by term so that chunks agree to the last bit."""
    table = effects.table
    latent = _draw_shared_noise(numbers, table, seed=seed)
    latent *= effects.noise.astype(np.float32)
    single = effects.repeat_correlation == 0
    for column, name in enumerate(CONFOUNDERS):
        acting = np.flatnonzero(single & (effects.confounder[:, column] != 0))
        weight = effects.confounder[acting, column].astype(np.float32)
        latent[:, acting] += covariates[name].to_numpy(dtype=np.float32)[:, None] * weight
    woman = (sex == SEXES[0]).to_numpy()[:, None]
    for system in causes.systems.columns:
        acting = np.flatnonzero(
            single & (table["cause_system"] == system).to_numpy() & effects.effect.any(axis=1)
        )
        weight = effects.effect[acting].astype(np.float32)
        score = causes.systems[system].to_numpy(dtype=np.float32)[:, None]
        latent[:, acting] += score * np.where(woman, weight[:, 0], weight[:, 1])
    copies = np.flatnonzero(~single)
    originals = table.index.get_indexer(pd.Index(table["duplicate_of"].to_numpy()[copies]))
    latent[:, copies] += latent[:, originals] * effects.repeat_correlation[copies].astype(np.float32)
    return latent


def _draw_shared_noise(numbers: list[int], table: pd.DataFrame, *, seed: int) -> NDArray[np.float32]:
    """Noise (person, phenotype) of unit variance, shared within a block and within a kind of a system's assessment.

    Factors are shared among columns of the same kind only, so that no null target has a part in what others know.
    """
    rules = load_phenotypes()["effects"]
    block, blocks = pd.factorize(table["block"])
    group, groups = pd.factorize(table["system"] + ":" + table["assessment"] + ":" + table["kind"])
    counts = np.cumsum([len(table), len(blocks)])
    noise = draw_noise(numbers, int(counts[-1]) + len(groups), seed=seed, stream=PHENOTYPE_STREAM)
    own, of_block, of_group = np.split(noise, counts, axis=1)
    shared = np.where(table["duplicate_of"] == "", 1.0, 0.0)
    share_block, share_group = shared * rules["block_share"], shared * rules["group_share"]
    total = own * np.sqrt(1 - share_block - share_group).astype(np.float32)
    total += of_block[:, block] * np.sqrt(share_block).astype(np.float32)
    total += of_group[:, group] * np.sqrt(share_group).astype(np.float32)
    return total


def _in_units(latent: NDArray[np.float32], table: pd.DataFrame) -> NDArray[np.float32]:
    """Values (person, phenotype) in the unit of the phenotype."""
    mean, sd = table["mean"].to_numpy(dtype=np.float32), table["sd"].to_numpy(dtype=np.float32)
    value = latent * sd
    value += mean
    skewed = np.flatnonzero(table["log_normal"])
    spread = np.sqrt(np.log1p((sd[skewed] / mean[skewed]) ** 2))
    value[:, skewed] = np.exp(np.log(mean[skewed]) - spread**2 / 2 + spread * latent[:, skewed])
    binary = np.flatnonzero(table["type"] == BINARY)
    threshold = ndtri(1 - table["prevalence"].to_numpy()[binary])
    value[:, binary] = latent[:, binary] > threshold
    low, high = table["low"].to_numpy(dtype=np.float32), table["high"].to_numpy(dtype=np.float32)
    return np.clip(value, low, high, out=value)


def _hide_failures(value: NDArray[np.float32], numbers: list[int], table: pd.DataFrame, *, seed: int) -> None:
    """Store failed scans as zeros in the columns marked so, as exports of such devices do."""
    marked = np.flatnonzero(table["failed_as_zero"])
    noise = draw_noise(numbers, len(marked), seed=seed, stream=TRAP_STREAM)
    failed = noise > ndtri(1 - table["failed_as_zero"].to_numpy()[marked])
    value[:, marked] = np.where(failed & np.isfinite(value[:, marked]), np.float32(0), value[:, marked])


def _describe(
    value: NDArray[np.float32], subjects: pd.Index, causes: Causes, effects: PhenotypeEffects
) -> xr.Dataset:
    """Attach names, units and truth to the values."""
    table = effects.table
    loading = system_loadings(causes.gains)
    heard = (
        (loading != 0)
        .any("style")
        .sel(system=table["cause_system"].tolist())
        .transpose("system", "sex")
        .to_numpy()
    )
    words = [
        "system",
        "unit",
        "type",
        "description",
        "block",
        "assessment",
        "kind",
        "duplicate_of",
        "cause_system",
    ]
    coordinates = {name: ("phenotype", np.array(table[name].tolist())) for name in words}
    coordinates["missing_rule"] = ("phenotype", np.array(missing_rules(table)))
    known = load_causes()["covariates"]
    for part in ("mean", "sd"):
        coordinates[f"confounder_{part}"] = (
            "confounder",
            np.array([float(known[name][part]) for name in CONFOUNDERS]),
        )
    loading = loading.rename(system="body_system")
    return xr.Dataset(
        {
            "value": (("subject", "phenotype"), value, {"units": "that of the phenotype, see unit"}),
            "effect": (("phenotype", "sex"), effects.effect),
            "confounder_effect": (("phenotype", "confounder"), effects.confounder),
            "repeat_correlation": (("phenotype",), effects.repeat_correlation),
            "seen_in_gait": (("phenotype", "sex"), (effects.effect != 0) & heard),
            "loading": loading,
            "style_effect": (("style", "cause"), style_effects(causes.gains).to_numpy()),
        },
        {
            "subject": np.array(subjects, dtype=str),
            "phenotype": np.array(table.index, dtype=str),
            "sex": list(SEXES),
            "confounder": list(CONFOUNDERS),
            "cause": list(style_effects().columns),
            **coordinates,
        },
    )


def _check_same_people(people: pd.DataFrame, causes: Causes) -> None:
    if not causes.systems.index.equals(people.index):
        message = (
            f"The causes belong to {len(causes.systems)} people, the table has {len(people)}, and the names differ. "
            "Draw the causes from the same people table with gaitbook.synthesis.causes.draw_causes."
        )
        raise ValueError(message)
