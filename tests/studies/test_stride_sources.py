import numpy as np
import pytest
import xarray as xr

from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.store import append_trial, create_cohort, finish_cohort
from gaitbook.library import UnknownCohortError
from gaitbook.studies import stride_sources
from gaitbook.studies.stride_sources import FOLDER, HASH_LENGTH, PART, read_libraries
from gaitbook.synthesis.closed_form import simulate_trial

CODE = "0123456789abcdef"


def stub(subjects, *, sex="male"):
    """A library of one stride and its mirror image for each."""
    each = [name for name in subjects for _ in range(2)]
    return xr.Dataset(
        {
            "row": (("stride", "number"), np.arange(3.0 * len(each), dtype=np.float32).reshape(-1, 3)),
            "subject": ("stride", np.array(each, dtype=object)),
            "sex": ("stride", np.array([sex, "female"] * len(subjects), dtype=object)),
            "height_m": ("stride", np.full(len(each), 1.7)),
            "mirrored": ("stride", np.array([False, True] * len(subjects))),
        },
        {"number": ["a", "b", "c"]},
    )


class Maker:
    """Makes libraries in place of simulator and laboratory, and remembers what it was asked for."""

    def __init__(self):
        self.asked = []
        self.sex = "male"
        self.fails_at = None

    def simulate(self, numbers, **_):
        if self.fails_at in numbers:
            raise KeyboardInterrupt
        self.asked.append(list(numbers))
        left_out = [Exclusion(f"/simulated/{numbers[0]}/run", "does not balance", "at 6 m/s")]
        return stub([f"person-{number + 1:04d}" for number in numbers], sex=self.sex), left_out

    def record(self, path, **_):
        self.asked.append(path.name)
        return stub(["RBDS001"], sex=self.sex), [Exclusion(f"/{path.name}/A/walk", "no whole stride")]


@pytest.fixture
def maker(monkeypatch):
    made = Maker()
    monkeypatch.setattr(stride_sources, "PART", 2)
    monkeypatch.setattr(stride_sources, "hash_code", lambda *_: CODE)
    monkeypatch.setattr(stride_sources, "simulate_strides", made.simulate)
    monkeypatch.setattr(stride_sources, "record_strides", made.record)
    return made


@pytest.fixture
def runs(cohort_folder):
    """A small cohort of this name."""
    cohort = create_cohort(cohort_folder / "runs", name="runs", label="synthetic")
    append_trial(cohort, simulate_trial(duration_s=0.5))
    return finish_cohort(cohort)


def files(cohort_folder):
    return sorted(path.name for path in (cohort_folder / FOLDER).glob("*"))


def test_people_are_simulated_in_parts_named_by_code_and_people(maker, cohort_folder):
    libraries, _ = read_libraries(range(321, 326), [])
    assert maker.asked == [[321, 322], [323, 324], [325]]
    names = files(cohort_folder)
    assert len(set(names)) == 3
    assert all(name.startswith(f"simulated-{CODE[:HASH_LENGTH]}-") for name in names)
    assert all(name.endswith(".npz") for name in names)
    assert [library.attrs["source"] for library in libraries] == ["simulated"]
    subjects = libraries[0]["subject"].values.tolist()
    assert subjects == [f"person-{number:04d}" for number in range(322, 327) for _ in range(2)]


def test_parts_are_of_fifty_people():
    assert PART == 50


@pytest.mark.usefixtures("runs")
def test_what_was_made_before_is_read_and_not_made_again(maker):
    first, left_out = read_libraries(range(5), ["runs"])
    made = list(maker.asked)
    again, left_out_again = read_libraries(range(5), ["runs"])
    assert maker.asked == made
    for before, after in zip(first, again, strict=True):
        xr.testing.assert_identical(before, after)
    assert left_out == left_out_again
    assert [str(each) for each in left_out] == [
        "/simulated/0/run: does not balance (at 6 m/s)",
        "/simulated/2/run: does not balance (at 6 m/s)",
        "/simulated/4/run: does not balance (at 6 m/s)",
        "/runs/A/walk: no whole stride",
    ]


