"""`stepper`: write a function's values and gradient contributions to one HTML page."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from autograd_core import Value
from autograd_core.base import shorten, visible
from autograd_core.errors import DataError, DataValueError
from autograd_core.languages import Catalog, catalog_of, known_code
from autograd_core.steps import Planning

from ..drawing.boxes import number as shown
from ..drawing.folding import MOST_BOXES
from ..pages import bare_script, bare_style, filled, frame, inert_json, policy_hash, text_of
from ..palette import css
from ..render.clusters import Frame, groups_of
from ..render.placement import Placement, place
from ..render.render import format_of, write_all
from .animation import Animation
from .columnar import tabled
from .gif_and_mp4 import gif, mp4
from .graph_javascript import library, program
from .nested_boxes import NestedPicture
from .optimizer_updates import programs
from .page_data import Json, Record, bare
from .page_translations import Page, plurals, words
from .picture import ROOM, framed, sizes_of, svg, title_of
from .widget import StepperWidget, widget

SCRIPTS = (
    "words", "numbers", "differences", "engine", "story", "table", "picture", "view", "motion", "quiz",
    "card", "steps", "nested", "main", "inputs", "address",
)  # fmt: skip
"""The page's scripts, in order."""

PAGE = Page(__package__, "stepper.html", SCRIPTS)

LARGEST = 3000
"""The most nodes of a graph in a stepper."""

LARGEST_IN_TWO_DIRECTIONS = 120
"""The most nodes for which the page has a second picture, top to bottom, for narrow screens."""


_EXPAND = (
    '<button id="expand" type="button" aria-expanded="false" aria-controls="formula-whole" '
    'title="Show the whole formula">…</button>'
)

LARGEST_FILM = 150
"""The most nodes of an animation."""

PAGES = ("html", "htm")
FILMS: dict[str, Callable[[Animation], bytes]] = {
    "svg": lambda film: film.svg().encode(),
    "gif": gif,
    "mp4": mp4,
}
FORMATS = (*PAGES, *FILMS)
"""The extensions that `save` supports."""


