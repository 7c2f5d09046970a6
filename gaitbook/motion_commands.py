"""Commands of the motion model: ``predict`` completes trials with it; `gaitbook.training_commands` has the others.

`gaitbook.cli` collects them with the commands of the other stages.
"""

import argparse
from typing import TYPE_CHECKING, Final

from gaitbook.command_options import (
    Subparsers,
    given_options,
    require_draws,
    say,
    say_exclusions,
    trained_model,
)
from gaitbook.encoder_commands import add_embed
from gaitbook.encoder_training_commands import add_train_encoder
from gaitbook.stride_commands import add_train_strides
from gaitbook.training_commands import add_calibrate, add_conditions, add_train

if TYPE_CHECKING:
    from gaitbook.cohort.exclusions import Exclusion

PREDICT_EXAMPLE: Final = "Example: gaitbook predict walk.mot --model person.osim --hide knees"
NOTHING_DONE: Final = 1
PREDICTED: Final = "predicted"


def add_motion_commands(subparsers: Subparsers) -> None:
    """Add the commands; each sets ``handler``, a function from the arguments to the exit code."""
    for add in (
        add_predict,
        add_train,
        add_calibrate,
        add_conditions,
        add_train_strides,
        add_train_encoder,
        add_embed,
    ):
        add(subparsers)


def add_predict(subparsers: Subparsers) -> None:
    """Add ``predict``."""
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


def run_predict(arguments: argparse.Namespace) -> int:
    """Complete the trials of a file or a cohort; 1 if none could be."""
    from gaitbook.representation.hiding import hidden_coordinates
    from gaitbook.studies.completion import CompletionPlan
    from gaitbook.studies.prediction_bodies import read_person_body
    from gaitbook.studies.prediction_files import predict_files
    from gaitbook.studies.prediction_people import Told

    hidden = hidden_coordinates(arguments.hide)
    require_draws(arguments)
    model = trained_model(arguments)
    names = ("height_m", "mass_kg", "belt_speed_mps")
    body = read_person_body(arguments.model) if arguments.model else None
    told = Told(body, **{name: getattr(arguments, name) for name in names})
    plan = CompletionPlan(**given_options(arguments, "draws"))
    exclusions: list[Exclusion] = []
    count = 0
    for files, sentence in predict_files(
        arguments.input, model, arguments.output, told=told, hidden=hidden, plan=plan, exclusions=exclusions
    ):
        count += 1
        say(f"Force: {files[0]}\n  with {', '.join(file.name for file in files[1:])}\n  {sentence}")
    say_exclusions(exclusions)
    say(f"{count} trial(s) in {arguments.output}")
    return 0 if count else NOTHING_DONE
