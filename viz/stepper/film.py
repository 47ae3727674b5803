"""Write the steps as an animation in one file: an animated SVG or a GIF."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from html import escape
from typing import Any

from autograd_core.base import extra, visible
from autograd_core.formulas import Text
from autograd_core.steps import Contribution, Forward, Seed, WeightUpdate

from ..drawing.boxes import number
from ..palette import COLORS, NEUTRAL
from ..render.placement import Placement, place
from .page_data import Record
from .picture import ROOM, ROW, sizes_of, title_of

SECONDS = 8.0
"""The seconds for a short function; a longer one takes half a second per step."""
CAPTION = 46.0
INK, PAPER, RULE = NEUTRAL["ink"][0], "#ffffff", NEUTRAL["faint"][0]


@dataclass
class AnimationFrame:
    """The picture after some steps: numbers by position, edges in use, and the subject of the last step."""

    values: dict[int, str] = field(default_factory=dict)
    gradients: dict[int, str] = field(default_factory=dict)
    used: dict[int, str] = field(default_factory=dict)
    now: int = -1
    edges: tuple[int, ...] = ()
    caption: str = ""
    flight: tuple[int, str, str] | None = None
    """The edge along which a product moves, and the number before and after it."""


class Animation:
    """The frames of a function's forward and backward pass, and the positions of everything in them."""

    def __init__(self, record: Record) -> None:
        self.record = record
        graph = record.graph
        self.titles = [title_of(record, node) for node in graph.nodes]
        self.sizes = sizes_of(record, self.titles)
        edges = [(graph.places[edge.parent], graph.places[edge.child]) for edge in graph.edges]
        self.placement: Placement = place(self.sizes, edges, room=ROOM)
        self.frames = self._frames()
        self.width, self.height = self.placement.width, self.placement.height + CAPTION
        self.seconds = max(SECONDS, 0.5 * len(self.frames))

    def _frames(self) -> list[AnimationFrame]:
        record, names = self.record, self.record.places
        output = _pretty(record.push.output)
        constants = {
            i: number(node.data) for i, node in enumerate(record.graph.nodes) if node not in record.names
        }
        frames = [AnimationFrame(values=constants, caption=f"{output} = {record.push.formula()}")]
        for step in record.push:
            last = frames[-1]
            frame = AnimationFrame(dict(last.values), dict(last.gradients), dict(last.used))
            if isinstance(step, Forward):
                frame.now = names[step.name]
                frame.values[frame.now] = number(step.value)
                node = record.graph.nodes[frame.now]
                into = [record.edge_places[frame.now, slot] for slot in range(len(node.parents))]
                frame.edges = tuple(into)
                call = f" = {step.formula}" if step.arguments else ""
                frame.caption = f"{_pretty(step.name)}{call} = {number(step.value)}"
            elif isinstance(step, Seed):
                frame.now = names[step.name]
                frame.gradients[frame.now] = number(step.gradient)
                frame.caption = f"∂{output}/∂{_pretty(step.name)} = {number(step.gradient)}"
            elif isinstance(step, Contribution):
                self._contribute(frame, step, output)
            elif isinstance(step, WeightUpdate) and step.name in names:
                frame.now = names[step.name]
                frame.values[frame.now] = number(step.after)
                frame.caption = f"{_pretty(step.name)} ← {step.formula} = {number(step.after)}"
            frames.append(frame)
        return frames

    def _contribute(self, frame: AnimationFrame, step: Contribution, output: str) -> None:
        names = self.record.places
        frame.now = names[step.target]
        edge = self.record.edge_places[names[step.source], step.slot]
        frame.edges = (edge,)
        frame.gradients[frame.now] = number(step.after)
        frame.used[edge] = f"×{number(step.local)}"
        frame.flight = edge, number(step.incoming), number(step.product)
        before = f"{number(step.before)} + " if step.adds else ""
        local = f"({number(step.local)})" if step.local < 0 else number(step.local)
        product = f"{before}{number(step.incoming)} · {local}"
        frame.caption = f"∂{output}/∂{_pretty(step.target)} = {product} = {number(step.after)}"

    def svg(self) -> str:
        """Return an SVG that plays in a loop, or shows its last frame if motion is to be reduced."""
        n = len(self.frames)
        used: dict[tuple[int, int], None] = {}

        def shown(content: str, first: int, last: int) -> str:
            if (first, last) == (0, n):
                return content
            used[first, last] = None
            final = " z" if last == n else ""
            return f'<g class="t k{first}_{last}{final}">{content}</g>'

        parts = [self._edges(shown), self._boxes(shown), self._flights()]
        for at, frame in enumerate(self.frames):
            words = f'<text class="c" x="16" y="{self.height - 16:g}">{escape(visible(frame.caption))}</text>'
            parts.append(shown(words, at, at + 1))
        windows = "".join([_window(first, last, n) for first, last in used])
        size = f'viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}" height="{self.height:g}"'
        style = f"{STYLE}.t,.f{{animation:{self.seconds:g}s step-end infinite}}{windows}{self._ways()}"
        title = escape(visible(f"{self.record.push.output} = {self.record.push.formula()}, step by step"))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><title>{title}</title>'
            f"<style>{style}</style>{''.join(parts)}</svg>\n"
        )

    def _edges(self, shown: Any) -> str:
        parts, n = [], len(self.frames)
        for k, path in enumerate(self.placement.paths):
            parts.append(f'<path class="e" d="{path}"/>')
            for at, frame in enumerate(self.frames):
                if k in frame.edges:
                    parts.append(shown(f'<path class="e n" d="{path}"/>', at, at + 1))
            first = next((at for at, frame in enumerate(self.frames) if k in frame.used), n)
            if first < n:
                x, y = self.placement.labels[k]
                text = self.frames[first].used[k]
                w = 8.8 * len(text) + 12
                tag = f'<rect class="l" x="{x - w / 2:g}" y="{y - 11:g}" width="{w:g}" height="22" rx="11"/>'
                tag += f'<text class="l" x="{x:g}" y="{y + 5:g}">{text}</text>'
                parts.append(shown(tag, first, n))
        return "".join(parts)

    def _boxes(self, shown: Any) -> str:
        parts, n = [], len(self.frames)
        for i, ((x, y), (w, h)) in enumerate(zip(self.placement.nodes, self.sizes, strict=True)):
            box = f'x="{x - w / 2:g}" y="{y - h / 2:g}" width="{w:g}" height="{h:g}" rx="8"'
            parts.append(f'<rect class="b" {box}/>')
            for at, frame in enumerate(self.frames):
                if frame.now == i:
                    parts.append(shown(f'<rect class="b n" {box}/>', at, at + 1))
            if self.titles[i]:
                parts.append(
                    f'<text class="m" x="{x:g}" y="{y - h / 2 + ROW + 18:g}">{escape(self.titles[i])}</text>'
                )
            rows = (("v", "values", y - h / 2 + 18.5), ("g", "gradients", y - h / 2 + 2 * ROW + 18))
            for kind, what, line in rows:
                for first, last, text in _runs([getattr(frame, what).get(i) for frame in self.frames]):
                    parts.append(
                        shown(f'<text class="{kind}" x="{x:g}" y="{line:g}">{text}</text>', first, last)
                    )
        return "".join(parts) if n else ""

    def _flights(self) -> str:
        parts = []
        for at, frame in enumerate(self.frames):
            for half, text in enumerate(frame.flight[1:] if frame.flight else ()):
                w = 9.6 * len(text) + 14
                bubble = f'<rect class="p" x="{-w / 2:g}" y="-13" width="{w:g}" height="26" rx="13"/>'
                parts.append(f'<g class="f w{at}_{half}">{bubble}<text class="p" y="5">{text}</text></g>')
        return "".join(parts)

    def _ways(self) -> str:
        """Return the rules that move bubbles: halfway with one number, then with the other."""
        rules, n = [], len(self.frames)
        for at, frame in enumerate(self.frames):
            for half in (0, 1) if frame.flight else ():
                begin, end = [100 * (at + 0.1 + 0.4 * (half + more)) / n for more in (0, 1)]
                far = [100 - 50 * (half + more) for more in (0, 1)]
                path = self.placement.paths[frame.flight[0]] if frame.flight else ""
                rules.append(
                    f'.w{at}_{half}{{offset-path:path("{path}");animation-name:w{at}_{half};'
                    f"animation-timing-function:linear}}@keyframes w{at}_{half}{{0%,{begin:.2f}%{{opacity:0;"
                    f"offset-distance:{far[0]}%}}{begin + 0.01:.2f}%{{opacity:1;offset-distance:{far[0]}%}}"
                    f"{end:.2f}%{{opacity:1;offset-distance:{far[1]}%}}{end + 0.01:.2f}%,100%{{opacity:0}}}}"
                )
        return "".join(rules)

    def gif(self, scale: float = 1.0) -> bytes:
        """Return the frames as a GIF. Raises `MissingExtraError` without Pillow."""
        image = extra("gif", "PIL.Image", "stepper.save")
        pictures = [self._painted(frame, scale) for frame in self.frames]
        palette = pictures[-1].convert("P", palette=image.Palette.ADAPTIVE, colors=64)
        reduced = [picture.quantize(palette=palette) for picture in pictures]
        times = [round(1000 * self.seconds / len(reduced))] * len(reduced)
        times[-1] += 1500
        out = io.BytesIO()
        reduced[0].save(out, "GIF", save_all=True, append_images=reduced[1:], duration=times, loop=0)
        return out.getvalue()

    def _painted(self, frame: AnimationFrame, scale: float) -> Any:
        image, draw_module = (
            extra("gif", "PIL.Image", "stepper.save"),
            extra("gif", "PIL.ImageDraw", "stepper.save"),
        )
        picture = image.new("RGB", (round(self.width * scale), round(self.height * scale)), PAPER)
        draw = draw_module.Draw(picture)
        fonts = {size: _font(size * scale) for size in (15, 17)}

        def text(x: float, y: float, words: str, color: str, size: int = 15, anchor: str = "ms") -> None:
            draw.text((x * scale, y * scale), words, color, fonts[size], anchor=anchor)

        for k, path in enumerate(self.placement.paths):
            color, wide = (COLORS["accent"][0], 4) if k in frame.edges else (RULE, 2)
            color = COLORS["grad"][0] if k in frame.used and k not in frame.edges else color
            draw.line([(x * scale, y * scale) for x, y in _points(path)], color, wide)
        for k, words in frame.used.items():
            x, y = self.placement.labels[k]
            half = 4.4 * len(words) + 8
            box = [(x - half) * scale, (y - 11) * scale, (x + half) * scale, (y + 11) * scale]
            draw.rounded_rectangle(box, 11 * scale, COLORS["local-soft"][0], COLORS["local"][0])
            text(x, y + 5, words, COLORS["local"][0])
        for i, ((x, y), (w, h)) in enumerate(zip(self.placement.nodes, self.sizes, strict=True)):
            box = [(x - w / 2) * scale, (y - h / 2) * scale, (x + w / 2) * scale, (y + h / 2) * scale]
            outline, wide = (COLORS["accent"][0], 4) if frame.now == i else (RULE, 1)
            draw.rounded_rectangle(box, 8 * scale, PAPER, outline, wide)
            text(x, y - h / 2 + 18.5, frame.values.get(i, "·"), COLORS["value"][0])
            text(x, y - h / 2 + ROW + 18, self.titles[i], INK, 17)
            if h > 2 * ROW:
                text(x, y - h / 2 + 2 * ROW + 18, frame.gradients.get(i, "–"), COLORS["grad"][0])
        text(16, self.height - 16, visible(frame.caption), INK, 17, "ls")
        return picture


