"""What each phenotype depends on: the effects, drawn once for all cohorts.

A block (a measure with its variants) is one of three kinds. A *null* depends on nothing that anybody can see. A
*confounded-only* block depends on covariates alone. A *true effect* depends on the hidden score of its body system,
which also moves the gait. Beside them stand *duplicates* of other columns and *tautologies*, which contain a covariate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.conventions import SEXES
from gaitbook.synthesis.covariates import covariance_of
from gaitbook.synthesis.phenotype_names import list_phenotypes, load_phenotypes

KINDS = ("true_effect", "confounded_only", "null", "duplicate", "tautology")
CONFOUNDERS = ("age", "bmi", "visceral_fat", "height", "sex", "mass")
"""Covariates that act on phenotypes; mass only in tautologies, it follows from the index and the height."""

DRAWN_CONFOUNDERS = CONFOUNDERS[:5]
EFFECT_STREAM, KIND_STREAM = 2, 3
EFFECT_RANGE = (0.05, 0.6)
"""A true effect is never so small that it is none, nor so large that nothing else remains."""

VARIANT_RANGE = (0.8, 1.2)
TAUTOLOGY_NOISE = (0.03, 0.45)
"""Bounds of the noise sd of a tautology where none is written down."""


@dataclass(frozen=True)
class PhenotypeEffects:
    """Causes of every phenotype, in standard deviations of the phenotype.

    Attributes
    ----------
    table
        What `list_phenotypes` returns, with every ``kind`` decided and ``cause_system``, the system that acts.
    effect
        Direct effect (phenotype, sex) of one unit of the system's score.
    confounder
        Direct effect (phenotype, confounder) of one standard deviation of a covariate; for sex, woman minus man.
    noise
        Standard deviation (phenotype,) of everything else.
    repeat_correlation
        Correlation (phenotype,) of a duplicate with its original; zero for all others.
    """

    table: pd.DataFrame
    effect: NDArray[np.float64]
    confounder: NDArray[np.float64]
    noise: NDArray[np.float64]
    repeat_correlation: NDArray[np.float64]


@cache
def phenotype_effects() -> PhenotypeEffects:
    """Kind and effects of every phenotype, the same for all cohorts."""
    table = list_phenotypes()
    described = load_phenotypes()
    table["kind"] = _decide_kinds(table)
    table["cause_system"] = table["system"]
    rng = np.random.default_rng([described["graph_seed"], EFFECT_STREAM])
    effect, confounder = np.zeros((len(table), len(SEXES))), np.zeros((len(table), len(CONFOUNDERS)))
    for rows in _blocks(table, (table["duplicate_of"] == "").to_numpy()):
        variant = rng.uniform(*VARIANT_RANGE, (len(rows), 1)) if len(rows) > 1 else np.ones((1, 1))
        first = table.iloc[rows[0]].to_dict()
        effect[rows] = _draw_effect(first["kind"], rng) * variant
        confounder[rows] = _draw_confounder(first, rng) * variant
    repeat = np.zeros(len(table))
    copies = (table["kind"] == "duplicate").to_numpy()
    least, most = described["duplicate_correlation"]
    repeat[copies] = rng.uniform(least, most, int(copies.sum()))
    originals = table.index.get_indexer(pd.Index(table["duplicate_of"].to_numpy()[copies]))
    effect[copies] = effect[originals] * repeat[copies, None]
    confounder[copies] = confounder[originals] * repeat[copies, None]
    table.loc[copies, "cause_system"] = table["system"].to_numpy()[originals]
    return PhenotypeEffects(table, effect, confounder, _left_over(table, effect, confounder, repeat), repeat)


def _blocks(table: pd.DataFrame, chosen: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Row numbers of each block among the chosen rows, in the order of the table."""
    rows = np.flatnonzero(chosen)
    code = pd.factorize(table["block"].to_numpy()[rows])[0]
    order = np.argsort(code, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(code[order])) + 1)


def _decide_kinds(table: pd.DataFrame) -> NDArray[np.object_]:
    """Kind of every phenotype: what is written down, then shares filled system by system, large blocks first."""
    shares: dict[str, float] = load_phenotypes()["shares"]
    rng = np.random.default_rng([load_phenotypes()["graph_seed"], KIND_STREAM])
    kind = table["kind"].to_numpy(dtype=object)
    wanted = dict.fromkeys(shares, 0.0)
    for system in table["system"].unique():
        rows = kind[(table["system"] == system).to_numpy()].tolist()
        counted = len(rows) - rows.count("duplicate") - rows.count("tautology")
        # What one system has too much of, the next has less of.
        wanted = {name: wanted[name] + share * counted - rows.count(name) for name, share in shares.items()}
        free = _blocks(table, ((table["system"] == system) & (table["kind"] == "")).to_numpy())
        shuffled = [free[which] for which in rng.permutation(len(free))]
        for block in sorted(shuffled, key=len, reverse=True):
            chosen = max(wanted, key=wanted.__getitem__)
            kind[block] = chosen
            wanted[chosen] -= len(block)
    return kind


def _draw_effect(kind: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """Effect (sex,) of the system's score; women and men share its sign and most of its size."""
    rules = load_phenotypes()["effects"]
    common, own = rng.standard_normal(), rng.standard_normal(len(SEXES))
    sign = rng.choice([-1.0, 1.0])
    if kind != "true_effect":
        return np.zeros(len(SEXES))
    shared = rules["shared_between_sexes"]
    size = rules["size"] * np.abs(np.sqrt(shared) * common + np.sqrt(1 - shared) * own)
    return sign * np.clip(size, *EFFECT_RANGE)


def _draw_confounder(row: Mapping[Any, Any], rng: np.random.Generator) -> NDArray[np.float64]:
    """Effects (confounder,) of the covariates on a block, as written down or drawn."""
    rules = load_phenotypes()["effects"]
    size = np.array([rules["confounder_size"][name] for name in DRAWN_CONFOUNDERS])
    drawn = size * rng.standard_normal(len(size)) * (rng.random(len(size)) < rules["confounder_present"])
    strongest = int(
        rng.integers(3)
    )  # age, body mass index or visceral fat act on every block that has confounders
    drawn[strongest] = size[strongest] * rng.choice([-1.0, 1.0]) * rng.uniform(0.6, 1.6)
    written = row["contains"] or row["confounder"]
    if row["kind"] == "null":
        return np.zeros(len(CONFOUNDERS))
    weights = np.append(drawn, 0.0)
    if written:
        weights = np.array([written.get(name, 0.0) for name in CONFOUNDERS])
    if row["kind"] == "tautology":
        return weights
    explained = float(weights @ covariance_of(CONFOUNDERS) @ weights)
    return weights * min(1.0, np.sqrt(rules["most_explained"] / max(explained, 1e-12)))


def _left_over(
    table: pd.DataFrame,
    effect: NDArray[np.float64],
    confounder: NDArray[np.float64],
    repeat: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Standard deviation (phenotype,) of the noise that makes the variance of a phenotype about one."""
    covariance = covariance_of(CONFOUNDERS)
    explained = np.einsum("pc,cd,pd->p", confounder, covariance, confounder) + (effect**2).mean(axis=1)
    noise = np.sqrt(np.maximum(1 - explained, 0.05))
    contains = (table["kind"] == "tautology").to_numpy()
    noise[contains] = np.clip(noise[contains], *TAUTOLOGY_NOISE)
    written = table["noise"].notna().to_numpy()
    noise[written] = table["noise"].to_numpy()[written]
    return np.where(repeat > 0, np.sqrt(1 - repeat**2), noise)
