import numpy as np
import pytest

from gaitbook.readers.storage import read_table, restore_even_time

LABELS = "time\tknee_angle_r\thip_flexion_r"
ROWS = "0.00\t0.1\t0.2\n0.01\t0.3\t0.4\n"
HEADERS = {
    "keys first": "nRows=2\nnColumns=3\ninDegrees=no\nendheader\n",
    "title first": "Coordinates\nversion=1\nnRows=2\nnColumns=3\ninDegrees=no\nendheader\n",
    "SIMM": "name C:\\run 1\\ik.mot\ndatacolumns 3\ndatarows 2\nrange 0 0.01\nendheader\n\n",
    "prose and blank lines": "Coordinates\n\nUnits are S.I. units (second, meters, ...)\n\nendheader\n",
    "from a spreadsheet": 'Coordinates\t\t\ninDegrees=no\t\t\n"Units are, as ever, S.I."\t\t\nendheader\t\t\n',
    "nothing but the end": "ENDHEADER\n",
}


def write(folder, text, name="ik.mot"):
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("tail", ["", "\t", "  "], ids=["clean", "tab", "spaces"])
def test_every_dialect_reads_the_same(tmp_path, header, ending, tail):
    rows = "".join(f"  {line}{tail}\n" for line in (LABELS, *ROWS.splitlines()))
    table = read_table(write(tmp_path, (header + rows).replace("\n", ending)))
    assert list(table.columns) == ["time", "knee_angle_r", "hip_flexion_r"]
    np.testing.assert_array_equal(table, [[0, 0.1, 0.2], [0.01, 0.3, 0.4]])
    assert table.attrs["log"] == []


def test_header_keys_are_kept_and_wrong_counts_are_noted(tmp_path):
    table = read_table(write(tmp_path, f"inDegrees=yes\nnRows=9\ndatacolumns 7\nendheader\n{LABELS}\n{ROWS}"))
    assert table.attrs["header"] == {"indegrees": "yes", "nrows": "9", "ncolumns": "7"}
    assert table.attrs["log"] == ["header states nrows = 9, found 2", "header states ncolumns = 7, found 3"]
    assert table.attrs["time_resolution_s"] == pytest.approx(0.01)


def test_the_time_column_may_be_anywhere_and_capital(tmp_path):
    table = read_table(write(tmp_path, "endheader\nx Time\n1 0.0\n2 0.1\n"))
    assert table.columns.tolist() == ["time", "x"]
    assert table["x"].tolist() == [1, 2]


def test_repeated_time_stamps_are_kept_and_noted(tmp_path):
    table = read_table(write(tmp_path, "endheader\ntime x\n0.0 1\n0.1 2\n0.1 3\n0.2 4\n"))
    assert table["time"].tolist() == [0.0, 0.1, 0.1, 0.2]
    assert table.attrs["log"] == ["1 repeated time stamp(s) kept"]


def test_missing_numbers_of_several_dialects_are_nan(tmp_path):
    table = read_table(
        write(tmp_path, "endheader\ntime a b c\n0.0 nan -1.#IND 1.#QNAN\n0.1 NaN -nan(ind) 1e-3\n")
    )
    assert table[["a", "b"]].isna().all(axis=None)
    assert table["c"].tolist()[1] == 1e-3


REFUSED = {
    "no end of header": (
        f"nRows=2\n{LABELS}\n{ROWS}",
        "no line 'endheader'.*Put that line just above the column labels",
    ),
    "empty": ("\n\n", "is empty"),
    "header only": ("version=1\nendheader\n\n", "ends after its header"),
    "labels only": (f"endheader\n{LABELS}\n", "labels but no rows"),
    "no time": ("endheader\nframe x\n1 2\n", "no column 'time'; its columns are frame, x"),
    "time missing": ("endheader\ntime x\nnan 2\n", "'time' has cells that are no finite number"),
    "quaternions": (
        "DataType=Quaternion\nendheader\ntime pelvis\n0 1,0,0,0\n",
        "holds Quaternion in each cell",
    ),
    "vectors unannounced": ("endheader\ntime f1\n0 1,0,0\n", "several numbers per cell, or decimal commas"),
    "cut off": (
        f"endheader\n{LABELS}\n{ROWS}0.02\t0.5",
        "row 3 of the numbers has 2 values, expected 3.*cut off",
    ),
    "word": (
        f"endheader\n{LABELS}\n0.0 0.1 fast\n",
        "row 1 of the numbers, column 'hip_flexion_r', reads 'fast'",
    ),
    "many": ("endheader\ntime x\n" + "1\n" * 9, r"row 3.*\(and 6 more\)"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_with_file_and_remedy(tmp_path, text, message):
    path = write(tmp_path, text)
    with pytest.raises(ValueError, match=f"(?s){message}") as error:
        read_table(path)
    assert str(path) in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file .*gone\.mot"):
        read_table(tmp_path / "gone.mot")


@pytest.mark.parametrize("rate_hz", [60.0, 100.0, 148.148, 150.0, 333.0])
def test_rounded_stamps_become_even(rate_hz):
    exact = 3.2 + np.arange(500) / rate_hz
    np.testing.assert_allclose(restore_even_time(np.round(exact, 3), 1e-3, rate_hz), exact, atol=2e-4)
    steps = np.diff(restore_even_time(np.round(exact, 3), 1e-3, rate_hz))
    np.testing.assert_allclose(steps, 1 / rate_hz, rtol=1e-9)


def test_without_a_stated_rate_the_mean_is_used():
    stamps = np.round(np.arange(300) / 300, 6)
    np.testing.assert_allclose(restore_even_time(stamps, 1e-6), np.arange(300) / 300, atol=1e-6)


@pytest.mark.parametrize("rate_hz", [None, 100.0])
def test_a_gap_or_a_repeated_row_is_not_smoothed_over(rate_hz):
    gap = np.array([0.0, 0.01, 0.02, 0.05, 0.06])
    np.testing.assert_array_equal(restore_even_time(gap, 0.01, rate_hz), gap)
    repeated = np.array([0.0, 0.01, 0.01, 0.02, 0.03])
    np.testing.assert_array_equal(restore_even_time(repeated, 0.01, rate_hz), repeated)
