"""What is installed: the lock, the conda environment, the wheel, and an import that does not load everything."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
HEAVY = ("torch", "matplotlib", "sklearn", "zarr", "IPython", "sphinx")


@pytest.fixture(scope="module")
def lock() -> dict[str, str]:
    """Version by package in requirements.lock."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin) for pin in pins), "exact pins only"
    return {canonicalize_name(name): version for name, version in (pin.split("==") for pin in pins)}


def test_the_lock_holds_each_package_that_the_project_asks_for_in_a_version_that_it_allows(lock):
    extras = PROJECT["project"]["optional-dependencies"]
    asked = [*PROJECT["project"]["dependencies"], *extras["book"], *extras["c3d"], *extras["dev"]]
    asked += PROJECT["build-system"]["requires"]
    for requirement in map(Requirement, asked):
        assert lock[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_the_lock_installs_the_book_tools_that_are_known_to_work_together(lock):
    expected = {"jupyter-book": "1.0.4.post1", "sphinx-book-theme": "1.1.4", "torch": "2.13.0"}
    assert {name: lock[name] for name in expected} == expected


def test_the_conda_environment_takes_the_lock_and_a_python_that_the_project_allows():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, by_pip = environment["dependencies"]
    assert (pip, by_pip["pip"][0]) == ("pip", "-r requirements.lock")
    assert python == f"python={PROJECT['project']['requires-python'][2:6]}"


def test_hosted_notebooks_take_the_lock_too():
    assert (ROOT / "binder" / "requirements.txt").read_text().split() == ["-r", "../requirements.lock"]


def test_the_build_machine_calls_the_tests_and_the_makefile_has_the_documented_targets():
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith("make test")
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"help", "book", "test", "verify", "freeze", "show", "clean"} <= set(targets)


def test_the_pythons_that_are_tested_are_those_that_are_promised():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text())
    promised = [line[-4:] for line in PROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", line)]
    assert workflow["jobs"]["tests"]["strategy"]["matrix"]["python"] == promised


def test_the_wheel_holds_all_data_files_of_the_package(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    sources = [path for path in (ROOT / "gaitbook").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert {path.relative_to(ROOT).as_posix() for path in sources} <= held
    suffixes = {Path(name).suffix for name in held}
    assert {".css", ".js", ".yml", ".pyi", ".typed"} <= suffixes | {".typed"}


def test_importing_the_package_loads_no_heavy_library():
    program = f"import sys, gaitbook; sys.exit(', '.join(sorted(set({HEAVY}) & set(sys.modules))))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