class Stepper:
    """A function's forward and backward pass as a page; created by `stepper`.

    As the last line of a notebook cell, it is displayed in a sandboxed frame.
    """

    def __init__(self, output: Value, optimizer: Planning | None = None, **options: Any) -> None:
        self.record = Record(output, optimizer)
        self.options = _checked(options, self.record)
        self._page: tuple[str, str] | None = None
        if len(self.record.graph) > LARGEST:
            raise DataValueError(
                f"stepper: {len(self.record.graph)} nodes; expected at most {LARGEST}. "
                "Step through a part of it (the loss of one example, one neuron), or print(steps(...))."
            )

    @property
    def html(self) -> str:
        """The page as text, which needs no other file and no network.

        It shows the numbers from when the stepper was created, and says so if a leaf has changed.
        """
        changed = self.record.changed
        if self._page is None or self._page[0] != changed:
            self._page = changed, self._written(changed)
        return self._page[1]

    def _written(self, changed: str) -> str:
        record = self.record
        titles = [title_of(record, node) for node in record.graph.nodes]
        sizes = sizes_of(record, titles)
        data = record.data() | {
            "start": {name: option for name, option in self.options.items() if name != "lang"},
            "languages": self._words,
        }
        if len(record.graph) > MOST_BOXES:
            large = NestedPicture(record, titles, sizes)
            data |= {"nested": large.data()}
            picture = large.svg() + large.kinds()
        else:
            layouts = self._layouts(sizes)
            data |= {"layout": {name: _written(*layout) for name, layout in layouts.items()}}
            picture = svg(record, *layouts["LR"], titles, sizes)
        style = _style()
        script = self._script()
        said = _said_without_scripts(record, changed, catalog_of(self.options.get("lang") or "en"))
        return filled(
            _file("stepper.html"),
            {
                "title": escape(visible(shorten(f"{record.push.output} = {self._shown}", 120))),
                "formula": self._heading(),
                "length": "long" if len(self._shown) > 60 else "short",
                "expand": _EXPAND if record.short_formula("text") else "",
                "picture": picture,
                "style": style,
                "style-hash": policy_hash(style),
                "script": script,
                "script-hash": policy_hash(script),
                "data": inert_json(tabled(data)),
                **said,
            },
        )

    def _layouts(self, sizes: Sequence[tuple[float, float]]) -> dict[str, tuple[Placement, list[Frame]]]:
        """Return the positions of everything and the frames of layers, by direction."""
        record = self.record
        places = record.graph.places
        edges = [(places[edge.parent], places[edge.child]) for edge in record.graph.edges]
        groups = groups_of(record.scopes, edges)
        layouts = {"LR": place(sizes, edges, room=ROOM, groups=groups)}
        if len(record.graph) <= LARGEST_IN_TWO_DIRECTIONS:
            layouts["TB"] = place(sizes, edges, "TB", ROOM, groups)
        return {name: framed(record, layout, sizes) for name, layout in layouts.items()}

    def _heading(self) -> str:
        name, short = self.record.math_name(self.record.output), bare(self.record.short_formula("mathml"))
        whole = f"<math><mrow>{name}<mo>=</mo>{self.record.whole_formula}</mrow></math>"
        if not short:
            return whole
        return (
            f'<span id="formula-short"><math><mrow>{name}<mo>=</mo>{short}</mrow></math></span>'
            f'<span id="formula-whole" hidden>{whole}</span>'
        )

    @property
    def _title(self) -> str:
        return f"Steps of {visible(shorten(self.record.push.output))}"

    @property
    def _shown(self) -> str:
        """The function as text, in terms of a network's outputs if there is one."""
        return self.record.short_formula("text") or self.record.push.formula()

    @property
    def _words(self) -> dict[str, Any]:
        return words(PAGE, self.options.get("lang"))

    def _script(self) -> str:
        computed = [
            f"const OPERATIONS = {program(self.record.graph)};",
            f"const HIGHER = {self.record.higher.source};",
            f"const UPDATES = {programs(self.record.updates)};",
        ]
        parts = [
            '"use strict";', "(async () => {", library(*computed), *computed,
            f"const PLURALS = {plurals(self._words['codes'])};",
            _scripts(),
            "})();",
        ]  # fmt: skip
        return "\n".join(parts)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a file atomically in the format of its extension, and return its path.

        `.html` is the page. `.svg`, `.gif` and `.mp4` (16:9) are the picture as an animation of all steps,
        which loops in `.svg` and `.gif`. `step-*.svg` is a still picture after each step: the number of steps
        done replaces the `*`. `.gif` and `.mp4` need Pillow (the extra `gif`), and `.mp4` the program
        `ffmpeg`.

        Raises `DataValueError` for another extension and an animation of more than 150 nodes, `OutputError`
        if the file cannot be written, `RenderError` without `ffmpeg`.
        """
        if not isinstance(path, str | os.PathLike):
            raise DataError(f"stepper.save: not a path: argument 1 = {path!r}; expected a path.")
        target = Path(os.fsdecode(path))
        write_all([(path, content, "stepper.save") for path, content in self._files(target).items()])
        return target

    def _files(self, target: Path) -> dict[Path, bytes]:
        """Return the content of each file that `save` writes."""
        format = format_of(target, FORMATS, "stepper.save")
        if format in PAGES:
            return {target: self.html.encode()}
        film = self._film()
        if "*" not in target.name or format != "svg":
            return {target: FILMS[format](film)}
        digits = len(str(len(film.frames) - 1))
        names = [target.name.replace("*", f"{done:0{digits}}") for done in range(len(film.frames))]
        return {target.with_name(name): film.still(done).encode() for done, name in enumerate(names)}

    def _film(self) -> Animation:
        if len(self.record.graph) > LARGEST_FILM:
            raise DataValueError(
                f"stepper.save: {len(self.record.graph)} nodes; expected at most {LARGEST_FILM} in an "
                "animation. Save the page, or animate a part of the function."
            )
        return Animation(self.record)

    def answer_key(self) -> list[dict[str, Any]]:
        """Return the quiz's questions with their answers, for the teacher.

        >>> x = Value(3.0, "x")
        >>> [(entry["step"], entry["answer"]) for entry in stepper(x * x).answer_key()]
        [(2, 9.0), (3, 1.0), (4, 3.0), (5, 6.0)]
        """
        return self.record.answers()

    def widget(self) -> StepperWidget:
        """Return the page as a notebook widget: its sliders set the inputs in Python, and vice versa.

        Raises `MissingExtraError` without the extra `widget`.
        """
        return widget(self.record, self.html, self._title)

    def _repr_html_(self) -> str:
        """Return the page in a sandboxed frame, or the table as text if there is no page."""
        return self._framed() or f"<pre>{escape(str(self.record.push))}</pre>"

    def _framed(self) -> str:
        try:
            return frame(self.html, escape(self._title), "allow-scripts allow-downloads allow-modals")
        except Exception:
            return ""  # A display must never raise; the text is always available.

    def _repr_mimebundle_(self, *arguments: Any, **options: Any) -> Mapping[str, str]:
        """Return what a notebook displays: the frame, and plain text for a terminal."""
        framed = self._framed()
        return ({"text/html": framed} if framed else {}) | {"text/plain": str(self.record.push)}

    def __repr__(self) -> str:
        stale = " (a leaf has changed since)" if self.record.changed else ""
        return f"<Stepper: {len(self.record.push)} steps of {self.record.push.output}{stale}>"


def stepper(
    output: Value,
    *,
    view: str = "page",
    theme: str = "auto",
    start: int = 0,
    method: str = "push",
    by: str = "contribution",
    optimizer: Planning | None = None,
    lang: str | None = None,
) -> Stepper:
    """Create the page on which a reader steps through the function that ends in `output`.

    Its `.save("j.html")` writes one self-contained file; in a notebook it displays itself. It shows
    `steps(output)` and the graph as they are now (setting a leaf later only adds a note to
    the page), and changes neither `.data` nor `.grad`. The picture of more than 150 nodes starts folded,
    like that of `draw_dot`.

    The options set how the page opens: `view` is "page" or "lecture" (the picture and one line, in large
    letters), `theme` "auto", "light" or "dark", `start` the number of steps done, `method` "push", "pull" or
    "forward", and `by` whether a step is a "contribution" or a whole "node". With an `optimizer` of `nn`, the
    steps continue with what its next step does to each weight, as in `steps`. `lang` is the language of the
    page: "en", "de", "fr", "es", "pt", "zh" or "ja"; by default the first of these that the reader's browser
    requests.

    Raises `DataError` if `output` is not a node, `DataValueError` for more than 3,000 nodes and unknown
    options.

    >>> x = Value(2.0, "x")
    >>> stepper(x.sin() * x, view="lecture", start=3)
    <Stepper: 7 steps of J>
    """
    return Stepper(output, optimizer, view=view, theme=theme, start=start, method=method, by=by, lang=lang)


CHOICES = {
    "view": ("page", "lecture"),
    "theme": ("auto", "light", "dark"),
    "method": ("push", "pull", "forward"),
    "by": ("contribution", "node"),
}


def _checked(options: dict[str, Any], record: Record) -> Json:
    for name, choices in CHOICES.items():
        given = options.get(name, choices[0])
        if given not in choices:
            known = ", ".join([repr(choice) for choice in choices])
            raise DataValueError(f"stepper: unknown {name}: {shorten(repr(given))}; expected one of {known}.")
    start = options.get("start", 0)
    if not isinstance(start, int) or isinstance(start, bool) or not 0 <= start <= len(record.push):
        raise DataValueError(
            f"stepper: not a step: start = {shorten(repr(start))}; expected 0 to {len(record.push)}."
        )
    if options.get("lang") is not None:
        known_code(options["lang"])
    return options


def _said_without_scripts(record: Record, changed: str, spoken: Catalog) -> dict[str, str]:
    """Return what the page says before its scripts run, or if they are off."""
    points = [f"{record.text_name(node)} = {shown(record.values[node])}" for node in record.inputs[:8]]
    inputs = spoken.listed(*[spoken.decimal(point) for point in points])
    off = spoken.say(
        "Scripts are off: the picture shows the state after the last step, the table shows every step."
    )
    stale = spoken.say(
        "Changed since the forward pass: {names}. Values and gradients are those of that pass.", names=changed
    )
    table = f"<p>{escape(spoken.say('The table needs scripts.'))}</p>"
    return {
        "lang": spoken.code,
        "noscript": escape(off),
        "stale": f'<p class="notice stale" data-names="{escape(changed)}">{escape(stale)}</p>'
        * bool(changed),
        "point": escape(spoken.say("at {inputs}", inputs=inputs)) if points else "",
        "table": table if record.is_large else record.push.to_html(lang=spoken.code),
    }


def _written(layout: Placement, frames: Sequence[Frame]) -> Json:
    written = {key: value for key, value in asdict(layout).items() if key != "rows"}
    return written | ({"frames": frames} if frames else {})


@cache
def _font() -> str:
    font = resources.files(__package__).joinpath("page", "math.woff2").read_bytes()
    return base64.b64encode(font).decode()


@cache
def _style() -> str:
    return bare_style(css() + _file("stepper.css")).replace("{{font}}", _font())


@cache
def _scripts() -> str:
    return "\n".join([bare_script(_file(f"{name}.js")) for name in SCRIPTS])


def _file(name: str) -> str:
    return text_of(__package__, name)
