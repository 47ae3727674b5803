"""The data sets, the IDX reader and the CSV reader."""

import gzip
import struct

import numpy as np
import pytest

import nn
from autograd_core import compile


@pytest.mark.parametrize(
    ("make", "shape", "labels"),
    [
        (nn.data.moons, (100, 2), {0.0, 1.0}),
        (nn.data.circles, (100, 2), {0.0, 1.0}),
        (nn.data.spirals, (150, 2), {0.0, 1.0, 2.0}),
        (nn.data.housing, (100, 4), None),
    ],
)
def test_random_sets_have_their_shape_and_their_seed(make, shape, labels):
    x, y = make(seed=3)
    again_x, again_y = make(seed=3)
    other_x, _ = make(seed=4)
    assert (x.shape, y.shape) == (shape, shape[:1])
    assert np.array_equal(x, again_x)
    assert np.array_equal(y, again_y)
    assert not np.array_equal(x, other_x)
    if labels:
        assert set(y.tolist()) == labels
        assert max(np.mean(y == label) for label in labels) <= 0.51
    with pytest.raises(ValueError, match="n = 1"):
        make(1)
    with pytest.raises(ValueError, match="noise = -1"):
        make(noise=-1)


def test_moons_are_two_half_circles():
    x, y = nn.data.moons(200, noise=0.0)
    upper, lower = x[y == 0], x[y == 1]
    assert np.allclose(np.hypot(upper[:, 0], upper[:, 1]), 1.0)
    assert np.allclose(np.hypot(lower[:, 0] - 1.0, lower[:, 1] - 0.5), 1.0)


def test_circles_have_radius_1_and_factor():
    x, y = nn.data.circles(100, noise=0.0, factor=0.3)
    assert np.allclose(np.hypot(x[:, 0], x[:, 1]), np.where(y == 0, 1.0, 0.3))


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("and", lambda a, b: a and b),
        ("or", lambda a, b: a or b),
        ("nand", lambda a, b: not (a and b)),
        ("nor", lambda a, b: not (a or b)),
        ("xor", lambda a, b: a != b),
    ],
)
def test_a_gate_is_its_truth_table(name, truth):
    x, y = nn.data.gate(name)
    assert x.tolist() == [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    assert y.tolist() == [float(truth(a, b)) for a, b in x.tolist()]


def test_codes_and_gates_by_name():
    assert nn.data.gate("not")[0].tolist() == [[0.0], [1.0]]
    x, y = nn.data.one_hot(8)
    assert np.array_equal(x, np.eye(8))
    assert np.array_equal(x, y)
    with pytest.raises(ValueError, match="unknown gate 'xr'.*'xor'"):
        nn.data.gate("xr")


def test_digits_are_split_and_seeded():
    pytest.importorskip("sklearn", reason="needs the extra data")
    x, y, test_x, test_y = nn.data.digits()
    assert (x.shape, test_x.shape) == ((1438, 64), (359, 64))
    assert (x.min(), x.max()) == (0.0, 1.0)
    assert set(y.tolist()) == set(map(float, range(10)))
    assert np.array_equal(nn.data.digits()[3], test_y)


def test_a_missing_extra_names_itself(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"pip install 'autograd-core\[data\]'"):
        nn.data.digits()


IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
IDX = b"\0\0\x08\x03" + struct.pack(">3I", 2, 3, 4) + IMAGES.tobytes()


def test_idx_files_plain_and_gzipped(tmp_path):
    for name, data in {"plain": IDX, "zipped.gz": gzip.compress(IDX)}.items():
        (tmp_path / name).write_bytes(data)
        assert np.array_equal(nn.data.read_idx(tmp_path / name), IMAGES)
    (tmp_path / "floats").write_bytes(b"\0\0\x0e\x01" + struct.pack(">I2d", 2, 0.5, -1.0))
    assert nn.data.read_idx(tmp_path / "floats").tolist() == [0.5, -1.0]


def test_idx_files_cut_off_anywhere_or_too_long(tmp_path):
    file = tmp_path / "cut"
    for data in (gzip.compress(IDX, mtime=0), IDX):
        for length in range(len(data)):
            file.write_bytes(data[:length])
            with pytest.raises(ValueError, match="read_idx"):
                nn.data.read_idx(file)
    for wrong in (IDX + b"\0", b"\0\0\x07\x01" + IDX[4:], b"\0\0\x08\x00", b"\0\0\x0e\x08" + b"\xff" * 40):
        file.write_bytes(wrong)
        with pytest.raises(ValueError, match="read_idx"):
            nn.data.read_idx(file)
    with pytest.raises(FileNotFoundError):
        nn.data.read_idx(tmp_path / "absent")


def test_csv_files_with_marks_and_both_line_ends(tmp_path):
    file = tmp_path / "table.csv"
    for start in (b"", b"\xef\xbb\xbf"):
        for end in (b"\n", b"\r\n"):
            file.write_bytes(start + end.join([b"size,rooms,price", b"1.5,2,10", b'"2",3,2e1', b""]))
            x, y = nn.data.read_csv(file, "price")
            assert x.tolist() == [[1.5, 2.0], [2.0, 3.0]]
            assert y.tolist() == [10.0, 20.0]
    assert nn.data.read_csv(file, "price", ["rooms"])[0].tolist() == [[2.0], [3.0]]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "unknown column 'price'"),
        (b"size,price\n", "no rows below its header"),
        (b"size,prize\n1,2\n", "unknown column 'price'.*Did you mean 'prize'"),
        (b"size,price\n1,2\n1,\n", "line 3, column 'price': got ''"),
        (b"size,price\n1,2,\n", "line 2: 3 cells; expected 2"),
        (b"size,price\n1,5,2\n", "decimal comma"),
        (b'size,price\n"1,5",2\n', "line 2, column 'size': got '1,5'"),
        (b'size,price\n"1\n2",3\n', "column 'size'"),
        (b'size,price\n"1,2\n', "not a CSV file"),
        (b"size,price\nnan,2\n", "expected a finite number"),
        (b"size,price\n1e999,2\n", "expected a finite number"),
        (b"gr\xf6sse,price\n1,2\n", "not a CSV file in UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0\xff", "not a CSV file in UTF-8"),
        (b"size,price\n1\0,2\n", "read_csv"),
    ],
)
def test_csv_files_that_are_none_say_where(tmp_path, data, words):
    file = tmp_path / "table.csv"
    file.write_bytes(data)
    with pytest.raises(ValueError, match=words) as error:
        nn.data.read_csv(file, "price")
    assert "table.csv" in str(error.value)


