"""Data dictionary of a health study: what a column means, in which unit, of which system of the body.

As CSV it has a row per column, with ``field``, ``description``, ``units``, ``body_system`` and ``type``; as JSON it is
an object with an object per column, or a list of them. Other spellings of these names are known.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from gaitbook.readers.health_files import FIELD_NAMES, Findings

CONTINUOUS, BINARY, ORDINAL, CATEGORICAL = "continuous", "binary", "ordinal", "categorical"
UNASSIGNED: Final = "unassigned"
SPELLINGS: Final = {
    "description": ("description", "field_string", "label"),
    "unit": ("units", "unit"),
    "system": ("body_system", "system", "category"),
    "type": ("type", "value_type", "field_type"),
    "zero_is_missing": ("zero_is_missing", "failed_as_zero"),
}
TYPES: Final = {
    "continuous": CONTINUOUS,
    "regression": CONTINUOUS,
    "float": CONTINUOUS,
    "numeric": CONTINUOUS,
    "integer": CONTINUOUS,
    "int": CONTINUOUS,
    "binary": BINARY,
    "boolean": BINARY,
    "bool": BINARY,
    "ordinal": ORDINAL,
    "categorical": CATEGORICAL,
    "category": CATEGORICAL,
}
YES: Final = ("1", "1.0", "true", "yes", "y")


@dataclass(frozen=True)
class FieldEntry:
    """What the dictionary says of a column; empty where it says nothing.

    Attributes
    ----------
    description, unit
        In words.
    system
        System of the body.
    type
        ``"continuous"``, ``"binary"``, ``"ordinal"`` or ``"categorical"``.
    zero_is_missing
        Whether a zero is a scan that failed.
    """

    description: str = ""
    unit: str = ""
    system: str = UNASSIGNED
    type: str = ""
    zero_is_missing: bool = False


def read_dictionaries(paths: Iterable[Path], findings: Findings) -> dict[str, FieldEntry]:
    """Entries of all dictionaries by the name of the column.

    Parameters
    ----------
    paths
        CSV, TSV or JSON.
    findings
        Where faults (no valid JSON, an entry twice, an unknown type) and counts are noted.
    """
    entries: dict[str, FieldEntry] = {}
    for path in paths:
        try:
            records = _records(path)
        except ValueError as error:
            findings.faults.append(
                f"{path.name} is no data dictionary ({error}): give an object per column, or CSV"
            )
            continue
        for name, record in records:
            entry = _entry(record, f"{path.name}: {name}", findings)
            if entries.get(name, entry) != entry:
                findings.faults.append(f"{path.name} describes {name} in two ways: keep one row of it")
            entries[name] = entry
    return entries


def _records(path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    """Name and entry of each column."""
    if path.suffix.lower() != ".json":
        separator = "\t" if path.suffix.lower() == ".tsv" else ","
        table = pd.read_csv(path, sep=separator, dtype=str, encoding="utf-8-sig")
        content: Any = table.where(table.notna(), "").to_dict("records")
    else:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    if isinstance(content, dict):
        pairs = list(content.items())
    else:
        pairs = [(_first(record, FIELD_NAMES), record) for record in content if isinstance(record, dict)]
    if not pairs or not all(name and isinstance(record, dict) for name, record in pairs):
        raise ValueError("a column has no field name or no object that describes it")
    return [(str(name).strip(), record) for name, record in pairs]


def _entry(record: Mapping[str, Any], where: str, findings: Findings) -> FieldEntry:
    told = {ours: _first(record, theirs) for ours, theirs in SPELLINGS.items()}
    kind = told["type"].lower()
    if kind and kind not in TYPES:
        findings.count("dictionary: types that are not known, taken from the values instead", 1)
    return FieldEntry(
        description=told["description"],
        unit=told["unit"],
        system=told["system"] or UNASSIGNED,
        type=TYPES.get(kind, ""),
        zero_is_missing=_is_yes(told["zero_is_missing"], where, findings),
    )


def _is_yes(word: str, where: str, findings: Findings) -> bool:
    if word.lower() not in (*YES, "", "0", "0.0", "false", "no", "n"):
        findings.faults.append(f"{where} has zero_is_missing {word!r}: write yes or no")
    return word.lower() in YES


def _first(record: Mapping[str, Any], names: Iterable[str]) -> str:
    """Text of the first of these keys that the record has, in any case of letters."""
    lower = {str(key).strip().lower(): value for key, value in record.items()}
    for name in names:
        if lower.get(name) not in (None, ""):
            return str(lower[name]).strip()
    return ""
