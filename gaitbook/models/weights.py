"""Where the weights that come with the package are."""

from importlib.resources import files
from pathlib import Path
from typing import Final

WEIGHTS: Final = ("weights", "motion.safetensors")


def default_weights() -> Path:
    """File of the motion model that comes with the package.

    Raises
    ------
    FileNotFoundError
        The package has come without weights.
    """
    path = Path(str(files("gaitbook").joinpath(*WEIGHTS)))
    if not path.is_file():
        raise FileNotFoundError(
            f"gaitbook has come without a trained motion model ({path} does not exist): name the file of one with "
            "--weights, or train one with `gaitbook train COHORT --output FILE`."
        )
    return path
