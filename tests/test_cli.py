"""The command: its output, its exit status, and outside faults such as full disks and closed pipes."""

import json
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from autograd_core import TABLE
from viz.cli.command import main

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden"
README = "cos(sin(x**2) + 3*x**2)"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*words, cwd, flags=(), env=None, **options):
    """Run the command in a separate process."""
    environment = {key: x for key, x in os.environ.items() if key not in ("PYTHONPATH", "LANG", "LC_ALL")}
    environment |= {"PYTHONPATH": str(ROOT)} | (env or {})
    words = [sys.executable, *flags, "-m", "viz", *words]
    return subprocess.run(
        words, cwd=cwd, env=environment, timeout=300, check=False, **{"capture_output": True, **options}
    )


def told(capsys):
    """Return standard error, which must be one line without a traceback, optionally with the position."""
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert captured.out == ""
    assert len(captured.err.splitlines()) in (1, 3)
    return captured.err


def test_the_command_of_the_readme(capsys, folder):
    assert main(["step", README, "x=2"]) == 0
    captured = capsys.readouterr()
    assert captured.out == (GOLDEN / "steps_c1_unnamed.txt").read_text(encoding="utf-8")
    assert captured.err == "graph: graph.svg\n"
    svg = (folder / "graph.svg").read_text(encoding="utf-8")
    ET.fromstring(svg)
    assert "9.099" in svg
    assert [path.name for path in folder.iterdir()] == ["graph.svg"]


