"""Completers that scale the truth, so that every error is known by thought."""

import numpy as np
import xarray as xr

from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people


def walker(subject: str = "p", duration_s: float = 2.6) -> MeasuredMotion:
    """A simulated person who walks, motion and force known exactly."""
    person = draw_people(1).iloc[0].to_dict() | {"subject": subject}
    trial = simulate_gait(person, speed_mps=1.3, gait="walk", duration_s=duration_s, sampling_rate_hz=100.0)
    return MeasuredMotion(trial, person_body(trial.attrs))


class Scaled:
    """Completes with the true force times a factor, drawn with a spread; worse by a share where anything is hidden."""

    def __init__(self, factor: float, *, spread: float = 0.1, hidden_share: float = 0.0) -> None:
        self.factor, self.spread, self.hidden_share, self.card = factor, spread, hidden_share, {}

    def complete_trial(self, motion, *, hidden=(), plan=None):
        trial = motion.trial
        off = self.factor * (1.0 - self.hidden_share * bool(hidden))
        draws = off + self.spread * np.linspace(-1.0, 1.0, plan.draws if plan else 1)
        factors = xr.DataArray(draws, dims="draw")
        kept = trial[["joint_angle", "pelvis_position", "center_of_pressure", "free_moment", "in_contact"]]
        whole = kept.expand_dims(draw=len(draws)).assign(
            ground_reaction_force=trial["ground_reaction_force"] * factors
        )
        return whole.assign_attrs({**trial.attrs, "residual_percent_bw": 100.0 * abs(1.0 - off)})
