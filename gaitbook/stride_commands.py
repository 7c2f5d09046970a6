"""The command ``train-strides``: a model of how strides change, trained and calibrated in one go."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gaitbook.command_options import Subparsers, given_options, say, say_exclusions

if TYPE_CHECKING:
    import pandas as pd

    from gaitbook.models.stride_model import StrideModel

EXAMPLE: Final = "Example: gaitbook train-strides rbds --output strides.safetensors --minutes 10"
FIRST_PERSON: Final = 321
"""Simulated people before this one, counted from 0, are kept for calibration and tests."""
MOST_PEOPLE: Final = 3093
CALIBRATION: Final = (200, 320)
CHECKPOINT: Final = ".checkpoint"
COHORTS: Final = "cohorts"
"""Where the card names those that a model learned from: of their people only some are new to it."""
SIMULATED_ALIKE: Final = "default"
"""Has the first people of the large cohort."""


def add_train_strides(subparsers: Subparsers) -> None:
    """Add ``train-strides``."""
    train = subparsers.add_parser(
        "train-strides", help="train and calibrate a model of how strides change", epilog=EXAMPLE
    )
    train.add_argument(
        "cohorts",
        nargs="*",
        metavar="COHORT",
        help="recorded cohorts, beside simulated people (with several speeds)",
    )
    train.add_argument("--output", required=True, help="file to write the weights to (.safetensors)")
    train.add_argument(
        "--people", type=int, default=900, help="simulated people to learn from (default: %(default)s)"
    )
    train.add_argument(
        "--calibrate",
        type=int,
        default=60,
        help="simulated people to calibrate on, at most 120 (default: %(default)s)",
    )
    train.add_argument("--steps", type=int, help="steps of the optimizer (default: 10000)")
    train.add_argument("--minutes", type=float, help="end after so many minutes even if there are steps left")
    train.add_argument("--batch", type=int, default=256, help="pairs in a step (default: %(default)s)")
    train.add_argument("--seed", type=int, help="another seed, other weights (default: 0)")
    train.add_argument(
        "--free", action="store_true", help="draw whole strides, told nothing, and do not calibrate"
    )
    train.add_argument(
        "--processes", type=int, help="how many to use (default: one for each core, at most 8)"
    )
    train.set_defaults(handler=run_train_strides)


def run_train_strides(arguments: argparse.Namespace) -> int:
    """Simulate and measure strides, train, calibrate, write."""
    from gaitbook.library import find_cohort
    from gaitbook.models.fitting import FittingPlan
    from gaitbook.models.stride_model import save_stride_model
    from gaitbook.studies.stride_library import POPULATION
    from gaitbook.studies.stride_sources import read_libraries
    from gaitbook.studies.stride_training import train_stride_models

    output = Path(arguments.output)
    if output.suffix != ".safetensors":
        raise ValueError(f"{output} cannot be the file of the weights: let it end in .safetensors.")
    _require_counts(arguments)
    numbers = range(FIRST_PERSON, FIRST_PERSON + arguments.people)
    libraries, exclusions = read_libraries(numbers, arguments.cohorts, processes=arguments.processes)
    names = ("steps", "minutes", "batch", "seed")
    drawn = "whole strides" if arguments.free else "changes of strides"
    plan = FittingPlan(family=drawn, **given_options(arguments, *names))
    checkpoint = output.with_suffix(CHECKPOINT)
    model = train_stride_models(libraries, plan, unconditional=arguments.free, checkpoint=checkpoint)
    if not arguments.free:
        model = _calibrated(model, arguments)
    learned = [POPULATION, SIMULATED_ALIKE, *(find_cohort(name).name for name in arguments.cohorts)]
    model = replace(model, card={**model.card, COHORTS: learned})
    save_stride_model(model, output)
    say_exclusions(exclusions)
    told = ("steps", "minutes", "pairs", "people", "strides", "parameters")
    say("\n".join(f"{name}: {model.card[name]}" for name in told))
    say(f"Weights: {output}")
    return 0


def _require_counts(arguments: argparse.Namespace) -> None:
    first, last = CALIBRATION
    most = {"people": MOST_PEOPLE, "calibrate": last - first}
    faults = [
        f"--{name} is {value}, expected 1 to {limit}"
        for name, limit in most.items()
        if not 1 <= (value := getattr(arguments, name)) <= limit
    ]
    if faults:
        raise ValueError(f"These numbers of people make no sense: {'; '.join(faults)}.")


def _calibrated(model: "StrideModel", arguments: argparse.Namespace) -> "StrideModel":
    from gaitbook.library import find_cohort
    from gaitbook.studies.change_calibration import with_calibration
    from gaitbook.studies.change_scores import calibration_errors

    first, _ = CALIBRATION
    numbers = range(first, first + arguments.calibrate)
    paths: Sequence[Path] = [find_cohort(name) for name in arguments.cohorts]
    errors: pd.DataFrame = calibration_errors(numbers, paths, model, processes=arguments.processes)
    return with_calibration(model, errors)