@pytest.mark.parametrize("text", ["x==x", "x**2 == 4", "y = x == 2", "equal(x, 2)"])
@pytest.mark.parametrize("command", ["step", "draw"])
def test_a_comparison_is_refused_as_nothing_to_differentiate(capsys, folder, command, text):
    assert main([command, text, "x=2"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "no function to differentiate" in err
    assert "write a - b" in err
    assert list(folder.iterdir()) == []


def test_formats_and_methods(capsys, folder):
    named = "t = x**2; u1 = sin(t); u2 = 3*t; u = u1 + u2; J = cos(u)"
    for format, golden in (("markdown", "steps_c1.md"), ("latex", "steps_c1.tex"), ("json", "steps_c1.json")):
        assert main(["step", named, "x=2", "--format", format]) == 0
        assert capsys.readouterr() == ((GOLDEN / golden).read_text(encoding="utf-8"), "")
    assert main(["step", named, "x=2", "--method=pull", "--no-graph"]) == 0
    assert capsys.readouterr() == ((GOLDEN / "steps_c1_pull.txt").read_text(encoding="utf-8"), "")
    assert main(["step", named, "--precision", "10", "x=2", "--no-graph"]) == 0
    assert "9.0991485448" in capsys.readouterr().out
    assert list(folder.iterdir()) == []


def test_an_optimizer_goes_on_with_its_step(capsys, folder):
    words = ["step", "(3*w - 1)**2", "w=2", "--optimizer", "SGD", "--lr", "0.1", "--no-graph"]
    assert main(words) == 0
    assert "w ← w − 0.1 · 30 = −1.0000" in capsys.readouterr().out
    assert main([*words, "-i"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "[9/9] w ← w − 0.1·30 = −1"
    assert main([*words, "--html", "page.html"]) == 0
    assert '"optimizer":"SGD"' in (folder / "page.html").read_text().replace(": ", ":")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["w=2", "--optimizer", "sdg"], "unknown optimizer 'sdg'"),
        (["w=2", "--optimizer", "lbfgs"], "unknown optimizer 'lbfgs'"),
        (["w=2", "--optimizer", "descent"], "adam, adamw, adamax, nadam, radam, gradient_descent"),
        (["w=2", "--lr", "0.1"], "--lr is that of an optimizer"),
        (["w=2", "--optimizer", "sgd", "--lr", "fast"], "--lr = 'fast' is not a number"),
        (["--optimizer", "sgd"], "needs an input to change"),
    ],
)
def test_a_wrong_optimizer_is_refused(capsys, folder, words, complaint):
    expression = "3*w" if words[0] == "w=2" else "2*3"
    assert main(["step", expression, *words, "--no-graph"]) == 2
    assert complaint in told(capsys)


def test_output_to_a_file(capsys, folder):
    assert main(["step", README, "x=2", "-o", "steps.txt"]) == 0
    assert capsys.readouterr() == ("", "")
    assert (folder / "steps.txt").read_bytes() == (GOLDEN / "steps_c1_unnamed.txt").read_bytes()
    assert main(["step", "x", "x=2", "-o", "steps.txt", "--graph", "x.dot"]) == 0
    assert capsys.readouterr().err == "graph: x.dot\n"
    assert (folder / "steps.txt").read_text(encoding="utf-8").startswith("x = 2\n #  forward")
    assert sorted(path.name for path in folder.iterdir()) == ["steps.txt", "x.dot"]
    assert main(["step", "x", "x=2", "-o", "-", "--no-graph"]) == 0
    assert capsys.readouterr().out.startswith("x = 2")


def test_the_ending_of_the_file_is_the_format(capsys, folder):
    begins = {"a.md": "cos", "a.tex": r"\begin{align*}", "a.JSON": "{", "a.txt": "J = ", "a": "J = "}
    for name, begin in begins.items():
        assert main(["step", README, "x=2", "-o", name]) == 0
        assert begin in (folder / name).read_text(encoding="utf-8").splitlines()[0]
    assert main(["step", README, "x=2", "-o", "b.md", "--format", "json"]) == 0
    assert (folder / "b.md").read_text(encoding="utf-8").startswith("{")
    assert main(["draw", "x", "x=2", "-o", "graph"]) == 1
    assert "no ending, which is the format, in 'graph'; expected one of svg" in capsys.readouterr().err


def test_draw(capsys, folder):
    assert main(["draw", README, "x=2", "-o", "c1.svg"]) == 0
    assert capsys.readouterr() == ("", "graph: c1.svg\n")
    ET.parse(folder / "c1.svg")
    assert main(["draw", README, "x=2", "-o", "c1.png"]) == 0
    assert (folder / "c1.png").read_bytes().startswith(b"\x89PNG")
    assert main(["draw", "x", "x=1"]) == 0
    assert (folder / "graph.svg").exists()


def test_draw_to_standard_output(folder):
    result = command("draw", "x*x", "x=2", "-o", "-", cwd=folder)
    assert result.returncode == 0
    ET.fromstring(result.stdout)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("expression", ["-x**2", "-x", "--x", "-(x)", "-2*x", "-sin(x)", "-o*0 + x"])
def test_an_expression_may_begin_with_a_sign(expression, capsys):
    values = ["x=-2", "o=1"][: 1 + ("o" in expression)]
    assert main(["step", expression, *values, "--no-graph"]) == 0
    assert "at x = −2" in capsys.readouterr().out


def test_two_dashes_end_the_options(capsys):
    assert main(["step", "--no-graph", "--", "-h", "h=3"]) == 0
    assert capsys.readouterr().out.startswith("J = −h")


def test_help_and_version(capsys):
    for words in (["--help"], ["-h"], ["step", "--help"], ["step", "-h"], ["draw", "--help"]):
        assert main(words) == 0
        out, err = capsys.readouterr()
        assert out.startswith("usage: autograd-core")
        assert "examples:" in out or "autograd-core step " in out
        assert err == ""
    for words in (["--version"], ["step", "--version"]):
        assert main(words) == 0
        assert capsys.readouterr().out.startswith("autograd-core ")


USAGE = [
    ([], "step,draw"),
    (["sted", "x"], "Did you mean step ?"),
    (["x*x", "x=2"], "expected one of step, draw"),
    (["step"], "EXPR"),
    (["draw"], "EXPR"),
    (["step", "x", "x=1", "--fromat", "json"], "--fromat"),
    (["step", "x", "x=1", "--format", "jsno"], "invalid choice: 'jsno'"),
    (["step", "x", "x=1", "--format"], "expected one argument"),
    (["step", "x", "x=1", "--method", "pul"], "invalid choice"),
    (["step", "x", "x=1", "--precision", "x"], "not a whole number from 0 to 17"),
    (["step", "x", "x=1", "--precision=99"], "not a whole number from 0 to 17"),
    (["step", "x", "x=1", "-o"], "expected one argument"),
    (["step", "x", "y"], "'y' is not NAME=NUMBER"),
    (["step", "x", "+", "1", "x=1"], "Put quotes around the expression"),
    (["step", "x", "x="], "x = '' is not a number"),
    (["step", "x", "x=abc"], "x = 'abc' is not a number"),
    (["step", "x", "x=1,5"], "Did you mean x=1.5 ?"),
    (["step", "x", "x=−2"], "Did you mean x=-2 ?"),
    (["step", "x", "x=1e400"], "too large for a float"),
    (["step", "x", "x=" + "9" * 400], "too large for a float"),
    (["step", "x", "x=nan"], "not a number"),
    (["step", "x", "x=inf"], "not a number"),
    (["step", "x", "x=0x10"], "not a number"),
    (["step", "x", "x=1_0"], "not a number"),
    (["step", "x", "x=１"], "not a number"),
    (["step", "x", "x=1+1"], "not a number"),
    (["step", "x", "x=1/3"], "Did you mean x=0.3333333333333333 ?"),
    (["step", "x", "x=pi"], "Did you mean x=3.141592653589793 ?"),
    (["step", "x", "x= 2"], "Did you mean x=2 ?"),
    (["step", "x", "x", "=", "2"], "Write x=2, without blanks around the ="),
    (["step", "x", "x", "2"], "Write x=2, without blanks around the ="),
    (["step", "sin", "x", "x=2"], "Put quotes around the expression"),
    (["step", "x", "x=2", "--precision", "-1"], "'-1' is not a whole number from 0 to 17"),
    (["step", "x", "x=2", "-o", "out.html"], "'out.html' is a page: write --html FILE"),
    (["step", "x*y*z", "x=2"], "Give y=NUMBER, z=NUMBER."),
    (["step", "x", "x= 1"], "not a number"),
    (["step", "x", "x=1", "x=2"], "x is given twice"),
    (["step", "x"], "Give x=NUMBER"),
    (["step", "x", "x=1", "y=2"], "y has a value but is not in the expression"),
    (["step", "x", "sin=1"], "sin is a function"),
    (["step", "x", "lambda=1"], "'lambda' is not allowed"),
    (["step", "x", "__x=1"], "cannot name a variable"),
    (["step", "x", "e=1"], "e is a constant"),
    (["step", "x", "=1"], "cannot name a variable"),
    (["step", "x^2", "x=1"], "Did you mean x**2 ?"),
    (["step", "2x", "x=1"], "Did you mean 2*x ?"),
    (["draw", "log(x)", "x=0"], "log: pole"),
    (["step", ""], "it is empty"),
    (["step", "9**9**9"], "overflow"),
    (["step", "__import__('os').system('touch PWNED')"], "not allowed"),
    (["step", "x\udcff", "x=1"], "U+DCFF"),
]


@pytest.mark.parametrize(("words", "said"), USAGE, ids=[ascii(" ".join(words)[:40]) for words, _ in USAGE])
def test_what_cannot_be_understood_is_told_in_a_line(words, said, capsys, folder):
    assert main(words) == 2
    message = told(capsys)
    assert message.startswith("autograd-core")
    assert said in message
    assert list(folder.iterdir()) == []


def test_a_value_too_long_to_show_is_cut(capsys):
    assert main(["step", "x", "x=" + "a" * 100_000]) == 2
    assert len(told(capsys)) < 300


@pytest.mark.parametrize("words", ["step x x=1 --format text -o", "draw x x=1 -o"])
@pytest.mark.parametrize("path", ["nowhere/out.svg", ".", "a\0b.svg", "x" * 300 + ".svg"])
def test_files_that_cannot_be_written(words, path, capsys, folder):
    assert main([*words.split(), path]) == 1
    assert told(capsys)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        "step x*x x=2 --html J.html --slides nowhere/s.html",
        "step x*x x=2 --html J.html --worksheet w.docx",
        "step x*x x=2 --html step-*.svg --slides s.html --graph nowhere/g.svg",
        "step x*x x=2 --slides s.html -o .",
        "step x*x x=2 -o steps.txt --graph g.xyz",
        "problems --n 1 -o sheet.md --key nowhere/key.md",
    ],
)
def test_all_files_are_written_or_none(words, capsys, folder):
    assert main(words.split()) in (1, 2)
    assert told(capsys)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "first", "second"),
    [
        ("problems --n 1 -o s.md --key ./s.md", "-o", "--key"),
        ("step x*x x=2 --html a.html --slides a.html", "--html", "--slides"),
        ("step x*x x=2 --slides a.html --worksheet a.html", "--slides", "--worksheet"),
        ("step x*x x=2 -o a.svg --format text --graph link.svg", "-o", "--graph"),
    ],
)
def test_two_outputs_in_one_file_are_refused(words, first, second, capsys, folder):
    (folder / "link.svg").symlink_to(folder / "a.svg")
    assert main(words.split()) == 1
    assert re.search(f"{second}: cannot write '.*': {first} writes that file", told(capsys))
    assert [file.name for file in folder.iterdir()] == ["link.svg"]


