"""The pictures of all steps as pixels: a GIF, or a video encoded by `ffmpeg`. Both need Pillow."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from math import dist
from pathlib import Path
from typing import Any

from autograd_core.base import extra, shorten, visible

from ..errors import RenderError
from ..palette import COLORS
from .animation import INK, PAPER, RULE, Animation, AnimationFrame
from .picture import ROW

Point = tuple[float, float]

GRAD, LOCAL, ACCENT = [COLORS[name][0] for name in ("grad", "local", "accent")]
VIDEO = (1280, 720)
"""The size of a video, 16:9."""
RATE = 10
"""The frames of a video per second."""
DEPARTS, ARRIVES = 0.1, 0.9
"""When in a step a product leaves for its node, and when it arrives."""


def gif(film: Animation) -> bytes:
    """Return a GIF with a picture for each step. Raises `MissingExtraError` without Pillow."""
    image = extra("gif", "PIL.Image", "stepper.save")
    pictures = [Painting(film, frame).picture for frame in film.frames]
    palette = pictures[-1].convert("P", palette=image.Palette.ADAPTIVE, colors=64)
    reduced = [picture.quantize(palette=palette) for picture in pictures]
    times = [round(1000 * film.seconds / len(reduced))] * len(reduced)
    times[-1] += 1500
    out = io.BytesIO()
    reduced[0].save(out, "GIF", save_all=True, append_images=reduced[1:], duration=times, loop=0)
    return out.getvalue()


def mp4(film: Animation) -> bytes:
    """Return a video in which products travel along the edges.

    Raises `RenderError` without `ffmpeg` or if it fails, and `MissingExtraError` without Pillow.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        raise RenderError(
            "stepper.save: there is no ffmpeg on PATH, which .mp4 needs. "
            "Install it (apt install ffmpeg, brew install ffmpeg), or save .gif or .svg."
        )
    extra("gif", "PIL.Image", "stepper.save")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "film.mp4")
        size = f"{VIDEO[0]}x{VIDEO[1]}"
        given = ["-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", size, "-framerate", f"{RATE}"]
        made = ["-pix_fmt", "yuv420p", "-movflags", "+faststart", str(target)]
        _encode([program, "-loglevel", "error", "-y", *given, "-i", "-", *made], film)
        return target.read_bytes()


def _encode(command: list[str], film: Animation) -> None:
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said) as process:
            try:
                for pixels in _pixels(film):
                    process.stdin.write(pixels)  # type: ignore[union-attr]
                process.stdin.close()  # type: ignore[union-attr]
            except BrokenPipeError:
                pass  # It has exited and reported why.
        if process.returncode:
            said.seek(0)
            lines = said.read().decode("utf-8", "replace").split("\n")
            told = shorten(" ".join([line.strip() for line in lines if line.strip()][-1:])) or "no message"
            raise RenderError(f"stepper.save: ffmpeg failed: {visible(told)}. Save .gif or .svg instead.")


