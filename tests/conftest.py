"""Shared fixtures, described in words."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real recordings (``GAITBOOK_DATA``); tests that need it skip without it."""
    folder = Path(os.environ.get("GAITBOOK_DATA", ""))
    if not os.environ.get("GAITBOOK_DATA") or not (folder / "rbds").is_dir():
        pytest.skip("real recordings are absent: point GAITBOOK_DATA at a folder that holds rbds/")
    return folder


@pytest.fixture(autouse=True)
def cohort_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test keeps its cohorts in a folder of its own."""
    folder = tmp_path_factory.mktemp("cohorts")
    monkeypatch.setenv("GAITBOOK_COHORTS", str(folder))
    return folder
