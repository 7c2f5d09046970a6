"""The verdict as a page of the book and as lines on a terminal.

The page belongs to one edition and one machine: it says what was compared, where and when, and how far the worst
column lies from its frozen form. Until a verification has run, the book shows the page of the sources, which says how
to make this one.
"""

import platform
from collections import Counter
from pathlib import Path

from gaitbook.edition.card import code_version, execution_date
from gaitbook.edition.comparison import NOT_RUN, REPRODUCED, Verdict
from gaitbook.edition.subject import Subject

VERDICT_FILE = "verdict.md"


def write_verdict(verdicts: list[Verdict], subject: Subject, edition: Path) -> Path:
    """Page with the verdicts, in the folder of the edition; the next build takes it into the book.

    Parameters
    ----------
    verdicts
        One per frozen figure.
    subject
        The cohort on which the studies ran.
    edition
        Folder of the edition.
    """
    edition.mkdir(parents=True, exist_ok=True)
    path = edition / VERDICT_FILE
    path.write_text(verdict_page(verdicts, subject), encoding="utf-8")
    return path


def verdict_page(verdicts: list[Verdict], subject: Subject) -> str:
    """Text of the page, in MyST Markdown."""
    rows = "\n".join(_row(verdict) for verdict in verdicts)
    faults = "\n".join(f"- `{verdict.study}`: {verdict.reason}" for verdict in verdicts if verdict.reason)
    return f"""# Verdict

{summarize(verdicts)} Executed on {execution_date()} with {code_version()}, Python {platform.python_version()} on
{platform.system()} {platform.machine()}, on the cohort `{subject.name}` ({subject.label}). Each figure's table and each
number of the text was compared with its frozen form in `expected/{subject.name}/`, column by column.

```{{list-table}}
:header-rows: 1
:class: gaitbook-verdict

* - Study
  - Figure
  - Verdict
  - Worst column
  - Its deviation, share of the tolerance
{rows}
```

{faults}
"""


def summarize(verdicts: list[Verdict]) -> str:
    """Sentence with the number of figures by outcome.

    Examples
    --------
    >>> summarize([Verdict("01", "a", "reproduced"), Verdict("01", "b", "drifted")])
    '1 of 2 figures reproduced, 1 drifted, 0 not run.'
    """
    counts = Counter(verdict.outcome for verdict in verdicts)
    drifted = len(verdicts) - counts[REPRODUCED] - counts[NOT_RUN]
    return f"{counts[REPRODUCED]} of {len(verdicts)} figures reproduced, {drifted} drifted, {counts[NOT_RUN]} not run."


def verdict_lines(verdicts: list[Verdict]) -> list[str]:
    """Lines for a terminal: outcome, study, figure, and why; a summary at the end."""
    lines = [
        f"{verdict.outcome:<10}  {verdict.study}  {verdict.figure}"
        + (f": {verdict.reason}" if verdict.reason else "")
        for verdict in verdicts
    ]
    return [*lines, summarize(verdicts)]


def _row(verdict: Verdict) -> str:
    share = "-" if verdict.outcome == NOT_RUN else f"{verdict.deviation:.2g}"
    mark = verdict.outcome.replace(" ", "-")
    outcome = f'<span class="gaitbook-{mark}">{verdict.outcome}</span>'
    return f"* - `{verdict.study}`\n  - `{verdict.figure}`\n  - {outcome}\n  - {verdict.column or '-'}\n  - {share}"
