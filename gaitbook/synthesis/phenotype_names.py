"""Which phenotypes are measured: name, unit and distribution of each target, by body system.

``phenotypes.yml`` describes measures and their variants (sides, nights, sites); a measure with all its variants is a
block, which shares one cause. A few columns are second readings of others, as every real table has them.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import yaml

CONTINUOUS, BINARY = "continuous", "binary"

LOG_NORMAL_FROM = 0.25
"""Ratio of sd to mean above which a positive measure is drawn log-normal."""

PERCENT_CEILING_BELOW = 90.0
"""Means of percentages below this belong to shares of a whole, which end at 100."""

MOST_SKEWED_SECOND_READING = 0.5
"""Ratio of sd to mean up to which two readings of a log-normal measure correlate as their logarithms do."""

NAME_STREAM = 1
SIGNED_UNITS = ("SD", "log10", "log2 fold")
UNSCALED_UNITS = ("%", "points", "log10", "log2 fold")


@cache
def load_phenotypes() -> Mapping[str, Any]:
    """Description of the phenotypes as written in ``phenotypes.yml``."""
    return yaml.safe_load(files("gaitbook.synthesis").joinpath("phenotypes.yml").read_text(encoding="utf-8"))


def list_phenotypes() -> pd.DataFrame:
    """One row per phenotype, index ``phenotype``: where it comes from and how it is distributed.

    Columns: ``system``, ``assessment`` (the appointment that yields it), ``block``, ``unit``, ``type`` (continuous or
    binary), ``mean``, ``sd``, ``low``, ``high``, ``log_normal``, ``prevalence`` (binary only), ``kind`` (empty where
    it is left to chance), ``confounder`` and ``contains`` (weights of covariates, where written down), ``noise``,
    ``duplicate_of``, ``skip``, ``not_at_random``, ``failed_as_zero``, ``description``.
    """
    return _listed().copy()


@cache
def _listed() -> pd.DataFrame:
    described = load_phenotypes()
    rng = np.random.default_rng([described["graph_seed"], NAME_STREAM])
    systems = []
    for system, entry in described["systems"].items():
        second = round(described["duplicate_share"] * entry["size"])
        rows = [*_binary_rows(system, entry), *_group_rows(system, entry, rng)][: entry["size"] - second]
        systems.append((system, second, entry.get("copies", {}), pd.DataFrame(rows).set_index("phenotype")))
    first = pd.concat([table for *_, table in systems])
    parts = []
    for system, second, copies, table in systems:
        parts += [table, _second_readings(first, table, system, copies, second, rng)]
    return pd.concat(parts).rename_axis("phenotype")


def _binary_rows(system: str, entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for assessment, prevalences in entry.get("binary", {}).items():
        for name, prevalence in prevalences.items():
            given = {"unit": "0 or 1", "type": BINARY, "prevalence": prevalence, "low": 0.0, "high": 1.0}
            text = f"{_words(name)}: yes (1) or no (0)"
            yield _row(
                phenotype=name,
                system=system,
                assessment=assessment,
                block=f"{system}.{name}",
                description=text,
                **given,
            )


def _group_rows(system: str, entry: Mapping[str, Any], rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    for label, group in entry["groups"].items():
        for measure, given in _measures(group, rng).items():
            for variant in product(*group.get("variants", [[""]])):
                suffix = "_".join(part for part in variant if part)
                pattern = group.get("pattern", "{measure}_{variant}" if suffix else "{measure}")
                name = pattern.format(measure=measure, variant=suffix).strip("_")
                text = _words(measure) + (f", {_words(suffix)}" if suffix else "") + f" ({given['unit']})"
                source = {"assessment": group["assessment"], "skip": group.get("skip", 0.0)}
                block = f"{system}.{label}.{measure}"
                yield _row(phenotype=name, system=system, block=block, description=text, **given, **source)


def _measures(group: Mapping[str, Any], rng: np.random.Generator) -> dict[str, dict[str, Any]]:
    """Distribution and written-down causes of each measure of a group."""
    measures = {}
    for name, entry in group.get("measures", {}).items():
        given = entry if isinstance(entry, dict) else {"is": entry}
        measures[name] = _distribution(given["is"], tautology="contains" in given)
        measures[name] |= {key: value for key, value in given.items() if key != "is"}
        if "contains" in given:
            measures[name]["kind"] = "tautology"
    for name in group.get("names", []):
        unit, mean, sd, *limits = group["each"]
        factor = 1.0 if unit in UNSCALED_UNITS else float(np.exp(0.5 * rng.standard_normal()))
        measures[name] = _distribution([unit, mean * factor, sd * factor, *limits])
    return measures


def _distribution(given: list[Any], *, tautology: bool = False) -> dict[str, Any]:
    unit, mean, sd, *limits = given
    low, high = limits or (-np.inf if mean <= 0 or unit in SIGNED_UNITS else 0.0, np.inf)
    if unit == "%" and not limits and 0 < mean < PERCENT_CEILING_BELOW:
        high = 100.0
    log_normal = mean > 0 and low >= 0 and sd / mean > LOG_NORMAL_FROM and not tautology
    return {"unit": unit, "mean": mean, "sd": sd, "low": low, "high": high, "log_normal": log_normal}


def _row(**given: object) -> dict[str, Any]:
    empty = {"phenotype": "", "system": "", "assessment": "", "block": "", "unit": "", "type": CONTINUOUS}
    numbers = {
        "mean": 0.0,
        "sd": 1.0,
        "low": -np.inf,
        "high": np.inf,
        "log_normal": False,
        "prevalence": np.nan,
    }
    causes = {"kind": "", "confounder": {}, "contains": {}, "noise": np.nan, "duplicate_of": ""}
    gaps = {"skip": 0.0, "not_at_random": False, "failed_as_zero": 0.0, "description": ""}
    return empty | numbers | causes | gaps | given


def _second_readings(
    first: pd.DataFrame,
    table: pd.DataFrame,
    system: str,
    copies: Mapping[str, str],
    count: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Rows of a system's duplicates: the documented copies, then second readings of columns chosen at random."""
    plain = (table["type"] == CONTINUOUS) & (table["kind"] != "tautology") & ~table["not_at_random"]
    plain &= ~table["log_normal"] | (table["sd"] < MOST_SKEWED_SECOND_READING * table["mean"])
    chosen = rng.choice(table.index[plain], count - len(copies), replace=False)
    originals = [*copies.values(), *chosen]
    rows = first.loc[originals].copy()
    rows.index = pd.Index([*copies, *(f"{name}_second_reading" for name in chosen)])
    rows["description"] = [
        f"second reading of {name}: {text}" for name, text in zip(originals, rows["description"], strict=True)
    ]
    rows["duplicate_of"], rows["kind"], rows["system"] = originals, "duplicate", system
    rows["block"] = rows.index
    rows.loc[list(copies), "assessment"] = table["assessment"].iloc[-1]
    return rows


def _words(name: str) -> str:
    """Name in words, abbreviations written out."""
    glossary = load_phenotypes()["glossary"]
    return " ".join(glossary.get(part, part) for part in name.split("_"))
