"""Files of a zarr group by the short way: byte by byte those of xarray, and back."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort import zarr_files
from gaitbook.cohort.encoding import decode_trial, encode_trial, write_encoded
from gaitbook.cohort.schema import make_trial
from gaitbook.cohort.zarr_files import decode_files, encode_files

Maker = Callable[..., xr.Dataset]


@pytest.fixture(autouse=True)
def no_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has been learned yet."""
    monkeypatch.setattr(zarr_files, "_patterns", {})
    monkeypatch.setattr(zarr_files, "_readable", set())


@pytest.fixture
def count_xarray(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Calls of the ways through xarray, in their order."""
    calls: list[str] = []
    for name in ("_encode_through_xarray", "_decode_through_xarray"):
        original = getattr(zarr_files, name)

        def note(argument: object, name: str = name, original: Callable = original) -> object:
            calls.append(name.split("_")[1])
            return original(argument)

        monkeypatch.setattr(zarr_files, name, note)
    return calls


def see_skeleton(frames: int, seed: int = 0, **attrs: object) -> xr.Dataset:
    """Three joints that wander at 30 Hz, with gaps, as a depth camera sees them."""
    rng = np.random.default_rng(seed)
    position = rng.normal(size=(frames, 3, 3))
    position[rng.random(frames) < 0.1] = np.nan
    variables = {
        "skeleton_position": xr.DataArray(position, dims=("time", "joint", "axis")),
        "joint_confidence": xr.DataArray(rng.choice([0.0, 1.0, 2.0], (frames, 3)), dims=("time", "joint")),
    }
    about = {
        "source": "lab",
        "subject": "A",
        "trial": f"walk-{seed}",
        "sampling_rate_hz": 30.0,
        "license": "CC0",
    }
    coords = {"time": np.arange(frames) / 30, "joint": ["pelvis", "näse", "KNEE"], "axis": ["x", "y", "z"]}
    return make_trial(variables, {**about, **attrs}).assign_coords(coords)


def by_xarray(encoded: xr.Dataset, folder: Path) -> dict[str, bytes]:
    """What xarray itself writes to a folder."""
    chunks = {str(name): {"chunks": v.shape} for name, v in encoded.variables.items() if v.ndim and v.size}
    encoded.to_zarr(folder, mode="w", zarr_format=3, consolidated=False, encoding=chunks)
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


def test_a_pattern_gives_byte_by_byte_what_xarray_writes(
    tmp_path: Path, make_standing: Maker, count_xarray: list[str]
):
    trials = [
        see_skeleton(300),
        see_skeleton(300, 1, age_year=50, log=["made", "säid"], nested={"a": [1, 2.5, None]}, odd=np.nan),
        see_skeleton(217, 2, sex="female", flag=np.True_, weights=np.arange(3.0)),
        make_standing(),
        make_standing("B", seed=4),
    ]
    for number, trial in enumerate(trials):
        encoded = encode_trial(trial)
        assert encode_files(encoded) == by_xarray(encoded, tmp_path / str(number))
    assert count_xarray == ["encode"] * 2, "one for each layout"


def test_what_is_written_is_what_is_returned(tmp_path: Path, make_standing: Maker):
    (tmp_path / "trial/old").mkdir(parents=True)
    files = write_encoded(encode_trial(make_standing()), tmp_path / "trial")
    found = {
        f.relative_to(tmp_path / "trial").as_posix(): f
        for f in (tmp_path / "trial").rglob("*")
        if f.is_file()
    }
    assert {name: file.read_bytes() for name, file in found.items()} == files
    assert not (tmp_path / "trial/old").exists()


UNUSUAL = {
    "no value measured": {"marker_position": lambda v: v * np.nan},
    "never in contact": {"in_contact": lambda v: v & False},
    "no marker": {"marker_position": lambda v: v.isel(marker=slice(0, 0))},
    "attributes that are arrays": {"marker_position": lambda v: v.assign_attrs(offset=np.arange(3))},
    "integers": {"in_contact": lambda v: v.astype("int16")},
    "a single number": {"in_contact": lambda v: v.any()},
    "dims in another order": {"marker_position": lambda v: v.transpose()},
    "time as a date": {"in_contact": lambda v: v.astype("datetime64[ns]").drop_attrs()},
}


@pytest.mark.parametrize("what", UNUSUAL)
def test_the_unusual_comes_through_as_by_xarray(tmp_path: Path, make_standing: Maker, what: str):
    usual = make_standing()
    encode_files(encode_trial(usual))
    names = {dim for dim in ("marker",) if what == "no marker"}
    changed = usual.drop_dims(names).assign({k: f(usual[k]) for k, f in UNUSUAL[what].items()})
    encoded = encode_trial(changed)
    for attempt in range(2):
        files = encode_files(encoded)
        assert files == by_xarray(encoded, tmp_path / str(attempt))
        assert_same_as_xarray(files, tmp_path / str(attempt))


def assert_same_as_xarray(files: dict[str, bytes], folder: Path) -> None:
    with xr.open_dataset(folder, engine="zarr", consolidated=False, chunks=None) as stored:
        expected = decode_trial(stored.compute())
    for _ in range(2):
        found = decode_trial(decode_files(files))
        xr.testing.assert_identical(found, expected)
        assert {k: v.dtype for k, v in found.variables.items()} == {
            k: v.dtype for k, v in expected.variables.items()
        }
        assert set(found.indexes) == set(expected.indexes)


def test_trials_come_back_as_xarray_reads_them(tmp_path: Path, make_standing: Maker, count_xarray: list[str]):
    labeled = make_standing().assign_coords(side=("foot", ["r", "l"]), dose=2.0)
    for number, trial in enumerate(
        [see_skeleton(90, odd=np.nan), see_skeleton(40, 3), make_standing(seed=2), labeled]
    ):
        assert_same_as_xarray(by_xarray(encode_trial(trial), tmp_path / str(number)), tmp_path / str(number))
    assert count_xarray == ["decode"] * 3, "one for each layout"
    back = decode_trial(decode_files(encode_files(encode_trial(see_skeleton(40, 3)))))
    back["skeleton_position"][0] = 0.0
    assert back["joint"].values.tolist() == ["pelvis", "näse", "KNEE"]


def test_another_layout_takes_no_pattern_of_its_neighbor(tmp_path: Path):
    encode_files(encode_trial(see_skeleton(50)))
    other = see_skeleton(50)
    other["skeleton_position"].attrs["camera"] = "second"
    encoded = encode_trial(other)
    assert encode_files(encoded) == by_xarray(encoded, tmp_path / "other")


def test_patterns_do_not_pile_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(zarr_files, "MOST_LAYOUTS", 2)
    for number in range(4):
        trial = see_skeleton(20)
        trial["joint_confidence"].attrs["number"] = number
        decode_files(encode_files(encode_trial(trial)))
    assert len(zarr_files._patterns) <= 2
    assert len(zarr_files._readable) <= 2
