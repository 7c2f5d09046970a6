"""How a person carries head and shoulders: what the rigid trunk of the mechanical body leaves out."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gaitbook.synthesis.camera_tables import AZURE_KINECT_JOINTS, joint_index, load_camera

HEAD = ("HEAD", "NOSE", "EYE_LEFT", "EAR_LEFT", "EYE_RIGHT", "EAR_RIGHT")
ARM = ("SHOULDER", "ELBOW", "WRIST", "HAND", "HANDTIP", "THUMB")
STYLES = ("head_forward", "head_pitch", "shoulder_breadth")

Array = NDArray[Any]


def pose_head(true_position: Array, styles: Mapping[str, float]) -> Array:
    """Return the skeleton with head and shoulders as the person carries them.

    Parameters
    ----------
    true_position
        Joints of the body (time, 32, 3), m, in the order of `AZURE_KINECT_JOINTS`.
    styles
        Scores (standard normal between people); a missing one is zero. ``head_forward`` moves the head before the
        trunk, the neck by half as much; ``head_pitch`` turns it about the neck, positive lifts the nose;
        ``shoulder_breadth`` moves shoulders and arms outward, the clavicles by half as much. Sizes: ``styles.yml``.

    Returns
    -------
    numpy.ndarray
        Joints (time, 32, 3), m, of the type of the truth.

    Raises
    ------
    ValueError
        The shape is another one.

    Examples
    --------
    >>> skeleton = np.zeros((2, 32, 3))
    >>> bool((pose_head(skeleton, {}) == skeleton).all())
    True
    """
    true_position = np.asarray(true_position)
    if true_position.ndim != 3 or true_position.shape[1:] != (len(AZURE_KINECT_JOINTS), 3):  # noqa: PLR2004
        raise ValueError(
            f"A head can be posed on skeletons (time, 32, 3); true_position is {true_position.shape}"
        )
    size = {name: float(styles.get(name, 0.0)) * _sizes()[name] for name in STYLES}
    if not any(size.values()):
        return true_position.copy()
    shares, (forward, up, right) = load_camera()["head"], _trunk_axes(true_position)
    head = [joint_index(name) for name in HEAD]
    neck = joint_index("NECK")
    posed = true_position.copy()
    from_neck = true_position[:, head] - true_position[:, [neck]]
    posed[:, head] += _pitched(from_neck, (forward, up), size["head_pitch"]) - from_neck
    posed[:, head] += size["head_forward"] * forward
    posed[:, [neck]] += shares["neck_share"] * size["head_forward"] * forward
    for side, sign in (("RIGHT", 1.0), ("LEFT", -1.0)):
        outward = sign * size["shoulder_breadth"] * right
        posed[:, [joint_index(f"{part}_{side}") for part in ARM]] += outward
        posed[:, [joint_index(f"CLAVICLE_{side}")]] += shares["clavicle_share"] * outward
    return posed


def _pitched(from_neck: Array, plane: tuple[Array, Array], angle_rad: float) -> Array:
    """Vectors (time, joint, 3) turned from forward to up."""
    forward, up = plane
    ahead = (from_neck * forward).sum(axis=-1, keepdims=True)
    above = (from_neck * up).sum(axis=-1, keepdims=True)
    cosine, sine = np.cos(angle_rad) - 1.0, np.sin(angle_rad)
    turned = (cosine * ahead - sine * above) * forward + (sine * ahead + cosine * above) * up
    return np.asarray(from_neck + turned)


def _trunk_axes(true_position: Array) -> tuple[Array, Array, Array]:
    """Forward, up and right of the chest, each (time, 1, 3)."""

    def between(first: str, second: str) -> Array:
        return true_position[:, [joint_index(second)]] - true_position[:, [joint_index(first)]]

    right = _unit(between("SHOULDER_LEFT", "SHOULDER_RIGHT"))
    spine = between("SPINE_NAVEL", "NECK")
    up = _unit(spine - (spine * right).sum(axis=-1, keepdims=True) * right)
    return np.cross(up, right), up, right


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector, axis=-1, keepdims=True))


@cache
def _sizes() -> Mapping[str, float]:
    import yaml

    text = files("gaitbook.synthesis").joinpath("styles.yml").read_text(encoding="utf-8")
    styles = yaml.safe_load(text)["styles"]
    return {name: float(styles[name]["size"]) for name in STYLES}
