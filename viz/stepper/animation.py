"""The pictures of all steps, as one animated SVG or one SVG per step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

from autograd_core.base import visible
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


Shown = Callable[[str, int, int], str]
"""Formats a part of the picture that is visible from one frame until before another."""


@dataclass
class AnimationFrame:
    """The picture after some steps: numbers by position, used edges, and the subject of the last step."""

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
        """Return an SVG that plays in a loop, or shows its last frame if reduced motion is preferred."""
        n = len(self.frames)
        used: dict[tuple[int, int], None] = {}

        def shown(content: str, first: int, last: int) -> str:
            if (first, last) == (0, n):
                return content
            used[first, last] = None
            final = " z" if last == n else ""
            return f'<g class="t k{first}_{last}{final}">{content}</g>'

        drawn = self._drawn(shown) + self._flights() + self._captions(shown)
        windows = "".join([_window(first, last, n) for first, last in used])
        moving = f"{MOTION}.t,.f{{animation:{self.seconds:g}s step-end infinite}}{windows}{self._ways()}"
        return self._framed(f"<style>{STYLE}{moving}</style>{drawn}", "step by step", self.height)

    def still(self, done: int, style: bool = True, caption: bool = True) -> str:
        """Return an SVG of the picture after some steps.

        Several on one page share one style.
        """

        def shown(content: str, first: int, last: int) -> str:
            return content if first <= done < last else ""

        drawn = (f"<style>{STYLE}</style>" if style else "") + self._drawn(shown)
        height = self.height if caption else self.placement.height
        return self._framed(drawn + (self._captions(shown) if caption else ""), f"step {done}", height)

    def _framed(self, drawn: str, what: str, height: float) -> str:
        size = f'viewBox="0 0 {self.width:g} {height:g}" width="{self.width:g}" height="{height:g}"'
        title = escape(visible(f"{self.record.push.output} = {self.record.push.formula()}, {what}"))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="film" {size} role="img">'
            f"<title>{title}</title>{drawn}</svg>\n"
        )

    def _drawn(self, shown: Shown) -> str:
        return self._edges(shown) + self._boxes(shown)

    def _captions(self, shown: Shown) -> str:
        y = self.height - 16
        texts = [
            f'<text class="c" x="16" y="{y:g}">{escape(visible(frame.caption))}</text>'
            for frame in self.frames
        ]
        return "".join([shown(text, at, at + 1) for at, text in enumerate(texts)])

    def _edges(self, shown: Shown) -> str:
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
                w = 9.4 * len(text) + 12
                tag = f'<rect class="l" x="{x - w / 2:g}" y="{y - 11:g}" width="{w:g}" height="22" rx="11"/>'
                tag += f'<text class="l" x="{x:g}" y="{y + 5:g}">{text}</text>'
                parts.append(shown(tag, first, n))
        return "".join(parts)

    def _boxes(self, shown: Shown) -> str:
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


_RULES = {
    "": f"background:{PAPER};font:600 15px system-ui,'Segoe UI',Roboto,Arial,sans-serif",
    "text": f"text-anchor:middle;fill:{INK}",
    ".c": "text-anchor:start;font-size:20px;font-weight:500",
    ".m": "font:italic 17px Georgia,serif",
    ".v": f"fill:{COLORS['value'][0]}",
    ".g": f"fill:{COLORS['grad'][0]}",
    "rect.p": f"fill:{COLORS['grad'][0]}",
    "text.p": "fill:#fff",
    ".b": f"fill:{PAPER};stroke:{RULE};stroke-width:1.2",
    ".e": f"fill:none;stroke:{RULE};stroke-width:1.5",
    ".n": f"stroke:{COLORS['accent'][0]};stroke-width:3.4;fill:none",
    "text.l": f"fill:{COLORS['local'][0]}",
    "rect.l": f"fill:{COLORS['local-soft'][0]};stroke:{COLORS['local'][0]}",
}
STYLE = "".join([f"{f'.film {what}'.strip()}{{{rule}}}" for what, rule in _RULES.items()])
"""The style of a picture, whose class keeps it from affecting the rest of a page."""

MOTION = (
    ".t,.f{opacity:0}.f{offset-rotate:0deg}"
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


def _pretty(name: str) -> str:
    return Text().name(name).text
