"""People of a health study: sex, age, size, weight and visceral fat, in the package's names and units."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from gaitbook.readers.health_dictionary import FieldEntry
from gaitbook.readers.health_files import Findings
from gaitbook.readers.health_visits import name_some

SEX: Final = "sex"
ALIASES: Final = {
    SEX: ("sex", "gender"),
    "age_year": ("age_year", "age_years", "age", "age_at_research_stage"),
    "height_m": ("height_m", "height_cm", "height", "body_height"),
    "mass_kg": ("mass_kg", "weight_kg", "weight", "mass", "body_weight"),
    "bmi_kgm2": ("bmi_kgm2", "bmi", "body_mass_index"),
    "visceral_fat_cm2": (
        *("visceral_fat_cm2", "vat_area_cm2", "vat_area", "visceral_fat_area", "total_scan_vat_area", "vat"),
    ),
}
"""Columns, in lower case, by what they tell; the first found counts."""
COHORT: Final = "cohort"
WORDS: Final = {"f": "female", "female": "female", "w": "female", "m": "male", "male": "male"}
ONE_TWO: Final = {"1": "male", "2": "female"}
ZERO_ONE: Final = {"0": "female", "1": "male"}
PLAUSIBLE: Final = {
    "age_year": (0.0, 120.0),
    "height_m": (0.4, 2.6),
    "mass_kg": (2.0, 350.0),
    "bmi_kgm2": (8.0, 120.0),
    "visceral_fat_cm2": (0.0, 1000.0),
}
CM_PER_M: Final = 100.0
IN_METERS_BELOW: Final = 3.0
BMI_TOLERANCE: Final = 0.05


def person_columns(names: pd.Index) -> dict[str, str]:
    """Which of the columns tell what of a person: the package's name, to the column's."""
    lower = {str(name).lower(): str(name) for name in reversed(list(names))}
    found = {
        ours: next((lower[name] for name in theirs if name in lower), "") for ours, theirs in ALIASES.items()
    }
    return {ours: name for ours, name in found.items() if name}


def read_people(
    tables: Mapping[str, pd.DataFrame],
    entries: Mapping[str, FieldEntry],
    sex_codes: Mapping[str, str] | None,
    findings: Findings,
) -> pd.DataFrame:
    """People, one row each.

    Parameters
    ----------
    tables
        Rows indexed by participant, by the name of the file; the first is the table of participants, and what it does
        not tell is looked up in the others.
    entries
        Of the data dictionary, for units.
    sex_codes
        ``"female"`` or ``"male"`` by code; by default words and letters, 1 and 2 (male, female), or 0 and 1
        (female, male).
    findings
        Where impossible values are noted as faults and changes are counted.

    Returns
    -------
    pandas.DataFrame
        Index subject; columns sex, age_year, height_m, mass_kg, bmi_kgm2, visceral_fat_cm2, and cohort if told. Who has
        no sex is left out, unless there are faults: then everyone stays, so that all faults can be found.
    """
    first, participants = next(iter(tables.items()))
    sources = {ours: (first, name) for ours, name in person_columns(participants.columns).items()}
    for file, rows in tables.items():
        for ours, name in person_columns(rows.columns).items():
            if ours not in sources:
                sources[ours] = (file, name)
                findings.count(f"{file}: {name} taken as {ours} of the people", 1)
    people = pd.DataFrame(index=participants.index.rename("subject"))
    for ours in ALIASES:
        file, name = sources.get(ours, ("", ""))
        if not name:
            people[ours] = np.nan
            findings.count(f"no column tells {ours}: it is missing for all", 1)
            continue
        values = tables[file][name].reindex(people.index)
        where = f"{file}: {name}"
        if ours == SEX:
            people[ours] = _read_sex(values, where, sex_codes, findings)
        else:
            people[ours] = _read_number(values, ours, where, entries.get(name, FieldEntry()).unit, findings)
    if COHORT in participants:
        people[COHORT] = participants[COHORT].astype(str)
    _complete_bmi(people, findings)
    _note_impossible(people, findings)
    if findings.faults:
        return people
    unknown = people[SEX].isna()
    findings.count("people without a sex, left out", unknown.sum())
    return people[~unknown]


def _read_sex(
    values: pd.Series, where: str, sex_codes: Mapping[str, str] | None, findings: Findings
) -> pd.Series:
    """``"female"`` or ``"male"``; codes of numbers count only if all values fit one coding."""
    words = values.dropna().astype(str).str.strip().str.lower().str.removesuffix(".0")
    given = {str(code).lower(): sex for code, sex in (sex_codes or {}).items()}
    codings = [given] if given else [WORDS, ONE_TWO, ZERO_ONE]
    found = set(words)
    coding = next((each for each in codings if found <= set(each)), None)
    if coding is None:
        findings.faults.append(
            f"{where} holds {', '.join(map(repr, sorted(found)[:6]))}, which is no one coding of sex: write female and "
            "male, F and M, 1 and 2 (male, female) or 0 and 1 (female, male), or give sex_codes"
        )
        coding = {}
    return words.map(coding).reindex(values.index)


def _read_number(values: pd.Series, ours: str, where: str, unit: str, findings: Findings) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    strange = pd.Index(values[numbers.isna() & values.notna()].astype(str).unique())
    if len(strange):
        findings.faults.append(
            f"{where} holds {name_some(strange)}, which is no number: correct it or leave it empty"
        )
    if ours == "height_m" and _in_centimeters(numbers, where.lower(), unit.lower()):
        findings.count(f"{where}: heights from cm to m", numbers.notna().sum())
        numbers = numbers / CM_PER_M
    if ours == "visceral_fat_cm2":
        findings.count(f"{where}: zeros of failed scans taken as missing", (numbers == 0).sum())
        numbers = numbers.where(numbers != 0)
    return numbers


def _in_centimeters(numbers: pd.Series, where: str, unit: str) -> bool:
    if where.endswith("_cm") or where.endswith("_m"):
        return where.endswith("_cm")
    return unit == "cm" if unit in ("cm", "m") else bool(numbers.median() > IN_METERS_BELOW)


def _complete_bmi(people: pd.DataFrame, findings: Findings) -> None:
    """Fill what follows from height and weight, and count what contradicts them."""
    computed = people["mass_kg"] / people["height_m"] ** 2
    gaps = people["bmi_kgm2"].isna() & computed.notna()
    findings.count("people whose bmi_kgm2 was computed from weight and height", gaps.sum())
    apart = (people["bmi_kgm2"] / computed - 1.0).abs() > BMI_TOLERANCE
    findings.count("people whose BMI is more than 5 % from weight over height squared, as given", apart.sum())
    people["bmi_kgm2"] = people["bmi_kgm2"].where(~gaps, computed)


def _note_impossible(people: pd.DataFrame, findings: Findings) -> None:
    for name, (low, high) in PLAUSIBLE.items():
        values = people[name]
        wrong = values[values.notna() & ~values.between(low, high)]
        if len(wrong):
            shown = pd.Index([f"{subject} ({value:g})" for subject, value in wrong.items()])
            findings.faults.append(
                f"{name} is outside {low:g} to {high:g} for {name_some(shown)}: check value and unit"
            )
