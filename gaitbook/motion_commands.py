"""Commands of the motion model: ``predict`` completes trials with it, ``train`` makes one.

`gaitbook.cli` collects them with the commands of the other stages.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gaitbook.cohort.exclusions import Exclusion
    from gaitbook.models.window_sampling import Sequences

PREDICT_EXAMPLE: Final = "Example: gaitbook predict walk.mot --model person.osim --hide knees"
TRAIN_EXAMPLE: Final = "Example: gaitbook train default rbds --output motion.safetensors"
NOTHING_DONE: Final = 1
PREDICTED: Final = "predicted"
CHECKPOINT: Final = ".checkpoint"
ENCODED: Final = ".encoded"


def add_motion_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``predict`` and ``train``; each sets ``handler``, a function from the arguments to the exit code."""
    predict = subparsers.add_parser(
        "predict", help="complete motion and predict force, with their uncertainty", epilog=PREDICT_EXAMPLE
    )
    predict.add_argument(
        "input",
        help="file of motion (.mot, .sto with --model), of markers (.trc, .c3d) or of AddBiomechanics (.b3d), or a "
        "cohort by name or folder, perhaps with /subject or /subject/trial",
    )
    predict.add_argument("--model", help="body of the person (.osim)")
    predict.add_argument(
        "--height-m", type=float, help="body height (default: as the input tells, or the model)"
    )
    predict.add_argument(
        "--mass-kg", type=float, help="body mass (default: as the input tells, or the model)"
    )
    predict.add_argument(
        "--belt-speed-mps", type=float, help="speed of the treadmill, 0 over ground (default: from the feet)"
    )
    predict.add_argument(
        "--hide", default="nothing", help="parts to complete although recorded, such as 'knees, ankles'"
    )
    predict.add_argument("--weights", help="file of a trained model (default: the one of the package)")
    predict.add_argument("--draws", type=int, help="how many times to draw (default: 50)")
    predict.add_argument("--output", default=PREDICTED, help="folder to write to (default: %(default)s)")
    predict.set_defaults(handler=run_predict)
    train = subparsers.add_parser("train", help="train a motion model on cohorts", epilog=TRAIN_EXAMPLE)
    train.add_argument("cohorts", nargs="+", metavar="COHORT", help="name or folder of a cohort")
    train.add_argument("--output", required=True, help="file to write the weights to (.safetensors)")
    train.add_argument("--family", help="how the model draws (default: flow)")
    train.add_argument("--steps", type=int, help="steps of the optimizer (default: 10000)")
    train.add_argument("--minutes", type=float, help="end after so many minutes even if there are steps left")
    train.add_argument("--width", type=int, help="width of the network (default: 192)")
    train.add_argument("--blocks", type=int, help="number of its blocks (default: 4)")
    train.add_argument("--seed", type=int, help="another seed, other weights (default: 0)")
    train.add_argument("--precision", choices=("no", "bf16"), help="mixed precision (default: no)")
    train.set_defaults(handler=run_train)


def run_predict(arguments: argparse.Namespace) -> int:
    """Complete the trials of a file or a cohort; 1 if none could be."""
    from gaitbook.models.motion_model import load_model
    from gaitbook.models.weights import default_weights
    from gaitbook.representation.hiding import hidden_coordinates
    from gaitbook.studies.completion import CompletionPlan
    from gaitbook.studies.prediction_bodies import read_person_body
    from gaitbook.studies.prediction_files import predict_files
    from gaitbook.studies.prediction_people import Told

    hidden = hidden_coordinates(arguments.hide)
    if arguments.draws is not None and arguments.draws < 1:
        raise ValueError(f"--draws is {arguments.draws}: draw at least once.")
    model = load_model(Path(arguments.weights) if arguments.weights else default_weights())
    names = ("height_m", "mass_kg", "belt_speed_mps")
    body = read_person_body(arguments.model) if arguments.model else None
    told = Told(body, **{name: getattr(arguments, name) for name in names})
    plan = CompletionPlan(**_given(arguments, "draws"))
    exclusions: list[Exclusion] = []
    count = 0
    for files in predict_files(
        arguments.input, model, arguments.output, told=told, hidden=hidden, plan=plan, exclusions=exclusions
    ):
        count += 1
        _say(f"Force: {files[0]}\n  with {', '.join(file.name for file in files[1:])}")
    _say_exclusions(exclusions)
    _say(f"{count} trial(s) in {arguments.output}")
    return 0 if count else NOTHING_DONE


def run_train(arguments: argparse.Namespace) -> int:
    """Train a model on cohorts, or go on where an earlier run stopped; every process of several does its share."""
    from gaitbook.models.fitting import FittingPlan, load_accelerate
    from gaitbook.models.motion_model import save_model
    from gaitbook.studies.motion_training import train_motion

    output = Path(arguments.output)
    if output.suffix == CHECKPOINT or not output.suffix:
        raise ValueError(f"{output} cannot be the file of the weights: let it end in .safetensors.")
    _require_family(arguments.family)
    process = load_accelerate().PartialState()
    with process.main_process_first():
        sequences, exclusions = _encode(arguments.cohorts)
    model = train_motion(
        sequences,
        FittingPlan(**_given(arguments, "family", "steps", "minutes", "seed", "precision")),
        **_given(arguments, "width", "blocks"),
        checkpoint=output.with_suffix(CHECKPOINT),
    )
    if process.is_main_process:
        save_model(model, output)
        _say_exclusions(exclusions)
        _say("\n".join(f"{name}: {value}" for name, value in model.card.items()))
        _say(f"Weights: {output}")
    return 0


def _encode(cohorts: Sequence[str]) -> "tuple[Sequences, list[Exclusion]]":
    """Trials of cohorts as numbers; those of a cohort are kept under its hash."""
    from gaitbook.cohort.store import cohort_hash, cohorts_folder
    from gaitbook.library import find_cohort
    from gaitbook.studies.motion_sequences import encode_cohort, join

    parts, exclusions = [], []
    for name in cohorts:
        path = find_cohort(name)
        sequences, left_out = encode_cohort(path, cohorts_folder() / ENCODED / cohort_hash(path)[:12])
        parts.append(sequences)
        exclusions += left_out
    return join(parts), exclusions


def _require_family(family: str | None) -> None:
    from gaitbook.models.families import FAMILIES

    if family not in (*FAMILIES, None):
        raise ValueError(f"There is no family {family!r}: choose one of {', '.join(FAMILIES)}.")


def _given(arguments: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Options that were given; the others keep their defaults."""
    return {name: value for name in names if (value := getattr(arguments, name)) is not None}


def _say_exclusions(exclusions: "Sequence[Exclusion]") -> None:
    from gaitbook.cohort.exclusions import count_reasons

    for row in count_reasons(exclusions).itertuples():
        _say(f"Left out: {row.count} because {row.reason}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
