"""What a file holds, told by its content.

Names of files lie: a ``.mot`` may hold joint angles, forces of plates or the results of an inverse dynamics.
Only the beginning of a file is read.
"""

from dataclasses import dataclass
from pathlib import Path

from gaitbook.conventions import COORDINATES
from gaitbook.readers.joint_columns import find_joint_columns, find_role
from gaitbook.readers.plate_columns import plate_column

KINDS = ("c3d", "markers", "kinematics", "force", "skeleton")
TABLES = (".mot", ".sto")
SKELETONS = (".csv", ".tsv", ".json")
HEAD_CHARACTERS = 200_000
"""Enough for the longest header and row of labels."""
C3D_KEY = 0x50
"""Second byte of every .c3d file."""
FEWEST_JOINTS = 5
"""A table of so many joints is that of a skeleton."""
MOMENT_ENDINGS = ("_moment", "_force", "_torque")

NOT_RECORDINGS = {
    ".osim": "a musculoskeletal model: models are no recordings and are not imported",
    ".b3d": "an AddBiomechanics archive of several trials: read them with "
    "gaitbook.readers.addbiomechanics.read_b3d_trials, or export motion and forces as .mot to import it",
    ".forces": "forces in Motion Analysis' format: export them as .mot or .c3d to import them",
    ".mat": "a MATLAB file: export it as .mot, .sto, .trc or .c3d to import it",
    ".csv": "a table without joints of a skeleton: export it as .mot, .sto, .trc or .c3d to import it",
    ".xml": "an OpenSim setup file: not a recording",
}


@dataclass(frozen=True)
class FileKind:
    """Kind of a file: one of `KINDS`, or none with the reason.

    Attributes
    ----------
    kind
        One of `KINDS`, or empty if the file cannot be used.
    reason
        Why it cannot be used, the same words for all files of this kind; empty if it can.
    """

    kind: str = ""
    reason: str = ""


def identify_file(path: Path) -> FileKind:
    r"""Kind of a file, from its content.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "forces.mot"
    >>> _ = path.write_text("inDegrees=no\nendheader\ntime\tknee_angle_r\n0\t0.1\n")
    >>> identify_file(path)
    FileKind(kind='kinematics', reason='')
    """
    suffix = path.suffix.lower()
    if path.stat().st_size == 0:
        return FileKind(reason="an empty file")
    if suffix == ".c3d":
        return _identify_c3d(path)
    if suffix == ".skeleton" or (suffix in SKELETONS and _holds_skeleton(path)):
        return FileKind("skeleton")
    if suffix not in (*TABLES, ".trc"):
        return FileKind(
            reason=NOT_RECORDINGS.get(suffix, "not a file of motion or force that gaitbook reads")
        )
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        lines = stream.read(HEAD_CHARACTERS).splitlines()
    return _identify_markers(lines) if suffix == ".trc" else _identify_table(lines)


def _identify_c3d(path: Path) -> FileKind:
    with path.open("rb") as stream:
        start = stream.read(2)
    if len(start) < 2 or start[1] != C3D_KEY:  # noqa: PLR2004 - the first block's number and the key
        return FileKind(reason="named .c3d, but its content is not that of a .c3d file")
    return FileKind("c3d")


def _holds_skeleton(path: Path) -> bool:
    """Whether a table names joints of a tracker, or a JSON is that of a body tracking."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        head = stream.read(HEAD_CHARACTERS)
    if path.suffix.lower() == ".json":
        return "joint_positions" in head
    first = head.partition("\n")[0]
    names = [name.strip().strip('"') for name in first.split(max("\t;,", key=first.count))]
    long = find_role(names, "joint") is not None and {"x", "y"} <= {name.lower() for name in names}
    return long or len(find_joint_columns(names).joints) >= FEWEST_JOINTS


def _identify_markers(lines: list[str]) -> FileKind:
    if any(line.strip().lower().startswith("frame#") for line in lines):
        return FileKind("markers")
    return FileKind(reason="named .trc, but it has no line of marker labels (Frame#)")


def _identify_table(lines: list[str]) -> FileKind:
    ends = [i for i, line in enumerate(lines) if line.strip().strip('"').lower() == "endheader"]
    below = [line for line in lines[ends[0] + 1 :] if line.strip()] if ends else []
    if not below:
        return FileKind(reason="no OpenSim table: the line 'endheader' or all below it is missing")
    labels = below[0].split()
    if any(column is not None and column.part == "force" for column in map(plate_column, labels)):
        return FileKind("force")
    if any(_coordinate(label) in COORDINATES for label in labels):
        return FileKind("kinematics")
    if any(label.endswith(MOMENT_ENDINGS) for label in labels):
        return FileKind(reason="moments or forces of joints: results of an analysis, not a recording")
    return FileKind(reason="a table without joint angles or ground reaction forces")


def _coordinate(label: str) -> str:
    """Coordinate of a column, which newer files write as ``/jointset/knee_r/knee_angle_r/value``."""
    parts = label.split("/")
    return parts[-2] if len(parts) > 2 and parts[-1] == "value" else label  # noqa: PLR2004 - joint and coordinate
