"""Weights of the package: where they are, and what is said where they are not."""

import pytest

from gaitbook.models import weights
from gaitbook.models.motion_model import load_model
from gaitbook.models.peers import PEERS, load_peer


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """Folder of weights of a package that has come without any."""
    monkeypatch.setattr(weights, "files", lambda _: tmp_path)
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights"


def test_the_weights_of_the_package_load():
    try:
        path = weights.default_weights()
    except FileNotFoundError:
        pytest.skip("the package has come without weights")
    assert load_model(path).card


@pytest.mark.parametrize("name", PEERS)
def test_the_peers_of_the_package_load(name):
    try:
        path = weights.peer_weights(name)
    except FileNotFoundError:
        pytest.skip("the package has come without this peer")
    assert load_peer(path).name == name


def test_every_peer_has_a_file():
    assert set(weights.PEER_FILES) == set(PEERS)


@pytest.mark.usefixtures("shipped")
def test_what_is_absent_is_named_with_the_remedy():
    for find, message in (
        (weights.default_weights, r"motion.safetensors does not exist.*--weights.*gaitbook train"),
        (lambda: weights.peer_weights("CNN"), r"peer_cnn.safetensors does not exist.*--peer 'CNN'"),
        (weights.default_conditions, r"conditions.csv does not exist.*gaitbook conditions"),
    ):
        with pytest.raises(FileNotFoundError, match=message):
            find()


def test_what_is_there_is_found(shipped):
    for name, find in (
        ("motion.safetensors", weights.default_weights),
        ("peer_diffusion.safetensors", lambda: weights.peer_weights("GaitDynamics diffusion")),
        ("conditions.csv", weights.default_conditions),
    ):
        (shipped / name).touch()
        assert find() == shipped / name


def test_an_unknown_peer_is_refused_with_those_that_there_are():
    with pytest.raises(
        ValueError, match="no peer 'GAN': choose one of GaitDynamics diffusion, refinement, CNN"
    ):
        weights.peer_weights("GAN")
