"""Ways of walking that a person is asked for: changes of speed, posture and foot placement, each with its dose.

A condition changes what is asked of the walker (the reference curves and the places of the feet), never the forces or
moments: those follow from mechanics.
"""

from dataclasses import asdict, dataclass, fields
from typing import Final

import numpy as np

LIMITS: Final = {
    "trunk_lean_rad": (0.0, np.deg2rad(25.0)),
    "lean_delay": (-0.15, 0.15),
    "toe_out_rad": (-np.deg2rad(30.0), np.deg2rad(35.0)),
    "step_width_m": (-0.10, 0.25),
    "medial_thrust_rad": (0.0, np.deg2rad(15.0)),
    "stride_length": (-0.25, 0.25),
}
_DEGREES: Final = {
    "trunk_lean_rad": "trunk lean",
    "toe_out_rad": "toe-out",
    "medial_thrust_rad": "medial thrust",
}


@dataclass(frozen=True)
class Condition:
    """What is asked for, beside speed; all zero is the person's own gait.

    Parameters
    ----------
    trunk_lean_rad
        Lean of the trunk over the leg that stands, in the frontal plane, beyond the person's own.
    lean_delay
        How much later in the stride the lean comes, strides.
    toe_out_rad
        Toe-out beyond the person's own; negative is toe-in.
    step_width_m
        Step width beyond the person's own.
    medial_thrust_rad
        Inward turn of the thigh in stance over a foot that stays flat, with as much eversion and half as much knee
        flexion. Twice as much is asked for, but under a hinged knee the flat foot lets only some of it happen.
    stride_length
        Relative change of stride length at the same speed.

    Raises
    ------
    ValueError
        A dose is outside what can be simulated; all are named.
    """

    trunk_lean_rad: float = 0.0
    lean_delay: float = 0.0
    toe_out_rad: float = 0.0
    step_width_m: float = 0.0
    medial_thrust_rad: float = 0.0
    stride_length: float = 0.0

    def __post_init__(self) -> None:
        faults = [
            f"{name} is {value:g}, expected {LIMITS[name][0]:.3g} to {LIMITS[name][1]:.3g}"
            for name, value in asdict(self).items()
            if not LIMITS[name][0] <= value <= LIMITS[name][1]
        ]
        if faults:
            raise ValueError("This condition cannot be simulated: " + "; ".join(faults))

    @property
    def is_own_gait(self) -> bool:
        """Whether nothing is asked for."""
        return all(getattr(self, field.name) == 0.0 for field in fields(self))

    @property
    def label(self) -> str:
        """In words, as in tables: ``"trunk lean 10 deg, step width +50 mm"``."""
        words = [_angle_words(name, getattr(self, name)) for name in _DEGREES if getattr(self, name) != 0.0]
        if self.step_width_m:
            words.append(f"step width {1000 * self.step_width_m:+.0f} mm")
        if self.stride_length:
            words.append(f"stride length {100 * self.stride_length:+.0f} %")
        if self.lean_delay:
            words.append(f"lean {100 * self.lean_delay:+.0f} % of the stride later")
        return ", ".join(words) or "own gait"


def _angle_words(name: str, value_rad: float) -> str:
    word = "toe-in" if name == "toe_out_rad" and value_rad < 0 else _DEGREES[name]
    return f"{word} {abs(np.rad2deg(value_rad)):.0f} deg"
