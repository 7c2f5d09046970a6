"""The card under every figure: what it was made from.

A reader should be able to answer, without leaving the page: which recordings, under which license, which parameters
and seed, which code, when, and where are the numbers? Synthetic data are marked on the figure itself, not only on
the card, which is closed at first.
"""

import base64
import datetime
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

SHOWN_HASH_LENGTH = 12


@dataclass(frozen=True)
class Provenance:
    """Where the numbers of a study come from.

    Attributes
    ----------
    notebook
        Name of the study.
    cohort
        Name of the cohort.
    label
        What kind of data it holds, in a word or two, such as ``synthetic``.
    license
        License of the recordings.
    data_hash
        Hash of the recordings.
    parameters
        Parameters of the study in this edition.
    seed
        Seed of all its random numbers, or ``None`` if it draws none.
    code
        Version of the package and, in a checkout, its commit.
    date
        Day of the execution, ISO 8601.
    citation
        What to cite for the data.
    remark
        What else a reader must know of the data, such as that they stand in for others.
    """

    notebook: str
    cohort: str
    label: str
    license: str
    data_hash: str
    parameters: Mapping[str, Any]
    seed: int | None
    code: str
    date: str
    citation: str = ""
    remark: str = ""


def draw_card(provenance: Provenance, name: str, csv: str) -> str:
    """HTML element with the provenance of one figure or table and a link to its own CSV.

    Parameters
    ----------
    provenance
        Where the numbers come from.
    name
        Name of the figure; names the downloaded file.
    csv
        The numbers, as CSV; carried in the link itself so that the page works from disk.
    """
    given = ", ".join(f"{key} = {value}" for key, value in provenance.parameters.items()) or "defaults"
    rows = {
        "Study": provenance.notebook,
        "Cohort": f"{provenance.cohort} ({provenance.label})",
        "License": provenance.license,
        "Cite": provenance.citation,
        "Data": provenance.data_hash[:SHOWN_HASH_LENGTH],
        "Parameters": given,
        "Seed": "none" if provenance.seed is None else str(provenance.seed),
        "Code": provenance.code,
        "Date": provenance.date,
        "Remark": provenance.remark,
    }
    terms = "".join(f"<dt>{term}</dt><dd>{escape(text)}</dd>" for term, text in rows.items() if text)
    link = "data:text/csv;base64," + base64.b64encode(csv.encode()).decode()
    return (
        '<details class="gaitbook-card"><summary>Where this comes from</summary>'
        f'<dl>{terms}</dl><p><a download="{escape(name)}.csv" href="{link}">Download the numbers (CSV)</a></p>'
        "</details>"
    )


def draw_label(provenance: Provenance) -> str:
    """HTML element that states what kind of data a figure shows, visible without opening the card."""
    kind = re.sub(r"[^a-z]+", "-", provenance.label.lower()).strip("-")
    text = escape(f"{provenance.label} data: {provenance.cohort}")
    return f'<p class="gaitbook-label gaitbook-label-{kind}">{text}</p>'


def code_version() -> str:
    """Version of the package and, in a checkout, its commit, with a remark if files were changed since.

    Examples
    --------
    >>> code_version().startswith("gaitbook ")
    True
    """
    root = Path(__file__).parents[2]
    release = f"gaitbook {version('gaitbook')}"
    if not (root / ".git").exists():
        return release
    commit = _git(root, "rev-parse", "--short=10", "HEAD")
    changed = _git(root, "status", "--porcelain", "--", "gaitbook", "notebooks")
    return f"{release}, commit {commit}{', with changes' if changed else ''}" if commit else release


def execution_date() -> str:
    """Today, or the day that ``SOURCE_DATE_EPOCH`` names, for builds that must repeat byte by byte."""
    epoch_s = os.environ.get("SOURCE_DATE_EPOCH")
    moment = (
        datetime.datetime.fromtimestamp(int(epoch_s), datetime.UTC)
        if epoch_s
        else datetime.datetime.now(datetime.UTC)
    )
    return moment.date().isoformat()


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