def test_files_of_one_command(capsys, folder):
    words = "step x*x x=2 --html step-*.svg --slides s.html --worksheet w.md -o t.txt --graph g.svg"
    assert main(words.split()) == 0
    pictures = [f"step-{k}.svg" for k in range(6)]
    assert sorted(file.name for file in folder.iterdir()) == ["g.svg", "s.html", *pictures, "t.txt", "w.md"]
    said = capsys.readouterr().err.splitlines()
    assert said == ["page: step-*.svg", "written: s.html", "written: w.md", "graph: g.svg"]


def test_an_unknown_format_of_a_drawing(capsys, folder):
    assert main(["draw", "x", "x=1", "-o", "graph.jpgg"]) == 1
    assert "expected one of svg" in told(capsys)
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write everywhere")
def test_a_folder_that_is_read_only(capsys, folder):
    folder.chmod(0o500)
    assert main(["step", README, "x=2"]) == 0
    assert capsys.readouterr().err.startswith("graph: not drawn: ")
    assert main(["step", README, "x=2", "-o", "steps.txt"]) == 1
    folder.chmod(0o700)


def test_a_drawing_that_fails_is_a_note(capsys, monkeypatch):
    from viz.errors import RenderError

    def fail(*_, **__):
        raise RenderError("render: no program")

    for name in ("render", "pictured"):
        monkeypatch.setattr(f"viz.cli.command.{name}", fail)
    assert main(["step", "x*x", "x=2"]) == 0
    out, err = capsys.readouterr()
    assert "central difference 4.0000" in out
    assert err == "graph: not drawn: render: no program\n"
    assert main(["step", "x*x", "x=2", "--graph", "a.svg"]) == 1
    assert main(["draw", "x*x", "x=2"]) == 1


