"""The commands that train a gait encoder and embed walkers with it."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gaitbook import encoder_training_commands
from gaitbook.cli import main, make_parser
from gaitbook.cohort.checksums import hash_file
from gaitbook.cohort.importing import import_cohort
from gaitbook.models import weights as shipped_weights
from gaitbook.models.encoder_training import EncoderRecipe
from gaitbook.models.fitting import FittingPlan
from gaitbook.models.gait_embedding import load_encoder, save_encoder
from gaitbook.models.gait_encoder import EncoderSize
from gaitbook.readers.skeleton_files import read_skeleton
from gaitbook.representation.skeleton import GROUPS, JOINTS, REGIONS, group_of
from gaitbook.representation.stride_harmonics import MEASURES
from gaitbook.studies import gait_embedding, readout_files, walker_features
from gaitbook.studies.gait_predictions import LABEL
from gaitbook.studies.gait_readout import fit_readout
from gaitbook.studies.readout_files import save_readout
from gaitbook.studies.walking_windows import cut_trials
from tests.cohort.recorded_files import run, write_markers
from tests.readers.skeleton_writer import walking_person, write_azure_table

STEPS = ("--steps", "2", "--batch", "2")
SUBJECTS = ("10K_0001", "10K_0002", "10K_0003")
TASKS = ("tm_3kmh", "stationary_walk")
SIZE = EncoderSize(tuple(GROUPS.index(group_of(joint)) for joint in JOINTS), width=16, depth=1, heads=2)


def small_recipe(name):
    return EncoderRecipe(name, frames=16, size=SIZE)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A tiny network, and a package without weights."""
    monkeypatch.setattr(gait_embedding, "encoder_recipe", small_recipe)
    monkeypatch.setattr(shipped_weights, "FOLDER", "none")
    monkeypatch.setattr(readout_files, "SHIPPED", "none")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Files of three people at two tasks, sizes and pace their own."""
    folder = tmp_path_factory.mktemp("skeletons")
    for number, subject in enumerate(SUBJECTS):
        for place, task in enumerate(TASKS):
            person = (1 + 0.03 * number) * walking_person(45 + 5 * place)
            write_azure_table(folder / f"{subject}_{task}_front.csv", person)
    lines = [f"{subject},f" for subject in SUBJECTS]
    (folder / "participants.csv").write_text("\n".join(["subject,sex", *lines, ""]))
    return folder


@pytest.fixture
def walkers(recordings):
    """The same as a cohort."""
    import_cohort(recordings, "walkers", progress=False)
    return "walkers"


@pytest.fixture(scope="module")
def windows(recordings):
    files = sorted(recordings.glob("10K*.csv"))
    return cut_trials(map(read_skeleton, files), scale="window", progress=False)


@pytest.fixture(scope="module")
def trained(windows, tmp_path_factory):
    plan = FittingPlan(family="fast", steps=2, batch=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gait_embedding, "encoder_recipe", small_recipe)
        encoder = gait_embedding.fit_encoder(windows, "fast", plan, progress=False)
    return save_encoder(encoder, tmp_path_factory.mktemp("encoder") / "encoder.safetensors")


@pytest.fixture(scope="module")
def readout(windows, trained):
    """Learned from many who are nearly like one of the walkers, who could be among them."""
    seen = gait_embedding.embed(load_encoder(trained), windows, progress=False)
    rng = np.random.default_rng(0)
    index = pd.Index([f"p{number}" for number in range(120)], name="subject")
    centers = seen.to_numpy() - 0.1 * rng.standard_normal(seen.shape)
    apart = rng.uniform(0.05, 0.15, (120, 1)) * rng.standard_normal((120, seen.shape[1]))
    values = centers[rng.integers(3, size=120)] + apart
    people = pd.DataFrame(
        {
            "sex": ["female", "male"] * 60,
            "age_year": rng.uniform(30, 80, 120),
            "bmi_kgm2": rng.uniform(20, 30, 120),
            "visceral_fat_cm2": rng.uniform(50, 150, 120),
        },
        index,
    )
    table = pd.DataFrame(values, index, seen.columns)
    learned = fit_readout(table, people, card={"encoder": hash_file(trained)})
    return save_readout(learned, trained.with_name("readout.npz"))


PAIRED = {
    "ASI": (0.1, 1.0, 0.12),
    "PSI": (-0.06, 1.0, 0.05),
    "KNE": (0, 0.5, 0.15),
    "KNM": (0, 0.5, 0.05),
    "ANK": (0, 0.1, 0.14),
    "MED": (0, 0.1, 0.06),
    "HEE": (-0.05, 0.03, 0.1),
    "TOE": (0.15, 0.03, 0.1),
    "SHO": (0, 1.45, 0.18),
    "ELB": (0, 1.15, 0.22),
    "WRA": (0.05, 0.9, 0.2),
    "WRB": (0.05, 0.9, 0.25),
    "FHD": (0.1, 1.65, 0.07),
    "BHD": (-0.1, 1.65, 0.07),
}
MIDDLE = {
    "C7": (-0.05, 1.5, 0.0),
    "CLAV": (0.08, 1.42, 0.0),
    "T10": (-0.1, 1.2, 0.0),
    "STRN": (0.1, 1.2, 0.0),
}


def walking_markers():
    """Plug-in Gait's markers, legs moving, a hundred times a second."""
    places = dict(MIDDLE)
    for part, (x, y, z) in PAIRED.items():
        places |= {f"R{part}": (x, y, z), f"L{part}": (x, y, -z)}
    time_s = np.arange(150) / 100
    values = np.tile(list(places.values()), (len(time_s), 1, 1))
    for number, name in enumerate(places):
        if places[name][1] < 0.6:
            sign = 1 if name.startswith("R") else -1
            values[:, number, 0] += 0.25 * (1 - values[:, number, 1]) * sign * np.sin(2 * np.pi * time_s)
    labels = {"time": time_s, "marker": list(places), "axis": ["x", "y", "z"]}
    return xr.Dataset({"marker_position": (tuple(labels), values)}, labels, {"sampling_rate_hz": 100.0})


