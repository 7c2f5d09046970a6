"""The saved state of the curve explorer: rounded numbers and words, from which a script draws without a kernel."""

import math
import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from gaitbook.figures.style import Look, look_up, only_finite, page_color

MEASURED: Final = "measured"
READOUT: Final = ("readout", "readout_low", "readout_high")
_PX_PER_PT: Final = 4 / 3
_DIGITS: Final = 4
_MOST_DECIMALS: Final = 6


@dataclass(frozen=True)
class Wording:
    """Words of an explorer; a unit in parentheses at the end of one goes beside its numbers."""

    setting: str
    x: str
    y: str
    readout: str


def save_state(
    curves: pd.DataFrame, settings: list[Any], wording: Wording, *, alt: str, label: str
) -> dict[str, Any]:
    """All that the script draws, as plain numbers and words.

    Parameters
    ----------
    curves
        As in `gaitbook.explore_curves`.
    settings
        In the order of the slider.
    wording
        Words on slider, axes and readout.
    alt, label
        Alternative text; name of the cohort.

    Returns
    -------
    dict
        Ready for JSON. A series that is the same at every setting is in it once.
    """
    places = count_places(curves[["value", "low", "high"]])
    readouts = only_finite(curves.groupby("setting")[list(READOUT)].first().loc[settings])
    decimals = readout_decimals(readouts["readout"])
    looks = look_up(order_series(curves))
    series = [
        {
            "name": str(name),
            **save_look(look),
            **_save_series(curves[curves["series"] == name], settings, places),
        }
        for name, look in looks.items()
    ]
    readout = {
        key: plain_numbers(readouts[column], count_places(readouts))
        for key, column in zip(("value", "low", "high"), READOUT, strict=True)
    }
    return {
        "alt": alt,
        "label": label,
        "setting": {**split_unit(wording.setting), "texts": [setting_text(setting) for setting in settings]},
        "x": split_unit(wording.x),
        "y": split_unit(wording.y),
        "readout": {**split_unit(wording.readout), "decimals": decimals, **readout},
        "series": series,
    }


def _save_series(part: pd.DataFrame, settings: list[Any], places: int) -> dict[str, Any]:
    """Samples of one series at every setting; once only where they are the same at all of them."""
    x = np.sort(part["x"].unique())
    saved: dict[str, Any] = {"x": plain_numbers(pd.Series(x), count_places(pd.DataFrame(x)))}
    for name in ("value", "low", "high"):
        wide = only_finite(part.pivot(index="x", columns="setting", values=name)).reindex(
            index=x, columns=settings
        )
        lists = [plain_numbers(wide[setting], places) for setting in settings]
        saved[name] = lists[:1] if all(other == lists[0] for other in lists) else lists
    return saved


def save_look(look: Look) -> dict[str, Any]:
    """Color, width and dashes of a series, as an image on a page takes them."""
    width_px = look.width * _PX_PER_PT
    dash = "" if look.line == "-" else " ".join(f"{step * width_px:.1f}" for step in look.line[1])
    return {"color": page_color(look.color), "width": round(width_px, 1), "dash": dash}


def plain_numbers(numbers: pd.Series, places: int) -> list[float | None]:
    """Rounded numbers for JSON; missing or infinite ones become null."""
    rounded = [round(float(number), places) if math.isfinite(number) else None for number in numbers]
    return [int(number) if number is not None and number.is_integer() else number for number in rounded]


def count_places(table: pd.DataFrame, *, digits: int = _DIGITS) -> int:
    """Decimals that show the span of a table to so many digits."""
    numbers = table.to_numpy(float)
    numbers = numbers[np.isfinite(numbers)]
    span = float(np.ptp(numbers)) if numbers.size else 0.0
    span = span or (float(np.abs(numbers).max()) if numbers.size else 0.0)
    return digits - 1 - math.floor(math.log10(span)) if span else 0


def readout_decimals(values: pd.Series) -> int:
    """Decimals that show the smallest readout to two digits."""
    sizes = values.abs()
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    return min(max(1 - math.floor(math.log10(sizes.min())), 0), _MOST_DECIMALS) if len(sizes) else 1


def order_series(curves: pd.DataFrame) -> list[str]:
    """Series as they lie on each other: the measured one, drawn broad, lowest, so that no other hides under it."""
    return sorted(dict.fromkeys(curves["series"]), key=lambda name: name != MEASURED)


def split_unit(words: str) -> dict[str, str]:
    """Name and unit of a quantity, from its words on an axis.

    Examples
    --------
    >>> split_unit("Profile error (%BW)")
    {'name': 'Profile error', 'unit': '%BW'}
    """
    found = re.fullmatch(r"(.+?)\s*\(([^()]+)\)", words)
    return {"name": found.group(1), "unit": found.group(2)} if found else {"name": words, "unit": ""}


def setting_text(setting: object) -> str:
    """A setting as the slider shows it: numbers without trailing zeros."""
    return f"{setting:g}" if isinstance(setting, (int, float, np.number)) else str(setting)
