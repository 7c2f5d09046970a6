"""Commands of the edition: thin wrappers, each around one function.

`gaitbook.cli` collects the commands of all stages; this module adds ``build``, ``run``, ``verify`` and ``freeze``.
"""

import argparse
import sys
import time

from gaitbook.edition.subject import DEFAULT_COHORT

BUILD_EXAMPLE = "Example: gaitbook build rbds -p seed=1"
RUN_EXAMPLE = "Example: gaitbook run 01 -p seed=1 -p cohort=rbds"
VERIFY_EXAMPLE = "Example: gaitbook verify rbds --figure force_errors_by_speed"
FREEZE_EXAMPLE = "Example: gaitbook freeze my_lab"


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``build``, ``run``, ``verify`` and ``freeze``.

    Parameters
    ----------
    subparsers
        What ``ArgumentParser.add_subparsers`` returned. Each command sets ``handler``, a function from the parsed
        arguments to the exit code.
    """
    build = subparsers.add_parser(
        "build", help="execute the studies and build the book for a cohort", epilog=BUILD_EXAMPLE
    )
    build.add_argument(
        "cohort", nargs="?", default=DEFAULT_COHORT, help="name of a cohort (default: %(default)s)"
    )
    _add_parameters(build)
    build.add_argument(
        "--quick", action="store_true", help="small parameters, for a fast look at the whole book"
    )
    build.set_defaults(handler=run_build)

    run = subparsers.add_parser("run", help="execute one study", epilog=RUN_EXAMPLE)
    run.add_argument("study", help="name of a notebook, or its beginning, such as 01")
    _add_parameters(run)
    run.add_argument("--fresh", action="store_true", help="execute even if nothing changed")
    run.set_defaults(handler=run_run)

    check = subparsers.add_parser(
        "verify", help="execute again and compare with the frozen tables", epilog=VERIFY_EXAMPLE
    )
    check.add_argument(
        "cohort", nargs="?", default=DEFAULT_COHORT, help="name of a cohort (default: %(default)s)"
    )
    check.add_argument("--figure", help="only this figure, and the study that holds it")
    check.add_argument(
        "--cached", action="store_true", help="accept executed studies in which nothing changed"
    )
    check.set_defaults(handler=run_verify)

    keep = subparsers.add_parser(
        "freeze", help="freeze the tables of a fresh run as the expected ones", epilog=FREEZE_EXAMPLE
    )
    keep.add_argument(
        "cohort", nargs="?", default=DEFAULT_COHORT, help="name of a cohort (default: %(default)s)"
    )
    keep.add_argument(
        "--cached", action="store_true", help="accept executed studies in which nothing changed"
    )
    keep.set_defaults(handler=run_freeze)


def run_build(arguments: argparse.Namespace) -> int:
    """Build an edition; the last line is the page to open."""
    from gaitbook.edition.build import build_edition
    from gaitbook.edition.parameters import parse_assignments

    start_s = time.perf_counter()
    edition = build_edition(
        arguments.cohort, overrides=parse_assignments(arguments.parameters), quick=arguments.quick
    )
    executed = sum(not execution.cached for execution in edition.executions)
    _say(
        f"{executed} of {len(edition.executions)} studies executed, {time.perf_counter() - start_s:.0f} s in all."
    )
    _say(f"As one file: {edition.archive}")
    _say(f"Open {edition.index}")
    return 0


def run_run(arguments: argparse.Namespace) -> int:
    """Execute one study; the last line is the executed notebook."""
    from gaitbook.edition.build import run_studies
    from gaitbook.edition.parameters import parse_assignments
    from gaitbook.edition.project import find_project
    from gaitbook.edition.subject import open_subject

    project = find_project()
    overrides = parse_assignments(arguments.parameters)
    subject = open_subject(str(overrides.get("cohort", DEFAULT_COHORT)))
    name = project.notebook(arguments.study).stem
    (execution,) = run_studies(project, subject, overrides=overrides, only=(name,), fresh=arguments.fresh)
    _say(f"Tables and values: {project.results(subject.edition) / name}")
    _say(f"Executed notebook: {execution.notebook}")
    return 0


def run_verify(arguments: argparse.Namespace) -> int:
    """Verify a cohort; 1 if a figure drifted or nothing could be compared."""
    from gaitbook.edition.verdict import verdict_lines
    from gaitbook.edition.verification import has_drifted, verify

    verdicts = verify(arguments.cohort, figure=arguments.figure, cached=arguments.cached)
    for line in verdict_lines(verdicts):
        _say(line)
    return int(has_drifted(verdicts))


def run_freeze(arguments: argparse.Namespace) -> int:
    """Freeze a cohort; one line per file."""
    from gaitbook.edition.verification import freeze

    for path in freeze(arguments.cohort, cached=arguments.cached):
        _say(f"Frozen: {path}")
    return 0


def _add_parameters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-p",
        "--parameter",
        dest="parameters",
        action="append",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="parameter of the studies",
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
