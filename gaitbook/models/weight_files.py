"""Files of trained networks: weights in half precision, scales as they are, and what is told about them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from torch import Tensor, nn

from gaitbook.models.window_sampling import Scale

FORMAT: Final = 1
_NETWORK: Final = "network."


def write_weights(
    path: Path, kind: str, network: nn.Module, others: Mapping[str, Tensor], told: Mapping[str, Any]
) -> Path:
    """Write one safetensors file in one step, and return its path.

    Parameters
    ----------
    path
        File to write.
    kind
        What it is a file of.
    network
        Its weights are kept in half precision.
    others
        Tensors that are kept as they are.
    told
        Anything that JSON can hold.
    """
    from safetensors.torch import save_file

    tensors = {_NETWORK + name: value.half() for name, value in network.state_dict().items()} | dict(others)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    metadata = {kind: json.dumps({"format": FORMAT, **told})}
    save_file({name: value.contiguous() for name, value in tensors.items()}, partial, metadata)
    return partial.replace(path)


def read_weights(path: Path, kind: str, *, remedy: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """What is told, and all tensors in single precision.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        It is a file of something else, or of another version.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FileNotFoundError(f"There is no {kind} {path}: {remedy}")
    try:
        opened = safe_open(path, "pt")
    except SafetensorError as error:
        raise ValueError(f"{path} is no {kind} of this version of gaitbook: {remedy}") from error
    with opened as file:
        told = json.loads((file.metadata() or {}).get(kind, "{}"))
        if told.get("format") != FORMAT:
            raise ValueError(f"{path} is no {kind} of this version of gaitbook: {remedy}")
        return told, {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 - it is no dict


def part_of(tensors: Mapping[str, Tensor], start: str) -> dict[str, Tensor]:
    """Tensors whose names start so, without that start."""
    return {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}


def load_into(network: nn.Module, tensors: Mapping[str, Tensor]) -> nn.Module:
    """Network with the weights of a file, ready to be asked."""
    network.load_state_dict(part_of(tensors, _NETWORK))
    return network.eval()


def scale_tensors(scale: Scale) -> dict[str, Tensor]:
    """Tensors of a scale, as they are named in a file."""
    return {f"scale.{name}": value for name, value in vars(scale).items()}


def scale_of(tensors: Mapping[str, Tensor]) -> Scale:
    """Scale in a file."""
    return Scale(**part_of(tensors, "scale."))