def test_a_csv_file_that_is_a_folder_or_very_wide(tmp_path):
    with pytest.raises(IsADirectoryError):
        nn.data.read_csv(tmp_path, "price")
    wide = tmp_path / "wide.csv"
    wide.write_text("price," + ",".join(f"c{i}" for i in range(100_000)) + "\n1" + ",2" * 100_000 + "\n")
    assert nn.data.read_csv(wide, "price", ["c99999"])[0].tolist() == [[2.0]]
    assert nn.data.read_csv(wide, "price")[0].shape == (1, 100_000)


@pytest.mark.parametrize(
    ("header", "columns", "words"),
    [
        ("a,a,y", None, "2 columns are named 'a'"),
        ("a, a ,y", None, "2 columns are named 'a'"),
        ("a,b,y,y", None, "2 columns are named 'y'"),
        ("a,b,y,y", ["a"], "2 columns are named 'y'"),
        ("a,a,a,y", ["a"], "3 columns are named 'a'"),
        (",b,y", None, "column 1 has no name"),
        ("a,,y", None, "column 2 has no name"),
        ("a,b,,,y", None, "column 3 has no name"),
        ("a,b,y", ["a", "a"], "'a' is selected twice"),
        ("a,b,y", ["a", "y"], "'y' is selected twice"),
        ("a,b,y", [], "no columns besides 'y'"),
        ("y", None, "no columns besides 'y'"),
        ("a,b,y", "ab", "expected a list of names"),
        ("a,b,y", 3, "expected a list of names"),
    ],
)
def test_a_column_without_a_name_of_its_own_is_refused(tmp_path, header, columns, words):
    file = tmp_path / "t.csv"
    file.write_text(header + "\n" + ",".join("1" for _ in header.split(",")) + "\n")
    with pytest.raises((TypeError, ValueError), match=words):
        nn.data.read_csv(file, "y", columns)


def test_columns_that_are_not_taken_need_no_name_of_their_own(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(",a,a,b,y,\n0,1,2,3,4,\n1,5,6,7,8,\n")
    x, y = nn.data.read_csv(file, "y", ["b"])
    assert (x.tolist(), y.tolist()) == ([[3.0], [7.0]], [4.0, 8.0])


@pytest.mark.parametrize("kind", ["complex", "dates", "text", "bytes", "objects", "masked"])
def test_arrays_of_other_things_than_real_numbers_are_refused_everywhere(kind):
    rows = {
        "complex": np.array([[1.0 + 1j, 2.0]]),
        "dates": np.array([["2020-01-01", "2021-01-01"]], "datetime64[D]"),
        "text": np.array([["1", "2"]]),
        "bytes": np.array([[b"1", b"2"]]),
        "objects": np.array([[None, 1.0]], dtype=object),
        "masked": np.ma.array([[1.0, 2.0]], mask=[[True, False]]),
    }[kind]
    row, plain = rows[0], [1.0, 2.0]
    m = nn.MLP(2, [3, 1], rng=0)
    before = {name: array.copy() for name, array in m.state_dict().items()}
    column = next(name for name, array in before.items() if array.shape == (3, 2))
    weight = m.layers[0].weight
    for function, *arguments in (
        (weight.assign, np.ma.concatenate([rows] * 3) if kind == "masked" else np.concatenate([rows] * 3)),
        (setattr, weight, "gradient", rows),
        (m.load_state_dict, before | {column: np.ma.concatenate([rows] * 3)}),
        (nn.accuracy, row, plain),
        (nn.accuracy, plain, row),
        (nn.mean_squared_error, row, plain),
        (nn.mean_absolute_error, plain, row),
        (nn.r2_score, row, plain),
        (nn.confusion_matrix, row, plain),
        (m.fit, rows, [1.0]),
        (m.fit, [plain], row[:1]),
        (m.predict, rows),
        (m.evaluate, rows, [1.0]),
        (compile(lambda v: v[0] * v[1]), row),
        (compile(lambda x, y: x * y), rows),
        (compile(lambda x, y: x * y), row[:1], 2.0),
    ):
        with pytest.raises((TypeError, ValueError), match="number"):
            function(*arguments)
    for name, array in m.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
