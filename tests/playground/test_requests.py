"""What the playground asks of Python, in CPython: pictures of expressions, runs of code, the examples."""

import json
import os
import re
import subprocess
import sys
from itertools import groupby

import pytest

from autograd_core import parse
from autograd_core.formulas import inputs_of
from tests.test_house import ROOT
from viz import stepper

sys.path.append(str(ROOT / "docs" / "playground" / "python"))
import playground

EXAMPLES = sorted((ROOT / "docs" / "playground" / "examples").glob("*.py"))


def told_by(code: str) -> list[dict]:
    told: list[dict] = []
    playground.run(code, told.append)
    return told


def text_of(told: list[dict], kind: str = "text") -> str:
    return "".join([each["text"] for each in told if each["kind"] == kind])


INPUTS = {
    "cos(sin(x**2) + 3*x**2)": ["x"],
    "t = x**2; J = cos(w*t) + pi": ["x", "w"],
    "cso(x) + cos": ["x"],
    "leaky_relu(x, negative_slope=0.1)": ["x"],
    "cos(sin(x": ["x"],
    "x == y": ["x", "y"],
    "": [],
}


@pytest.mark.parametrize("text", INPUTS)
def test_the_inputs_of_a_text_even_if_it_is_unfinished(text):
    assert inputs_of(text) == INPUTS[text]


def test_a_picture_is_the_steppers_page():
    text = "cos(sin(x**2) + 3*x**2)"
    page = stepper(parse(text, {"x": 2.0})).html
    assert playground.picture(text, [("x", "2")]) == {"inputs": [["x", "2"]], "page": page, "error": ""}


PICTURES = {
    "log(x)": ([], [["x", "2"]], ""),
    "asin(x)": ([], [["x", "0.5"]], ""),
    "asin(x) + y": ([("y", "7")], [["x", "0.5"], ["y", "7"]], ""),
    "cos(x": ([], [["x", "2"]], r"this \( is never closed \(column 4\)\.\n  cos\(x\n     \^"),
    "x^2": ([("x", "1")], None, r"'\^' is not allowed .*\n  x\^2\n   \^"),
    "x*2": ([("x", "1,5")], [["x", "1,5"]], r"x = '1,5' is not a number; .*Did you mean x=1\.5 \?"),
    "log(x) + 0": ([("x", "-1")], [["x", "-1"]], "log: "),
    "x == 1": ([], [["x", "2"]], "a comparison is 1 or 0"),
    "": ([], [], "it is empty"),
}


@pytest.mark.parametrize("text", PICTURES)
def test_pictures_and_errors(text):
    given, inputs, error = PICTURES[text]
    made = playground.picture(text, given)
    assert made["inputs"] == inputs
    assert bool(made["page"]) == (not error)
    assert re.match(error, made["error"], re.DOTALL) if error else made["error"] == ""


def test_code_tells_what_it_prints_and_shows():
    lines = [
        "from autograd_core import Value",
        "print('a', end='')",
        "print('b')",
        "display(1)",
        "Value(2.0, 'x') * 3",
    ]
    told = told_by("\n".join(lines))
    assert text_of(told) == "ab\n"
    shown = [each for each in told if each["kind"] == "show"]
    assert shown[0]["text"] == "1"
    assert shown[1]["svg"].startswith("<?xml") or shown[1]["svg"].startswith("<svg")
    assert told_by("x = 1") == told_by("'text';") == told_by("None") == told_by("") == []


def test_what_is_printed_shown_and_warned_of_is_told_in_its_order_and_before_an_error():
    lines = [
        "import sys",
        "for i in range(3):",
        "    print('out', i)",
        "    print('err', i, file=sys.stderr)",
        "display(7)",
        "print('end', 0, end='')",
        "plot([1.0])",
        "print('\\n'.join(map(str, range(2000))))",
        "1/0",
    ]
    told = [
        (kind, "".join([each.get("text", "") for each in some]))
        for kind, some in groupby(told_by("\n".join(lines)), lambda each: each["kind"])
    ]
    assert told[:6] == [
        (kind, f"{out} {i}\n") for i in range(3) for kind, out in (("text", "out"), ("warning", "err"))
    ]
    assert told[6:8] == [("show", "7"), ("text", "end 0")]
    assert [kind for kind, _ in told[8:]] == ["show", "text", "error"]
    assert told[9][1].splitlines() == [str(i) for i in range(2000)]