def test_a_file_of_somebody_else_is_left_alone(capsys, folder):
    theirs = folder / "graph.svg"
    theirs.write_text("<svg>mine</svg>", encoding="utf-8")
    assert main(["step", "x", "x=2"]) == 0
    assert "not drawn: graph.svg exists" in capsys.readouterr().err
    assert theirs.read_text(encoding="utf-8") == "<svg>mine</svg>"
    assert main(["step", "x", "x=2", "--graph", "graph.svg"]) == 0
    assert main(["step", "x*x", "x=2"]) == 0
    assert capsys.readouterr().err == "graph: graph.svg\n" * 2


def test_a_large_graph_is_drawn_folded(capsys, folder):
    assert main(["step", "+".join(["x"] * 400), "x=1"]) == 0
    assert "folded into 2 boxes" in " ".join((folder / "graph.svg").read_text("utf-8").split())
    assert main(["step", "+".join(["x"] * 400), "x=1"]) == 0
    assert capsys.readouterr().err == "graph: graph.svg\n" * 2


def test_domain_faults_and_infinities(capsys):
    assert main(["step", "sqrt(x)", "x=0", "--no-graph"]) == 0
    assert "∞" in capsys.readouterr().out
    assert main(["step", "exp(1000*x)", "x=1", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(name))
    assert data["steps"][-1]["after"] == "inf"
    assert main(["step", "sqrt(x)*0", "x=0"]) == 1
    assert "backward: undefined gradient" in told(capsys)


def test_every_function_of_the_table(capsys):
    for name, row in TABLE.items():
        count = row.arity or 2
        names = [f"a{i}" for i in range(count)]
        values = [f"{n}=0.{3 + 2 * i}" for i, n in enumerate(names)]
        status = main(["step", f"{name}({', '.join(names)})", *values, "--no-graph"])
        out, err = capsys.readouterr()
        assert (status, err) == (0, "") or "undefined" in err or name == "equal", name
        assert "✗" not in out


# Outside faults.


@pytest.mark.slow
def test_it_runs_from_anywhere_in_every_mode_of_python(folder):
    expected = (GOLDEN / "steps_c1_unnamed.txt").read_bytes()
    for flags in ((), ("-OO",), ("-W", "error"), ("-X", "dev"), ("-X", "utf8")):
        env = {"PYTHONUTF8": "1"}
        result = command("step", README, "x=2", "--no-graph", cwd=folder, flags=flags, env=env)
        assert (result.returncode, result.stdout, result.stderr) == (0, expected, b"")


@pytest.mark.slow
def test_an_isolated_python(folder):
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from viz.cli import main; sys.exit(main())"
    result = subprocess.run(
        [sys.executable, "-I", "-c", code, "step", "2x", "x=1"], cwd=folder, capture_output=True, check=False
    )
    assert result.returncode == 2
    assert b"Did you mean 2*x ?" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "latin-1"},
    ],
)
def test_a_console_without_unicode(env, folder):
    result = command("step", "theta1*x", "theta1=2", "x=3", "--no-graph", cwd=folder, env=env)
    assert result.returncode == 0
    assert result.stderr == b""
    assert result.stdout.splitlines()[0] == b"J = theta1*x   at theta1 = 2, x = 3"
    assert b"dJ/dx" in result.stdout
    assert result.stdout.isascii()
    marked = command("step", "x**2", "x=3", "--format", "markdown", cwd=folder, env=env)
    assert marked.returncode == 0
    assert b"x\\xb2" in marked.stdout or "x²".encode("latin-1") in marked.stdout
    assert command("step", "x²", "x=3", cwd=folder, env=env).returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "env",
    [
        {"COLUMNS": "1"},
        {"TERM": "dumb", "NO_COLOR": "1"},
        {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"},
        {"PYTHONHASHSEED": "1"},
    ],
)
def test_an_odd_environment(env, folder):
    result = command("step", README, "x=2", cwd=folder, env=env | {"PYTHONUTF8": "1"})
    assert (result.returncode, result.stderr) == (0, b"graph: graph.svg" + os.linesep.encode())
    assert result.stdout == (GOLDEN / "steps_c1_unnamed.txt").read_bytes()
    assert command("step", "--help", cwd=folder, env=env).returncode == 0


posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


@posix
def test_a_closed_pipe(folder):
    reader, writer = os.pipe()
    os.close(reader)
    streams = {"stdout": writer, "stderr": subprocess.PIPE, "capture_output": False}
    result = command("step", README, "x=2", cwd=folder, **streams)
    os.close(writer)
    assert (result.returncode, result.stderr) == (1, b"")
    assert list(folder.iterdir()) == []


@pytest.mark.slow
@posix
@pytest.mark.parametrize(("closed", "status"), [(">&-", 1), ("2>&-", 0), ("<&-", 0), (">&- 2>&- <&-", 1)])
def test_closed_streams(closed, status, folder):
    line = f'exec "$0" -m viz step "x*x" x=2 {closed}'
    result = subprocess.run(
        ["sh", "-c", line, sys.executable],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert result.returncode == status
    assert b"Traceback" not in result.stderr
    assert b"Exception" not in result.stderr


@posix
def test_a_closed_standard_input_is_told(folder):
    result = subprocess.run(
        ["sh", "-c", 'exec "$0" -m viz step - x=2 <&-', sys.executable],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (2, b"autograd-core step: standard input is closed\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk(folder):
    with open("/dev/full", "wb") as full:
        streams = {"stdout": full, "stderr": subprocess.PIPE, "capture_output": False}
        result = command("step", README, "x=2", cwd=folder, **streams)
    assert result.returncode == 1
    assert result.stderr == b"autograd-core step: No space left on device\n"
    assert command("step", README, "x=2", "-o", "/dev/full", cwd=folder).returncode == 1
    assert list(folder.iterdir()) == []


@posix
def test_ctrl_c(folder):
    # A shell makes background processes ignore the signal, and their children would inherit that.
    heard = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    told = "buffer = property(lambda self: (print('ready', flush=True), sys.__stdin__.buffer)[1])"
    code = f"""{heard}
from viz.cli import main
class Input:
    {told}
sys.stdin = Input()
sys.exit(main())"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, "step", "-", "x=2", "-o", "steps.txt"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out, err) == (130, b"", b"autograd-core step: interrupted\n")
    assert list(folder.iterdir()) == []


def test_ctrl_c_while_it_computes(capsys, monkeypatch, folder):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("viz.cli.command.steps", interrupt)
    assert main(["step", "x", "x=1", "-o", "steps.txt"]) == 130
    assert told(capsys) == "autograd-core step: interrupted\n"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"x*x\n", 0, b""),
        (b"\xef\xbb\xbft = x**2\r\nJ = t*t\r\n", 0, b""),
        (b"", 2, b"it is empty"),
        (b"\r\n\r\n", 2, b"it is empty"),
        (b"t = x**2\nJ = t +\n", 2, b"line 2, column 8"),
        (b"x \xff", 2, b"not UTF-8 text: byte 3"),
        (b"\x7fELF\x02\x01\x01\x00", 2, b"U+007F"),
        (b"x+" * 1_000_000, 2, b"too long"),
        (b"\x80" * 1_000_000, 2, b"too long"),
    ],
)
def test_an_expression_from_standard_input(content, status, said, folder):
    result = command("step", "-", "x=2", "--no-graph", cwd=folder, input=content)
    assert result.returncode == status
    assert said in result.stderr
    assert len(result.stderr.splitlines()) <= 3


def test_the_package_runs_the_command_too(folder):
    words = [sys.executable, "-m", "autograd_core", "step", "x*x", "x=3", "--no-graph"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    result = subprocess.run(words, cwd=folder, env=environment, timeout=300, check=True, capture_output=True)
    assert "J = x·x   at x = 3" in result.stdout.decode()


@pytest.mark.slow
def test_ten_at_once(folder):
    words = [sys.executable, "-m", "viz", "step", README, "x=2"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    running = [
        subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(10)
    ]
    answers = [process.communicate(timeout=300) for process in running]
    assert {process.returncode for process in running} == {0}
    assert len(set(answers)) == 1
    assert [path.name for path in folder.iterdir()] == ["graph.svg"]
