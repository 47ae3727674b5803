"""Write the film of a training run to one HTML page, with a slider to scrub through its steps.

The page shows what was recorded, and computes nothing. The backward pass behind a step is a stepper page of
one example's loss, opened at the weights of that step.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from autograd_core.base import visible
from autograd_core.languages import known_code

from ..pages import filled, frame, inert_json, policy_hash, text_of
from ..palette import css
from ..render.render import write_whole
from ..stepper.page_translations import Page, plurals, words
from ..stepper.stepper import PAGE as STEPPER
from ..stepper.stepper import Stepper

PAGE = Page(__package__, "film.html", ("film",))
"""The files of the page; of the stepper's scripts, `words` comes first, which chooses a language."""


def page(film: Any, lang: str | None = None) -> str:
    """Return the page of an `nn.Film` as text, which needs no other file and no network.

    It speaks the language `lang`, or else that of the reader's browser. Raises `DataValueError` for an
    unknown language.
    """
    stepper, names = _stepper(film, lang)
    said = words(PAGE, None if lang is None else known_code(lang))
    style, script = css() + _file("film.css"), _script(said["codes"])
    # A page inside this one is subject to the policies of both.
    inner = re.findall(r"'(sha256-[^']+)'", stepper)
    return filled(
        _file("film.html"),
        {
            "title": escape(visible(repr(film)[1:-1])),
            "style": style,
            "script": script,
            "data": inert_json(film.to_dict() | {"stepper": stepper, "inputs": names, "languages": said}),
            "styles": _sources(policy_hash(style), *inner[:1]),
            "scripts": _sources(policy_hash(script), *inner[1:2]),
        },
    )


def _script(codes: list[str]) -> str:
    """Return the page's script: the stepper's, which chooses a language, then its own."""
    chooses = text_of(STEPPER.package, "words.js")
    parts = [
        '"use strict";',
        "(async () => {",
        f"const PLURALS = {plurals(codes)};",
        chooses,
        _file("film.js"),
    ]
    return "\n".join([*parts, "})();"])


def _sources(*hashes: str) -> str:
    return " ".join([f"'{one}'" for one in hashes])


def save(film: Any, path: Path, lang: str | None = None) -> None:
    """Write the page to a file atomically. Raises `OutputError`."""
    write_whole(path, page(film, lang).encode(), "Film.save")


def framed(film: Any) -> str:
    """Return the page in a sandboxed frame, as a notebook shows it."""
    return frame(page(film), "Film of a training")


def _stepper(film: Any, lang: str | None) -> tuple[str, list[str | None]]:
    """Return the page of the example's loss, and the name in it of each of the film's weights."""
    if film.example is None:
        return "", []
    graph = film.example.replay(check=False)
    made = Stepper(graph.outputs[0], lang=lang)
    by_label = {node.label: made.record.names.get(node) for node in graph.leaves if node.label}
    return made.html, [by_label.get(name) for name in film.names]


def _file(name: str) -> str:
    return text_of(__package__, name)
