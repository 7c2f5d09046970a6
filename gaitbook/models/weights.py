"""Where the weights that come with the package are: of its models, and of the literature's beside them."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

FOLDER: Final = "weights"
MOTION: Final = "motion.safetensors"
STRIDES: Final = "strides.safetensors"
FREE_STRIDES: Final = "strides_free.safetensors"
CONDITIONS: Final = "conditions.csv"
ENCODER: Final = "encoder_{}.safetensors"
WALKERS: Final[Mapping[str, str]] = {
    "studied": "walkers.npz",
    "same input": "walkers_same_input.npz",
    "views": "walkers_views.npz",
    "known": "walkers_known.npz",
    "taught": "walkers_taught.npz",
}
"""Tables of features: of the people who are studied; of those whom both encoders read; of those who came twice; of
those whom one encoder knew; and what a reader who was taught true styles tells of those who are studied."""
PEER_FILES: Final[Mapping[str, str]] = {
    "GaitDynamics diffusion": "peer_diffusion.safetensors",
    "refinement": "peer_refinement.safetensors",
    "CNN": "peer_cnn.safetensors",
    "LSTM": "peer_lstm.safetensors",
}
"""Files of the peers, by the names that `gaitbook.models.peers.PEERS` gives them."""


def default_weights() -> Path:
    """File of the motion model that comes with the package.

    Raises
    ------
    FileNotFoundError
        The package has come without weights.
    """
    path = _shipped(MOTION)
    if not path.is_file():
        raise FileNotFoundError(
            f"gaitbook has come without a trained motion model ({path} does not exist): name the file of one with "
            "--weights, or train one with `gaitbook train COHORT --output FILE`."
        )
    return path


def peer_weights(name: str) -> Path:
    """File of a peer that comes with the package.

    Parameters
    ----------
    name
        One of `PEER_FILES`.

    Raises
    ------
    ValueError
        There is no such peer.
    FileNotFoundError
        The package has come without it.
    """
    if name not in PEER_FILES:
        raise ValueError(f"There is no peer {name!r}: choose one of {', '.join(PEER_FILES)}.")
    path = _shipped(PEER_FILES[name])
    if not path.is_file():
        raise FileNotFoundError(
            f"gaitbook has come without the peer {name} ({path} does not exist): train it with "
            f"`gaitbook train COHORT --peer '{name}' --output FILE`."
        )
    return path


def stride_weights(*, free: bool = False) -> Path:
    """File of the stride model that comes with the package.

    Parameters
    ----------
    free
        The one that draws whole strides and is told nothing, which GaitDynamics' recipe needs.

    Raises
    ------
    FileNotFoundError
        The package has come without it.
    """
    path = _shipped(FREE_STRIDES if free else STRIDES)
    if not path.is_file():
        raise FileNotFoundError(
            f"gaitbook has come without a trained stride model ({path} does not exist): train one with "
            f"`gaitbook train-strides --output FILE{' --free' if free else ''}`."
        )
    return path


def encoder_weights(configuration: str = "fast") -> Path:
    """File of the gait encoder that comes with the package.

    Parameters
    ----------
    configuration
        ``"fast"`` or ``"paper"``.

    Raises
    ------
    FileNotFoundError
        The package has come without it.
    """
    path = _shipped(ENCODER.format(configuration))
    if not path.is_file():
        raise FileNotFoundError(
            f"gaitbook has come without the encoder {configuration!r} ({path} does not exist): train one with "
            f"`gaitbook train-encoder COHORT --configuration {configuration} --output FILE`."
        )
    return path


def walker_features(which: str = "studied") -> Path:
    """Table of features of walkers of the large simulated cohort.

    Parameters
    ----------
    which
        One of `WALKERS`.

    Raises
    ------
    KeyError
        There is no such table.
    FileNotFoundError
        The package has come without it.
    """
    path = _shipped(WALKERS[which])
    if not path.is_file():
        raise FileNotFoundError(
            f"gaitbook has come without the features of simulated walkers ({path} does not exist): make them with "
            "`gaitbook embed default-large --table FILE.npz`."
        )
    return path


def default_conditions() -> Path:
    """Table of the 33 conditions that was measured with the motion model of the package.

    Raises
    ------
    FileNotFoundError
        The package has come without it.
    """
    path = _shipped(CONDITIONS)
    if not path.is_file():
        raise FileNotFoundError(
            f"gaitbook has come without the table of conditions ({path} does not exist): measure it with "
            "`gaitbook conditions default rbds --output FILE.csv`."
        )
    return path


def _shipped(name: str) -> Path:
    return Path(str(files("gaitbook").joinpath(FOLDER, name)))
