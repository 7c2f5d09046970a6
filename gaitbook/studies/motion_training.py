"""Training of a motion model: cohorts by name in, one file of weights out; a meeting place of labels and tensors."""

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from gaitbook.models.fitting import Fit, FittingPlan, motion_loss
from gaitbook.models.force_network import ForceNetwork, ForceSize, force_loss
from gaitbook.models.motion_model import MotionModel
from gaitbook.models.motion_network import MotionNetwork, NetworkSize
from gaitbook.models.window_sampling import Scale, Sequences, WindowSampler
from gaitbook.representation.channels import CHANNELS, FORCE, PERSON, STATES, mirror_table
from gaitbook.representation.hiding import TO_COMPLETE, TO_FIND_FORCE, HidingPlan, HidingSampler
from gaitbook.studies.archived_motion import person_of
from gaitbook.studies.familiarity import STATISTICS, training_statistics
from gaitbook.studies.motion_sequences import choose
from gaitbook.synthesis.reference_curves import load_reference

FRAMES: Final = 150
FORCE_LEARNING_RATE: Final = 3e-3
CALIBRATION_PEOPLE: Final = (201, 320)
"""Simulated people by number: up to the first, the cohort ``default``, for tests; up to the second for calibration."""
CALIBRATION_RUNNERS: Final = ("RBDS004", "RBDS012", "RBDS024")
"""Runners that calibrate; those who are held out of the simulator's templates are kept for tests."""
WEIGHTS: Final[Mapping[str, float]] = {
    "pelvis_velocity": 1.0,
    "pelvis_height": 1.0,
    "angle": 0.5,
    "rotation": 0.5,
    "rate": 0.25,
    "force/y": 4.0,
    "force": 3.0,
    "pressure": 2.0,
    "free_moment": 1.0,
}
"""How much a number counts in training, by the start of its name."""
SHARES: Final = (10, 15)
"""Percent of all other people who calibrate, and who are kept for tests."""
_NUMBER: Final = re.compile(r"^person-0*(\d+)$")
_BY_FORMULA: Final = re.compile(r"^simulated(-\d+)?$")
_RUNNER: Final = re.compile(r"^RBDS\d+$")


def role(subject: str) -> str:
    """What a person is for: ``"train"``, ``"calibrate"`` or ``"test"``. The same person is never for two.

    Parameters
    ----------
    subject
        Name. Simulated people (``person-0001``) go by number, those by formula (``simulated-01``) are for training;
        runners of RBDS (``RBDS001``) are tested if they are held out of the simulator's templates. Of all others a
        hash of the name decides: 10 % calibrate, 15 % test. It is the same on every machine and does not depend on who
        else is there; the files that AddBiomechanics splits a person into (``P01_split0``) count as one.
    """
    number = _NUMBER.match(subject)
    if number:
        first, last = CALIBRATION_PEOPLE
        place = int(number.group(1))
        return "test" if place < first else "calibrate" if place <= last else "train"
    if subject in load_reference("running")["held_out"]:
        return "test"
    if _BY_FORMULA.match(subject):
        return "train"
    if _RUNNER.match(subject):
        return "calibrate" if subject in CALIBRATION_RUNNERS else "train"
    return _role_by_hash(person_of(subject))


def _role_by_hash(person: str) -> str:
    place = int.from_bytes(hashlib.sha256(person.encode()).digest()[:8], "big") % 100
    calibrate, test = SHARES
    return "calibrate" if place < calibrate else "test" if place < calibrate + test else "train"


def of_role(sequences: Sequences, wanted: str) -> Sequences:
    """Sequences of the people who are for training, calibration or test."""
    return choose(sequences, [n for n, subject in enumerate(sequences.subject) if role(subject) == wanted])


def channel_weights() -> Tensor:
    """How much each state counts in training."""
    return torch.tensor([_weight(name) for name in CHANNELS[:STATES]])


def window_sampler(
    sequences: Sequences, *, frames: int = FRAMES, plan: HidingPlan = TO_COMPLETE
) -> WindowSampler:
    """Sampler of training windows in which is hidden what may be missing."""
    hiding = HidingSampler(frames, plan)
    scale = Scale.fit(sequences)
    return WindowSampler(sequences, scale, hiding.draw, mirror_table(), states=STATES, frames=frames)


def network_size(
    *, width: int = 192, blocks: int = 4, family: str = "velocity", patch: int = 10
) -> NetworkSize:
    """Size of a motion network."""
    outputs = 2 if family == "gaussian" else 1
    heads = max(1, width // 32)
    return NetworkSize(STATES, len(CHANNELS), len(PERSON), width, blocks, heads, patch, outputs)


def train_motion(
    sequences: Sequences,
    plan: FittingPlan,
    *,
    width: int = 192,
    blocks: int = 4,
    patch: int = 10,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> MotionModel:
    """Motion model trained on those of the sequences whose people are for training.

    Parameters
    ----------
    sequences
        Encoded cohorts.
    plan
        How long, and how.
    width, blocks, patch
        Of the network.
    checkpoint
        File to resume from and save to.
    progress
        Show a progress bar.
    """
    own = of_role(sequences, "train")
    sampler = window_sampler(own)
    size = network_size(width=width, blocks=blocks, family=plan.family, patch=patch)
    loss = motion_loss(plan.family, channel_weights())
    fit = Fit(partial(MotionNetwork, size), loss, sampler.draw, plan, checkpoint)
    network = fit.run(progress=progress)
    card = {
        "family": plan.family,
        "trained": time.strftime("%Y-%m-%d"),
        "steps": fit.step,
        "minutes": round(fit.spent_s / 60.0, 1),
        "windows": fit.step * plan.batch,
        "seed": plan.seed,
        "people": len(set(own.subject)),
        "trials": {study: own.study.count(study) for study in sorted(set(own.study))},
        "parameters": sum(each.numel() for each in network.parameters()),
        STATISTICS: training_statistics(own),
    }
    return MotionModel(network, sampler.scale, plan.family, FRAMES, card)


def train_force(
    sequences: Sequences, plan: FittingPlan, *, checkpoint: Path | None = None, progress: bool = True
) -> tuple[ForceNetwork, Mapping[str, Any]]:
    """Network that finds force and nothing else, trained on the same people; and its part of the card.

    Parameters
    ----------
    sequences, checkpoint, progress
        As for `train_motion`.
    plan
        How long, and how; its family is not heeded, and its learning rate is the network's own.
    """
    sampler = window_sampler(of_role(sequences, "train"), plan=TO_FIND_FORCE)
    size = ForceSize(len(CHANNELS), len(PERSON), len(FORCE))
    plan = replace(plan, family="force", learning_rate=FORCE_LEARNING_RATE)
    fit = Fit(partial(ForceNetwork, size), force_loss, sampler.draw, plan, checkpoint)
    network = fit.run(progress=progress)
    card = {
        "force_steps": fit.step,
        "force_minutes": round(fit.spent_s / 60.0, 1),
        "force_windows": fit.step * plan.batch,
        "force_parameters": sum(each.numel() for each in network.parameters()),
    }
    return network, card


def _weight(name: str) -> float:
    fitting = [start for start in WEIGHTS if name == start or name.startswith(start + "/")]
    return WEIGHTS[max(fitting, key=len)]
