"""Ways to lose markers: words, and a row for each."""

import pandas as pd

from gaitbook.studies import marker_cases
from gaitbook.studies.marker_cases import judge_marker_cases, name_case
from gaitbook.studies.marker_occlusion import Occlusion


def test_a_case_is_named_by_what_is_hidden_and_for_how_long():
    assert name_case("samples", 0.6) == "60 % of samples"
    assert name_case("shank", 1.0) == "one shank"
    assert name_case("pelvis", 0.25) == "pelvis, 25 % of the time"


def test_seeing_all_markers_counts_as_completed(monkeypatch):
    rows = [("all markers", "nothing", 0.0), ("completed", "bursts", 0.3), ("interpolated", "bursts", 0.3)]
    judged = pd.DataFrame(rows, columns=["method", "pattern", "share"]).assign(
        source="simulated", gait="walk"
    )
    monkeypatch.setattr(marker_cases, "judge_hidden_markers", lambda *_, **__: judged)
    found = judge_marker_cases(["trial"], None, cases=[Occlusion("bursts", 0.3)], processes=1, progress=False)
    assert found["case"].tolist() == ["none", "30 % in bursts", "30 % in bursts"]
    assert found["method"].tolist() == ["completed", "completed", "interpolated"]
    assert set(found["group"]) == {"simulated, walking"}
