"""Tables of a cohort: round trip, checks, hash, and that they stand in nobody's way."""

import errno
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook.cohort import placing
from gaitbook.cohort.checksums import CohortError
from gaitbook.cohort.store import (
    append_trial,
    check_cohort,
    cohort_hash,
    create_cohort,
    finish_cohort,
    iterate_trials,
    read_cohort,
)
from gaitbook.cohort.streaming import list_trials
from gaitbook.cohort.tables import list_tables, read_table, write_table

Maker = Callable[..., xr.Dataset]


@pytest.fixture
def cohort(tmp_path: Path, make_standing: Maker) -> Path:
    """Finished cohort with one trial and no table."""
    path = create_cohort(tmp_path / "lab", name="lab")
    append_trial(path, make_standing("A"))
    return finish_cohort(path)


def draw_phenotypes(seed: int = 0, people: int = 5) -> xr.Dataset:
    """Twelve phenotypes of some people, a tenth of the values missing."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(people, 12))
    values[rng.random(values.shape) < 0.1] = np.nan
    return xr.Dataset(
        {
            "value": (("subject", "phenotype"), values, {"units": "1"}),
            "is_null": ("phenotype", np.arange(12) % 3 == 0),
            "system": ("phenotype", np.array(["bone", "renal"] * 6)),
        },
        {
            "subject": [f"person-{k:04d}" for k in range(people)],
            "phenotype": [f"größe {k}/2" for k in range(12)],
        },
        {"seed": np.int64(seed)},
    )


def test_a_table_comes_back_with_labels_and_strings(cohort: Path):
    table = draw_phenotypes()
    assert write_table(cohort, "phenotypes", table) is True
    back = read_table(cohort, "phenotypes")
    np.testing.assert_array_equal(back["value"], table["value"].astype("float32"))
    assert back["value"].dtype == np.float32
    assert back["value"].attrs == {"units": "1"}
    xr.testing.assert_identical(back.drop_vars("value"), table.drop_vars("value"))
    assert back.attrs == {"seed": 0}
    assert back.sel(subject="person-0003", phenotype="größe 7/2")["system"].item() == "renal"
    assert back["system"].dtype.kind == back["phenotype"].dtype.kind == "U"


def test_a_data_frame_comes_back_in_double_precision(cohort: Path):
    people = pd.DataFrame(
        {"number": [0, 1], "sex": ["female", "male"], "age_year": [np.pi, 40.1], "tall": [True, False]},
        index=pd.Index(["person-0001", "person-0002"], name="subject"),
    )
    write_table(cohort, "people", xr.Dataset.from_dataframe(people))
    back = read_table(cohort, "people").to_dataframe()
    pd.testing.assert_frame_equal(back, people, check_dtype=False, check_index_type=False)
    assert back["age_year"].dtype == float
    assert back["number"].dtype == int


def test_a_table_is_written_once_and_replaced_in_one_step(cohort: Path):
    assert write_table(cohort, "phenotypes", draw_phenotypes(1, people=9)) is True
    assert write_table(cohort, "phenotypes", draw_phenotypes(1, people=9)) is False
    assert write_table(cohort, "phenotypes", draw_phenotypes(2)) is True
    assert read_table(cohort, "phenotypes").sizes["subject"] == 5
    assert list_tables(cohort) == ["phenotypes"]
    assert not list(cohort.glob(".incoming*"))


def test_tables_are_in_nobodys_way(cohort: Path, make_standing: Maker):
    write_table(cohort, "people", draw_phenotypes())
    assert list_trials(cohort) == ["/lab/A/one"]
    assert [t.attrs["subject"] for t in iterate_trials(read_cohort(cohort))] == ["A"]
    assert set(xr.open_datatree(cohort, engine="zarr").children) == {"lab"}
    append_trial(cohort, make_standing("B"))
    write_table(finish_cohort(cohort), "causes", draw_phenotypes(3))
    assert set(read_cohort(cohort)["lab"].children) == {"A", "B"}
    assert check_cohort(cohort)["trial"].tolist() == ["/lab/A/one", "/lab/B/one"]
    with xr.open_zarr(cohort / ".tables/people", consolidated=False) as plain:
        assert plain["value"].shape == (5, 12)


def test_the_hash_covers_the_tables(cohort: Path, tmp_path: Path, make_standing: Maker):
    without = cohort_hash(cohort)
    write_table(cohort, "phenotypes", draw_phenotypes())
    with_table = cohort_hash(cohort)
    assert with_table != without
    assert read_cohort(cohort).attrs["hash"] == with_table
    other = create_cohort(tmp_path / "other", name="other")
    write_table(other, "phenotypes", draw_phenotypes())
    append_trial(other, make_standing("A"))
    assert cohort_hash(other) == with_table
    write_table(other, "phenotypes", draw_phenotypes(1))
    assert cohort_hash(other) != with_table


def test_damage_of_a_table_is_found(cohort: Path):
    write_table(cohort, "phenotypes", draw_phenotypes())
    chunk = cohort / ".tables/phenotypes/value/c/0/0"
    content = bytearray(chunk.read_bytes())
    content[-1] ^= 1
    chunk.write_bytes(content)
    check_cohort(cohort)
    with pytest.raises(
        CohortError, match=r"1 of 2 trial\(s\) or table\(s\).*\n- /\.tables/phenotypes: value/c/0/0 has"
    ):
        check_cohort(cohort, deep=True)
    chunk.unlink()
    for read in (read_cohort, check_cohort, lambda path: read_table(path, "phenotypes")):
        with pytest.raises(
            CohortError, match="Delete the folders of these trials and tables and run the same import"
        ):
            read(cohort)
    assert write_table(cohort, "phenotypes", draw_phenotypes()) is True
    assert len(check_cohort(cohort, deep=True)) == 1


def test_an_unknown_table_names_those_there(cohort: Path, tmp_path: Path):
    with pytest.raises(KeyError, match=r"has no table 'people'\. It has none"):
        read_table(cohort, "people")
    for name in ("phenotypes", "causes"):
        write_table(cohort, name, draw_phenotypes())
    with pytest.raises(KeyError, match=r"has no table 'people'\. It has causes, phenotypes\."):
        read_table(cohort, "people")
    with pytest.raises(FileNotFoundError, match="There is no cohort at"):
        list_tables(tmp_path / "absent")


def test_all_faults_of_a_table_come_in_one_message(cohort: Path):
    table = xr.Dataset(
        {
            "a/b": ("subject", [1.0, 2.0]),
            "note": ("subject", np.array(["x", np.nan], dtype=object)),
            "day": ("subject", np.array(["2026-01-01"] * 2, dtype="datetime64[ns]")),
            "nothing": ("empty", np.zeros(0)),
        }
    )
    with pytest.raises(CohortError) as caught:
        write_table(cohort, "../people", table)
    message = str(caught.value)
    assert message.startswith(
        "Table '../people' cannot be stored:\n- '../people', 'a/b' cannot be the name of a folder"
    )
    assert "note holds float among its strings: write '' for what is missing" in message
    assert "day holds datetime64[ns], expected numbers, truth values or strings" in message
    assert "nothing is empty" in message
    with pytest.raises(CohortError, match="it has no variable"):
        write_table(cohort, "people", xr.Dataset())
    assert list_tables(cohort) == []


def test_a_full_disk_names_the_table(cohort: Path, monkeypatch: pytest.MonkeyPatch):
    before = sorted(cohort.rglob("*"))

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(placing, "write_encoded", refuse)
    with pytest.raises(OSError, match=r"is full: table people needs up to .* MB"):
        write_table(cohort, "people", draw_phenotypes())
    assert sorted(cohort.rglob("*")) == before
