"""What the commands of the motion model share: the model that they use, options that were given, what they say."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from gaitbook.cohort.exclusions import Exclusion
    from gaitbook.models.motion_model import MotionModel

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def trained_model(arguments: argparse.Namespace) -> "MotionModel":
    """Model of the file that was named, or else that of the package."""
    from gaitbook.models.motion_model import load_model
    from gaitbook.models.weights import default_weights

    return load_model(Path(arguments.weights) if arguments.weights else default_weights())


def require_draws(arguments: argparse.Namespace) -> None:
    """Refuse to draw less than once with a `ValueError`."""
    if arguments.draws is not None and arguments.draws < 1:
        raise ValueError(f"--draws is {arguments.draws}: draw at least once.")


def given_options(arguments: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Options that were given; the others keep their defaults."""
    return {name: value for name in names if (value := getattr(arguments, name)) is not None}


def say_exclusions(exclusions: "Sequence[Exclusion]") -> None:
    """Say what was left out: how many, and why."""
    from gaitbook.cohort.exclusions import count_reasons

    for row in count_reasons(exclusions).itertuples():
        say(f"Left out: {row.count} because {row.reason}")


def say(line: str) -> None:
    """Write a line to standard output at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
