"""The trunk where no marker sees it: it stays upright while the pelvis turns below it.

A body whose trunk is bolted to the pelvis swings half of its mass with every tilt of the pelvis, which nobody does.
So a lumbar angle that nothing was measured of is taken to be the opposite of what the pelvis does about its own mean.
It is an assumption; chapter 2 of the book measures what it is worth, by the variant that bolts the trunk to the pelvis.
"""

from types import MappingProxyType
from typing import Final

import xarray as xr

PELVIS_BELOW: Final = MappingProxyType(
    {
        "lumbar_extension": "pelvis_tilt",
        "lumbar_bending": "pelvis_list",
        "lumbar_rotation": "pelvis_rotation",
    }
)


def steady_trunk(joint_angle: xr.DataArray, unseen: frozenset[str]) -> xr.DataArray:
    """Angles with the unseen lumbar ones set such that the trunk keeps its mean attitude.

    Parameters
    ----------
    joint_angle
        (time, coordinate), rad.
    unseen
        Coordinates of which no marker tells anything.

    Returns
    -------
    xarray.DataArray
        Exact for turns about one axis, and for small angles otherwise.
    """
    names = joint_angle["coordinate"].values.tolist()
    steady = joint_angle.copy(deep=True)
    for lumbar, pelvis in PELVIS_BELOW.items():
        if lumbar in unseen and {lumbar, pelvis} <= set(names):
            turned = joint_angle.sel(coordinate=pelvis, drop=True)
            steady.loc[{"coordinate": lumbar}] = (
                joint_angle.sel(coordinate=lumbar) - turned + turned.mean("time")
            )
    return steady
