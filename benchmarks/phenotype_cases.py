"""Skeletons of every format, written and read back; real recordings; and input that is not as it should be."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from report import Line  # noqa: E402 - the package is found first

from gaitbook.readers.skeleton_files import read_skeleton  # noqa: E402
from gaitbook.readers.skeleton_layouts import joint_names, load_layout  # noqa: E402
from gaitbook.studies.gain_discoveries import GainDiscoveries, discover_gains  # noqa: E402
from gaitbook.studies.gain_test import GainSettings  # noqa: E402
from gaitbook.studies.shared_logistic import explain_refused  # noqa: E402
from gaitbook.synthesis.population import draw_people  # noqa: E402
from tests.readers import skeleton_writer as writer  # noqa: E402

DATA = Path(os.environ.get("GAITBOOK_DATA", str(ROOT.parent / "shared" / "data")))
RECORDINGS = {
    "arnold2013/subject01/trials/walk2/markers.trc": "Arnold 2013",
    "opencap/MarkerData/walking2.trc": "OpenCap",
    "bmc/walk1.trc": "left and right exchanged in the file",
    "bmc/walk2.trc": "the same laboratory",
}
LAYOUTS = ("kinect_v1", "coco17", "body25", "h36m17", "smpl24", "azure_kinect_26")
MOST_MM, MOST_SPREAD_M, RATE_HZ = 1.0, 0.02, 30.0
THIGH_M = (0.33, 0.50)
COUNT, CASES = 240, 3
PERSON = writer.walking_person()
STILL_FRAMES = 30
MARKERS = {
    "R.ASIS": (0.1, 1.0, 0.12),
    "R.PSIS": (-0.06, 1.0, 0.05),
    "R.Knee": (0.0, 0.5, 0.15),
    "R.Knee.Medial": (0.0, 0.5, 0.05),
    "R.Ankle": (0.0, 0.1, 0.14),
    "R.Ankle.Medial": (0.0, 0.1, 0.06),
    "R.Heel": (-0.05, 0.03, 0.1),
    "R.MT1": (0.15, 0.03, 0.06),
    "R.MT5": (0.13, 0.03, 0.14),
}
MARKED = {
    "PELVIS": (0.02, 1.0, 0.0),
    "KNEE_RIGHT": (0.0, 0.5, 0.1),
    "KNEE_LEFT": (0.0, 0.5, -0.1),
    "ANKLE_RIGHT": (0.0, 0.1, 0.1),
    "ANKLE_LEFT": (0.0, 0.1, -0.1),
}
"""Joints that lie in the middle of their markers."""


def formats() -> Iterator[Line]:
    """Every format: the largest error of a joint that the layout tells by one joint of its own."""
    expected = writer.in_use(writer.from_camera(PERSON))
    if not find_spec("pyarrow"):
        yield Line("formats .parquet and .feather", "not measured: pip install pyarrow", "<= 1 mm", met=False)
    with tempfile.TemporaryDirectory() as scratch:
        for what, layout, path, options in _written(Path(scratch)):
            error_mm, joints = _error_mm(read_skeleton(path, **options), expected, layout)
            figure = f"{error_mm:.3f} mm at most, {joints} joints"
            yield Line(f"format {what}", figure, "<= 1 mm", error_mm <= MOST_MM)
        trial = read_skeleton(_trc(Path(scratch) / "standing.trc"))
        place = trial["skeleton_position"].isel(time=0).transpose("joint", "axis")
        between = place.sel(joint=list(MARKED)).values - place.sel(joint="PELVIS").values
        asked = np.array(list(MARKED.values())) - MARKED["PELVIS"]
        error_mm = 1e3 * float(np.abs(between - asked).max())
        figure = f"{error_mm:.3f} mm at most, {len(MARKED)} joints that lie between markers"
        yield Line("format markers (.trc)", figure, "<= 1 mm", error_mm <= MOST_MM)


def recordings() -> Iterator[Line]:
    """Markers of real walkers as joints: bones of the length of a person that keep it."""
    for name, who in RECORDINGS.items():
        path = DATA / name
        what = f"recording {name} ({who})"
        if not path.is_file():
            yield Line(what, "absent", "reported", met=True)
            continue
        wrong = "exchanged" in who
        message, trial = _try(lambda path=path: read_skeleton(path))
        if trial is None:
            yield Line(what, message, "a message" if wrong else "joints", wrong)
            continue
        lengths = [_thigh_m(trial, side) for side in ("LEFT", "RIGHT")]
        figure = ", ".join(
            f"thigh {length.mean():.3f} m, spread {1e3 * length.std():.1f} mm" for length in lengths
        )
        met = all(THIGH_M[0] < one.mean() < THIGH_M[1] and one.std() < MOST_SPREAD_M for one in lengths)
        yield Line(what, figure, "bones keep a person's length", bool(met) and not wrong)


def awkward() -> Iterator[Line]:
    """What is said to input that is not as it should be."""
    yield from _awkward_cohorts()
    yield from _awkward_skeletons()


def _awkward_cohorts() -> Iterator[Line]:
    people, features, phenotypes = _cohort()
    one_woman = people["sex"].to_numpy() == "male"
    one_woman[np.flatnonzero(~one_woman)[0]] = True
    found = _discover(people[one_woman], features[one_woman], phenotypes)
    women = found.table[found.table["sex"] == "female"]["reason"]
    men = found.table[(found.table["sex"] == "male") & (found.table["phenotype"] == "usual")]
    kept = bool(men["p"].notna().all()) and bool((women != "").all())
    yield Line(
        "a cohort with one woman", f"women: {women.iloc[0]}; men are judged", "men judged, reason told", kept
    )
    table = _discover(people, features, phenotypes).table.set_index("phenotype")
    for name, what in (
        ("constant", "a target that is constant"),
        ("missing", "a target that all lack"),
        ("rare", f"a binary target with {CASES} cases"),
    ):
        reasons = table.loc[[name], "reason"]
        met = bool((reasons != "").all()) and bool(table.loc[[name], "p"].isna().all())
        yield Line(what, str(reasons.iloc[0]), "a reason in its row", met)
    rare = phenotypes["value"].sel(phenotype=["rare"]).values
    reason = str(explain_refused(rare, np.arange(COUNT) % 5)[0])
    yield Line(f"the same for the logistic regression, {CASES} cases", reason, "a reason", bool(reason))
    twice = pd.concat([features, features.iloc[:1]])
    yield _message(
        "a participant who is there twice", lambda: _discover(people, twice, phenotypes), "more than one row"
    )


def _awkward_skeletons() -> Iterator[Line]:
    names = writer.NAMES
    swapped, exchanged = list(range(len(names))), list(range(len(names)))
    knee, ankle = names.index("KNEE_LEFT"), names.index("ANKLE_LEFT")
    swapped[knee], swapped[ankle] = ankle, knee
    for index, name in enumerate(names):
        exchanged[index] = names.index(
            name.replace("LEFT", "?").replace("RIGHT", "LEFT").replace("?", "RIGHT")
        )
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "walk.npy"

        def read(joints: np.ndarray) -> xr.Dataset:
            np.save(path, joints)
            return read_skeleton(path, sampling_rate_hz=RATE_HZ)

        yield _message(
            "knee and ankle exchanged", lambda: read(PERSON[:, swapped]), "order of the joints", path
        )
        yield _message("left and right exchanged", lambda: read(PERSON[:, exchanged]), "exchanged", path)
        yield _message("joints in the order reversed", lambda: read(PERSON[:, ::-1]), "", path)
        trial = read(1000.0 * PERSON)
        error_mm, _ = _error_mm(trial, writer.in_use(PERSON), "azure_kinect")
        note = next((each for each in trial.attrs["log"] if "mm" in each), "nothing in the log")
        figure = f"{note}; {error_mm:.3f} mm off"
        yield Line("millimeters instead of meters", figure, "read as a person, said so", error_mm <= MOST_MM)
        yield _message("centimeters instead of meters", lambda: read(100.0 * PERSON), "give unit", path)


def _message(what: str, call: Callable[[], object], part: str, path: Path | None = None) -> Line:
    message, _ = _try(call)
    told = message.replace(f"{path.parent}/", "") if path else message
    return Line(what, told or "nothing was said", "one clear message", bool(message) and part in message)


def _try(call: Callable[[], xr.Dataset | object]) -> tuple[str, xr.Dataset | None]:
    """Message of an error, or what came out."""
    try:
        found = call()
    except ValueError as error:
        return str(error), None
    return "", found if isinstance(found, xr.Dataset) else None


def _written(folder: Path) -> Iterator[tuple[str, str, Path, dict[str, object]]]:
    """Name, layout, file and options of each format."""
    table = writer.write_azure_table(folder / "10K_1_tm_3kmh_front.csv", PERSON)
    yield "Azure Kinect table (.csv)", "azure_kinect", table, {}
    tracking = writer.write_json(folder / "walk.json", writer.body_tracking(PERSON))
    yield "Azure Kinect body tracking (.json)", "azure_kinect", tracking, {}
    yield (
        "Kinect v2 of NTU RGB+D (.skeleton)",
        "kinect_v2",
        writer.write_ntu(folder / "a.skeleton", PERSON),
        {},
    )
    seen = writer.as_camera_sees(PERSON)
    for layout in LAYOUTS:
        path = folder / f"{layout}.npy"
        np.save(path, writer.as_layout(seen, layout))
        yield f"{layout} (.npy)", layout, path, {"layout": layout, "sampling_rate_hz": RATE_HZ}
    saved_by = {".csv": "to_csv"}
    if find_spec("pyarrow"):
        saved_by |= {".parquet": "to_parquet", ".feather": "to_feather"}
    for ending, save in saved_by.items():
        path = folder / f"long{ending}"
        options = {"index": False} if ending == ".csv" else {}
        getattr(writer.long_table(seen, "coco17"), save)(path, **options)
        yield f"long table of coco17 ({ending})", "coco17", path, {"layout": "coco17"}
    yield (
        "folder of OpenPose (.json)",
        "body25",
        _openpose(folder / "openpose"),
        {"sampling_rate_hz": RATE_HZ},
    )


def _openpose(folder: Path) -> Path:
    folder.mkdir()
    for frame, joints in enumerate(writer.as_layout(1e3 * writer.as_camera_sees(PERSON), "body25")):
        numbers = np.concatenate([joints, np.full((len(joints), 1), 0.8)], axis=1).ravel().tolist()
        told = {"version": 1.3, "people": [{"pose_keypoints_3d": numbers, "pose_keypoints_2d": []}]}
        writer.write_json(folder / f"{frame:012d}_keypoints.json", told)
    return folder


def _error_mm(trial: xr.Dataset, expected: np.ndarray, layout: str) -> tuple[float, int]:
    places = load_layout(layout).places
    joints = [index for index, name in enumerate(joint_names()) if len(places.get(name, ())) == 1]
    found = trial["skeleton_position"].transpose("time", "joint", "axis").values
    return 1e3 * float(np.abs(found[:, joints] - expected[:, joints]).max()), len(joints)


def _thigh_m(trial: xr.Dataset, side: str) -> xr.DataArray:
    place = trial["skeleton_position"]
    bone = place.sel(joint=f"HIP_{side}") - place.sel(joint=f"KNEE_{side}")
    return np.sqrt((bone**2).sum("axis", skipna=False))


def _trc(path: Path) -> Path:
    """File of markers of somebody who stands, in mm."""
    places = {**MARKERS, **{name.replace("R.", "L."): (x, y, -z) for name, (x, y, z) in MARKERS.items()}}
    numbers = 1e3 * np.array(list(places.values())).ravel()
    names = "\t\t\t".join(places)
    axes = "\t".join(f"{axis}{index + 1}" for index in range(len(places)) for axis in "XYZ")
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits",
        f"100\t100\t{STILL_FRAMES}\t{len(places)}\tmm",
        f"Frame#\tTime\t{names}\t\t",
        f"\t\t{axes}",
        "",
    ]
    lines += [
        "\t".join([str(frame + 1), f"{frame / 100:.3f}", *map(str, numbers)]) for frame in range(STILL_FRAMES)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _cohort() -> tuple[pd.DataFrame, pd.DataFrame, xr.Dataset]:
    """People, features and phenotypes, one as it should be and three that are not."""
    people, rng = draw_people(COUNT), np.random.default_rng(0)
    features = pd.DataFrame(rng.standard_normal((COUNT, 10)), people.index).add_prefix("axis ")
    rare = np.zeros(COUNT)
    rare[:CASES] = 1.0
    values = {"usual": rng.standard_normal(COUNT), "constant": np.full(COUNT, 7.0)}
    values |= {"missing": np.full(COUNT, np.nan), "rare": rare}
    coords = {
        "subject": people.index.to_numpy(),
        "phenotype": list(values),
        "system": ("phenotype", ["bone"] * len(values)),
        "unit": ("phenotype", ["1"] * len(values)),
    }
    table = xr.Dataset({"value": (("subject", "phenotype"), np.column_stack(list(values.values())))}, coords)
    return people, features, table


def _discover(people: pd.DataFrame, features: pd.DataFrame, phenotypes: xr.Dataset) -> GainDiscoveries:
    return discover_gains(features, phenotypes, people, settings=GainSettings(permutations=5))
