"""The ledger of a study: every figure, table and number that leaves a notebook goes through it.

A ledger shows what it is given, in a live notebook as on a page; keeps it under a name that the text of the book can
cite (`{glue:figure}`, `{glue:text}`); puts the provenance card below; and adds the record that verification compares.
It needs nothing but IPython, so that the same cells run where the book's tools are not installed.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import pandas as pd

from gaitbook.edition.card import Provenance, code_version, draw_card, draw_label, execution_date
from gaitbook.edition.records import RECORD_MIME
from gaitbook.figures.drawing import Drawing
from gaitbook.figures.tables import style_table

if TYPE_CHECKING:
    import xarray as xr
    from anywidget import AnyWidget

    from gaitbook.studies.uncertainty import Estimate

NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]*")
RESERVED_NAMES = frozenset({"values", "tolerances", "default"})


@dataclass(frozen=True)
class Ledger:
    """Book-keeping of one study; made by `open_ledger`.

    Attributes
    ----------
    provenance
        Cohort, parameters, seed, code and date that all its records share.
    """

    provenance: Provenance

    @property
    def label(self) -> str:
        """Name of the cohort and what kind of data it holds, to be printed on figures."""
        return f"{self.provenance.cohort} ({self.provenance.label})"

    def cohort_notice(self) -> None:
        """Show which data the study runs on and, where they stand in for others, say so."""
        from IPython.display import display

        kind = "gaitbook-notice" + " gaitbook-stand-in" * bool(self.provenance.remark)
        text = f"Data: {self.label}, license {self.provenance.license}. {self.provenance.remark}".strip()
        bundle = {"text/html": f'<p class="{kind}">{escape(text)}</p>', "text/plain": text}
        display(bundle, raw=True)

    def figure(self, name: str, drawing: Drawing) -> None:
        """Show a figure with its card and keep it for `{glue:figure}`.

        Parameters
        ----------
        name
            Lower-case name, unique in the study, such as ``force_errors_by_speed``.
        drawing
            A `gaitbook.figures.drawing.Drawing`: picture, table and alternative text.

        Raises
        ------
        ValueError
            The name cannot be a file name.
        """
        _check_name(name)
        csv = _to_csv(drawing.table)
        page = self._exhibit(name, csv, _picture(drawing))
        if drawing.widget is not None:
            _show_live(drawing.widget)
        self._show(name, "figure", {"csv": csv}, page, drawing.alt)

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Show a table with its card and keep it for `{glue:figure}`.

        Parameters
        ----------
        name
            Lower-case name, unique in the study.
        frame
            The table; its index is shown and recorded unless it only counts the rows.

        Raises
        ------
        ValueError
            The name cannot be a file name.
        """
        _check_name(name)
        csv = _to_csv(frame)
        shown = frame.reset_index() if _has_labels(frame) else frame
        page = self._exhibit(name, csv, style_table(shown))
        self._show(name, "table", {"csv": csv}, page, frame.to_string())

    def value(self, name: str, estimate: "Estimate | float", *, format: str = ".1f") -> None:
        """Show a number with its interval and keep it for `{glue:text}`.

        Parameters
        ----------
        name
            Lower-case name, unique in the study.
        estimate
            A `gaitbook.studies.uncertainty.Estimate`, or a plain number for what has no uncertainty (a count).
        format
            Format specification of the printed numbers.

        Raises
        ------
        ValueError
            The name cannot be a file name.
        """
        _check_name(name)
        text = estimate_text(estimate, format)
        fields = ("low", "high", "unit", "n", "level")
        numbers = {
            "value": getattr(estimate, "value", estimate),
            **{key: getattr(estimate, key, None) for key in fields},
        }
        page = f'<p class="gaitbook-value" data-figure="{name}"><code>{name}</code> {escape(text)}</p>'
        self._show(name, "value", {key: _plain(number) for key, number in numbers.items()}, page, text)

    def _exhibit(self, name: str, csv: str, picture: str) -> str:
        below = draw_label(self.provenance) + draw_card(self.provenance, name, csv)
        return f'<div class="gaitbook-exhibit" data-figure="{name}">{picture}{below}</div>'

    def _show(self, name: str, kind: str, content: Mapping[str, Any], page: str, text: str) -> None:
        from IPython.display import display

        shared = {"data_hash": self.provenance.data_hash, "cohort": self.provenance.cohort}
        record = {"kind": kind, "name": name, **shared, **content}
        bundle = {RECORD_MIME: record, "text/html": page, "text/plain": text}
        # The metadata is what myst_nb.glue writes; written here because myst_nb is absent on hosted notebooks.
        display(bundle, raw=True, metadata={"scrapbook": {"name": name, "mime_prefix": ""}})


