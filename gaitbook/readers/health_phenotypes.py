"""Measurements of a health study as one matrix: numbers only, failed scans taken out, meaning beside them."""

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.readers.health_dictionary import (
    BINARY,
    CATEGORICAL,
    CONTINUOUS,
    UNASSIGNED,
    FieldEntry,
)
from gaitbook.readers.health_files import Findings
from gaitbook.readers.health_visits import name_some

Array = NDArray[np.float64]
FAILED_AS_ZERO: Final = re.compile(r"(?:^|_)(?:vat|bmd|bmc)(?:_|$)")
"""Columns of a scanner (DXA) whose zeros are scans that failed."""
SCORE: Final = "score"
TRUTH: Final = {"yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0}
TWO: Final = 2


def read_phenotypes(
    columns: Mapping[str, tuple[str, pd.Series]],
    subjects: pd.Index,
    entries: Mapping[str, FieldEntry],
    findings: Findings,
) -> xr.Dataset:
    """Measurements of the people.

    Parameters
    ----------
    columns
        File and values, indexed by participant, by the name of the column.
    subjects
        The people.
    entries
        Of the data dictionary.
    findings
        Where values that are no numbers are noted as faults, and what was changed or left out is counted.

    Returns
    -------
    xarray.Dataset
        ``value`` (subject, phenotype), NaN where missing; system, unit, type (continuous or binary) and
        description of each phenotype.
    """
    kept, values, types = [], [], []
    for name, (file, column) in columns.items():
        entry = entries.get(name, FieldEntry())
        numbers = _read_numbers(column.reindex(subjects), f"{file}: {name}", findings)
        if numbers is None:
            continue
        numbers = _without_failures(numbers, name, entry, findings)
        numbers, kind = _by_type(numbers, entry, findings)
        if kind in (CONTINUOUS, BINARY):
            kept.append(name)
            values.append(numbers)
            types.append(kind)
    known = [entries.get(name, FieldEntry()) for name in kept]
    findings.count(
        f"phenotypes that the dictionary does not know, of the system {UNASSIGNED!r}",
        sum(name not in entries for name in kept),
    )
    findings.count(
        "phenotypes of no system in the dictionary",
        sum(name in entries and entries[name].system == UNASSIGNED for name in kept),
    )
    matrix = np.column_stack(values) if values else np.empty((len(subjects), 0))
    labels = {
        "system": [entry.system for entry in known],
        "unit": [entry.unit for entry in known],
        "type": types,
        "description": [entry.description for entry in known],
    }
    return xr.Dataset(
        {"value": (("subject", "phenotype"), matrix, {"units": "that of the phenotype, see unit"})},
        {
            "subject": np.array(subjects, dtype=str),
            "phenotype": np.array(kept, dtype=str),
            **{name: ("phenotype", np.array(words, dtype=str)) for name, words in labels.items()},
        },
    )


def _read_numbers(column: pd.Series, where: str, findings: Findings) -> Array | None:
    """Values as numbers, NaN where missing; ``None`` for a column of words or without any value."""
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        words = column.where(column.isna(), column.astype(str).str.strip().str.lower())
        yes_or_no = set(words.dropna()) <= set(TRUTH)
        numbers = (words.map(TRUTH) if yes_or_no else pd.to_numeric(words, errors="coerce")).to_numpy(
            np.float64
        )
    if np.isnan(numbers).all():
        reason = "columns of words" if column.notna().any() else "columns without any value for these people"
        findings.count(f"{reason}, left out", 1)
        return None
    strange = ~np.isfinite(numbers) & column.notna().to_numpy()
    if strange.any():
        named = name_some(pd.Index(column[strange].astype(str).unique()))
        findings.faults.append(f"{where} holds {named}, which is no number: correct it or leave it empty")
    return numbers


def _without_failures(numbers: Array, name: str, entry: FieldEntry, findings: Findings) -> Array:
    of_scanner = FAILED_AS_ZERO.search(name.lower()) is not None and SCORE not in name.lower()
    if not (entry.zero_is_missing or of_scanner):
        return numbers
    findings.count("zeros of failed scans taken as missing", (numbers == 0).sum())
    return np.where(numbers == 0, np.nan, numbers)


def _by_type(numbers: Array, entry: FieldEntry, findings: Findings) -> tuple[Array, str]:
    """Values, zero or one if there are two of a kind, and their type; categories of more than two are no number."""
    levels = np.unique(numbers[~np.isnan(numbers)])
    truths = set(levels[: TWO + 1].tolist()) <= {0.0, 1.0}
    if (entry.type in (BINARY, CATEGORICAL) and len(levels) <= TWO) or (not entry.type and truths):
        if not truths and len(levels) == TWO:
            findings.count("binary phenotypes whose codes became 0 (lower) and 1 (higher)", 1)
            numbers = np.where(np.isnan(numbers), np.nan, numbers == levels[1])
        return numbers, BINARY
    if entry.type == CATEGORICAL:
        findings.count("columns of more than two categories, left out", 1)
        return numbers, CATEGORICAL
    if entry.type == BINARY:
        findings.count("phenotypes called binary that have more than two values, taken as continuous", 1)
    return numbers, CONTINUOUS