STYLE = (
    f"svg{{background:{PAPER};font:600 15px system-ui,'Segoe UI',Roboto,Arial,sans-serif}}"
    f"text{{text-anchor:middle;fill:{INK}}}.c{{text-anchor:start;font-size:20px;font-weight:500}}"
    f".m{{font:italic 17px Georgia,serif}}.v{{fill:{COLORS['value'][0]}}}.g,.p{{fill:{COLORS['grad'][0]}}}"
    f"text.p{{fill:#fff}}.b{{fill:{PAPER};stroke:{RULE};stroke-width:1.2}}.e{{fill:none;stroke:{RULE};stroke-width:1.5}}"
    f".n{{stroke:{COLORS['accent'][0]};stroke-width:3.4;fill:none}}text.l{{fill:{COLORS['local'][0]}}}"
    f"rect.l{{fill:{COLORS['local-soft'][0]};stroke:{COLORS['local'][0]}}}.t,.f{{opacity:0}}.f{{offset-rotate:0deg}}"
    "@media (prefers-reduced-motion:reduce){.t,.f{animation:none!important}.z{opacity:1}}"
)


def _window(first: int, last: int, count: int) -> str:
    """Return the rule that shows something from one frame until before another."""
    name, begin, end = f"k{first}_{last}", 100 * first / count, 100 * last / count
    start = f"0%{{opacity:0}}{begin:.3f}%{{opacity:1}}" if first else "0%{opacity:1}"
    stop = f"{end:.3f}%,100%{{opacity:0}}" if last < count else "100%{opacity:1}"
    return f".{name}{{animation-name:{name}}}@keyframes {name}{{{start}{stop}}}"


def _runs(texts: list[str | None]) -> list[tuple[int, int, str]]:
    """Return the range of frames in which each text is shown."""
    found: list[tuple[int, int, str]] = []
    for at, text in enumerate(texts):
        if text is None:
            continue
        if found and found[-1][2] == text and found[-1][1] == at:
            found[-1] = (found[-1][0], at + 1, text)
        else:
            found.append((at, at + 1, text))
    return found


def _points(path: str) -> list[tuple[float, float]]:
    """Return points along a path of straight pieces and curves."""
    points: list[tuple[float, float]] = []
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


def _font(size: float) -> Any:
    fonts = extra("gif", "PIL.ImageFont", "stepper.save")
    for name in ("DejaVuSans.ttf", "Arial Unicode.ttf", "arial.ttf"):
        try:
            return fonts.truetype(name, size)
        except OSError:
            continue
    return fonts.load_default(size)


def _pretty(name: str) -> str:
    return Text().name(name).text
