"""The steps as pictures in files: SVG, moving or one a step, GIF, video; other endings are refused."""

import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest

import nn
from autograd_core import Value
from autograd_core.errors import DataError, DataValueError
from autograd_core.steps.steps import Contribution
from viz import RenderError, render, stepper
from viz.cli.command import main
from viz.drawing.boxes import number
from viz.stepper.animation import Animation
from viz.stepper.gif_and_mp4 import RATE, VIDEO, Painting

from .golden_drawings import loss
from .lecture import example

FFMPEG = """#!/bin/sh
printf '%s\\n' "$@" > {folder}/arguments
wc -c > {folder}/size
for target; do :; done
{then}
"""
"""A program that notes its arguments and how much it reads, and writes the file named last or fails."""


@pytest.fixture
def encoder(tmp_path_factory, monkeypatch):
    """Return what puts a program in the place of ffmpeg, which does this at its end."""
    folder = tmp_path_factory.mktemp("bin")

    def put(then):
        program = folder / "ffmpeg"
        program.write_text(FFMPEG.format(folder=folder, then=then))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        return folder

    return put


def square():
    x = Value(3.0, "x")
    return stepper(x * x)


def test_the_steps_are_one_moving_picture(tmp_path):
    made = stepper(example())
    path = made.save(tmp_path / "j.svg")
    root = ElementTree.parse(path).getroot()
    words = "".join(root.itertext())
    assert all(text in words for text in ("9.099", "×−0.6536", "∂J/∂t = 2.908 + 0.9695 · (−0.6536) = 2.275"))
    assert len(path.read_bytes()) < 40_000
    assert "http" not in words
    assert "prefers-reduced-motion" in words


def test_the_steps_are_a_gif_of_one_frame_a_step(tmp_path):
    image = pytest.importorskip("PIL.Image")
    made = stepper(example())
    with image.open(made.save(tmp_path / "j.gif")) as picture:
        assert picture.n_frames == len(made.record.push) + 1
        seconds = 0.0
        for at in range(picture.n_frames):
            picture.seek(at)
            seconds += picture.info["duration"] / 1000
            assert len(picture.convert("RGB").getcolors(1 << 20)) > 5
        assert 8.0 <= seconds <= 10.0


def test_a_large_graph_is_not_animated(tmp_path):
    with pytest.raises(DataValueError, match="at most 150 in an animation"):
        stepper(loss(2, 16, 16, 1)).save(tmp_path / "j.gif")
    assert list(tmp_path.iterdir()) == []


def test_frames_hold_the_numbers_of_the_steps():
    made = stepper(example())
    film = Animation(made.record)
    values = made.record.graph.nodes
    assert [film.frames[-1].values[i] for i in range(len(values))] == [number(node.data) for node in values]
    last = {step.target: step.after for step in made.record.push if isinstance(step, Contribution)}
    for name, gradient in last.items():
        assert film.frames[-1].gradients[made.record.places[name]] == number(gradient)


def texts_of(picture):
    return {text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")}


def test_a_star_in_the_name_makes_a_picture_of_each_step(tmp_path):
    """The picture after a step has the values and gradients so far, and no animation."""
    made = stepper(example())
    assert made.save(tmp_path / "step-*.svg") == tmp_path / "step-*.svg"
    paths = sorted(tmp_path.iterdir())
    film = Animation(made.record)
    frames, titles = film.frames, film.titles
    assert [path.name for path in paths] == [f"step-{done:02}.svg" for done in range(len(frames))]
    for path, frame in zip(paths, frames, strict=True):
        picture = ElementTree.parse(path).getroot()
        shown = texts_of(picture)
        drawn = {*frame.values.values(), *frame.gradients.values(), frame.caption}
        assert drawn <= shown
        assert shown <= {*drawn, *frame.used.values(), *titles}
        assert "animation" not in path.read_text("utf-8")


def test_ffmpeg_gets_every_picture_of_the_video(tmp_path, encoder):
    folder, made = encoder('echo film > "$target"'), square()
    assert made.save(tmp_path / "j.mp4").read_text() == "film\n"
    arguments = (folder / "arguments").read_text().split("\n")
    assert arguments[arguments.index("-video_size") + 1] == f"{VIDEO[0]}x{VIDEO[1]}"
    assert arguments[arguments.index("-pixel_format") + 1] == "rgb24"
    assert arguments[arguments.index("-framerate") + 1] == str(RATE)
    pictures = int((folder / "size").read_text()) / (3 * VIDEO[0] * VIDEO[1])
    film = Animation(made.record)
    assert pictures == RATE + len(film.frames) * round(RATE * film.seconds / len(film.frames))
    assert VIDEO[0] * 9 == VIDEO[1] * 16


def test_a_complaint_of_ffmpeg_is_told_and_nothing_written(tmp_path, encoder):
    encoder("echo 'Unknown encoder' >&2; exit 3")
    with pytest.raises(RenderError, match=r"ffmpeg failed: Unknown encoder\. Save \.gif"):
        square().save(tmp_path / "j.mp4")
    encoder("exit 1").joinpath("ffmpeg").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(RenderError, match="ffmpeg failed: no message"):
        square().save(tmp_path / "j.mp4")
    assert list(tmp_path.iterdir()) == []


def test_without_ffmpeg_the_cure_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="no ffmpeg on PATH, which .mp4 needs. Install it"):
        square().save(tmp_path / "j.mp4")


