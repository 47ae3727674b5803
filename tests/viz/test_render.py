"""Pictures in files: complete or not written, on machines with a working `dot`, a broken one or none."""

import errno
import os
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograd_core import Value
from autograd_core.base import shorten, visible
from autograd_core.errors import AutogradError, DataError, DataValueError
from nn import MLP
from viz import OutputError, RenderError, draw_dot, draw_network, render
from viz.render import graphviz_drawing as layout

from .lecture import example

SVG_ANSWER = "cat >/dev/null; echo '<svg>from dot</svg>'"
HANGS = "exec sleep 3600"  # Longer than any test may take.
POSIX = pytest.mark.skipif(os.name != "posix", reason="the stand-ins for dot are shell scripts")


@pytest.fixture
def no_dot(monkeypatch, tmp_path):
    """Set an empty PATH."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))


@pytest.fixture
def dot(monkeypatch, tmp_path):
    """Return a function that puts a fake `dot` on an otherwise empty PATH."""

    def install(script, executable=True, patience=300.0):
        folder = tmp_path / "a folder; with 'odd' name"
        folder.mkdir()
        program = folder / "dot"
        if isinstance(script, str):
            script = f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n".encode()
        program.write_bytes(script)
        program.chmod(0o755 if executable else 0o644)
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.setattr(layout, "PROBE_TIME_LIMIT", patience)

    return install


@pytest.fixture
def no_pure(monkeypatch):
    monkeypatch.setattr(layout, "_graphviz_pure", lambda: None)


@pytest.mark.parametrize("name", ["graph.svg", "graph.SVG", "-T.svg", "a b; 'c'\n$(d).svg", "変数.svg"])
def test_f11_f12_svg_without_graphviz(no_dot, tmp_path, name):
    assert render(example(), tmp_path / name) == tmp_path / name
    root = ElementTree.fromstring((tmp_path / name).read_bytes())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_png_without_graphviz(no_dot, tmp_path):
    assert render(example(), str(tmp_path / "graph.png")).read_bytes().startswith(b"\x89PNG\r\n")


def test_dot_is_the_source_itself(no_dot, no_pure, tmp_path):
    assert render(example(), tmp_path / "graph.dot").read_text(encoding="utf-8") == draw_dot(example()).source


def test_direction(no_dot, tmp_path):
    assert "rankdir=TB" in render(example(), tmp_path / "graph.dot", rankdir="TB").read_text(encoding="utf-8")


def test_pdf_without_graphviz_says_what_to_do(no_dot, tmp_path):
    with pytest.raises(RenderError, match=r"could write pdf: dot: not installed; .*Install Graphviz"):
        render(example(), tmp_path / "graph.pdf")
    assert not (tmp_path / "graph.pdf").exists()


@POSIX
def test_a_dot_that_works_is_used(dot, tmp_path):
    dot(SVG_ANSWER)
    assert render(example(), tmp_path / "graph.pdf").read_text() == "<svg>from dot</svg>\n"


@POSIX
@pytest.mark.parametrize(
    "script",
    [
        "exit 1",
        "echo 'There is no layout engine support' >&2; exit 1",
        HANGS,
        "echo hello",
        "cat >/dev/null; exit 0",
        "kill -9 $$",
        b"\x7fELF and nothing behind it",
        b"\0" * 100,
        "head -c 100000 /dev/zero >&2; exit 3",
    ],
    ids=ascii,
)
def test_f11_a_bad_dot_is_passed_over(dot, tmp_path, script, capfd):
    dot(script, patience=0.5 if script == HANGS else 300.0)
    assert render(example(), tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")
    assert capfd.readouterr() == ("", "")


@POSIX
def test_f11_a_dot_that_is_not_executable_is_passed_over(dot, tmp_path):
    dot(SVG_ANSWER, executable=False)
    assert render(example(), tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")


@POSIX
def test_a_dot_without_png_is_passed_over_for_png(dot, tmp_path):
    dot(f'case "$*" in *-Tpng*) echo "Format: png not recognized" >&2; exit 1;; esac; {SVG_ANSWER}')
    assert render(example(), tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")
    assert b"from dot" in render(example(), tmp_path / "graph.pdf").read_bytes()


@POSIX
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'no layout engine' >&2; exit 1", "failed with status 1: no layout engine"),
        (HANGS, "no answer within"),
        ("echo hello", "wrote no SVG"),
    ],
)
def test_f11_a_bad_dot_alone_is_named_with_what_it_said(dot, no_pure, tmp_path, script, said):
    dot(script, patience=0.5 if script == HANGS else 300.0)
    with pytest.raises(RenderError, match=said) as caught:
        render(example(), tmp_path / "graph.png")
    assert "or graphviz-pure with pip" in str(caught.value)
    assert list(tmp_path.glob("*.png")) == []


@POSIX
def test_f11_a_layout_has_a_time_limit(dot, tmp_path, monkeypatch):
    dot(f"if grep -q n7; then {HANGS}; fi; {SVG_ANSWER}")
    with pytest.raises(RenderError, match=r"dot took longer than 0\.5 s .* Let draw_dot fold the graph"):
        layout.layout(draw_dot(example()).source, "svg", time_limit=0.5)


@POSIX
def test_a_dot_that_hangs_costs_its_time_once(dot, tmp_path, monkeypatch):
    dot(HANGS, patience=0.5)
    started = []
    run = layout._run
    monkeypatch.setattr(layout, "_run", lambda program, *rest: started.append(program) or run(program, *rest))
    for _ in range(3):
        assert render(example(), tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")
    assert [os.path.basename(program) for program in started].count("dot") == 1


def test_f11_without_any_program_the_cure_is_named(no_dot, no_pure, tmp_path):
    with pytest.raises(RenderError, match="Install Graphviz, or graphviz-pure with pip") as caught:
        render(example(), tmp_path / "graph.png")
    assert "or write an .svg or a .dot file, which need none" in str(caught.value)
    assert isinstance(caught.value, AutogradError)
    assert isinstance(caught.value, RuntimeError)


def test_a_drawing_displays_in_a_notebook_without_graphviz(no_dot):
    bundle = draw_dot(example())._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<?xml")
    assert draw_dot(example())._repr_mimebundle_(include=["image/png"])["image/png"].startswith(b"\x89PNG")


def test_a_drawing_displays_as_text_where_nothing_can_draw(no_dot, no_pure):
    drawing = draw_network(MLP(2, [3, 1], rng=0))
    drawing.node("mine")
    bundle = drawing._repr_mimebundle_()
    assert "Install Graphviz" in bundle["text/plain"]
    assert drawing.source in bundle["text/plain"]


def size_of(png):
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def test_a_png_has_192_dots_per_inch_and_other_scales_on_request(no_dot, tmp_path):
    sizes = {
        scale: size_of(render(example(), tmp_path / "graph.png", scale=scale).read_bytes())
        for scale in (1, 2.0, 3)
    }
    assert size_of(draw_dot(example()).pipe("png")) == sizes[2.0]
    for scale in (1, 3):
        for side, twice in zip(sizes[scale], sizes[2.0], strict=True):
            assert side == pytest.approx(scale * twice / 2, abs=4)
    for scale in (0, -1, float("nan"), "2", True):
        with pytest.raises(DataValueError, match="expected a number from 0.1 to 10"):
            render(example(), tmp_path / "graph.png", scale=scale)


@pytest.mark.parametrize("rankdir", ["LR", "RL", "TB", "BT"])
def test_without_any_program_an_svg_stands_in_columns_by_depth(no_dot, no_pure, tmp_path, rankdir):
    J = example()
    J.backward()
    root = ElementTree.parse(render(J, tmp_path / "graph.svg", rankdir, show=("data", "grad", "partials")))
    groups = root.iter("{http://www.w3.org/2000/svg}g")
    kinds = Counter([group.get("class") for group in groups])
    assert kinds == {"graph": 1, "node": 8, "edge": 8}
    words = "".join(root.getroot().itertext())
    assert all(word in words for word in ("sin", "9.099", "×−0.6536", "u1"))
    along = 0 if rankdir in ("LR", "RL") else 1
    sign = 1 if rankdir in ("LR", "TB") else -1
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        if "marker-end" in path.attrib:
            points = re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d"))
            assert sign * float(points[0][along]) < sign * float(points[-1][along])


@pytest.mark.parametrize("label", ["<b>&amp; \\N", "a\0b\ud800", "שלום", "x" * 5000])
def test_without_any_program_every_label_is_shown(no_dot, no_pure, label):
    y = Value(2.0, label).exp()
    picture = draw_dot(y, label=label).pipe("svg")
    assert shorten(visible(label)) in "".join(ElementTree.fromstring(picture).itertext()).replace("\xa0", " ")


def test_without_any_program_a_large_graph_is_folded(no_dot, no_pure):
    y = Value(1.0, "x")
    for _ in range(20_000):
        y = y + 1.0
    picture = draw_dot(y, dark=True).pipe("svg", encoding="utf-8")
    assert "folded into 2 boxes" in picture
    assert picture.count('class="node"') == 2


def test_a_drawing_pipes_and_renders_without_graphviz(no_dot, tmp_path):
    drawing = draw_dot(example())
    assert drawing.pipe(format="svg", encoding="utf-8").startswith("<?xml")
    assert drawing.pipe("png").startswith(b"\x89PNG")
    written = drawing.render(tmp_path / "graph", cleanup=True)
    assert written == str(tmp_path / "graph.svg")
    assert Path(written).read_bytes().startswith(b"<?xml")


def test_a_drawing_never_raises_the_bare_error_of_the_graphviz_package(no_dot, no_pure, tmp_path):
    for draw in (lambda d: d.pipe("png"), lambda d: d.render(tmp_path / "graph")):
        with pytest.raises(RenderError, match="Install Graphviz"):
            draw(draw_dot(example()))
    with pytest.raises(RenderError):
        draw_dot(example()).pipe("pdf", engine="dot")


@POSIX
def test_a_drawing_whose_dot_fails_says_so(dot, tmp_path):
    dot(f'for last; do :; done; case "$*" in *.gv*|*graph*) echo broken >&2; exit 1;; esac; {SVG_ANSWER}')
    with pytest.raises(RenderError, match="broken"):
        draw_dot(example()).render(tmp_path / "graph", quiet=True)


@pytest.mark.parametrize("name", ["graph.jpgg", "graph", ".svg", "graph.svg.txt", "", "graph."])
def test_f14_an_unknown_format_is_refused_with_the_known_ones(tmp_path, name):
    with pytest.raises(DataValueError, match="expected one of svg, png, pdf, dot"):
        render(example(), os.path.join(tmp_path, name))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", [None, 3, b"graph.svg", 1.5])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(DataError, match="render: not a path: argument 2"):
        render(example(), path)


def test_f13_an_older_file_stays_whole_when_drawing_fails(no_dot, no_pure, tmp_path):
    target = tmp_path / "graph.png"
    target.write_text("old")
    with pytest.raises(RenderError):
        render(example(), target)
    assert target.read_text() == "old"


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_f13_an_older_file_stays_whole_when_the_disk_is_full(tmp_path, monkeypatch, fails):
    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "graph.dot"
    target.write_text("old")
    monkeypatch.setattr(f"os.{fails}", full)
    with pytest.raises(OutputError, match=r"render: cannot write .*graph\.dot.: No space left on") as caught:
        render(example(), target)
    assert isinstance(caught.value, OSError)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["graph.dot"]


def test_ctrl_c_while_writing_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        render(example(), tmp_path / "graph.dot")
    assert list(tmp_path.iterdir()) == []


def test_f13_a_missing_folder_is_named_and_not_made(tmp_path):
    with pytest.raises(OutputError, match="no such folder. Create it first"):
        render(example(), tmp_path / "missing" / "graph.svg")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x" * 300 + ".dot", "nul\0.dot", "\0/graph.dot", "graph.dot/inner.dot"])
def test_an_impossible_name_is_an_output_error(tmp_path, name):
    (tmp_path / "graph.dot").write_text("a file, no folder")
    with pytest.raises(OutputError, match="cannot write"):
        render(example(), f"{tmp_path}/{name}")
    assert [path.name for path in tmp_path.iterdir()] == ["graph.dot"]


def test_a_folder_at_the_path_is_refused(tmp_path):
    (tmp_path / "graph.dot").mkdir()
    with pytest.raises(OutputError, match="that is a folder, device or pipe"):
        render(example(), tmp_path / "graph.dot")
    assert list((tmp_path / "graph.dot").iterdir()) == []


@POSIX
def test_a_pipe_at_the_path_is_refused_without_hanging(tmp_path):
    os.mkfifo(tmp_path / "graph.dot")
    with pytest.raises(OutputError, match="that is a folder, device or pipe"):
        render(example(), tmp_path / "graph.dot")


@POSIX
def test_a_link_is_followed(tmp_path):
    (tmp_path / "real.dot").write_text("old")
    (tmp_path / "link.dot").symlink_to("real.dot")
    render(example(), tmp_path / "link.dot")
    assert (tmp_path / "link.dot").is_symlink()
    assert (tmp_path / "real.dot").read_text(encoding="utf-8").startswith("digraph")


@POSIX
def test_permissions_of_an_older_file_are_kept_and_new_ones_are_the_usual(tmp_path):
    older, usual = tmp_path / "older.dot", tmp_path / "usual.txt"
    older.write_text("old")
    older.chmod(0o640)
    usual.write_text("")
    render(example(), older)
    render(example(), tmp_path / "new.dot")
    assert older.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "new.dot").stat().st_mode == usual.stat().st_mode


@POSIX
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_f13_a_read_only_folder_or_file_is_an_output_error(tmp_path):
    (tmp_path / "graph.dot").write_text("old")
    (tmp_path / "graph.dot").chmod(0o444)
    with pytest.raises(OutputError, match="read-only"):
        render(example(), tmp_path / "graph.dot")
    tmp_path.chmod(0o555)
    with pytest.raises(OutputError, match="Permission denied"):
        render(example(), tmp_path / "new.dot")
    tmp_path.chmod(0o755)


@pytest.mark.slow
def test_a_leaf_used_three_hundred_times_is_laid_out_in_seconds(no_dot, tmp_path):
    x = Value(1.0, "x")
    y = x
    for _ in range(300):
        y = y + x
    render(y, tmp_path / "graph.svg")
