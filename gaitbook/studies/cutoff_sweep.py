"""Study: what does the low-pass filter do to Newton's force?

Differentiating twice multiplies noise by the square of its frequency, so the center of mass must be smoothed; too
much smoothing takes the sharp rise of running away with the noise. Where between the two is best is an empirical
question, and this is its answer for a cohort.
"""

from collections.abc import Iterator, Sequence

import pandas as pd
import xarray as xr

from gaitbook.cohort.events import contact_mask, cut_cycles, detect_contacts
from gaitbook.mechanics.newton import newton_force
from gaitbook.studies.metrics import force_errors, to_body_weights
from gaitbook.studies.trials import identify, measured_strides
from gaitbook.studies.uncertainty import summarize

CUTOFFS_HZ = (2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0)


def sweep_cutoff(trials: Sequence[xr.Dataset], *, cutoffs_hz: Sequence[float] = CUTOFFS_HZ) -> pd.DataFrame:
    """Newton's vertical force over the cycle at several cut-offs, with its profile error.

    Parameters
    ----------
    trials
        Prepared trials.
    cutoffs_hz
        Cut-offs of the zero-lag low-pass of the center of mass.

    Returns
    -------
    pandas.DataFrame
        Columns cutoff_hz, source (``"measured"`` or ``"Newton"``), phase_percent, value, low, high (%BW: mean cycle
        over people with its interval), error, error_low, error_high (%BW: profile error at that cut-off).
    """
    parts = [part for trial in trials for part in _judge(trial, cutoffs_hz)]
    curves = summarize(
        pd.concat([part[0] for part in parts]), ["cutoff_hz", "source", "phase_percent"], unit="%BW"
    )
    errors = summarize(pd.concat([part[1] for part in parts]), ["cutoff_hz"], unit="%BW")
    readout = errors.set_index("cutoff_hz")[["value", "low", "high"]]
    readout.columns = pd.Index(["error", "error_low", "error_high"])
    return curves.join(readout, on="cutoff_hz")


def _judge(trial: xr.Dataset, cutoffs_hz: Sequence[float]) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    strides, mass_kg = measured_strides(trial), float(trial.attrs["mass_kg"])
    down = contact_mask(detect_contacts(trial, method="motion"), trial["time"])
    measured = trial["ground_reaction_force"]
    measured_cycle = _vertical_cycle(measured, strides, mass_kg).assign(source="measured")
    for cutoff_hz in cutoffs_hz:
        predicted = newton_force(trial, down, cutoff_hz=cutoff_hz)
        newton_cycle = _vertical_cycle(predicted, strides, mass_kg).assign(source="Newton")
        errors = force_errors(predicted, measured, strides, mass_kg=mass_kg)
        vertical = errors[(errors["axis"] == "y") & (errors["measure"] == "profile")][["value"]]
        labels = {**identify(trial), "cutoff_hz": cutoff_hz}
        yield pd.concat([measured_cycle, newton_cycle]).assign(**labels), vertical.assign(**labels)


def _vertical_cycle(force: xr.DataArray, strides: pd.DataFrame, mass_kg: float) -> pd.DataFrame:
    left = to_body_weights(force.sel(foot="left", axis="y", drop=True), mass_kg)
    cycle = cut_cycles(left, strides[strides["foot"] == "left"]).mean("cycle")
    frame = cycle.to_dataframe("value").reset_index()
    return frame.rename(columns={"phase": "phase_percent"})[["phase_percent", "value"]]
