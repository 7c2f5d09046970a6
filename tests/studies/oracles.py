"""Models that know the answer, to see what is made of it."""

import torch

from gaitbook.representation.channels import STATES
from gaitbook.representation.overlap import cut_windows


class Oracle:
    """Knows the truth, errs by a share of the noise, and remembers what it was given."""

    frames = 150

    def __init__(self, truth, *, error=0.0):
        self.truth, self.error, self.given = cut_windows(truth[:, :STATES], self.frames, fill=0.0), error, []

    def complete(self, values, person, noise, *, steps):  # noqa: ARG002 - as a model is asked
        self.given.append(values)
        truth = self.truth.repeat(noise.shape[1] // len(self.truth), 1, 1)
        drawn = truth + self.error * noise
        known = torch.isfinite(values[..., :STATES])
        return torch.where(known, values[..., :STATES], drawn)


class Shifted(Oracle):
    """Errs by a constant as well."""

    def __init__(self, truth, *, error, shift):
        super().__init__(truth + shift, error=error)
