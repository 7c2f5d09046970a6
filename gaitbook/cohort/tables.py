"""Tables of a cohort: what is known of its people beyond their trials.

A table is a dataset with labels, such as the age of each person or the causes behind each phenotype. It is a zarr
group in the hidden folder ``.tables`` of the store, where it stands in the way of no trial and of no other reader;
its checksums are kept with those of the trials, so that it is checked and hashed with the cohort. Columns keep
double precision; matrices, which are large, are stored and given back in single precision.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xarray as xr

from gaitbook.cohort import checksums
from gaitbook.cohort.checksums import CohortError
from gaitbook.cohort.chunks import KINDS_OF_STRINGS
from gaitbook.cohort.encoding import decode_table, encode_table
from gaitbook.cohort.metadata import read_root
from gaitbook.cohort.placing import put_into_place
from gaitbook.cohort.store import NAME
from gaitbook.cohort.zarr_files import decode_files


def write_table(path: str | Path, name: str, table: xr.Dataset) -> bool:
    """Write a table into a cohort in one step, in place of one of the same name.

    Parameters
    ----------
    path
        Folder of a cohort made by `create_cohort`.
    name
        Name of the table: ``"people"``, ``"phenotypes"``.
    table
        Numbers, truth values and strings, with any dims and labels; `xarray.Dataset.from_dataframe` makes one of a
        data frame. Variables of two and more dims are stored in single precision.

    Returns
    -------
    bool
        Whether the table was written; ``False`` if it was already there with the same content.

    Raises
    ------
    CohortError
        The folder is no cohort, or the table cannot be stored; the message lists all its faults.
    OSError
        The disk is full; nothing half-written is left.
    """
    cohort, place = Path(path), _place(name)
    read_root(cohort)
    found = list(_faults(name, table))
    if found:
        raise CohortError(f"Table {name!r} cannot be stored:\n- " + "\n- ".join(found))
    encoded = encode_table(table)
    content = checksums.hash_content(encoded)
    sheet = checksums.read_sheets(cohort, place).get(place)
    if sheet and sheet.content == content and not checksums.find_damage(cohort, sheet):
        return False
    put_into_place(cohort, place, encoded, content)
    return True


def read_table(path: str | Path, name: str) -> xr.Dataset:
    """Table of a cohort, in memory.

    Raises
    ------
    KeyError
        The cohort has no such table; the message names those it has.
    CohortError
        The folder is no cohort, or files of the table are missing or have another size than when written.
    """
    cohort, place = Path(path), _place(name)
    present = list_tables(cohort)
    if name not in present:
        raise KeyError(f"The cohort {cohort} has no table {name!r}. It has {', '.join(present) or 'none'}.")
    sheet = checksums.read_sheets(cohort, place)[place]
    return decode_table(decode_files(checksums.read_files(cohort, sheet)))


def list_tables(path: str | Path) -> list[str]:
    """Names of the tables of a cohort, sorted.

    Raises
    ------
    FileNotFoundError
        There is no such folder.
    CohortError
        The folder is no cohort.
    """
    read_root(Path(path))
    sheets = (Path(path) / checksums.SHEETS / checksums.TABLES).glob("*.json")
    return sorted(sheet.name.removesuffix(".json") for sheet in sheets)


def _place(name: str) -> str:
    return f"/{checksums.TABLES}/{name}"


def _faults(name: str, table: xr.Dataset) -> Iterator[str]:
    wrong = [str(each) for each in (name, *table.variables) if not NAME.fullmatch(str(each))]
    if wrong:
        yield (
            f"{', '.join(map(repr, wrong))} cannot be the name of a folder; use letters, digits and . _ + - and "
            "begin with a letter or digit"
        )
    if not table.data_vars:
        yield "it has no variable"
    for each, variable in table.variables.items():
        if not variable.size:
            yield f"{each} is empty"
        elif variable.dtype.kind in KINDS_OF_STRINGS:
            strange = _kinds(variable) - {"str", "str_"}
            if strange:
                yield f"{each} holds {', '.join(sorted(strange))} among its strings: write '' for what is missing"
        elif variable.dtype.kind not in "fiub":
            yield f"{each} holds {variable.dtype}, expected numbers, truth values or strings"


def _kinds(variable: xr.Variable) -> set[str]:
    return {type(value).__name__ for value in np.asarray(variable.data, dtype=object).flat}
