"""Reference curves of walking and running from open recordings: `python benchmarks/derive_references.py`.

Reads GAITBOOK_DATA and published_curves.yml beside it, and writes walking_reference.yml and
running_reference.yml into gaitbook/synthesis/. ONLY=walking or ONLY=running derives one of them. Running takes some
minutes: the joint angles of every runner are solved from the markers.
"""

import os

import yaml
from reference_fourier import ROOT, Table
from reference_running import derive_running
from reference_walking import derive_walking

TARGET = ROOT / "gaitbook" / "synthesis"
HEADER = {
    "walking": """\
# How adults walk, by dimensionless speed v = speed / sqrt(g * leg length). Written by benchmarks/derive_references.py.
# angles: Fourier coefficients a0, a1, b1, a2, b2 ... in degrees, each v2 v^2 + v1 v + v0; phase 0 is the landing of the
# right foot; coordinates without side are those of the right leg or arm; signs and zero of the body models here.
# sd_deg: between people. misfit_deg: of the quadratic. adult_corrections with `deg` are added to the angles.
# forces: on the right foot, in body weights, x forward, y up, z right; over stance unless said otherwise.
""",
    "running": """\
# How adults run at each of speeds_mps. Written by benchmarks/derive_references.py.
# angles: Fourier coefficients a0, a1, b1, a2, b2 ... in degrees, one row per speed; phase 0 is the landing of the right
# foot (vertical force above 1 N/kg); coordinates without side are those of the right leg or arm, means of both sides.
# sd_deg: between people. forces: on the right foot, in body weights, over stance. held_out: runners used in no number.
""",
}


def write(name: str, content: Table) -> None:
    text = yaml.safe_dump(content, default_flow_style=None, sort_keys=False, width=118, allow_unicode=True)
    (TARGET / f"{name}_reference.yml").write_text(HEADER[name] + text)


DERIVED = {"walking": derive_walking, "running": derive_running}


def main() -> None:
    for name in os.environ.get("ONLY", ",".join(DERIVED)).split(","):
        write(name, DERIVED[name]())


if __name__ == "__main__":
    main()
