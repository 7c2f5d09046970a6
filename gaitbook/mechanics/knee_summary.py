r"""Numbers of a knee moment: peaks and impulse of every stance, in the two units of the field.

Moments are compared between people per body weight and height (%BW·H) or per body mass (N m/kg); one is
:math:`0.0981\,H` times the other.
"""

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.conventions import GRAVITY_MPS2

QUANTITIES: Final = (
    "adduction_peak_first_half",
    "adduction_peak_second_half",
    "adduction_impulse",
    "flexion_peak",
)
FEWEST_SAMPLES: Final = 10
MEDIAL_FORCE: Final = (0.83, 0.34, 0.13)
"""Body weights at rest, per %BW·H of adduction moment, per %BW·H of flexion moment."""
MEDIAL_FORCE_ERROR_BW: Final = 0.35
NORMAL_90: Final = 1.645


def to_body_weight_height(moment: xr.DataArray) -> xr.DataArray:
    """Moment in percent of body weight times height.

    Parameters
    ----------
    moment
        As given by `gaitbook.knee_moment`, N m, with the attributes ``mass_kg`` and ``height_m``.

    Raises
    ------
    ValueError
        Mass or height is not known.
    """
    mass_kg, height_m = _person(moment)
    return (100.0 * moment / (mass_kg * GRAVITY_MPS2 * height_m)).assign_attrs(moment.attrs, units="%BW·H")


def summarize_knee(moment: xr.DataArray, contacts: pd.DataFrame) -> pd.DataFrame:
    """Peaks and impulse of every stance.

    Parameters
    ----------
    moment
        As given by `gaitbook.knee_moment`.
    contacts
        As given by `gaitbook.detect_contacts`: columns foot, strike_s, toe_off_s. Stances shorter than ten samples
        are left out and counted in ``attrs["left_out"]``.

    Returns
    -------
    pandas.DataFrame
        Columns foot, strike_s, quantity, value_nm_per_kg, value_percent_bw_h, frame, method. Quantities: largest
        adduction moment in the first and in the second half of stance, impulse of the adduction moment (its positive
        part, over time; units times s), and largest flexion moment.

    Raises
    ------
    ValueError
        Mass or height is not known.
    """
    mass_kg, height_m = _person(moment)
    rows, left_out = [], 0
    for contact in contacts.itertuples():
        stance = moment.sel(foot=contact.foot, time=slice(contact.strike_s, contact.toe_off_s))
        if stance.sizes["time"] < FEWEST_SAMPLES or bool(stance.isnull().any()):
            left_out += 1
            continue
        for quantity, value in zip(QUANTITIES, _measure(stance), strict=True):
            rows.append((contact.foot, contact.strike_s, quantity, value / mass_kg))
    table = pd.DataFrame(rows, columns=["foot", "strike_s", "quantity", "value_nm_per_kg"])
    table["value_percent_bw_h"] = 100.0 * table["value_nm_per_kg"] / (GRAVITY_MPS2 * height_m)
    table.attrs["left_out"] = left_out
    return table.assign(frame=moment.attrs["frame"], method=moment.attrs["method"])


def medial_contact_force(
    adduction_percent_bw_h: float, flexion_percent_bw_h: float
) -> tuple[float, float, float]:
    """Peak contact force of the medial compartment in walking, by regression, with a 90 % interval; body weights.

    Parameters
    ----------
    adduction_percent_bw_h, flexion_percent_bw_h
        First peak of the external adduction moment and peak flexion moment, %BW·H, tibia frame.

    Returns
    -------
    tuple of float
        Estimate, low, high.

    Notes
    -----
    Coefficients as published in the code of Uhlrich and colleagues (suhlrich/mocap-processing, ``calc_MCF``), which
    attributes them to Manal et al. (2015, doi:10.1016/j.joca.2015.02.779; both peaks together explained 85 % of the
    variance between ten people) and Walter et al. (2010). No error was published with them. The interval takes 0.35
    body weights, the root mean square error of a regression on the adduction moment alone against nine instrumented
    implants (Trepczynski et al. 2014, doi:10.1002/art.38374). Not for running.
    """
    rest, per_adduction, per_flexion = MEDIAL_FORCE
    force = rest + per_adduction * adduction_percent_bw_h + per_flexion * abs(flexion_percent_bw_h)
    return force, force - NORMAL_90 * MEDIAL_FORCE_ERROR_BW, force + NORMAL_90 * MEDIAL_FORCE_ERROR_BW


def _measure(stance: xr.DataArray) -> tuple[float, float, float, float]:
    adduction = stance.sel(moment="adduction").values
    middle = len(adduction) // 2
    impulse = np.trapezoid(np.maximum(adduction, 0.0), stance["time"].values)
    flexion = float(stance.sel(moment="flexion").max())
    return float(adduction[:middle].max()), float(adduction[middle:].max()), float(impulse), flexion


def _person(moment: xr.DataArray) -> tuple[float, float]:
    missing = [name for name in ("mass_kg", "height_m") if not moment.attrs.get(name)]
    if missing:
        raise ValueError(f"The trial has no {' and no '.join(missing)}: add it to the participants table")
    return float(moment.attrs["mass_kg"]), float(moment.attrs["height_m"])
