"""Training of a network on random windows of sequences, with a seed, on whatever device there is."""

from dataclasses import dataclass

import torch
from torch import Tensor
from tqdm.auto import tqdm

from gaitbook.mechanics.threads import one_thread
from gaitbook.models.regressors import ConvolutionalNet, Standardizer


@dataclass(frozen=True)
class TrainingPlan:
    """How long and how fast to learn.

    Parameters
    ----------
    steps
        Optimizer steps.
    batch
        Windows per step.
    window
        Frames per window.
    learning_rate
        Peak of the one-cycle schedule.
    width
        Channels of the network.
    """

    steps: int = 800
    batch: int = 32
    window: int = 150
    learning_rate: float = 2e-3
    width: int = 64


@dataclass(frozen=True)
class NetworkRegressor:
    """A trained network with the scales it was trained in."""

    network: ConvolutionalNet
    features: Standardizer
    scale: Tensor

    def predict(self, features: Tensor) -> Tensor:
        """Targets of every frame, shape (time, target), for a sequence of any length."""
        self.network.eval()
        device = next(self.network.parameters()).device
        with torch.no_grad():
            scores = self.network(self.features(features)[None].to(device))[0]
        return scores.cpu() * self.scale


def pick_device() -> torch.device:
    """The first GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@one_thread()
def fit_network(
    features: list[Tensor],
    targets: list[Tensor],
    valid: list[Tensor],
    plan: TrainingPlan,
    *,
    seed: int,
    device: torch.device | None = None,
    progress: bool = False,
) -> NetworkRegressor:
    """Network trained to the least mean absolute error on valid frames, all targets weighing alike in their unit.

    On a processor it trains on one thread, so that the result does not depend on the number of cores.

    Parameters
    ----------
    features, targets
        Sequences of shape (time, feature) and (time, target), one pair per trial, at least a window long.
    valid
        Sequences of shape (time,), boolean: the frames whose errors count.
    plan
        Length and speed of the training.
    seed
        Of initial weights, windows and dropout.
    device
        Where to train; by default the GPU if there is one.
    progress
        Show a progress bar.

    Returns
    -------
    NetworkRegressor
        Ready to predict.

    Raises
    ------
    ValueError
        If no sequence is as long as a window.
    """
    device = device or pick_device()
    standardizer = Standardizer.fit(features)
    counted = [y[use] for y, use in zip(targets, valid, strict=True)]
    scale = torch.cat(counted).std().clamp(min=1e-3)
    inputs = [standardizer(x).to(device) for x in features]
    outputs = [(y / scale).to(device) for y in targets]
    weights = [use.float()[:, None].to(device) for use in valid]
    network = _seeded_network(inputs[0].shape[1], outputs[0].shape[1], plan, seed).to(device)
    _optimize(network, _WindowSampler(inputs, outputs, weights, plan, seed), plan, progress=progress)
    return NetworkRegressor(network, standardizer, scale)


def _seeded_network(features: int, targets: int, plan: TrainingPlan, seed: int) -> ConvolutionalNet:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return ConvolutionalNet(features, targets, width=plan.width)


def _optimize(
    network: ConvolutionalNet, sampler: "_WindowSampler", plan: TrainingPlan, *, progress: bool
) -> None:
    optimizer = torch.optim.AdamW(network.parameters(), lr=plan.learning_rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, plan.learning_rate, total_steps=plan.steps)
    network.train()
    with torch.random.fork_rng():
        torch.manual_seed(sampler.seed)
        for _ in tqdm(range(plan.steps), desc="training", unit="step", disable=not progress):
            inputs, outputs, weights = sampler.draw()
            misses = (network(inputs) - outputs).abs().mean(dim=-1, keepdim=True)
            loss = (misses * weights).sum() / weights.sum().clamp(min=1.0)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()


class _WindowSampler:
    """Draws random windows from sequences, each long enough equally often."""

    def __init__(
        self,
        inputs: list[Tensor],
        outputs: list[Tensor],
        weights: list[Tensor],
        plan: TrainingPlan,
        seed: int,
    ) -> None:
        self.sequences = [
            parts for parts in zip(inputs, outputs, weights, strict=True) if len(parts[0]) >= plan.window
        ]
        if not self.sequences:
            raise ValueError(f"no trial is as long as a training window ({plan.window} frames)")
        self.plan, self.seed = plan, seed
        self.generator = torch.Generator().manual_seed(seed)

    def draw(self) -> tuple[Tensor, Tensor, Tensor]:
        windows = [self._window() for _ in range(self.plan.batch)]
        inputs, outputs, weights = (torch.stack(parts) for parts in zip(*windows, strict=True))
        return inputs, outputs, weights

    def _window(self) -> tuple[Tensor, ...]:
        sequence = self.sequences[int(torch.randint(len(self.sequences), (1,), generator=self.generator))]
        latest = len(sequence[0]) - self.plan.window
        start = int(torch.randint(latest + 1, (1,), generator=self.generator))
        return tuple(part[start : start + self.plan.window] for part in sequence)
