"""What was left out, and why.

Nothing leaves an analysis silently: whoever drops a file, a trial, a stride or a frame returns an
`Exclusion` for it, and the counts by reason are shown beside the result.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Exclusion:
    """One thing that was left out.

    Attributes
    ----------
    item
        What was left out: a file, or a place in the cohort such as ``/source/subject/trial``.
    reason
        Why, in words that are the same for every item with the same fault, so that reasons can be counted.
    detail
        What was found in this very item (values, line numbers); may be empty.
    """

    item: str
    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.item}: {self.reason}" + (f" ({self.detail})" if self.detail else "")


def count_reasons(exclusions: Iterable[Exclusion]) -> pd.DataFrame:
    """Count exclusions by reason, the most frequent first.

    Parameters
    ----------
    exclusions
        What was left out.

    Returns
    -------
    pandas.DataFrame
        Columns ``reason``, ``count`` and ``items`` (comma separated); empty if nothing was left out.

    Examples
    --------
    >>> out = [
    ...     Exclusion("a.c3d", "no body mass"),
    ...     Exclusion("b.c3d", "no body mass"),
    ...     Exclusion("c.txt", "unknown"),
    ... ]
    >>> count_reasons(out)[["reason", "count"]].values.tolist()
    [['no body mass', 2], ['unknown', 1]]
    """
    rows = pd.DataFrame([(each.reason, each.item) for each in exclusions], columns=["reason", "item"])
    counted = rows.groupby("reason")["item"].agg(count="count", items=", ".join).reset_index()
    counted["count"] = counted["count"].astype(int)
    return counted.sort_values(["count", "reason"], ascending=[False, True], ignore_index=True)
