"""What may be missing: parts of the body, one side, single coordinates, spans of time, force, and their channels.

`condition_names` are the 33 of GaitDynamics: every choice of trunk, pelvis, hips, knees and ankles that leaves
something, and one leg alone. Hiding the pelvis hides its attitude, height and velocity. `HidingSampler` draws what a
model is trained to do without.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Final, NamedTuple

import torch
from torch import Tensor

from gaitbook.representation.channels import (
    ANGLES,
    CHANNELS,
    FORCE,
    HEIGHT,
    PHYSICS,
    VELOCITY,
    channels_of,
    numbers_of,
)

_STARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "trunk": ("lumbar",),
    "pelvis": ("pelvis",),
    "hips": ("hip",),
    "knees": ("knee",),
    "ankles": ("ankle", "subtalar"),
    "arms": ("arm", "elbow"),
}
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    part: tuple(name for name in ANGLES if name.startswith(starts)) for part, starts in _STARTS.items()
}
"""Parts of the body and their coordinates."""
FIVE: Final = tuple(PARTS)[:5]
ONE_LEG: Final = ("only right leg", "only left leg")
FULL: Final = "nothing"
UPPER_PARTS: Final = ("trunk", "arms")

PART_CHANCE: Final = 0.4
GREATEST_CHANCE: Final = 0.6
"""Of a single coordinate; the chance itself is drawn for every window."""
ARMS_CHANCE, TRUNK_CHANCE = 0.5, 0.25
"""Of being hidden besides; the trunk only where the arms are, as nobody puts markers on the arms alone."""
PATH_CHANCE: Final = 0.05
"""Of a pelvis whose attitude alone is known."""
SPAN_CHANCE: Final = 0.1
SPAN_FRAMES: Final = (10.0, 75.0)
HALF: Final = 0.5


def condition_names() -> list[str]:
    """Names of the 33 conditions: what is hidden, ``"hips, knees"``, or which leg alone is seen."""
    subsets = chain.from_iterable(combinations(FIVE, count) for count in range(len(FIVE)))
    return [", ".join(subset) or FULL for subset in subsets] + list(ONE_LEG)


def hidden_coordinates(condition: str) -> tuple[str, ...]:
    """Coordinates that a condition hides; arms are not its business, but for one leg alone.

    Parameters
    ----------
    condition
        Parts separated by commas, ``"nothing"``, ``"only right leg"`` or ``"only left leg"``.

    Raises
    ------
    ValueError
        A part is not known.

    Examples
    --------
    >>> hidden_coordinates("trunk, knees")
    ('lumbar_extension', 'lumbar_bending', 'lumbar_rotation', 'knee_angle_r', 'knee_angle_l')
    """
    if condition in ONE_LEG:
        side = "_r" if condition == ONE_LEG[0] else "_l"
        seen = {name for part in ("hips", "knees", "ankles") for name in PARTS[part] if name.endswith(side)}
        return tuple(name for name in ANGLES if name not in seen)
    parts = [] if condition == FULL else [part.strip() for part in condition.split(",")]
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise ValueError(
            f"The body has no part {', '.join(map(repr, unknown))}: choose among {', '.join(PARTS)}"
        )
    return tuple(name for part in parts for name in PARTS[part])


def hidden_channels(coordinates: Iterable[str]) -> list[int]:
    """Places of the channels that go with hidden coordinates; with the pelvis go its velocity and height.

    Parameters
    ----------
    coordinates
        Some of those that are represented.

    Raises
    ------
    KeyError
        A coordinate is not represented.
    """
    hidden = set(coordinates)
    names = [channel for name in hidden for channel in channels_of(name)]
    if hidden.issuperset(PARTS["pelvis"]):
        names += [*VELOCITY, HEIGHT]
    return sorted(set(numbers_of(names)))


class Hidden(NamedTuple):
    """What was drawn: ``known`` (window, time, channel), and for which windows the ``upper`` body is hidden."""

    known: Tensor
    upper: Tensor


@dataclass(frozen=True)
class HidingPlan:
    """How often what is hidden in training.

    Parameters
    ----------
    motion
        Cumulative shares of windows in which nothing of the motion, parts, all but one leg are hidden; in the others
        it is coordinates.
    force
        Cumulative shares of windows in which the force on both feet, on the right, on the left is hidden; in the others
        none is.
    physics
        Share of the windows with whole legs in which nothing is told that follows from the motion.
    """

    motion: tuple[float, ...] = (0.40, 0.72, 0.82)
    force: tuple[float, ...] = (0.85, 0.90, 0.95)
    physics: float = 0.15


TO_COMPLETE: Final = HidingPlan()
"""For a network that has to complete anything."""
TO_FIND_FORCE: Final = HidingPlan(motion=(0.60, 0.82, 0.90), force=(1.0, 1.0, 1.0), physics=0.05)
"""For one that has to find force only."""


class HidingSampler:
    """Draws what is known of windows in training.

    Parameters
    ----------
    frames
        Frames of a window.
    plan
        How often what is hidden.
    """

    def __init__(self, frames: int, plan: HidingPlan = TO_COMPLETE) -> None:
        self.frames, self.plan = frames, plan
        self.of_part = torch.stack([_flags(names, ANGLES) for names in PARTS.values()])
        self.of_leg = torch.stack([_flags(hidden_coordinates(name), ANGLES) for name in ONE_LEG])
        self.of_coordinate = torch.stack([_flags(channels_of(name), CHANNELS) for name in ANGLES]).float()
        self.path = numbers_of((*VELOCITY, HEIGHT))
        self.force, self.physics = numbers_of(FORCE), numbers_of(PHYSICS)
        self.pressure = numbers_of(name for name in FORCE if name.startswith("pressure"))
        self.pelvis = self.of_part[list(PARTS).index("pelvis")]
        self.arms, self.trunk = (self.of_part[list(PARTS).index(name)] for name in ("arms", "trunk"))
        below = [name for part in FIVE if part not in UPPER_PARTS for name in PARTS[part]]
        self.legs = numbers_of([*(f"angle/{name}" for name in below), *VELOCITY])

    def draw(self, windows: int, generator: torch.Generator) -> Hidden:
        """Draw for so many windows.

        Parameters
        ----------
        windows
            How many.
        generator
            Of the random numbers; the same state gives the same draw.
        """
        coordinates = self._coordinates(windows, generator)
        lost = coordinates[:, self.pelvis].all(dim=1) | (_rand(generator, windows) < PATH_CHANCE)
        hidden = self._channels(coordinates, lost)[:, None].repeat(1, self.frames, 1)
        hidden |= self._spans(windows, generator)
        hidden[..., self.force] = self._forces(windows, generator)
        unplaced = hidden[..., self.legs].any(dim=-1, keepdim=True)
        hidden[..., self.pressure] |= unplaced
        unwanted = _rand(generator, windows, 1, 1) < self.plan.physics
        hidden[..., self.physics] = unplaced | unwanted
        return Hidden(~hidden, coordinates[:, self.arms | self.trunk].any(dim=1))

    def _coordinates(self, windows: int, generator: torch.Generator) -> Tensor:
        """Coordinates hidden throughout (window, coordinate): nothing, parts, all but a leg, or some at random."""
        kind = torch.bucketize(_rand(generator, windows), torch.tensor(self.plan.motion))
        parts = (_rand(generator, windows, len(PARTS)) < PART_CHANCE)[:, :, None] & self.of_part
        leg = self.of_leg[(_rand(generator, windows) < HALF).long()]
        some = _rand(generator, windows, len(ANGLES)) < GREATEST_CHANCE * _rand(generator, windows, 1)
        kinds = torch.stack([torch.zeros_like(leg), parts.any(dim=1), leg, some])
        bare = _rand(generator, windows, 1)
        hidden = kinds[kind, torch.arange(windows)]
        return hidden | ((bare < ARMS_CHANCE) & self.arms) | ((bare < TRUNK_CHANCE) & self.trunk)

    def _channels(self, coordinates: Tensor, lost: Tensor) -> Tensor:
        """Channels (window, channel) that go with hidden coordinates, and with a pelvis that is lost."""
        channels = (coordinates.float() @ self.of_coordinate) > 0
        channels[:, self.path] |= lost[:, None]
        return channels

    def _spans(self, windows: int, generator: torch.Generator) -> Tensor:
        """Parts of the motion, or all of it, hidden for a while in some windows (window, time, channel)."""
        start = _rand(generator, windows, 1) * self.frames
        shortest, longest = SPAN_FRAMES
        length = shortest + (longest - shortest) * _rand(generator, windows, 1)
        frame = torch.arange(self.frames)
        inside = (frame >= start) & (frame < start + length) & (_rand(generator, windows, 1) < SPAN_CHANCE)
        all_of_it = _rand(generator, windows, 1) < HALF
        parts = (_rand(generator, windows, len(PARTS)) < HALF) | all_of_it
        coordinates = (parts[:, :, None] & self.of_part).any(dim=1)
        channels = self._channels(coordinates, coordinates[:, self.pelvis].all(dim=1))
        return inside[..., None] & channels[:, None]

    def _forces(self, windows: int, generator: torch.Generator) -> Tensor:
        """Force hidden in nearly all windows, of one foot in some, of none in some (window, time, force channel)."""
        kind = torch.bucketize(_rand(generator, windows), torch.tensor(self.plan.force))
        right = torch.arange(len(self.force)) < len(self.force) // 2
        kinds = torch.stack([torch.ones_like(right), right, ~right, torch.zeros_like(right)])
        return kinds[kind][:, None].expand(-1, self.frames, -1)


def _flags(names: Iterable[str], of: tuple[str, ...]) -> Tensor:
    chosen = set(names)
    return torch.tensor([name in chosen for name in of])


def _rand(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=generator)
