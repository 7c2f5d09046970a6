import json

from gaitbook.readers.health_dictionary import UNASSIGNED, FieldEntry, read_dictionaries
from gaitbook.readers.health_files import Findings


def read(path, text):
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    return read_dictionaries([path], findings), findings


def test_table_and_json_tell_the_same(tmp_path):
    table, _ = read(
        tmp_path / "d.csv", "Field_Name,Description,Units,Body_System,Type\nldl,LDL,mg/dl,lipids,float\n"
    )
    entry = {"description": "LDL", "unit": "mg/dl", "system": "lipids", "value_type": "regression"}
    by_name, _ = read(tmp_path / "d.json", json.dumps({"ldl": entry}))
    listed, _ = read(tmp_path / "l.json", json.dumps([{"field": "ldl", **entry}]))
    assert table == by_name == listed == {"ldl": FieldEntry("LDL", "mg/dl", "lipids", "continuous")}


def test_what_is_not_told_is_empty_and_unassigned(tmp_path):
    entries, _ = read(tmp_path / "d.csv", "field,units\nldl,\n")
    assert entries["ldl"] == FieldEntry()
    assert entries["ldl"].system == UNASSIGNED


def test_a_type_that_is_not_known_is_counted(tmp_path):
    entries, findings = read(tmp_path / "d.csv", "field,type\nldl,curious\n")
    assert entries["ldl"].type == ""
    assert sum(findings.counts.values()) == 1


def test_a_column_described_in_two_ways_is_a_fault(tmp_path):
    _, findings = read(tmp_path / "d.csv", "field,units\nldl,mg/dl\nldl,mmol/l\n")
    assert findings.faults == ["d.csv describes ldl in two ways: keep one row of it"]


def test_a_broken_file_is_a_fault_with_the_remedy(tmp_path):
    for text in ("{", "[1, 2]", '{"ldl": 3}'):
        _, findings = read(tmp_path / "d.json", text)
        assert "d.json is no data dictionary" in findings.faults[0]
    _, findings = read(tmp_path / "d.csv", "field,zero_is_missing\nvat,maybe\n")
    assert "zero_is_missing 'maybe': write yes or no" in findings.faults[0]
