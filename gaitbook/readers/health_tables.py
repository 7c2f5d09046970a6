"""Health tables of a cohort: people, what was measured of them, and what came to light in reading.

A folder holds a table of participants, any number of tables of measurements, and a data dictionary, in the
conventions of the Human Phenotype Project. Data of real people stay where they are; nothing is sent anywhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd
import xarray as xr

from gaitbook.readers.health_dictionary import FieldEntry, read_dictionaries
from gaitbook.readers.health_files import VISIT, Findings, HealthTable, list_files, read_tables
from gaitbook.readers.health_people import SEX, person_columns, read_people
from gaitbook.readers.health_phenotypes import read_phenotypes
from gaitbook.readers.health_visits import BASELINE, visit_dates, visit_rows

HEIGHT_CM: Final = 100.0
CODES: Final = {"male": 1, "female": 2}
WRITTEN: Final = {
    "age_year": "age",
    "height_m": "height",
    "mass_kg": "weight",
    "bmi_kgm2": "bmi",
    "visceral_fat_cm2": "vat_area",
}
PEOPLE_FILE, DICTIONARY_FILE = "participants.csv", "data_dictionary.csv"


@dataclass(frozen=True)
class HealthTables:
    """People and their measurements, one row each.

    Attributes
    ----------
    people
        Index subject; columns sex (``"female"``, ``"male"``), age_year, height_m, mass_kg, bmi_kgm2,
        visceral_fat_cm2, and cohort if told.
    phenotypes
        ``value`` (subject, phenotype), NaN where missing, with system, unit, type and description of each.
    counts
        What was changed, filled or left out, and how often.
    """

    people: pd.DataFrame
    phenotypes: xr.Dataset
    counts: Mapping[str, int]


def read_health_tables(
    source: str | Path | Iterable[str | Path],
    *,
    visit: str = BASELINE,
    columns: Mapping[str, str] | None = None,
    sex_codes: Mapping[str, str] | None = None,
) -> HealthTables:
    """Read people, measurements and data dictionary.

    Parameters
    ----------
    source
        A folder, or files: CSV, TSV, Parquet (if pyarrow is installed) and, for dictionaries, JSON. The table with a
        column sex is that of the participants; rows are known by ``participant_id`` or ``RegistrationCode`` and
        by ``research_stage`` or ``visit``.
    visit
        Of which one row per participant is taken; a table without one of a participant gives the row nearest in time,
        within 60 days, if both have a date.
    columns
        Other names of columns, to those known here, such as ``{"patient": "participant_id"}``.
    sex_codes
        ``"female"`` and ``"male"`` by code, if neither words, 1 and 2 (male, female) nor 0 and 1 (female, male).

    Returns
    -------
    HealthTables
        In the package's names and units. Zeros of failed scans (visceral fat, bone density, or what the dictionary
        marks) are missing.

    Raises
    ------
    FileNotFoundError
        There is no such folder or file.
    ValueError
        A participant stands twice, a value is impossible or no number, a column stands in two tables: all in one.
    """
    findings = Findings()
    tables, dictionaries = read_tables(list_files(source), columns or {}, findings)
    entries = read_dictionaries(dictionaries, findings)
    participants = _participants(tables, findings)
    if participants is None:
        raise _error(findings)
    chosen = _choose(participants, tables, visit, findings)
    people = read_people(chosen, entries, sex_codes, findings)
    measured = _columns(participants, chosen, entries, findings)
    phenotypes = read_phenotypes(measured, people.index, entries, findings)
    absent = set(entries) - set(measured) - set(chosen[participants.name].columns)
    findings.count("dictionary entries without a column", len(absent))
    if not len(people):
        findings.faults.append(f"{participants.name} has nobody with a sex at the visit {visit!r}")
    if findings.faults:
        raise _error(findings)
    return HealthTables(people, phenotypes, dict(findings.counts))


def write_health_tables(folder: str | Path, people: pd.DataFrame, phenotypes: xr.Dataset) -> list[Path]:
    """Write people and measurements as `read_health_tables` reads them; what else is known of them is not written.

    Parameters
    ----------
    folder
        Made if need be; files of the same names are replaced.
    people, phenotypes
        As in `HealthTables`; sexes are written as 1 and 2, heights in cm.

    Returns
    -------
    list of pathlib.Path
        The table of participants, one table per system, and the data dictionary.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    keys = {"participant_id": people.index, "research_stage": BASELINE}
    table = people.reindex(columns=list(WRITTEN)).rename(columns=WRITTEN)
    table = table.assign(height=HEIGHT_CM * table["height"]).reset_index(drop=True)
    table.insert(0, "sex", people[SEX].map(CODES).to_numpy())
    files = {PEOPLE_FILE: pd.DataFrame(keys).join(table)}
    for system, part in phenotypes.groupby("system"):
        values = pd.DataFrame(part["value"].values, columns=part["phenotype"].values)
        rows = {"participant_id": phenotypes["subject"].values, "research_stage": BASELINE}
        files[f"{str(system).replace(' ', '_')}.csv"] = pd.DataFrame(rows).join(values)
    files[DICTIONARY_FILE] = pd.DataFrame(
        {
            "field": phenotypes["phenotype"].values,
            "description": phenotypes["description"].values,
            "units": phenotypes["unit"].values,
            "body_system": phenotypes["system"].values,
            "type": phenotypes["type"].values,
        }
    )
    for name, content in files.items():
        content.to_csv(place / name, index=False)
    return [place / name for name in files]


