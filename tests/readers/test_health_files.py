import pytest

from gaitbook.readers.health_files import Findings, list_files, read_tables


def read(tmp_path, text, name="t.csv", **columns):
    (tmp_path / name).write_text(text, encoding="utf-8")
    findings = Findings()
    tables, dictionaries = read_tables([tmp_path / name], columns, findings)
    return tables, dictionaries, findings


def test_zeros_before_a_number_belong_to_the_participant(tmp_path):
    tables, _, _ = read(tmp_path, "participant_id,ldl\n007,1\n")
    assert tables[0].rows["subject"].tolist() == ["007"]
    assert tables[0].fields == ["ldl"]


def test_tabs_and_byte_order_marks_are_read(tmp_path):
    tables, _, _ = read(tmp_path, "\ufeffRegistrationCode\tVisit\tldl\n1\tbaseline\t2\n", name="t.tsv")
    assert tables[0].rows.columns.tolist() == ["subject", "visit", "ldl"]


def test_repeated_measurements_and_rows_of_nobody_are_counted(tmp_path):
    tables, _, findings = read(tmp_path, "participant_id,array_index,ldl\n1,0,2\n1,1,3\n,0,4\n")
    assert tables[0].rows["ldl"].tolist() == [2]
    assert sum(findings.counts.values()) == 2


def test_a_dictionary_is_known_by_its_fields(tmp_path):
    tables, dictionaries, _ = read(tmp_path, "field,units\nldl,mg/dl\n")
    assert not tables
    assert [path.name for path in dictionaries] == ["t.csv"]


def test_two_columns_for_the_participant_are_a_fault(tmp_path):
    _, _, findings = read(tmp_path, "participant_id,subject,ldl\n1,2,3\n")
    assert findings.faults == ["t.csv has more than one column for subject: keep one of each"]


def test_a_table_of_nothing_known_is_a_fault_with_what_it_has(tmp_path):
    _, _, findings = read(tmp_path, "a,b\n1,2\n")
    assert "it has a, b" in findings.faults[0]


def test_files_of_a_folder_come_by_name(tmp_path):
    for name in ("b.csv", "a.json", "notes.txt"):
        (tmp_path / name).write_text("", encoding="utf-8")
    assert [path.name for path in list_files(tmp_path)] == ["a.json", "b.csv"]
    with pytest.raises(FileNotFoundError, match="There is no file named"):
        list_files([])
