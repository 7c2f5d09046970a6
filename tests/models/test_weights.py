"""Weights of the package: where they are, and what is said where they are not."""

import pytest

from gaitbook.models import weights
from gaitbook.models.motion_model import load_model


def test_the_weights_of_the_package_load():
    try:
        path = weights.default_weights()
    except FileNotFoundError:
        pytest.skip("the package has come without weights")
    assert load_model(path).card


def test_without_weights_the_message_says_how_to_get_some(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "files", lambda _: tmp_path)
    with pytest.raises(
        FileNotFoundError, match=r"motion.safetensors does not exist.*--weights.*gaitbook train"
    ):
        weights.default_weights()


def test_weights_that_are_there_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "files", lambda _: tmp_path)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "motion.safetensors").touch()
    assert weights.default_weights() == tmp_path / "weights" / "motion.safetensors"