def _pixels(film: Animation) -> Iterator[bytes]:
    """Yield the frames of the video: several for each step, and the last one for another second."""
    pictures = max(1, round(RATE * film.seconds / len(film.frames)))
    scale = min(VIDEO[0] / film.width, VIDEO[1] / film.height)
    image = extra("gif", "PIL.Image", "stepper.save")
    pixels = b""
    for frame in film.frames:
        for k in range(pictures):
            if k and not frame.flight:
                yield pixels
                continue
            painted = Painting(film, frame, scale, (k + 0.5) / pictures).picture
            canvas = image.new("RGB", VIDEO, PAPER)
            canvas.paste(painted, ((VIDEO[0] - painted.width) // 2, (VIDEO[1] - painted.height) // 2))
            pixels = canvas.tobytes()
            yield pixels
    for _ in range(RATE):
        yield pixels


class Painting:
    """The picture after some steps, painted with Pillow; with its product at a `moment` of a step."""

    def __init__(
        self, film: Animation, frame: AnimationFrame, scale: float = 1.0, moment: float = 0.0
    ) -> None:
        image = extra("gif", "PIL.Image", "stepper.save")
        size = round(film.width * scale), round(film.height * scale)
        self.film, self.frame, self.scale = film, frame, scale
        self.picture = image.new("RGB", size, PAPER)
        self.draw = extra("gif", "PIL.ImageDraw", "stepper.save").Draw(self.picture)
        self.fonts = {points: _font(points * scale) for points in (15, 17)}
        self._edges()
        self._boxes()
        self._text((16, film.height - 16), visible(frame.caption), INK, 17, "ls")
        if frame.flight and DEPARTS < moment < ARRIVES:
            self._flight(*frame.flight, (moment - DEPARTS) / (ARRIVES - DEPARTS))

    def _text(self, at: Point, words: str, color: str, points: int = 15, anchor: str = "ms") -> None:
        x, y = at
        self.draw.text((x * self.scale, y * self.scale), words, color, self.fonts[points], anchor=anchor)

    def _box(self, at: Point, size: Point, radius: float, fill: str, line: str, wide: int = 1) -> None:
        (x, y), (w, h) = at, size
        corners = [edge * self.scale for edge in (x - w / 2, y - h / 2, x + w / 2, y + h / 2)]
        self.draw.rounded_rectangle(corners, radius * self.scale, fill, line, self._thick(wide))

    def _thick(self, wide: float) -> int:
        return max(1, round(wide * self.scale))

    def _edges(self) -> None:
        film, frame = self.film, self.frame
        for k, path in enumerate(film.placement.paths):
            color, wide = (ACCENT, 4) if k in frame.edges else (RULE, 2)
            color = GRAD if k in frame.used and k not in frame.edges else color
            points = [(x * self.scale, y * self.scale) for x, y in points_of(path)]
            self.draw.line(points, color, self._thick(wide))
        for k, words in frame.used.items():
            x, y = film.placement.labels[k]
            self._box((x, y), (8.8 * len(words) + 16, 22), 11, COLORS["local-soft"][0], LOCAL)
            self._text((x, y + 5), words, LOCAL)

    def _boxes(self) -> None:
        film, frame = self.film, self.frame
        for i, ((x, y), (w, h)) in enumerate(zip(film.placement.nodes, film.sizes, strict=True)):
            line, wide = (ACCENT, 4) if frame.now == i else (RULE, 1)
            self._box((x, y), (w, h), 8, PAPER, line, wide)
            top = y - h / 2
            self._text((x, top + 18.5), frame.values.get(i, "·"), COLORS["value"][0])
            self._text((x, top + ROW + 18), film.titles[i], INK, 17)
            if h > 2 * ROW:
                self._text((x, top + 2 * ROW + 18), frame.gradients.get(i, "–"), GRAD)

    def _flight(self, edge: int, incoming: str, product: str, share: float) -> None:
        """Paint the gradient on its way back along an edge; halfway it becomes the product."""
        x, y = along(points_of(self.film.placement.paths[edge]), 1 - share)
        words = incoming if share < 0.5 else product
        self._box((x, y), (9.6 * len(words) + 14, 26), 13, GRAD, GRAD)
        self._text((x, y + 5), words, "#ffffff")


def points_of(path: str) -> list[Point]:
    """Return points along a path of straight pieces and curves.

    >>> points_of("M0,0L3,4")
    [(0.0, 0.0), (3.0, 4.0)]
    """
    points: list[Point] = []
    for letter, rest in re.findall("([MLC])([^MLC]+)", path):
        given = [(float(x), float(y)) for x, y in (pair.split(",") for pair in rest.split())]
        if letter != "C":
            points += given
            continue
        (a, b), (c, d), (e, f), (g, h) = points[-1], *given
        for t in [k / 12 for k in range(1, 13)]:
            s = 1 - t
            x = s**3 * a + 3 * s * s * t * c + 3 * s * t * t * e + t**3 * g
            points.append((x, s**3 * b + 3 * s * s * t * d + 3 * s * t * t * f + t**3 * h))
    return points


def along(points: list[Point], share: float) -> Point:
    """Return the point at a fraction of the length of a line through points.

    >>> along([(0.0, 0.0), (3.0, 4.0), (3.0, 9.0)], 0.75)
    (3.0, 6.5)
    """
    pieces = list(pairwise(points))
    left = share * sum([dist(a, b) for a, b in pieces])
    for a, b in pieces:
        length = dist(a, b)
        if left <= length and length:
            t = left / length
            return a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])
        left -= length
    return points[-1]


def _font(size: float) -> Any:
    fonts = extra("gif", "PIL.ImageFont", "stepper.save")
    for name in ("DejaVuSans.ttf", "Arial Unicode.ttf", "arial.ttf"):
        try:
            return fonts.truetype(name, size)
        except OSError:
            continue
    return fonts.load_default(size)