def test_each_line_is_told_when_it_is_printed_but_thousands_together(monkeypatch):
    monkeypatch.setattr(playground.time, "monotonic", lambda: 0.0)
    told = told_by("print('a'); print('b', 1)\nfor i in range(9_000): print(i)")
    assert [each["text"] for each in told[:3]] == ["a\n", "b 1\n", "0\n"]
    assert len(told) == playground.MOST_AT_ONCE + 1
    assert text_of(told).splitlines()[-1] == "8999"


def test_every_run_has_a_namespace_of_its_own():
    told_by("left = 1")
    assert "NameError" in told_by("left")[0]["text"]


ERRORS = {
    "x = = 2": (1, "SyntaxError"),
    "def f():\n    return 1/0\n\nf()": (2, r"line 4: f\(\)\nline 2: return 1/0\nZeroDivisionError"),
    "from autograd_core import log\nlog(-1.0)": (2, r"line 2: log\(-1\.0\)\nautograd_core\.errors\.\w+: log"),
    "raise SystemExit": (1, "line 1: raise SystemExit\nSystemExit"),
}


@pytest.mark.parametrize("code", ERRORS)
def test_errors_tell_the_line(code):
    (told,) = told_by(code)
    line, text = ERRORS[code]
    assert told["kind"] == "error"
    assert told["line"] == line
    assert re.search(text, told["text"])
    assert "playground.py" not in told["text"]


def test_output_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(playground, "MOST_CHARACTERS", 1000)
    text = text_of(told_by("for i in range(10_000):\n    print(i)"))
    assert len(text) < 1100
    assert text.endswith("… The rest is not shown.\n")
    assert "too large" in told_by("'x' * 2000")[0]["text"]


def test_a_display_never_raises():
    code = "class Bad:\n    def _repr_html_(self):\n        raise ValueError('no')\nBad()"
    assert told_by(code)[0]["text"] == "ValueError: no"


def test_curves_are_drawn_in_place_and_complete_at_the_end():
    told = told_by("losses = []\nfor i in range(1, 30):\n    losses.append(1 / i)\n    plot(losses)")
    assert {each["place"] for each in told} == {"loss"}
    assert 1 <= len(told) < 10
    assert told[-1]["svg"].count(",") >= 29
    assert "loss after 29: 0.03448" in told[-1]["svg"]
    assert "nan" not in playground.Curve([1.0, float("nan"), float("inf"), 2.0])._repr_svg_()
    assert "<svg" in playground.Curve([])._repr_svg_()


SAID = {
    "moons": "337 weights, 90 of 100 points right",
    "order": "the engine: 216.0",
    "overwriting": "right:        7.0",
    "stale": "should be 3.000",
    "xor": "1 xor 0 = 0.9",
}


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_run(path):
    told = told_by(path.read_text(encoding="utf-8"))
    assert text_of(told, "error") == ""
    assert SAID[path.stem] in text_of(told)


def test_the_bugs_of_the_examples_are_bugs():
    folder = EXAMPLES[0].parent
    for name, right in {
        "overwriting": "this program: 7",
        "stale": "w = 3.000",
        "order": "y, a, b, x: 216",
    }.items():
        assert right not in text_of(told_by((folder / f"{name}.py").read_text(encoding="utf-8")))


def test_the_page_names_no_other_host_and_no_script_of_its_own():
    folder = ROOT / "docs" / "playground" / "page"
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text, path.name
        assert "https://" not in text, path.name
    index = (folder / "index.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', index)[1]
    assert "default-src 'none'" in policy
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    # The editor sets the width of tabs in an attribute.
    assert policy.count("unsafe-inline") == policy.count("style-src-attr 'unsafe-inline'") == 1
    assert " style=" not in index
    assert not re.search(r"\son\w+=", index)


def test_the_lock_file_has_a_checksum_for_every_package():
    folder = ROOT / "docs" / "playground"
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert all("integrity" in entry for name, entry in lock.items() if name)
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    lines = (folder / "wheels.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"#.*|[\w-]+==[\d.]+ --hash=sha256:[0-9a-f]{64}", line) for line in lines)


def test_without_node_the_build_says_what_it_needs(tmp_path):
    lines = [
        "import sys",
        "from pathlib import Path",
        "from docs.playground import building, __main__",
        f"building.TOOLS = Path({str(tmp_path / 'tools')!r})",
        f"sys.exit(__main__.main([{str(tmp_path / 'site')!r}]))",
    ]
    environment = {**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "\n".join(lines)]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "npm: not installed; expected Node with npm" in answer.stderr
