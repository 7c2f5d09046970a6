"""Files of readouts: weights, axes and errors in half precision, so that one of five tasks takes a megabyte or two."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from gaitbook.studies.abstention import SeenPeople
from gaitbook.studies.gait_readout import GaitReadout, TaskReadout, axis_names

FORMAT: Final = 1
SHIPPED: Final = "readout.npz"
REMEDY: Final = "fit one with `gaitbook.studies.gait_readout.fit_readout` and name its file with --readout."
_SEEN: Final = ("mean", "spread", "precision", "distances")
_OWN: Final = ("mean", "spread", "weights", "means", "axes")
_HALF: Final = ("weights", "axes")


def save_readout(readout: GaitReadout, path: Path) -> Path:
    """Write a readout into one compressed file, in one step; weights, axes and errors in half precision."""
    told = {
        "format": FORMAT,
        "card": dict(readout.card),
        "features": {name: task.features for name, task in readout.tasks.items()},
    }
    arrays: dict[str, Any] = {
        "told": np.array(json.dumps(told)),
        "errors": readout.errors.astype(np.float16),
        "sex": readout.people["sex"].to_numpy(dtype=str),
        "age_year": readout.people["age_year"].to_numpy(dtype=np.float32),
    }
    for number, task in enumerate(readout.tasks.values()):
        for name in _OWN:
            kind = np.float16 if name in _HALF else np.float32
            arrays[f"{number} {name}"] = getattr(task, name).astype(kind)
        for name in _SEEN:
            arrays[f"{number} seen {name}"] = getattr(task.seen, name).astype(np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, **arrays)
    return partial.replace(path)


def load_readout(path: Path | None = None) -> GaitReadout:
    """Readout of a file, or that of the package.

    Raises
    ------
    FileNotFoundError, ValueError
        There is no such file, or it is one of something else.
    """
    path = _shipped() if path is None else path
    if not path.is_file():
        raise FileNotFoundError(f"There is no readout {path}: {REMEDY}")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        told = json.loads(str(arrays["told"]))
        wrong = told["format"] != FORMAT
    except (ValueError, KeyError, TypeError, OSError, EOFError, AttributeError):
        wrong = True
    if wrong:
        raise ValueError(f"{path} is no readout of this version of gaitbook: {REMEDY}")
    numbers = {
        name: each.astype(float) for name, each in arrays.items() if np.issubdtype(each.dtype, np.floating)
    }
    tasks = {}
    for number, (name, features) in enumerate(told["features"].items()):
        own = {each: numbers[f"{number} {each}"] for each in _OWN}
        usual = {each: numbers[f"{number} seen {each}"] for each in _SEEN}
        seen = SeenPeople(axis_names(len(usual["mean"])), **usual)
        tasks[name] = TaskReadout(tuple(features), seen=seen, **own)
    people = pd.DataFrame({"sex": arrays["sex"].astype(object), "age_year": numbers["age_year"]})
    return GaitReadout(tasks, people, numbers["errors"], told["card"])


def _shipped() -> Path:
    from importlib.resources import files

    return Path(str(files("gaitbook").joinpath("weights", SHIPPED)))
