"""Cost of one modified stride, by our draws and by GaitDynamics' guided recipe, measured side by side."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from report import Line

from gaitbook.models.guided_recipe import INNER_STEPS, STEPS
from gaitbook.models.peers import load_peer
from gaitbook.models.stride_model import StrideModel
from gaitbook.models.weights import peer_weights
from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies.change_effects import change_effects
from gaitbook.studies.changed_strides import change_stride
from gaitbook.studies.guided_changes import guide_stride
from gaitbook.studies.known_changes import simulated_answers
from gaitbook.studies.stride_measures import measure_strides

DRAWS, ROUNDS = 50, 3
PEER = "GaitDynamics diffusion"


def cost(changing: StrideModel, free: StrideModel) -> Iterator[Line]:
    """Seconds per draw, on one core, in turn."""
    answer = simulated_answers(0, [])
    change = GaitChange(trunk_lean_rad=float(np.deg2rad(10.0)))
    torch.set_num_threads(1)
    ours, recipe, whole, measured, window = [], [], [], [], []
    for _ in range(ROUNDS):
        ours.append(_seconds(lambda: change_stride(answer.stride, change, changing, draws=DRAWS)) / DRAWS)
        recipe.append(_seconds(lambda: guide_stride(answer.stride, change, free)))
        one = guide_stride(answer.stride, change, free)
        measured.append(_seconds(lambda one=one: measure_strides(one, answer.body)))
        whole.append(
            _seconds(lambda: change_effects(answer.stride, answer.body, [change], changing, draws=DRAWS))
            / DRAWS
        )
        window.append(_window_seconds())
    passes = f"{STEPS * (INNER_STEPS + 1)} forward and {STEPS * INNER_STEPS} backward passes"
    best = [min(each) for each in (ours, recipe, whole, measured, window)]
    draw, guided, both, loads, theirs = best
    yield _line(
        f"a draw with the same network: recipe ({passes}) over ours (4 of 50 draws at once)", guided, draw
    )
    yield _line("a draw: recipe with GaitDynamics' own network, one window, over ours", theirs, draw)
    yield _line(
        "a draw with all loads computed: recipe with GaitDynamics' network over ours", theirs + loads, both
    )


def _line(what: str, theirs_s: float, ours_s: float) -> Line:
    ratio = theirs_s / ours_s
    return Line(
        what, f"{ratio:.0f} times ({1e3 * theirs_s:.0f} over {1e3 * ours_s:.2f} ms)", ">= 200", ratio >= 200
    )


def _window_seconds() -> float:
    """One window of the recipe through the network of GaitDynamics: a tenth of the passes, times ten."""
    peer = load_peer(peer_weights(PEER))
    network = peer.network
    state = torch.randn(1, peer.frames, network.enter.in_features)
    step = torch.full((1,), 500)

    def passes() -> None:
        for _ in range(STEPS // 10):
            for _ in range(INNER_STEPS):
                moving = state.clone().requires_grad_(True)
                torch.autograd.grad(network(moving, step).abs().sum(), moving)
            with torch.no_grad():
                network(state, step)

    return 10.0 * _seconds(passes)


def _seconds(call: Callable[[], object]) -> float:
    start_s = time.process_time()
    call()
    return time.process_time() - start_s
