"""Which files belong together: trees of files as laboratories keep them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gaitbook.readers.folder import clean_name, find_recordings

KINEMATICS = "nRows=1\nendheader\ntime\tknee_angle_r\n0\t0\n"
FORCE = "nRows=1\nendheader\ntime\tground_force_r_vx\tground_force_r_vy\tground_force_r_vz\n0\t0\t0\t0\n"
MOMENTS = "nRows=1\nendheader\ntime\tknee_angle_r_moment\n0\t0\n"
MARKERS = "PathFileType\nDataRate\tUnits\n100\tmm\nFrame#\tTime\tC7\n"
C3D = "\x02\x50"

Tree = Callable[[dict[str, str]], Path]


@pytest.fixture
def make_tree(tmp_path: Path) -> Tree:
    """Maker of a folder ``lab`` with files of given paths and contents."""

    def make(files: dict[str, str]) -> Path:
        root = tmp_path / "lab"
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return root

    return make


def summary(root: Path, **options: Path) -> dict[str, dict[str, str]]:
    """File name by kind, by subject and trial."""
    found = find_recordings(root, **options).recordings
    return {
        f"{each.subject}/{each.trial}": {
            kind: path.relative_to(root).as_posix() for kind, path in each.files.items()
        }
        for each in found
    }


def test_files_in_one_folder_are_joined_by_their_stem(make_tree: Tree):
    root = make_tree(
        {"run2_ik.mot": KINEMATICS, "run2_grf.mot": FORCE, "run2.trc": MARKERS, "grf_walk.mot": FORCE}
    )
    assert summary(root) == {
        "lab/run2": {"markers": "run2.trc", "kinematics": "run2_ik.mot", "force": "run2_grf.mot"},
        "lab/walk": {"force": "grf_walk.mot"},
    }


def test_folders_named_after_kinds_of_files_are_looked_through(make_tree: Tree):
    root = make_tree({"IK/walk_ik.mot": KINEMATICS, "ID/walk_grf.mot": FORCE, "MarkerData/walk.trc": MARKERS})
    assert list(summary(root)) == ["lab/walk"]
    assert set(summary(root)["lab/walk"]) == {"markers", "kinematics", "force"}


def test_files_named_after_their_kind_take_the_name_of_their_folder(make_tree: Tree):
    root = make_tree(
        {
            "subject01/coordinates.sto": KINEMATICS,
            "subject01/trials/walk2/grf.mot": FORCE,
            "subject01/trials/walk2/markers.trc": MARKERS,
            "subject01/_subject.json": json.dumps({"massKg": 72.0}),
            "subject02/ses1/walk.c3d": C3D,
            "subject02/ses2/walk.c3d": C3D,
        }
    )
    assert summary(root) == {
        "subject01/walk2": {
            "markers": "subject01/trials/walk2/markers.trc",
            "kinematics": "subject01/coordinates.sto",
            "force": "subject01/trials/walk2/grf.mot",
        },
        "subject02/ses1_walk": {"c3d": "subject02/ses1/walk.c3d"},
        "subject02/ses2_walk": {"c3d": "subject02/ses2/walk.c3d"},
    }
    attributes = {each.subject: each.attributes for each in find_recordings(root).recordings}
    assert attributes == {"subject01": {"mass_kg": 72.0}, "subject02": {}}


def test_a_nameless_file_is_not_guessed_among_several_trials(make_tree: Tree):
    root = make_tree({"S1/a.trc": MARKERS, "S1/b.trc": MARKERS, "S1/coordinates.sto": KINEMATICS})
    contents = find_recordings(root)
    assert [each.trial for each in contents.recordings] == ["a", "b"]
    assert contents.unused == {
        root / "S1/coordinates.sto": "its name says of no trial that it belongs to: name it after its trial"
    }


def test_a_nameless_file_alone_is_a_trial(make_tree: Tree):
    assert summary(make_tree({"S1/markers.trc": MARKERS})) == {"S1/markers": {"markers": "S1/markers.trc"}}


def test_participants_name_the_subjects_wherever_they_stand_in_the_path(make_tree: Tree):
    root = make_tree(
        {
            "participants.csv": "subject,trial,mass_kg,speed_mps\nS1,,60,\nS10,,70,\nJane Doe,,50,\nS1,S1_run,,3\n",
            "S1_walk.c3d": C3D,
            "S1_run.c3d": C3D,
            "S10_walk.c3d": C3D,
            "controls/Jane Doe/walk 1.c3d": C3D,
        }
    )
    found = {f"{each.subject}/{each.trial}": each.attributes for each in find_recordings(root).recordings}
    assert found == {
        "Jane_Doe/walk_1": {"mass_kg": 50.0},
        "S1/S1_run": {"mass_kg": 60.0, "speed_mps": 3.0},
        "S1/S1_walk": {"mass_kg": 60.0},
        "S10/S10_walk": {"mass_kg": 70.0},
    }


def test_a_table_elsewhere_can_be_named(make_tree: Tree, tmp_path: Path):
    root = make_tree({"walk.c3d": C3D})
    table = tmp_path / "people.csv"
    table.write_text("subject,mass_kg\nlab,60\n")
    assert find_recordings(root, participants=table).recordings[0].attributes == {"mass_kg": 60.0}
    with pytest.raises(FileNotFoundError, match="There is no participants table"):
        find_recordings(root, participants=tmp_path / "none.csv")


def test_static_trials_are_known_by_their_name(make_tree: Tree):
    names = ("RBDS001static", "T-Pose", "calibration1", "walk", "ecstatic_run")
    root = make_tree({f"{name}.c3d": C3D for name in names})
    static = {each.trial: each.static for each in find_recordings(root).recordings}
    assert static == {
        "RBDS001static": True,
        "T-Pose": True,
        "calibration1": True,
        "walk": False,
        "ecstatic_run": False,
    }


def test_every_file_not_used_has_its_reason(make_tree: Tree):
    root = make_tree(
        {
            "walk.c3d": C3D,
            "walk.trc": MARKERS,
            "run.mot": KINEMATICS,
            "run_ik.sto": KINEMATICS,
            "run_id.sto": MOMENTS,
            "model.osim": "<xml/>",
            ".hidden/run.mot": KINEMATICS,
        }
    )
    contents = find_recordings(root)
    reasons = {path.name: reason for path, reason in contents.unused.items()}
    assert set(reasons) == {"walk.trc", "run_ik.sto", "run_id.sto", "model.osim"}
    assert reasons["walk.trc"] == "the trial's .c3d file holds markers already"
    assert reasons["run_ik.sto"].startswith("a second file of kinematics for a trial")
    used = [path.name for each in contents.recordings for path in each.files.values()]
    assert sorted(used) == ["run.mot", "walk.c3d"]


def test_one_file_is_a_folder_of_one(make_tree: Tree):
    root = make_tree({"walk.trc": MARKERS, "other.trc": MARKERS})
    assert [each.trial for each in find_recordings(root / "walk.trc").recordings] == ["walk"]


def test_a_missing_folder_is_said_to_be_missing(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        find_recordings(tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "clean"), [("walk 1", "walk_1"), ("../up", "up"), ("-a.", "a"), ("é", "unnamed")]
)
def test_names_become_folders(name: str, clean: str):
    assert clean_name(name) == clean


def test_real_folders_are_grouped(real_data: Path):
    arnold = find_recordings(real_data / "arnold2013").recordings
    assert [(each.subject, set(each.files)) for each in arnold] == [
        (f"subject0{number}", {"markers", "kinematics", "force"}) for number in (1, 2, 4)
    ]
    opencap = find_recordings(real_data / "opencap")
    assert [each.trial for each in opencap.recordings] == ["walking2", "walking3", "walking4"]
    assert [path.name for path in opencap.unused] == ["final.osim"]
