"""Skeletons in tables: a row for each frame (wide), or for each joint of each frame (long), and bare arrays.

Tables are ``.csv``, ``.tsv``, ``.parquet``, ``.feather`` or ``.ntds`` (feather under another name); arrays are ``.npy``
and ``.npz`` of (time, joint, 2 to 4): x, y, then z and confidence as far as they are there.
"""

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.readers.joint_columns import JointColumns, find_joint_columns, find_role, stack_joints
from gaitbook.readers.skeleton_frames import SkeletonFrames, follow_body
from gaitbook.readers.skeleton_layouts import confidence_levels, guess_layout, match_joints
from gaitbook.readers.skeleton_timing import stamps_s
from gaitbook.readers.storage import join_faults

Array = NDArray[np.float64]
TABLES: Final = (".csv", ".tsv", ".parquet", ".feather", ".ntds")
ARRAYS: Final = (".npy", ".npz")
POSITION_NAMES: Final = ("position", "skeleton_position", "keypoints", "joints", "poses", "data", "arr_0")
TIME_NAMES: Final = ("time_s", "time", "timestamp", "timestamp_usec")
LARGE: Final = 10.0
"""Places in a picture go beyond it while their confidence does not reach 1."""
AZURE: Final = ("azure_kinect", "azure_kinect_26")


def read_keypoint_table(path: str | Path, *, layout: str | None = None) -> SkeletonFrames:
    """Joints in a table.

    Parameters
    ----------
    path
        Wide: columns ``<joint>_x``, ``_y``, and, if there are any, ``_z`` and ``_c``. Long: columns ``frame`` or
        ``time``, ``joint``, ``x``, ``y``, ``z``, ``confidence``. Both may name a ``body``; orientations are ignored.
    layout
        One of `gaitbook.readers.skeleton_layouts.list_layouts`; by default told by the names of the joints.

    Raises
    ------
    ImportError
        Parquet or feather without pyarrow.
    ValueError
        The table has no joints of a known layout, cells are no numbers, or a frame holds a joint twice.
    """
    path = Path(path)
    table = _load_table(path)
    joint = find_role(table.columns, "joint")
    if joint is not None:
        table = _widen(path, table, joint)
    columns = find_joint_columns(table.columns)
    if not columns.joints:
        raise ValueError(
            f"{path} has no columns of joints such as PELVIS_x, PELVIS_y, PELVIS_z, and no column 'joint'; its columns "
            f"are {', '.join(map(str, table.columns[:8]))}: name them so."
        )
    try:
        layout = layout or guess_layout(tuple(columns.joints))
        if not match_joints(tuple(columns.joints), layout):
            raise ValueError(f"no column is named after a joint of the layout {layout}: choose another one.")
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return _person(path, _numbers(path, table, columns), columns, layout)


def read_keypoint_array(path: str | Path, *, layout: str | None = None) -> SkeletonFrames:
    """Joints in an array: ``.npy``, or ``.npz`` with ``position`` and perhaps ``confidence`` and ``time_s``.

    Raises
    ------
    ValueError
        The array is not (time, joint, 2 to 4), there is none, or its number of joints does not tell the layout.
    """
    path = Path(path)
    content = _load_arrays(path)
    found = [name for name in POSITION_NAMES if name in content]
    if not found:
        raise ValueError(
            f"{path} holds {', '.join(content) or 'nothing'}: expected an array {POSITION_NAMES[0]!r}."
        )
    values = content[found[0]]
    if values.ndim != 3 or values.shape[2] not in (2, 3, 4) or values.dtype.kind not in "fiu":  # noqa: PLR2004
        raise ValueError(
            f"{path}: the array is {values.dtype} of shape {values.shape}, expected numbers (time, joint, 2, 3 or 4)."
        )
    try:
        layout = layout or guess_layout(int(values.shape[1]))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    position, sure, log = _split(values.astype(float))
    sure = content.get("confidence", sure)
    levels = None if sure is None else confidence_levels(sure, levels=layout in AZURE)
    time = next((content[name] for name in TIME_NAMES if name in content), None)
    return _with_time(position, levels, time, layout, log)


def _split(values: Array) -> tuple[Array, Array | None, list[str]]:
    """Places (time, joint, 3) and confidence of the last dimension of an array."""
    width = values.shape[2]
    flat = np.concatenate([values[..., :2], np.full((*values.shape[:2], 1), np.nan)], axis=2)
    if width == 2:  # noqa: PLR2004 - a picture
        return flat, None, ["places in a picture, without depth"]
    last = values[..., -1][np.isfinite(values[..., -1])]
    share = last.size and last.min() >= 0 and last.max() <= 1
    if width == 3 and share and np.nanmax(np.abs(values[..., :2])) > LARGE:  # noqa: PLR2004
        return (
            flat,
            values[..., 2],
            ["places in a picture: the third number is from 0 to 1 and taken as confidence"],
        )
    return values[..., :3], (values[..., 3] if width == 4 else None), []  # noqa: PLR2004 - x, y, z, confidence


def _load_arrays(path: Path) -> dict[str, NDArray]:
    try:
        loaded = np.load(path, allow_pickle=False)
    except (ValueError, OSError) as error:
        raise ValueError(
            f"{path} is no array of numbers ({error}): save it again with numpy.save."
        ) from error
    if isinstance(loaded, np.ndarray):
        return {POSITION_NAMES[0]: loaded}
    with loaded:
        return {name: loaded[name] for name in loaded.files}


