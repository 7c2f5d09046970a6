"""Training of a network: resumable after a kill at any point, on one processor or several GPUs, to the same weights.

The network and its loss are given, windows come in batches. All that is random in a step follows from the seed, the
step and the process, so that nothing of it has to be kept; a checkpoint is written in one step. Several GPUs and
devices are left to Hugging Face Accelerate (``accelerate launch -m gaitbook train ...``).
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, cast

import numpy as np
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from gaitbook.models.families import Batch, smooth_noise, training_loss

logger = logging.getLogger(__name__)

Draw = Callable[[int, torch.Generator], Any]
"""Draws a batch, anything that a device can be told to take (``to``)."""
Loss = Callable[[nn.Module, Any, torch.Generator], Tensor]
"""What a network is trained to make small; all that it draws, it draws from the generator."""
MAY_CHANGE: Final = ("save_every", "minutes", "compiled")
"""What of a plan may be another when a training is resumed."""
Network = TypeVar("Network", bound=nn.Module)


def motion_loss(family: str, weight: Tensor) -> Loss:
    """Loss of a motion network.

    Parameters
    ----------
    family
        One of `gaitbook.models.families.FAMILIES`.
    weight
        (state,), how much each number counts.
    """

    def loss(network: nn.Module, batch: Batch, random: torch.Generator) -> Tensor:
        windows, frames, states = batch.states.shape
        device = batch.states.device
        twice = 2 if family == "scoring" else 1
        noise = smooth_noise(windows, frames, twice * states, random=random).to(device)
        level = torch.rand(windows, generator=random).to(device)

        def estimate(state: Tensor, now: Tensor) -> Tensor:
            return network(state, batch.given, batch.known, batch.person, now)

        return training_loss(family, estimate, batch, weight.to(device), noise, level)

    return loss


@dataclass(frozen=True)
class FittingPlan:
    """How long, and how, to train.

    Parameters
    ----------
    family
        What is trained: for a motion model one of `gaitbook.models.families.FAMILIES`.
    steps
        Optimizer steps.
    minutes
        If given, training ends after so many minutes even if there are steps left: of the processor's own time, which
        other work beside it does not shorten, or of the wall clock on a GPU. The learning rate then follows the clock,
        and a resumed training is not the same to the last bit.
    batch
        Windows per step and process.
    learning_rate
        Highest; it rises over the first hundredth and falls as a cosine to nothing.
    averaging
        Decay of the moving average of the weights, which is what is kept; less in the first steps.
    seed
        Of weights, windows, noise.
    precision
        ``"no"`` or ``"bf16"``.
    compiled
        Let torch compile the network first, which takes a minute and a compiler, and then a fifth off every step.
    save_every
        Steps between checkpoints.
    """

    family: str = "velocity"
    steps: int = 10_000
    minutes: float | None = None
    batch: int = 64
    learning_rate: float = 1e-3
    averaging: float = 0.999
    seed: int = 0
    precision: str = "no"
    compiled: bool = False
    save_every: int = 500


class Fit(Generic[Network]):
    """A training under way.

    Parameters
    ----------
    make
        Makes the network; its first weights are those of the seed.
    loss
        Of the network and a batch.
    draw
        Draws a batch.
    plan
        How long, and how.
    checkpoint
        File to resume from and to save to; nothing is saved without.
    """

    def __init__(
        self,
        make: Callable[[], Network],
        loss: Loss,
        draw: Draw,
        plan: FittingPlan,
        checkpoint: Path | None = None,
    ) -> None:
        self.loss, self.draw, self.plan, self.checkpoint = loss, draw, plan, checkpoint
        self.accelerator = load_accelerate().Accelerator()
        if plan.minutes and self.accelerator.num_processes > 1:
            raise ValueError("several processes would not end together by the clock: give steps, not minutes")
        on_processor = self.accelerator.device.type == "cpu"
        self.clock = time.process_time if on_processor else time.perf_counter
        self.random = torch.Generator()
        with torch.random.fork_rng():
            torch.manual_seed(plan.seed)
            network = make()
        self.average = torch.optim.swa_utils.AveragedModel(
            network, multi_avg_fn=partial(_average, plan.averaging)
        ).to(self.accelerator.device)
        optimizer = torch.optim.AdamW(network.parameters(), plan.learning_rate, weight_decay=0.01, fused=True)
        self.network, self.optimizer = self.accelerator.prepare(network, optimizer)
        if plan.compiled:
            self.network.compile()
        self.step, self.spent_s, self.losses = 0, 0.0, list[float]()
        if checkpoint is not None and checkpoint.exists():
            self._load(checkpoint)

    def run(self, *, progress: bool = True) -> Network:
        """Train to the end and return the averaged network; a bar tells how far it is and how long it will take."""
        bar = tqdm(
            total=self.plan.steps,
            initial=self.step,
            desc=f"training {self.plan.family}",
            unit="step",
            disable=not (progress and self.accelerator.is_main_process),
        )
        with bar:
            while self.step < self.plan.steps and self._share() < 1.0:
                began = self.clock()
                self._take()
                self.spent_s += self.clock() - began
                bar.update()
                if self.step % 50 == 0:
                    bar.set_postfix(loss=f"{sum(self.losses[-50:]) / 50:.3f}", refresh=False)
                if self.step % self.plan.save_every == 0:
                    self.save()
        self.save()
        return cast(Network, self.average.module).eval()

    def save(self) -> None:
        """Write the checkpoint in one step: there is the earlier one or this one, never half of one."""
        if self.checkpoint is None or not self.accelerator.is_main_process:
            return
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(self._state(), partial)
        partial.replace(self.checkpoint)

    def _state(self) -> dict[str, Any]:
        return {
            "plan": asdict(self.plan),
            "network": self.accelerator.unwrap_model(self.network).state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "spent_s": self.spent_s,
            "losses": self.losses[-1000:],
        }

    def _load(self, path: Path) -> None:
        state = torch.load(path, map_location="cpu", weights_only=True)
        same = {
            name: value
            for name, value in asdict(self.plan).items()
            if name not in ("save_every", "minutes", "compiled")
        }
        other = [name for name, value in same.items() if state["plan"][name] != value]
        if other:
            raise ValueError(
                f"{path} was trained with another {', '.join(other)}: "
                "delete it to start anew, or ask for the same again"
            )
        self.accelerator.unwrap_model(self.network).load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.spent_s, self.losses = state["step"], state["spent_s"], state["losses"]
        logger.info("resumed at step %d of %d", self.step, self.plan.steps)

    def _share(self) -> float:
        """How much of the training is over."""
        clock = self.spent_s / (60.0 * self.plan.minutes) if self.plan.minutes else 0.0
        return max(self.step / self.plan.steps, clock)

    def _take(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.learning_rate * _pace(self._share())
        device = self.accelerator.device
        self.random.manual_seed(_mixed(self.plan.seed, self.step, self.accelerator.process_index))
        batch = self.draw(self.plan.batch, self.random).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=self.plan.precision == "bf16"):
            loss = self.loss(self.network, batch, self.random)
        self.optimizer.zero_grad(set_to_none=True)
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.average.update_parameters(self.accelerator.unwrap_model(self.network))
        self.losses.append(float(loss.detach()))
        self.step += 1


@contextmanager
def dropout_from(random: torch.Generator, device: torch.device) -> Iterator[None]:
    """Let dropout, too, follow from the generator, so that a resumed training is the same."""
    seed = int(torch.randint(2**62, (), generator=random))
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def load_accelerate() -> Any:  # noqa: ANN401 - a module without types
    """Accelerate, which only training needs.

    Raises
    ------
    ImportError
        It is not installed; the message says how to.
    """
    try:
        import accelerate  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError("Training needs Accelerate: pip install gaitbook[train]") from error
    return accelerate


def _mixed(*numbers: int) -> int:
    """Seed made of several numbers, unlike that of any neighbors."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)


@torch.no_grad()
def _average(longest: float, means: list[Tensor], now: list[Tensor], steps: Tensor | int) -> None:
    """Moving average over a tenth of the steps so far, until its decay is the one that was asked for."""
    count = float(steps)
    torch._foreach_lerp_(means, now, 1.0 - min(longest, (1.0 + count) / (10.0 + count)))


def _pace(share: float) -> float:
    """Learning rate over its highest: up in the first hundredth, then down as a cosine."""
    warm = 0.01
    if share < warm:
        return share / warm + 1e-3
    turned = torch.pi * (share - warm) / (1.0 - warm)
    return 0.5 + 0.5 * float(torch.cos(torch.tensor(turned)))
