"""One process at a time fills a cohort, and what another recipe made is taken out first."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import xarray as xr

from gaitbook.cohort.checksums import CohortError
from gaitbook.cohort.filling import empty_cohort, is_cohort, is_filled, lock_cohort
from gaitbook.cohort.store import append_trial, check_cohort, create_cohort, finish_cohort
from gaitbook.cohort.tables import list_tables, write_table

Maker = Callable[..., xr.Dataset]
HOLD = """
import sys, time
from pathlib import Path
from gaitbook.cohort.filling import lock_cohort
with lock_cohort(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def make_cohort(path: Path, make_standing: Maker) -> Path:
    create_cohort(path, name="x", label="synthetic", recipe="flour")
    append_trial(path, make_standing("A", "one"))
    write_table(path, "people", xr.Dataset({"age": ("subject", [30.0])}))
    return finish_cohort(path)


def test_another_process_is_waited_for_and_its_end_frees_the_lock(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    path = tmp_path / "deep" / "cohort"
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            caplog.at_level(logging.INFO),
            pytest.raises(CohortError, match=r"still filling the cohort .* after 0.1 s: let it finish"),
            lock_cohort(path, wait_s=0.1),
        ):
            pass
        assert "Another process is filling the cohort cohort: waiting for it." in caplog.text
        other.kill()
        other.wait()
        start_s = time.perf_counter()
        with lock_cohort(path, wait_s=5.0):
            assert time.perf_counter() - start_s < 2.0
    with lock_cohort(path, wait_s=0.1):
        assert not path.exists()


def test_the_lock_is_freed_after_an_error(tmp_path: Path):
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt), lock_cohort(tmp_path / "x", wait_s=0.1):
            raise KeyboardInterrupt


def test_a_cohort_is_filled_once_it_is_finished_by_the_same_recipe(tmp_path: Path, make_standing: Maker):
    path = tmp_path / "x"
    assert not is_cohort(path)
    assert not is_filled(path, "flour")
    make_cohort(path, make_standing)
    assert is_cohort(path)
    assert is_filled(path, "flour")
    assert not is_filled(path, "sugar")
    create_cohort(path, name="x", label="synthetic", recipe="flour")
    assert not is_filled(path, "flour")


def test_an_emptied_cohort_is_one_without_recipe_trials_and_tables(tmp_path: Path, make_standing: Maker):
    path = make_cohort(tmp_path / "x", make_standing)
    empty_cohort(path)
    assert check_cohort(path).empty
    assert list_tables(path) == []
    assert [each.name for each in path.iterdir()] == ["zarr.json"]
    assert not is_filled(path, "flour")
    assert is_cohort(path)
