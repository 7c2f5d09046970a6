"""Who completes: our model, the literature's networks that come with the package, and two that hardly learn."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from gaitbook.models.motion_model import MotionModel
from gaitbook.models.peer_models import DiffusionPeer, RegressorPeer
from gaitbook.models.peers import load_peer
from gaitbook.models.weights import peer_weights
from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.condition_table import OURS
from gaitbook.studies.hidden_parts import Contestant
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.simple_completers import MeanCycle, NewtonAlone

DIFFUSION_PASSES: Final = 50
"""As published."""
ONCE: Final = CompletionPlan(draws=1, steps=DIFFUSION_PASSES, physics=False, correct=False)
"""As the peers are published: one draw, told nothing of mechanics."""


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
    refinement, diffusion = _refinement(), _diffusion()
    return [
        our_contestant(model, draws=draws),
        *(Contestant(name, load_peer(peer_weights(name)), ONCE) for name in ("CNN", "LSTM")),
        Contestant("refinement, mid-range", refinement, ONCE),
        Contestant("refinement, diffusion", replace(refinement, filling=diffusion), ONCE),
        Contestant("diffusion", diffusion, ONCE),
        Contestant("mean cycle", MeanCycle.fit(learned), ONCE),
        Contestant("Newton alone", NewtonAlone(), ONCE),
    ]


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
    refinement, diffusion = _refinement(), _diffusion()
    fillings: dict[str, str | DiffusionPeer] = {name: name for name in ("mid-range", "linear", "spline")}
    fillings["diffusion"] = diffusion
    return [our_contestant(model, draws=draws)] + [
        Contestant(f"refinement, {name}", replace(refinement, filling=filling), ONCE)
        for name, filling in fillings.items()
    ]


def our_contestant(model: MotionModel, *, draws: int) -> Contestant:
    """Our model with everything it has."""
    return Contestant(OURS, model, CompletionPlan(draws=draws))


def _refinement() -> RegressorPeer:
    return cast(RegressorPeer, load_peer(peer_weights("refinement")))


def _diffusion() -> DiffusionPeer:
    peer = load_peer(peer_weights("GaitDynamics diffusion"))
    return _Remembering(**{name: getattr(peer, name) for name in DiffusionPeer.__dataclass_fields__})


@dataclass(frozen=True)
class _Remembering(DiffusionPeer):
    """The diffusion, whose fifty passes are made once where two contestants ask for the same windows."""

    answers: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def complete(self, values: Any, person: Any, noise: Any, **how: Any) -> Any:  # noqa: ANN401 - as its base
        """As `DiffusionPeer.complete`."""
        key = (values.numpy().tobytes(), noise.numpy().tobytes(), *sorted(how.items()))
        if key not in self.answers:
            self.answers[key] = super().complete(values, person, noise, **how)
        return self.answers[key]