@pytest.mark.slow
def test_the_real_ffmpeg_makes_a_video(tmp_path):
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("no ffmpeg on PATH")
    path = stepper(example()).save(tmp_path / "j.mp4")
    told = subprocess.run([program, "-i", path], capture_output=True, text=True).stderr
    assert f"{VIDEO[0]}x{VIDEO[1]}" in told
    minutes, seconds = re.search(r"Duration: 00:(\d\d):([\d.]+)", told).groups()
    assert 8.0 <= 60 * int(minutes) + float(seconds) <= 11.0


def test_a_product_travels_back_along_its_edge():
    """The bubble is nearer to the node that receives it later in the step."""
    chops = pytest.importorskip("PIL.ImageChops")
    film = Animation(square().record)
    frame = next(frame for frame in film.frames if frame.flight)
    resting = Painting(film, frame).picture

    def bubble(moment):
        return chops.difference(Painting(film, frame, moment=moment).picture, resting).getbbox()

    early, late = bubble(0.2), bubble(0.8)
    assert late[0] < early[0]
    assert late[2] - late[0] == pytest.approx(early[2] - early[0], abs=8)
    assert bubble(1.0) is None


def recorded():
    model = nn.MLP(2, [1], rng=0)
    with nn.film(model) as film:
        model([1.0, 2.0]).backward()
        nn.SGD(model, lr=0.1).step()
    return film


WRITERS = {
    "render": lambda path: render(example(), path),
    "stepper": lambda path: square().save(path),
    "film": lambda path: recorded().save(path),
    "step -o": lambda path: main(["step", "x*x", "x=2", "-o", str(path)]),
    "step --html": lambda path: main(["step", "x*x", "x=2", "--html", str(path)]),
    "step --graph": lambda path: main(["step", "x*x", "x=2", "--graph", str(path)]),
    "step --slides": lambda path: main(["step", "x*x", "x=2", "--slides", str(path)]),
    "step --worksheet": lambda path: main(["step", "x*x", "x=2", "--worksheet", str(path)]),
    "draw": lambda path: main(["draw", "x*x", "x=2", "-o", str(path)]),
    "problems": lambda path: main(["problems", "--n", "1", "-o", str(path)]),
    "problems --key": lambda path: main(["problems", "--n", "1", "--key", str(path)]),
}
KNOWN = {
    "render": "svg, png, pdf, dot, tex", "stepper": "html, htm, svg, gif, mp4", "film": ".html or .json",
    "step -o": ".txt, .md, .tex, .json", "step --html": "html, htm, svg, gif, mp4",
    "step --slides": ".html, .tex", "step --worksheet": ".html, .tex, .md",
    "step --graph": "svg, png, pdf, dot, tex", "draw": "svg, png, pdf, dot, tex",
    "problems": ".zip, .txt, .xml, .html, .ipynb, .json, .md, .tex",
    "problems --key": ".zip, .txt, .xml, .html, .ipynb, .json, .md, .tex",
}  # fmt: skip


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", ["mine.docx", "mine.pdff", "mine.PPTX"])
def test_an_ending_that_is_not_known_is_refused_with_those_that_are(writer, name, tmp_path, capsys):
    try:
        status = WRITERS[writer](tmp_path / name)
        said = capsys.readouterr().err
        assert status in (1, 2)
        assert said.count("\n") == 1
    except (DataError, DataValueError) as fault:
        said = str(fault)
    assert f"expected one of {KNOWN[writer]}" in said or f"expected {KNOWN[writer]}" in said
    assert name in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["step", "x", "x=1"], ["problems", "--n", "1"]])
def test_a_named_format_takes_any_file(words, tmp_path, capsys):
    assert main([*words, "--format", "markdown", "-o", str(tmp_path / "mine.text")]) == 0
    assert (tmp_path / "mine.text").stat().st_size > 20


def test_a_key_has_the_format_of_its_sheet(tmp_path, capsys):
    sheet, key = [str(tmp_path / name) for name in ("sheet.tex", "key.md")]
    assert main(["problems", "-o", sheet, "--key", key]) == 2
    assert "has not the ending of -o FILE" in capsys.readouterr().err
    assert main(["problems", "--format", "moodle", "--key", key]) == 2
    assert "the format moodle has no key of its own" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
