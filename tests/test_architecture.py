"""The house: stages import earlier stages only, modules and functions stay small, importing stays quick."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "gaitbook"
STAGES = (
    ("conventions",),
    ("marker_sets", "body_model"),
    ("readers",),
    ("cohort",),
    ("mechanics",),
    ("synthesis",),
    ("library",),
    ("representation",),
    ("models",),
    ("studies",),
    ("figures",),
    ("edition",),
    (
        "cli",
        "motion_commands",
        "training_commands",
        "stride_commands",
        "encoder_commands",
        "encoder_training_commands",
        "embedding_inputs",
        "command_options",
        "__main__",
    ),
)
RANK = {name: rank for rank, names in enumerate(STAGES) for name in names}
MODULES = sorted(PACKAGE.rglob("*.py"))
LABELED_ONLY = ("studies", "figures", "cohort", "readers")
MEETING_PLACES = (
    "prediction",
    "completion",
    "motion_sequences",
    "motion_training",
    "changed_strides",
    "guided_changes",
    "stride_training",
    "gait_embedding",
)
"""Where labels are left and regained on behalf of studies."""
LONGEST_MODULE = 300
LONGEST_FUNCTION = 60


def stage_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_modules(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_earlier_stages_only(path):
    stage = stage_of(path)
    if stage == "__init__":
        return
    ours = {name.split(".")[1] for name in imported_modules(path) if name.startswith("gaitbook.")}
    later = {name for name in ours if name in RANK and RANK[name] > RANK[stage]}
    assert not later, f"{stage} imports the later stage(s) {later}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_and_functions_stay_small(path):
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= LONGEST_MODULE
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            documented = ast.get_docstring(node) is not None
            start = node.body[1].lineno if documented and len(node.body) > 1 else node.body[0].lineno
            assert node.end_lineno - start < LONGEST_FUNCTION, f"{node.name} is too long"


def test_every_stage_is_ranked():
    stages = {stage_of(path) for path in MODULES} - {"__init__"}
    assert stages <= set(RANK), f"give a rank to {stages - set(RANK)}"


def test_studies_and_figures_never_see_a_tensor():
    meeting_places = {PACKAGE / "studies" / f"{name}.py" for name in MEETING_PLACES}
    for path in MODULES:
        if stage_of(path) in LABELED_ONLY and path not in meeting_places:
            assert not any(name.split(".")[0] == "torch" for name in imported_modules(path)), path


def test_models_never_see_a_label():
    for path in (PACKAGE / "models").glob("*.py"):
        assert not {name.split(".")[0] for name in imported_modules(path)} & {"xarray", "pandas"}, path


def test_figures_never_import_studies_or_models():
    for path in (PACKAGE / "figures").glob("*.py"):
        assert not {
            n for n in imported_modules(path) if n.startswith(("gaitbook.studies", "gaitbook.models"))
        }, path


def test_importing_the_package_leaves_heavy_libraries_asleep():
    code = "import sys, gaitbook; print(*{'torch', 'matplotlib', 'sklearn', 'scipy', 'xarray'} & set(sys.modules))"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.split() == []


def test_every_public_name_exists():
    import gaitbook

    for name in gaitbook.__all__:
        assert getattr(gaitbook, name).__doc__, f"{name} has no docstring"