def open_ledger(
    cohort: "xr.DataTree", *, notebook: str, parameters: Mapping[str, Any], seed: int | None = None
) -> Ledger:
    """Ledger of one study on one cohort.

    Parameters
    ----------
    cohort
        A cohort as `gaitbook.open_cohort` gives it, or anything with its ``attrs``: ``name``, ``label``, ``license``,
        ``hash`` and, for a stand-in, ``fallback_for``.
    notebook
        Name of the study.
    parameters
        Parameters of the study in this edition.
    seed
        Seed of all its random numbers, or ``None`` if it draws none.

    Raises
    ------
    ValueError
        The cohort does not say what it holds.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> cohort = SimpleNamespace(
    ...     attrs={"name": "toy", "label": "synthetic", "license": "CC0", "hash": "ab12"}
    ... )
    >>> open_ledger(cohort, notebook="01_toy", parameters={"draws": 3}).provenance.cohort
    'toy'
    """
    missing = [key for key in ("name", "label", "license", "hash") if not cohort.attrs.get(key)]
    if missing:
        raise ValueError(
            f"The cohort does not state its {', '.join(missing)}: open it with gaitbook.open_cohort."
        )
    provenance = Provenance(
        notebook=notebook,
        cohort=str(cohort.attrs["name"]),
        label=str(cohort.attrs["label"]),
        license=str(cohort.attrs["license"]),
        data_hash=str(cohort.attrs["hash"]),
        citation=str(cohort.attrs.get("citation", "")),
        remark=str(cohort.attrs.get("fallback_for", "")),
        parameters=dict(parameters),
        seed=seed,
        code=code_version(),
        date=execution_date(),
    )
    return Ledger(provenance)


def estimate_text(estimate: "Estimate | float", format: str = ".1f") -> str:
    """Estimate as `{glue:text}` prints it; a plain number or a count by itself.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> estimate_text(SimpleNamespace(value=7.12, low=6.5, high=7.7, unit="%BW"))
    '7.1 (6.5 to 7.7) %BW'
    """
    shown: Any = estimate
    if isinstance(shown, Integral):
        return str(shown)
    if isinstance(shown, Real):
        return f"{shown:{format}}"
    return f"{shown.value:{format}} ({shown.low:{format}} to {shown.high:{format}}) {shown.unit}".rstrip()


def _picture(drawing: Drawing) -> str:
    if drawing.html is not None:
        return str(drawing.html)
    if drawing.figure is None:
        return f"<p>{escape(drawing.alt)}</p>"
    from gaitbook.figures.style import to_adaptive_svg

    return str(to_adaptive_svg(drawing.figure, drawing.alt))


def _show_live(widget: "AnyWidget") -> None:
    from IPython.display import display

    live = widget._repr_mimebundle_()
    # Only the view itself: pages draw the element of the ledger instead and leave this output out.
    bundle = live[0] if isinstance(live, tuple) else live or {}
    views = {
        mime: content for mime, content in bundle.items() if mime.startswith("application/vnd.jupyter.widget")
    }
    if views:
        display({**views, "text/html": ""}, raw=True)


def _check_name(name: str) -> None:
    if not NAME_PATTERN.fullmatch(name) or name in RESERVED_NAMES:
        raise ValueError(
            f"{name!r} cannot name a figure or value: use lower-case letters, digits and _, as in 'peak_error'."
        )


def _has_labels(frame: pd.DataFrame) -> bool:
    return not isinstance(frame.index, pd.RangeIndex)


def _to_csv(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=_has_labels(frame), lineterminator="\n")


def _plain(number: object) -> object:
    number = number.item() if hasattr(number, "item") else number
    return None if isinstance(number, float) and math.isnan(number) else number