@pytest.mark.usefixtures("maker")
def test_what_is_read_is_what_was_made():
    (library,), _ = read_libraries([7], [])
    made = stub(["person-0008"])
    assert set(library.variables) == set(made.variables)
    for name, array in made.variables.items():
        assert library[name].dims == array.dims
        assert np.array_equal(library[name].values, array.values.astype(library[name].dtype))
    assert library["row"].dtype == np.float32
    assert library["mirrored"].dtype == bool


@pytest.mark.usefixtures("runs")
def test_what_is_not_known_of_a_person_is_still_not_known_after_reading(maker):
    maker.sex = np.nan
    for library in read_libraries([0], ["runs"])[0]:
        told, female = library["sex"].values
        assert np.isnan(told)
        assert female == "female"


def test_an_interrupted_run_goes_on_where_it_stopped(maker, cohort_folder):
    maker.fails_at = 4
    with pytest.raises(KeyboardInterrupt):
        read_libraries(range(6), [])
    assert len(files(cohort_folder)) == 2
    maker.fails_at = None
    read_libraries(range(6), [])
    assert maker.asked == [[0, 1], [2, 3], [4, 5]]


def test_half_a_file_is_never_taken_for_a_whole_one(maker, cohort_folder, monkeypatch):
    def fill(file, **_):
        file.write(b"half")
        raise OSError("No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(np, "savez", fill)
        with pytest.raises(OSError, match="No space left"):
            read_libraries([0], [])
    assert not any(name.endswith(".npz") for name in files(cohort_folder))
    read_libraries([0], [])
    assert maker.asked == [[0], [0]]
    assert [name.endswith(".npz") for name in files(cohort_folder)] == [True]


def test_other_people_are_another_file_even_from_the_same_first_to_the_same_last(maker, monkeypatch):
    monkeypatch.setattr(stride_sources, "PART", 3)
    for numbers in ([1, 2, 5], [1, 4, 5], [1, 2, 5]):
        (library,), _ = read_libraries(numbers, [])
        assert library["subject"].values[::2].tolist() == [f"person-{number + 1:04d}" for number in numbers]
    assert maker.asked == [[1, 2, 5], [1, 4, 5]]


@pytest.mark.usefixtures("runs")
def test_other_code_makes_strides_anew(maker, monkeypatch):
    read_libraries([0], ["runs"])
    monkeypatch.setattr(stride_sources, "hash_code", lambda *_: CODE[::-1])
    read_libraries([0], ["runs"])
    assert maker.asked == [[0], "runs", [0], "runs"]


@pytest.mark.usefixtures("maker")
def test_the_code_that_counts_is_that_of_simulator_mechanics_and_stride(monkeypatch):
    asked = []
    monkeypatch.setattr(stride_sources, "hash_code", lambda *parts: asked.append(parts) or CODE)
    read_libraries([0], [])
    assert asked == [("synthesis", "mechanics", "representation")]


def test_the_code_of_the_package_can_be_hashed(maker, cohort_folder, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("GAITBOOK_COHORTS", str(cohort_folder))
    monkeypatch.setattr(stride_sources, "simulate_strides", maker.simulate)
    read_libraries([0], [])
    (name,) = files(cohort_folder)
    _, code, _ = name.split("-")
    assert len(code) == HASH_LENGTH
    assert int(code, 16) >= 0


def test_a_cohort_that_has_changed_is_measured_anew(maker, runs):
    (_, recorded), _ = read_libraries([0], ["runs"])
    assert recorded.attrs["source"] == "recorded"
    append_trial(runs, simulate_trial(duration_s=0.5, speed_mps=4.0))
    finish_cohort(runs)
    read_libraries([0], ["runs"])
    assert maker.asked == [[0], "runs", "runs"]


def test_a_cohort_that_nothing_is_called_is_refused_before_anybody_is_simulated(maker):
    with pytest.raises(UnknownCohortError, match="nobody"):
        read_libraries([0], ["nobody"])
    assert not maker.asked