def _load_table(path: Path) -> pd.DataFrame:
    if path.suffix.lower() in (".csv", ".tsv"):
        with path.open(encoding="utf-8-sig") as stream:
            first = stream.readline()
        separator = max("\t;,", key=first.count)
        table = pd.read_csv(path, sep=separator, encoding="utf-8-sig", skipinitialspace=True)
    else:
        try:
            table = pd.read_parquet(path) if path.suffix.lower() == ".parquet" else pd.read_feather(path)
        except ImportError as error:
            raise ImportError(
                f"{path}: this kind of table needs pyarrow: pip install pyarrow, or save as .csv."
            ) from error
    table.columns = table.columns.map(str)
    if table.empty:
        raise ValueError(f"{path} has no rows: export it again.")
    return table


def _widen(path: Path, table: pd.DataFrame, joint: str) -> pd.DataFrame:
    """One row for each frame (and body) of a table with one row for each joint."""
    channels = find_joint_columns([f"joint_{column}" for column in table.columns]).joints.get("joint", {})
    roles = {role: find_role(table.columns, role) for role in ("frame", "time", "body")}
    keys = [column for column in roles.values() if column is not None]
    if {"x", "y"} - set(channels) or not keys:
        raise ValueError(
            f"{path} names joints in column {joint!r}, but needs x, y, z and frame or time beside it."
        )
    twice = table.duplicated([*keys, joint])
    if twice.any():
        raise ValueError(
            f"{path}: {int(twice.sum())} row(s) repeat a joint of the same frame, the first is row "
            f"{int(twice.argmax()) + 2} ({table[joint][twice].iloc[0]}): drop them, or "
            "tell bodies apart in a column 'body'."
        )
    values = {column.removeprefix("joint_"): channel for channel, column in channels.items()}
    wide = table.pivot(index=keys, columns=joint, values=list(values))
    own, named = wide.columns.get_level_values(0), wide.columns.get_level_values(1)
    wide.columns = pd.Index([f"{name}_{values[column]}" for column, name in zip(own, named, strict=True)])
    return wide.reset_index()


def _numbers(path: Path, table: pd.DataFrame, columns: JointColumns) -> pd.DataFrame:
    used = [column for channels in columns.joints.values() for column in channels.values()]
    used += [
        name for role in ("time", "frame", "body") if (name := find_role(columns.others, role)) is not None
    ]
    faults = []
    for column in [name for name in used if table[name].dtype.kind not in "fiub"]:
        numbers = pd.to_numeric(table[column], errors="coerce")
        wrong = numbers.isna() & table[column].notna()
        if wrong.any():
            faults.append(
                f"column {column!r} reads {table[column][wrong].iloc[0]!r} in row {int(wrong.argmax()) + 2}"
            )
        table = table.assign(**{column: numbers})
    if faults:
        raise ValueError(f"{path}: {join_faults(faults)}: write numbers with a decimal point.")
    return table


def _person(path: Path, table: pd.DataFrame, columns: JointColumns, layout: str) -> SkeletonFrames:
    """Frames of the person recorded; rows of several bodies belong to one frame by their number or time."""
    body, time, frame = (find_role(columns.others, role) for role in ("body", "time", "frame"))
    clock, log = time or frame, []
    several = body is not None and table[body].nunique() > 1
    if several and clock is None:
        raise ValueError(
            f"{path}: column {body!r} tells several bodies apart, but no column 'time' or 'frame' tells which of them "
            "were seen together: add one."
        )
    if several:
        repeated = table.duplicated([clock, body])
        log += (
            [f"{repeated.sum()} row(s) repeat a body of the same frame and were left out"]
            if repeated.any()
            else []
        )
        table = table[~repeated]
    position, sure, notes = stack_joints(table, columns, layout)
    levels = None if sure is None else confidence_levels(sure, levels=layout in AZURE)
    stamps = None if time is None else table[time].to_numpy(float)
    if several:
        times, index = np.unique(table[clock], return_inverse=True)
        known = table[body].notna().to_numpy()
        number = table[body].to_numpy()[known].astype(np.int64)
        followed = follow_body(index[known], number, position[known], frames=len(times))
        position = followed.place(position[known])
        levels = None if levels is None else followed.trust(levels[known])
        stamps = None if stamps is None else times
        log += followed.log
    return _with_time(position, levels, stamps, layout, [*log, *notes, *_picture(columns)])


def _with_time(
    position: Array, levels: NDArray[np.int8] | None, stamps: Array | None, layout: str, log: list[str]
) -> SkeletonFrames:
    """Frames with their stamps in s and a note of the unit that these were in."""
    if stamps is None:
        return SkeletonFrames(position, levels, None, layout, log=tuple(log))
    time_s, unit = stamps_s(np.asarray(stamps, dtype=float))
    return SkeletonFrames(position, levels, time_s, layout, log=(*log, f"time read in {unit}"))


def _picture(columns: JointColumns) -> list[str]:
    deep = any("z" in channels for channels in columns.joints.values())
    return [] if deep else ["places in a picture, without depth"]
