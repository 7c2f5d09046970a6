"""Who completes: our model, the literature's networks that come with the package, and two that hardly learn."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, cast

from gaitbook.models.motion_model import MotionModel
from gaitbook.models.peer_models import DiffusionPeer, Peer, RegressorPeer, remember
from gaitbook.models.peers import load_peer
from gaitbook.models.weights import PEER_FILES, peer_weights
from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.condition_table import OURS
from gaitbook.studies.hidden_parts import Contestant
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.simple_completers import MeanCycle, NewtonAlone

DIFFUSION_PASSES: Final = 50
"""As published."""
ONCE: Final = CompletionPlan(draws=1, steps=DIFFUSION_PASSES, physics=False, correct=False)
"""As the peers are published: one draw, told nothing of mechanics."""
GAITDYNAMICS: Final = ("GaitDynamics diffusion", "refinement")
REFINED, DIRECT, MIDDLE = "refinement, diffusion", "diffusion", "refinement, mid-range"
"""GaitDynamics, whose diffusion completes the motion for the refinement; the force of that diffusion; no diffusion."""
REPLACING: Final = (REFINED, DIRECT)


def load_contestants(
    model: MotionModel, learned: Iterable[MeasuredMotion], *, draws: int
) -> list[Contestant]:
    """Our model, its peers, the mean cycle of people learned from, and Newton alone.

    Parameters
    ----------
    model
        Ours.
    learned
        Trials of people who are for training, for the mean cycle.
    draws
        Of our model; the others complete once, as published.

    Raises
    ------
    FileNotFoundError
        The package has come without a peer.
    """
    peers = {name: load_peer(peer_weights(name)) for name in PEER_FILES}
    return [
        our_contestant(model, draws=draws),
        *learned_contestants(peers),
        Contestant("mean cycle", MeanCycle.fit(learned), ONCE),
        Contestant("Newton alone", NewtonAlone(), ONCE),
    ]


def learned_contestants(peers: Mapping[str, Peer]) -> list[Contestant]:
    """The literature's networks as contestants; what needs a network that is not there is left out.

    Parameters
    ----------
    peers
        By the names of `gaitbook.models.weights.PEER_FILES`.
    """
    each = [Contestant(name, peer, ONCE) for name, peer in peers.items() if name not in GAITDYNAMICS]
    diffusion, refinement = (peers.get(name) for name in GAITDYNAMICS)
    if isinstance(refinement, RegressorPeer):
        each.append(Contestant(MIDDLE, refinement, ONCE))
    if isinstance(diffusion, DiffusionPeer):
        kept = remember(diffusion)
        if isinstance(refinement, RegressorPeer):
            each.append(Contestant(REFINED, replace(refinement, filling=kept), ONCE))
        each.append(Contestant(DIRECT, kept, ONCE))
    return each


def load_fillers(model: MotionModel, *, draws: int) -> list[Contestant]:
    """Our model, and the refinement network behind every way to fill a gap in time.

    Parameters
    ----------
    model
        Ours.
    draws
        Of our model.

    Raises
    ------
    FileNotFoundError
        The package has come without a peer.
    """
    diffusion, refinement = (load_peer(peer_weights(name)) for name in GAITDYNAMICS)
    fillings: dict[str, Any] = {name: name for name in ("mid-range", "linear", "spline")}
    fillings["diffusion"] = diffusion
    return [our_contestant(model, draws=draws)] + [
        Contestant(f"refinement, {name}", replace(cast(RegressorPeer, refinement), filling=filling), ONCE)
        for name, filling in fillings.items()
    ]


def our_contestant(model: MotionModel, *, draws: int) -> Contestant:
    """Our model with everything it has."""
    return Contestant(OURS, model, CompletionPlan(draws=draws))
