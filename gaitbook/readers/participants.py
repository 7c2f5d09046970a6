"""Who was recorded: a table of participants, or a description beside the files.

``participants.csv`` or ``participants.tsv`` holds a row for each person, or for each of a person's trials,
with the columns ``subject``, ``sex``, ``age_year``, ``height_m`` (or ``height_cm``), ``mass_kg`` and, where
they differ between trials, ``trial``, ``speed_mps`` and ``surface``. A folder of AddBiomechanics has
``_subject.json`` instead.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

TABLE_NAMES = ("participants.csv", "participants.tsv")
DESCRIPTION_NAME = "_subject.json"
NUMBERS = ("age_year", "height_m", "mass_kg", "speed_mps")
ALIASES = {"participant_id": "subject", "age": "age_year", "speed": "speed_mps", "gender": "sex"}
WITHOUT_UNIT = {"height": "height_m or height_cm", "mass": "mass_kg", "weight": "mass_kg"}
SEXES = {"f": "female", "female": "female", "w": "female", "m": "male", "male": "male"}
DESCRIPTION_KEYS = {"massKg": "mass_kg", "heightM": "height_m", "ageYears": "age_year", "sex": "sex"}
CM_PER_M = 100.0


@dataclass(frozen=True)
class Participants:
    """Attributes of people and trials, from one file.

    Attributes
    ----------
    source_file
        The file.
    rows
        Attributes by (subject, trial); the trial is empty where a row holds for all trials of a person.
    """

    source_file: str
    rows: Mapping[tuple[str, str], Mapping[str, Any]]

    @property
    def subjects(self) -> tuple[str, ...]:
        """Names of the people, sorted."""
        return tuple(sorted({subject for subject, _ in self.rows}))

    def attributes(self, subject: str, trial: str = "") -> dict[str, Any]:
        """Attributes of a trial: those of the person, overridden by those of the trial."""
        return {**self.rows.get((subject, ""), {}), **self.rows.get((subject, trial), {})}


def read_participants(path: str | Path) -> Participants:
    """Participants of a ``.csv`` or ``.tsv`` table.

    Parameters
    ----------
    path
        Table with a column ``subject`` (or ``participant_id``) and any of those named in this module; others
        are ignored. Empty cells and ``n/a`` are unknown.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        A column lacks its unit, a value is no number or no sex, or rows contradict each other: one message.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no participants table {path}: check the path.")
    separator = "\t" if path.suffix.lower() == ".tsv" else None
    table = pd.read_csv(
        path, sep=separator, engine="python", dtype=str, keep_default_na=True, encoding="utf-8-sig"
    )
    names = [str(name).strip() for name in table.columns]
    table.columns = pd.Index([name if name in NUMBERS else ALIASES.get(name.lower(), name) for name in names])
    faults = _column_faults(table)
    if not faults:
        rows, faults = _collect_rows(table)
    if faults:
        raise ValueError(f"{path} has {len(faults)} fault(s):\n- " + "\n- ".join(faults))
    return Participants(str(path), rows)


def read_description(path: str | Path) -> dict[str, Any]:
    """Attributes of a person from AddBiomechanics' ``_subject.json``.

    Raises
    ------
    ValueError
        The file is no JSON.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(
            f"{path} is no valid JSON ({error}): correct it, or use a participants table."
        ) from error
    known = {
        ours: content[theirs] for theirs, ours in DESCRIPTION_KEYS.items() if content.get(theirs) is not None
    }
    if "sex" in known:
        known["sex"] = SEXES.get(str(known["sex"]).lower())
    return {name: value for name, value in known.items() if value is not None}


def _column_faults(table: pd.DataFrame) -> list[str]:
    faults = [
        f"column {name!r} has no unit: name it {WITHOUT_UNIT[name.lower()]}"
        for name in table.columns
        if name.lower() in WITHOUT_UNIT
    ]
    if "subject" not in table.columns:
        faults.append(f"there is no column 'subject'; found {', '.join(map(str, table.columns))}")
    repeated = table.columns[table.columns.duplicated()]
    if len(repeated):
        faults.append(f"column(s) {', '.join(map(repr, repeated))} stand twice")
    return faults


def _collect_rows(table: pd.DataFrame) -> tuple[dict[tuple[str, str], dict[str, Any]], list[str]]:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    faults: list[str] = []
    for number, record in enumerate(table.to_dict("records"), start=2):
        cells = {
            str(k): str(v).strip()
            for k, v in record.items()
            if pd.notna(v) and str(v).strip() not in ("", "n/a")
        }
        if "subject" not in cells:
            faults.append(f"line {number} names no subject")
            continue
        key = (cells["subject"], cells.get("trial", ""))
        values = _convert(cells, number, faults)
        if key in rows and rows[key] != values:
            faults.append(f"line {number} contradicts an earlier one for {' '.join(filter(None, key))}")
        rows[key] = values
    return rows, faults


def _convert(cells: Mapping[str, str], number: int, faults: list[str]) -> dict[str, Any]:
    """Values of a row in the package's units; adds to ``faults`` what cannot be read."""
    values: dict[str, Any] = {}
    for name in (*NUMBERS, "height_cm"):
        if name not in cells:
            continue
        try:
            value = float(cells[name])
        except ValueError:
            faults.append(f"line {number}: {name} is {cells[name]!r}, expected a number with a decimal point")
            continue
        values["height_m" if name == "height_cm" else name] = (
            round(value / CM_PER_M, 6) if name == "height_cm" else value
        )
    if "surface" in cells:
        values["surface"] = cells["surface"].lower()
    if "sex" in cells:
        if cells["sex"].lower() not in SEXES:
            faults.append(f"line {number}: sex is {cells['sex']!r}, expected one of {', '.join(SEXES)}")
        values["sex"] = SEXES.get(cells["sex"].lower())
    return values