@pytest.mark.parametrize("command", ["train-encoder", "embed"])
def test_help_shows_a_working_example(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    example = " ".join(text[text.index("Example: gaitbook") :].split()[2:])
    assert make_parser().parse_args(example.split()).command == command


def test_training_goes_from_a_cohort_to_weights_and_goes_on_where_it_stopped(walkers, tmp_path, capsys):
    output = tmp_path / "new" / "encoder.safetensors"
    assert main(["train-encoder", walkers, *STEPS, "--seed", "3", "--output", str(output)]) == 0
    told = capsys.readouterr().out
    for part in ("people: 3", "windows: 6", "steps: 2", "parameters: ", "loss: ", f"Weights: {output}"):
        assert part in told
    encoder = load_encoder(output)
    assert (encoder.scale, encoder.card["seed"], encoder.card["transductive"]) == ("window", 3, False)
    assert encoder.card["people"] == list(SUBJECTS)
    assert encoder.card["cohorts"] == ["walkers"]
    before = output.with_suffix(".checkpoint").stat().st_mtime_ns
    assert main(["train-encoder", walkers, *STEPS, "--seed", "3", "--output", str(output)]) == 0
    assert load_encoder(output).card["steps"] == 2
    assert output.with_suffix(".checkpoint").stat().st_mtime_ns >= before
    assert main(["train-encoder", walkers, *STEPS, "--seed", "4", "--output", str(output)]) == 2
    assert "encoder.checkpoint was trained with another seed" in capsys.readouterr().err


def test_the_first_people_of_the_large_cohort_are_kept_unless_told_otherwise(
    walkers, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(encoder_training_commands, "STUDIED", "walkers")
    monkeypatch.setattr(walker_features, "STUDY_PEOPLE", 2)
    output = str(tmp_path / "encoder.safetensors")
    for options, people in (
        ([], SUBJECTS[2:]),
        (["--first", "2", "--last", "2"], SUBJECTS[1:2]),
        (["--transductive"], SUBJECTS),
    ):
        (tmp_path / "encoder.checkpoint").unlink(missing_ok=True)
        assert main(["train-encoder", walkers, *STEPS, *options, "--output", output]) == 0
        card = load_encoder(tmp_path / "encoder.safetensors").card
        assert card["people"] == list(people)
        assert card["transductive"] == ("--transductive" in options)
    assert "it is transductive" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--output", "encoder.pt"],
            "encoder.pt cannot be the file of the weights: let it end in .safetensors",
        ),
        (["--first", "0"], "--first is 0: people are counted from 1"),
        (["--first", "3", "--last", "2"], "--first 3 comes after --last 2"),
        (["--transductive", "--first", "2"], "--transductive learns from all people: leave out --first"),
        (["--first", "9"], "Nobody is left to learn from: of walkers there are 3 people; choose others with"),
    ],
)
def test_training_says_what_is_wrong_before_it_begins(
    options, message, walkers, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    output = [] if "--output" in options else ["--output", "encoder.safetensors"]
    assert main(["train-encoder", walkers, *options, *output]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_cohort_without_skeletons_is_refused(tmp_path, capsys):
    lab = tmp_path / "lab"
    lab.mkdir()
    write_markers(lab / "S1_run25.trc", run())
    (lab / "participants.csv").write_text("subject,sex,mass_kg\nS1,F,60\n")
    import_cohort(lab, "lab", progress=False)
    assert main(["train-encoder", "lab", *STEPS, "--output", str(tmp_path / "e.safetensors")]) == 2
    assert "No trial has a skeleton that can be used" in capsys.readouterr().err


def test_files_folders_and_the_cohort_of_them_are_embedded_alike(
    recordings, walkers, trained, tmp_path, capsys
):
    tables = []
    for number, name in enumerate((str(recordings), walkers)):
        output = tmp_path / f"{number}.csv"
        assert main(["embed", name, "--weights", str(trained), "--output", str(output)]) == 0
        tables.append(pd.read_csv(output).sort_values(["subject", "task"], ignore_index=True))
    first, second = tables
    assert list(first.columns[:3]) == ["subject", "task", "legs mean 0"]
    assert first.shape == (6, 2 + 4 * 2 * 16 + 25 * 3 * len(MEASURES))
    assert list(first["subject"].unique()) == list(SUBJECTS)
    pd.testing.assert_frame_equal(first[["subject", "task"]], second[["subject", "task"]])
    np.testing.assert_allclose(first.iloc[:, 2:], second.iloc[:, 2:], atol=0.02)
    said = capsys.readouterr().out
    assert "3 people, " in said
    assert "Nothing is told of age, BMI and visceral fat. There is no readout" in said
    assert not list(tmp_path.glob("*predictions*"))


def test_predictions_come_with_intervals_and_say_that_people_are_synthetic(
    recordings, trained, readout, tmp_path, capsys
):
    people = tmp_path / "people.csv"
    people.write_text(f"subject,sex,age_year\n{SUBJECTS[0]},f,60\n{SUBJECTS[1]},m,\n")
    output = tmp_path / "out.csv"
    command = ["embed", str(recordings), "--weights", str(trained), "--readout", str(readout)]
    assert main([*command, "--participants", str(people), "--output", str(output)]) == 0
    assert LABEL in capsys.readouterr().out
    told = pd.read_csv(tmp_path / "out.predictions.csv").set_index(["subject", "target"])
    assert len(told) == 9
    assert set(told["label"]) == {LABEL}
    known = told.dropna(subset=["predicted"])
    assert len(known) >= 3
    assert ((known["low"] < known["predicted"]) & (known["predicted"] < known["high"])).all()
    assert "sex unknown" in told.loc[(SUBJECTS[2], "age_year"), "note"]
    assert "age unknown" in told.loc[(SUBJECTS[1], "age_year"), "note"]
    assert "unknown" not in told.loc[(SUBJECTS[0], "age_year"), "note"]


def test_a_task_that_the_readout_does_not_know_has_to_be_named(trained, readout, tmp_path, capsys):
    file = write_azure_table(tmp_path / "anna.csv", walking_person(60))
    command = ["embed", str(file), "--weights", str(trained), "--readout", str(readout)]
    command += ["--output", str(tmp_path / "anna_embedding.csv")]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert (
        "There are recordings of walk, but the readout knows stationary_walk, tm_3kmh: say with --task"
        in error
    )
    assert main([*command, "--task", "tm_3kmh"]) == 0
    told = pd.read_csv(tmp_path / "anna_embedding.predictions.csv")
    assert told["subject"].tolist() == ["anna"] * 3
    embedding = pd.read_csv(tmp_path / "anna_embedding.csv")
    assert embedding[["subject", "task"]].to_numpy().tolist() == [["anna", "tm_3kmh"]]


def test_markers_are_embedded_as_the_joints_between_them(trained, tmp_path):
    write_markers(tmp_path / "walk.trc", walking_markers())
    output = tmp_path / "walk.csv"
    command = ["embed", str(tmp_path / "walk.trc"), "--weights", str(trained)]
    assert main([*command, "--output", str(output)]) == 0
    embedding = pd.read_csv(output)
    assert embedding["subject"].tolist() == ["walk"]
    assert np.isfinite(embedding.iloc[:, 2:]).all(axis=None)


def test_a_file_that_cannot_be_read_is_left_out_among_others_and_an_error_alone(
    recordings, trained, tmp_path, capsys
):
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    output = ["--weights", str(trained), "--output", str(tmp_path / "e.csv")]
    good = str(next(recordings.glob("*0001_tm*")))
    assert main(["embed", good, str(tmp_path / "notes.csv"), *output]) == 0
    assert "Left out: 1 because" in capsys.readouterr().out
    assert main(["embed", str(tmp_path / "notes.csv"), *output]) == 2
    assert "notes.csv" in capsys.readouterr().err


def test_all_sets_of_features_of_a_cohort_go_into_one_table(walkers, tmp_path, monkeypatch, capsys):
    encoder = tmp_path / "encoder.safetensors"
    assert main(["train-encoder", walkers, *STEPS, "--first", "3", "--output", str(encoder)]) == 0
    monkeypatch.setattr(walker_features, "STUDY_PEOPLE", 2)
    monkeypatch.setattr(
        "gaitbook.studies.engineered_gait.engineered_features",
        lambda trial: pd.Series({"length": float(trial["skeleton_position"].std())}),
    )
    table = tmp_path / "walkers.npz"
    assert main(["embed", walkers, "--weights", str(encoder), "--table", str(table)]) == 0
    features = walker_features.load_features(table)
    regions = {f"{which} {region}" for which in ("without", "only") for region in REGIONS}
    readers = {"engineered", "mean pose", "keypoints", "harmonics", "fast"}
    assert set(features.sets) == readers | regions | {f"task {task}" for task in TASKS}
    assert list(features.subjects) == list(SUBJECTS[:2])
    assert "15 sets of 2 people" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["walkers"], "there is nothing to write: name --output FILE.csv"),
        (["walkers", "--output", "e.txt"], "e.txt cannot be the table of the embedding: let it end in .csv"),
        (["walkers", "--table", "e.csv"], "e.csv cannot be the table of features: let it end in .npz"),
        ([".", "--table", "e.npz"], "--table is for one cohort: name one, such as default-large"),
        (
            ["walkers", "--rate", "30", "--output", "e.csv"],
            "name one cohort, without --layout, --unit, --rate",
        ),
        (["a.csv", "walkers", "--output", "e.csv"], "There is no file, folder or cohort 'a.csv'"),
        ([".", "walkers", "--output", "e.csv"], "walkers is a cohort: name it alone, without files."),
        (["empty", "--output", "e.csv"], "empty holds no file of a skeleton: expected .csv"),
        (["nobody", "--output", "e.csv"], "There is no file, folder or cohort 'nobody': check the path"),
        (
            [".", "--participants", "people.csv", "--output", "e.csv"],
            "people.csv does not tell the sex of anybody: add a column sex",
        ),
        (
            [".", "--weights", "people.csv", "--output", "e.csv"],
            "people.csv is no gait encoder of this version",
        ),
        (
            [".", "--weights", "none", "--output", "e.csv"],
            "There is no gait encoder none: train an encoder with",
        ),
        ([".", "--readout", "none.npz", "--output", "e.csv"], "There is no readout none.npz: fit one"),
        ([".", "--readout", "other.npz", "--output", "e.csv"], "learned with another encoder than"),
    ],
)
@pytest.mark.usefixtures("walkers")
def test_what_can_be_mended_is_one_message(options, message, readout, trained, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "people.csv").write_text("subject,age_year\n10K_0001,40\n")
    write_azure_table(tmp_path / "10K_0001_tm_3kmh_front.csv", walking_person(30))
    learned = readout_files.load_readout(readout)
    learned.card["encoder"] = "another"
    save_readout(learned, tmp_path / "other.npz")
    capsys.readouterr()
    chosen = [] if "--weights" in options else ["--weights", str(trained)]
    assert main(["embed", *options, *chosen]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert not list(tmp_path.glob("e.*"))


def test_without_weights_it_is_said_plainly(walkers, tmp_path, capsys):
    assert main(["embed", walkers, "--output", str(tmp_path / "e.csv")]) == 2
    assert "gaitbook has come without the encoder 'fast'" in capsys.readouterr().err
