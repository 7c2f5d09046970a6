"""What a study reports: its figures, tables and values, as read back from the executed notebook.

Every display of a `gaitbook.edition.provenance.Ledger` carries a record beside the picture. The runner collects the
records into one CSV per figure and one ``values.csv`` per study; verification compares these files.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

RECORD_MIME = "application/vnd.gaitbook.record+json"
VALUES_FILE = "values.csv"
VALUE_COLUMNS = ("name", "value", "low", "high", "unit", "n", "level")


def read_records(notebook: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Records in an executed notebook, in the order of its cells."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            record = output.get("data", {}).get(RECORD_MIME)
            if record:
                yield dict(record)


def write_results(notebook: Mapping[str, Any], folder: Path) -> list[Path]:
    """Files ``<figure>.csv`` and ``values.csv`` of one study, in an otherwise empty folder.

    Parameters
    ----------
    notebook
        Executed notebook, as a mapping.
    folder
        Folder of the study's results; files of an earlier run are removed.

    Raises
    ------
    ValueError
        Two records have the same name: one would hide the other.
    """
    records = list(read_records(notebook))
    names = [record["name"] for record in records]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            f"{folder.name} records {', '.join(repeated)} more than once: give each figure and value its own name."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.csv"):
        old.unlink()
    written = []
    for record in records:
        if record["kind"] != "value":
            written.append(_write(folder / f"{record['name']}.csv", record["csv"]))
    values = [record for record in records if record["kind"] == "value"]
    if values:
        written.append(_write(folder / VALUES_FILE, _values_csv(values)))
    return written


def _values_csv(values: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, VALUE_COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(values)
    return text.getvalue()


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path
