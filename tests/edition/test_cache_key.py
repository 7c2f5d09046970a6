"""The key changes with everything that can change a number, and with nothing else."""

import copy

import pytest

from gaitbook.edition.cache_key import content_key, hash_sources


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "code.py").write_text("x = 1\n")
    return folder


@pytest.fixture
def key(toy_cells, package):
    return content_key({"cells": toy_cells}, {"factor": 1.0}, data_hash="ab", package=package)


def test_the_same_content_has_the_same_key_whatever_its_outputs(toy_cells, package, key):
    executed = copy.deepcopy(toy_cells)
    executed[2]["outputs"], executed[2]["id"] = [{"data": {}}], "other"
    assert content_key({"cells": executed}, {"factor": 1.0}, data_hash="ab", package=package) == key


def test_cells_parameters_data_and_package_change_the_key(toy_cells, package, key):
    changed = copy.deepcopy(toy_cells)
    changed[3]["source"] += "\n1"
    keys = {
        key,
        content_key({"cells": changed}, {"factor": 1.0}, data_hash="ab", package=package),
        content_key({"cells": toy_cells}, {"factor": 2.0}, data_hash="ab", package=package),
        content_key({"cells": toy_cells}, {"factor": 1.0}, data_hash="cd", package=package),
    }
    (package / "code.py").write_text("x = 2\n")
    keys.add(content_key({"cells": toy_cells}, {"factor": 1.0}, data_hash="ab", package=package))
    assert len(keys) == 5


def test_versions_change_the_key(toy_cells, package, key, monkeypatch):
    monkeypatch.setattr("gaitbook.edition.cache_key.package_versions", lambda: {"numpy": "0"})
    assert content_key({"cells": toy_cells}, {"factor": 1.0}, data_hash="ab", package=package) != key


def test_compiled_files_do_not_count(package):
    before = hash_sources(package)
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "code.cpython-311.py").write_text("1")
    (package / "notes.txt").write_text("1")
    assert hash_sources(package) == before
