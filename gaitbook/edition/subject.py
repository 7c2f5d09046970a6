"""What an edition is about: one cohort, opened or replaced by the closed-form one.

The book must build on any machine. Where the recordings of a cohort are neither cached nor reachable, the studies
run on the closed-form walker and runner instead; that is said in the log, at the top of every page and on every
figure, and the frozen tables of the replacement are the ones that count.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

DEFAULT_COHORT = "rbds"
FALLBACK = "closed-form"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Subject:
    """The cohort that the studies of an edition see.

    Attributes
    ----------
    requested
        Name, or folder, that was asked for.
    name
        Name of the cohort that was opened: the same, or the replacement.
    label
        What kind of data it holds.
    data_hash
        Hash of its recordings.
    remark
        Sentence on what stands in for what; empty where the requested cohort was opened.
    """

    requested: str
    name: str
    label: str
    data_hash: str
    remark: str = ""

    @property
    def edition(self) -> str:
        """Name of the edition: that of the cohort, or of its folder."""
        return Path(self.requested).name

    @property
    def banner(self) -> str:
        """Sentence for the top of every page."""
        return f"Edition {self.edition}: {self.label} data of the cohort {self.name}. {self.remark}".strip()


def open_subject(cohort: str) -> Subject:
    """Cohort of an edition, or the closed-form one where its recordings cannot be had.

    Parameters
    ----------
    cohort
        Name of a cohort, or its folder.

    Raises
    ------
    gaitbook.library.UnknownCohortError
        No cohort has this name; the message lists those that there are.
    """
    from gaitbook.library import open_cohort

    # Studies run in their own folder, where a relative path would lead elsewhere.
    requested = str(Path(cohort).resolve()) if "/" in cohort and Path(cohort).is_dir() else cohort
    logger.info("Opening the cohort %s", requested)
    attrs = open_cohort(requested, fallback=FALLBACK).attrs
    facts = {"name": attrs["name"], "label": attrs["label"], "data_hash": attrs["hash"]}
    remark = str(attrs.get("fallback_for", ""))
    return Subject(requested, **{key: str(fact) for key, fact in facts.items()}, remark=remark)
