"""Files of a health study: which of them tell of people, which of measurements, which of their meaning.

Tables follow the conventions of the Human Phenotype Project (Reicher et al. 2025, Nature Medicine): one row per
participant and visit, in CSV or Parquet, and beside them a data dictionary, in CSV or JSON.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pandas as pd

SUBJECT, VISIT, DATE, REPEAT = "subject", "visit", "date", "repeat"
KEYS: Final = {
    "participant_id": SUBJECT,
    "registrationcode": SUBJECT,
    "subject": SUBJECT,
    "subject_id": SUBJECT,
    "research_stage": VISIT,
    "visit": VISIT,
    "collection_date": DATE,
    "collection_timestamp": DATE,
    "array_index": REPEAT,
}
"""Columns that say whose row it is and when it was taken, in lower case."""
NO_MEASUREMENTS: Final = ("timezone", "cohort")
FIELD_NAMES: Final = ("field", "field_name", "tabular_field_name")
SUFFIXES: Final = (".csv", ".tsv", ".parquet", ".json")
PARQUET_READERS: Final = ("pyarrow", "fastparquet")


@dataclass(frozen=True)
class Findings:
    """What came to light in reading.

    Attributes
    ----------
    faults
        What must be put right, one sentence each.
    counts
        What was changed or left out, and how often.
    """

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def count(self, what: str, number: int) -> None:
        """Add to a count, unless there is nothing to add."""
        if number:
            self.counts[what] += int(number)


@dataclass(frozen=True)
class HealthTable:
    """A table with rows of participants.

    Attributes
    ----------
    name
        Of its file.
    rows
        Columns subject and, as far as the file has them, visit, date and repeat; the others as in the file.
    """

    name: str
    rows: pd.DataFrame

    @property
    def fields(self) -> list[str]:
        """Columns that may hold measurements."""
        keys = (SUBJECT, VISIT, DATE, REPEAT)
        return [
            name
            for name in map(str, self.rows.columns)
            if name not in keys and name.lower() not in NO_MEASUREMENTS
        ]


def list_files(source: str | Path | Iterable[str | Path]) -> list[Path]:
    """Files of a folder, by name, or those named.

    Raises
    ------
    FileNotFoundError
        A folder or file is not there, or the folder holds no CSV, TSV, Parquet or JSON; all are named.
    """
    if isinstance(source, str | Path) and Path(source).is_dir():
        found = sorted(path for path in Path(source).iterdir() if path.suffix.lower() in SUFFIXES)
        if not found:
            raise FileNotFoundError(
                f"{source} holds no {', '.join(SUFFIXES)}: name the folder of the health tables."
            )
        return found
    paths = [Path(path) for path in ([source] if isinstance(source, str | Path) else source)]
    absent = [str(path) for path in paths if not path.is_file()]
    if absent or not paths:
        raise FileNotFoundError(f"There is no {', '.join(absent) or 'file named'}: check the path.")
    return paths


def read_tables(
    paths: Iterable[Path], columns: Mapping[str, str], findings: Findings
) -> tuple[list[HealthTable], list[Path]]:
    """Tables of participants, and the files that are data dictionaries.

    Parameters
    ----------
    paths
        CSV, TSV, Parquet and JSON.
    columns
        Names of columns as they are, to names that are understood.
    findings
        Where faults and counts are noted.
    """
    tables, dictionaries = [], []
    for path in paths:
        if path.suffix.lower() == ".json":
            dictionaries.append(path)
            continue
        rows = _read_rows(path, columns, findings)
        if rows is None:
            continue
        if SUBJECT in rows:
            tables.append(HealthTable(path.name, _tidy(rows, path.name, findings)))
        elif {str(name).lower() for name in rows} & set(FIELD_NAMES):
            dictionaries.append(path)
        else:
            findings.faults.append(
                f"{path.name} has neither a column participant_id or RegistrationCode (a table of participants) nor "
                f"a column field (a data dictionary); it has {', '.join(map(str, rows.columns[:8]))}"
            )
    return tables, dictionaries


def _read_rows(path: Path, columns: Mapping[str, str], findings: Findings) -> pd.DataFrame | None:
    """Rows of a file with the keys named as here; faults are noted."""
    if path.suffix.lower() == ".parquet":
        if not any(find_spec(name) for name in PARQUET_READERS):
            findings.faults.append(
                f"{path.name} is Parquet, which needs pyarrow: pip install pyarrow, or export it as CSV"
            )
            return None
        rows = pd.read_parquet(path)
        rows = rows.reset_index() if any(name is not None for name in rows.index.names) else rows
    else:
        separator = "\t" if path.suffix.lower() == ".tsv" else ","
        header = pd.read_csv(path, sep=separator, nrows=0, encoding="utf-8-sig").columns
        known = {name: str for name in header if _key(name, columns) in (SUBJECT, VISIT)}
        rows = pd.read_csv(path, sep=separator, dtype=known, encoding="utf-8-sig", low_memory=False)
    rows.columns = pd.Index([_key(name, columns) for name in rows.columns])
    twice = sorted(set(rows.columns[rows.columns.duplicated()]) - {DATE})
    if twice:
        findings.faults.append(
            f"{path.name} has more than one column for {', '.join(twice)}: keep one of each"
        )
    return rows.loc[:, ~rows.columns.duplicated()]


def _key(name: object, columns: Mapping[str, str]) -> str:
    told = str(columns.get(str(name), name)).strip()
    return KEYS.get(told.lower(), told)


def _tidy(rows: pd.DataFrame, name: str, findings: Findings) -> pd.DataFrame:
    """Rows with a participant, first of repeated measurements, with dates as dates."""
    unnamed = rows[SUBJECT].isna()
    findings.count(f"{name}: rows without a participant, left out", unnamed.sum())
    tidy = rows[~unnamed].assign(**{SUBJECT: rows.loc[~unnamed, SUBJECT].astype(str).str.strip()})
    if REPEAT in tidy:
        later = pd.to_numeric(tidy[REPEAT], errors="coerce").fillna(0) > 0
        findings.count(f"{name}: repeated measurements (array_index above 0), left out", later.sum())
        tidy = tidy[~later]
    if VISIT in tidy:
        tidy = tidy.assign(**{VISIT: tidy[VISIT].astype(str).str.strip()})
    if DATE in tidy:
        dates = pd.to_datetime(tidy[DATE], errors="coerce", utc=True)
        findings.count(f"{name}: dates that cannot be read", (dates.isna() & tidy[DATE].notna()).sum())
        tidy = tidy.assign(**{DATE: dates})
    return tidy
