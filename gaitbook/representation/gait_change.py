"""What a person is asked to change in their gait, by how much, and as numbers for a model.

Doses count from the person's own gait. There are no limits here: whether a model has seen the like is told by
`gaitbook.studies.change_limits`.
"""

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import torch
import xarray as xr
from torch import Tensor

DOSES: Final = ("trunk_lean_rad", "toe_out_rad", "step_width_m", "medial_thrust_rad", "stride_length")
UNIT_DOSES: Final = {
    "trunk_lean_rad": 0.2,
    "toe_out_rad": 0.25,
    "step_width_m": 0.1,
    "medial_thrust_rad": 0.12,
    "stride_length": 0.12,
}
"""What counts as one in the numbers of a request."""
UNIT_SPEED: Final = 1.0 / 3.0
"""Change of the logarithm of speed that counts as one."""
PERSON: Final = ("run", "log_speed", "height", "body_mass_index", "female")
REQUEST: Final = ("log_speed_change", *DOSES)
NUMBERS: Final = (*PERSON, *REQUEST)
"""What a model is told beside the stride: first who and how fast, then what is asked for."""


@dataclass(frozen=True)
class GaitChange:
    """What is asked for; zero and ``None`` leave the gait as it is.

    Parameters
    ----------
    trunk_lean_rad
        Lean of the trunk over the leg that stands, beyond the person's own.
    toe_out_rad
        Toe-out beyond the person's own; negative is toe-in.
    step_width_m
        Step width beyond the person's own.
    medial_thrust_rad
        Inward thrust of the knee in stance over a flat foot, as `gaitbook.synthesis.conditions.Condition` has it.
    stride_length
        Relative change of stride length at the same speed; cadence changes against it.
    speed_mps
        Mean speed over the strides; the person's own by default.

    Raises
    ------
    ValueError
        A number is not finite, or the speed not positive; all are named.
    """

    trunk_lean_rad: float = 0.0
    toe_out_rad: float = 0.0
    step_width_m: float = 0.0
    medial_thrust_rad: float = 0.0
    stride_length: float = 0.0
    speed_mps: float | None = None

    def __post_init__(self) -> None:
        faults = [f"{name} is {value:g}" for name, value in self.doses.items() if not np.isfinite(value)]
        if self.speed_mps is not None and not 0.0 < self.speed_mps < np.inf:
            faults.append(f"speed_mps is {self.speed_mps:g}")
        if faults:
            raise ValueError(
                "This change of gait makes no sense: "
                + "; ".join(faults)
                + ". Give finite doses and a positive speed."
            )

    @property
    def doses(self) -> dict[str, float]:
        """Doses by name, without the speed."""
        return {name: float(value) for name, value in asdict(self).items() if name in DOSES}

    @property
    def kind(self) -> str:
        """One word for the request: own gait, the direction of the one dose, speed, or several."""
        asked = [_direction(name, value) for name, value in self.doses.items() if value]
        asked += ["speed"] if self.speed_mps is not None else []
        return asked[0] if len(asked) == 1 else "several" if asked else "own gait"

    @property
    def label(self) -> str:
        """In words, as in tables: ``"trunk lean 10 deg, step width +50 mm, 1.8 m/s"``."""
        words = [_say(name, value) for name, value in self.doses.items() if value]
        words += [f"{self.speed_mps:.3g} m/s"] if self.speed_mps is not None else []
        return ", ".join(words) or "own gait"


def encode_person(stride: xr.Dataset) -> Tensor:
    """Who walks, and how fast, as numbers (5,) in the order of `PERSON`.

    Parameters
    ----------
    stride
        With ``gait``, ``speed_mps``, ``height_m``, ``mass_kg`` and, if known, ``sex`` among its attributes.
    """
    told = stride.attrs
    height_m, mass_kg = float(told["height_m"]), float(told["mass_kg"])
    return torch.tensor(
        [
            1.0 if told["gait"] == "run" else -1.0,
            float(np.log(float(told["speed_mps"]))),
            (height_m - 1.7) / 0.1,
            (mass_kg / height_m**2 - 26.0) / 4.0,
            {"female": 0.5, "male": -0.5}.get(str(told.get("sex")), 0.0),
        ]
    )


def encode_request(change: GaitChange, own_speed_mps: float) -> Tensor:
    """What is asked for as numbers (6,) in the order of `REQUEST`."""
    speed_mps = own_speed_mps if change.speed_mps is None else change.speed_mps
    doses = [change.doses[name] / UNIT_DOSES[name] for name in DOSES]
    return torch.tensor([float(np.log(speed_mps / own_speed_mps)) / UNIT_SPEED, *doses])


def request_size(change: GaitChange, own_speed_mps: float) -> float:
    """How much is asked for: the length of the numbers of a request."""
    return float(encode_request(change, own_speed_mps).norm())


def _direction(name: str, value: float) -> str:
    both = {
        "trunk_lean_rad": ("trunk lean", "trunk lean"),
        "toe_out_rad": ("toe-out", "toe-in"),
        "step_width_m": ("wider steps", "narrower steps"),
        "medial_thrust_rad": ("medial thrust", "medial thrust"),
        "stride_length": ("longer strides", "shorter strides"),
    }[name]
    return both[0] if value > 0 else both[1]


def _say(name: str, value: float) -> str:
    if name.endswith("_rad"):
        size = abs(value) if name == "toe_out_rad" else value
        return f"{_direction(name, value)} {np.rad2deg(size):.0f} deg"
    if name == "step_width_m":
        return f"step width {1000.0 * value:+.0f} mm"
    return f"stride length {100.0 * value:+.0f} %"
