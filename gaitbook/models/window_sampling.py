"""Windows for training: a study at random, a trial of it at random, a start at random; half of them mirrored.

So that no study with many trials, and no trial that is long, drowns the others. Windows that start before or end after
a short trial are padded with what is not known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gaitbook.models.families import Batch

Hiding = Callable[[int, torch.Generator], tuple[Tensor, Tensor]]
"""Draws what is known of so many windows (window, time, channel), and for which of them the upper body is hidden."""


@dataclass(frozen=True)
class Sequences:
    """Recorded trials to learn from.

    Parameters
    ----------
    values
        (time, channel) of each trial, NaN where not recorded.
    bare
        (time, physics) of each trial: the last channels as they are without the upper body.
    person
        (number,) of each trial, NaN where not known.
    study
        Which study each trial is of.
    subject
        Whose each trial is.
    """

    values: Sequence[Tensor]
    bare: Sequence[Tensor]
    person: Sequence[Tensor]
    study: Sequence[str]
    subject: Sequence[str]


@dataclass(frozen=True)
class Scale:
    """Mean and deviation of every channel, and of what is known of the person."""

    mean: Tensor
    deviation: Tensor
    person_mean: Tensor
    person_deviation: Tensor

    @classmethod
    def fit(cls, sequences: Sequences) -> "Scale":
        """Scale of recorded trials, every one weighing alike."""
        means = torch.stack([torch.nanmean(each.float(), dim=0) for each in sequences.values])
        squares = torch.stack([torch.nanmean(each.float() ** 2, dim=0) for each in sequences.values])
        mean = torch.nanmean(means, dim=0).nan_to_num()
        deviation = (torch.nanmean(squares, dim=0).nan_to_num() - mean**2).clamp(min=0.0).sqrt()
        person = torch.stack(list(sequences.person))
        about = torch.nanmean(person, dim=0).nan_to_num()
        spread = torch.nanmean((person - about) ** 2, dim=0).nan_to_num().sqrt()
        return cls(mean, deviation.clamp(min=1e-3), about, spread.clamp(min=1e-3))

    def scores(self, values: Tensor) -> Tensor:
        """Standard scores of channels."""
        return (values - self.mean) / self.deviation

    def person_scores(self, person: Tensor) -> Tensor:
        """Standard scores of what is known of the person."""
        return (person - self.person_mean) / self.person_deviation


class WindowSampler:
    """Draws batches.

    Parameters
    ----------
    sequences
        Trials.
    scale
        Of their channels.
    hiding
        What is hidden.
    mirror
        Of every channel of the mirror image: which channel it comes from, and with what sign.
    states
        Number of channels to complete; those after them are given only.
    frames
        Frames per window.
    forget_person
        Share of windows in which each number of the person is hidden.
    """

    def __init__(
        self,
        sequences: Sequences,
        scale: Scale,
        hiding: Hiding,
        mirror: tuple[Sequence[int], Sequence[float]],
        *,
        states: int,
        frames: int = 150,
        forget_person: float = 0.2,
    ) -> None:
        if not sequences.values:
            raise ValueError("there is no trial to learn from")
        self.sequences, self.scale, self.hiding = sequences, scale, hiding
        self.source, self.sign = torch.tensor(mirror[0]), torch.tensor(mirror[1])
        self.states, self.frames, self.forget_person = states, frames, forget_person
        studies: dict[str, list[int]] = {}
        for number, study in enumerate(sequences.study):
            studies.setdefault(study, []).append(number)
        self.studies = list(studies.values())

    def draw(self, windows: int, generator: torch.Generator) -> Batch:
        """Draw so many windows."""
        known, upper = self.hiding(windows, generator)
        values, person = self._windows(windows, upper, generator)
        scores = self.scale.scores(values)
        recorded = torch.isfinite(scores)
        given = recorded & known
        forgotten = torch.rand(person.shape, generator=generator) < self.forget_person
        told = torch.where(forgotten, torch.nan, self.scale.person_scores(person))
        return Batch(
            scores[..., : self.states].nan_to_num(),
            recorded[..., : self.states].float(),
            torch.where(given, scores, 0.0),
            given.float(),
            told,
        )

    def _windows(self, windows: int, upper: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        chance = torch.rand(windows, 4, generator=generator).tolist()
        values = torch.full((windows, self.frames, len(self.source)), torch.nan)
        people = []
        for row, (study, trial, start, side) in enumerate(chance):
            trials = self.studies[int(study * len(self.studies))]
            number = trials[int(trial * len(trials))]
            whole = self.sequences.values[number]
            first = int(start * (len(whole) - self.frames + 1)) if len(whole) > self.frames else 0
            cut = whole[first : first + self.frames].float()
            if upper[row]:
                bare = self.sequences.bare[number][first : first + self.frames]
                cut = torch.cat([cut[:, : -bare.shape[1]], bare.float()], dim=1)
            values[row, : len(cut)] = cut[:, self.source] * self.sign if side < 0.5 else cut  # noqa: PLR2004 - half
            people.append(self.sequences.person[number])
        return values, torch.stack(people)
