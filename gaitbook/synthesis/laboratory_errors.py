"""How large the errors of a motion laboratory are (``laboratory_errors.yml``)."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class MarkerErrors:
    """How large each kind of marker error is, as a share of its size in ``laboratory_errors.yml``; 0 leaves it out.

    Parameters
    ----------
    soft_tissue
        Skin that moves over the bone.
    noise
        Noise of the cameras.
    occlusion
        Time for which a marker is not seen.
    lost_share
        Probability that a marker falls off before the trial; not a share of a size.
    """

    soft_tissue: float = 1.0
    noise: float = 1.0
    occlusion: float = 1.0
    lost_share: float = 0.0

    def __post_init__(self) -> None:
        values = dict(zip((field.name for field in fields(self)), astuple(self), strict=True))
        wrong = [f"{name} {value:g}" for name, value in values.items() if not value >= 0]
        if wrong:
            raise ValueError(f"Sizes of marker errors are zero or more, but got {', '.join(wrong)}")
        if self.lost_share > 1:
            raise ValueError(f"lost_share is a probability, but got {self.lost_share:g}")


ALL_MARKER_ERRORS = MarkerErrors()
NO_MARKER_ERRORS = MarkerErrors(0.0, 0.0, 0.0)


@cache
def load_laboratory() -> Mapping[str, Any]:
    """Return the content of ``laboratory_errors.yml``."""
    import yaml

    text = files("gaitbook.synthesis").joinpath("laboratory_errors.yml").read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.safe_load(text)
    return content
