"""One row per participant: that of a visit, or, where a measurement has none there, the nearest within 60 days."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from gaitbook.readers.health_files import DATE, SUBJECT, VISIT, Findings, HealthTable

BASELINE: Final = "baseline"
SAME_VISIT: Final = {BASELINE: ("baseline", "00_00_visit")}
"""Other names of a visit."""
NEAREST_WITHIN: Final = pd.Timedelta(days=60)
MOST_NAMED: Final = 8


def visit_rows(
    table: HealthTable, visit: str, dates: Mapping[str, pd.Timestamp], findings: Findings
) -> pd.DataFrame:
    """Rows of a visit, indexed by participant.

    Parameters
    ----------
    table
        With or without a column of visits; without one, all its rows are taken.
    visit
        The visit wanted.
    dates
        When a participant was there, if known; a row within 60 days of it stands in for one of the visit.
    findings
        Where participants that stand twice are noted as a fault, and counts of rows that stand in or are left out.
    """
    rows = table.rows
    names = SAME_VISIT.get(visit, (visit,))
    own = rows[rows[VISIT].isin(names)] if VISIT in rows else rows
    _note_doubles(table, own, visit, findings)
    own = own.drop_duplicates(SUBJECT)
    others = rows.drop(own.index)
    others = others[~others[SUBJECT].isin(own[SUBJECT])]
    nearest = _nearest(others, dates)
    findings.count(f"{table.name}: rows of the nearest visit within 60 days", len(nearest))
    chosen = pd.concat([own, nearest]) if len(nearest) else own
    if VISIT in rows:
        left_out = len(rows) - len(chosen)
        findings.count(f"{table.name}: rows of other visits than {visit}, left out", left_out)
    return chosen.set_index(SUBJECT)


def visit_dates(rows: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """Date by participant, of those whose date is known."""
    if DATE not in rows:
        return {}
    known = rows[DATE].dropna()
    return dict(zip(known.index.astype(str), known, strict=True))


def name_some(names: pd.Index) -> str:
    """Some names, and how many more there are."""
    shown = ", ".join(map(str, names[:MOST_NAMED]))
    return shown + (f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else "")


def _note_doubles(table: HealthTable, own: pd.DataFrame, visit: str, findings: Findings) -> None:
    twice = pd.Index(own.loc[own[SUBJECT].duplicated(), SUBJECT].unique())
    if len(twice):
        when = f" at the visit {visit!r}" if VISIT in table.rows else " and no column research_stage or visit"
        findings.faults.append(
            f"{table.name} has more than one row{when} for participant {name_some(twice)}: keep one row of each"
        )


def _nearest(others: pd.DataFrame, dates: Mapping[str, pd.Timestamp]) -> pd.DataFrame:
    """The row of each participant nearest in time to their visit, if near enough."""
    if DATE not in others or not dates:
        return others.iloc[:0]
    anchor = pd.to_datetime(others[SUBJECT].map(dict(dates)), utc=True)
    away = (others[DATE] - anchor).abs()
    near = others.assign(away=away)[away <= NEAREST_WITHIN]
    return near.sort_values("away", kind="stable").drop_duplicates(SUBJECT).drop(columns="away")