def _participants(tables: list[HealthTable], findings: Findings) -> HealthTable | None:
    """The table of the people: the one that tells their sex."""
    found = [table for table in tables if SEX in person_columns(table.rows.columns)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(table.name for table in (found or tables)) or "none"
    findings.faults.append(
        f"more than one table tells sex ({names}): keep the column in one of them"
        if found
        else f"no table tells sex, as that of the participants does; tables of participants: {names}"
    )
    return None


def _choose(
    participants: HealthTable, tables: list[HealthTable], visit: str, findings: Findings
) -> dict[str, pd.DataFrame]:
    """Rows of the visit by file, that of the participants first."""
    first = visit_rows(participants, visit, {}, findings)
    if VISIT in participants.rows:
        everyone = participants.rows["subject"].nunique()
        findings.count(f"people without the visit {visit!r}, left out", everyone - len(first))
    dates = visit_dates(first)
    chosen = {participants.name: first}
    for table in tables:
        if table is not participants:
            rows = visit_rows(table, visit, dates, findings)
            strangers = ~rows.index.isin(first.index)
            findings.count(f"{table.name}: rows of nobody in {participants.name}, left out", strangers.sum())
            chosen[table.name] = rows[~strangers]
            findings.count(f"{table.name}: people without a row", len(first) - int((~strangers).sum()))
    return chosen


def _columns(
    participants: HealthTable,
    chosen: Mapping[str, pd.DataFrame],
    entries: Mapping[str, FieldEntry],
    findings: Findings,
) -> dict[str, tuple[str, pd.Series]]:
    """File and values of each measurement; of the table of participants only those that the dictionary knows."""
    own = set(person_columns(participants.rows.columns).values())
    found: dict[str, tuple[str, pd.Series]] = {}
    for file, rows in chosen.items():
        fields = HealthTable(file, rows).fields
        if file == participants.name:
            fields = [name for name in fields if name not in own]
            unknown = [name for name in fields if name not in entries]
            findings.count(f"{file}: columns that the dictionary does not know, left out", len(unknown))
            fields = [name for name in fields if name in entries]
        for name in fields:
            if name in found:
                findings.faults.append(
                    f"the column {name} stands in {found[name][0]} and in {file}: keep one of them"
                )
            found.setdefault(name, (file, rows[name]))
    return found


def _error(findings: Findings) -> ValueError:
    return ValueError(
        f"The health tables have {len(findings.faults)} fault(s):\n- " + "\n- ".join(findings.faults)
    )
