"""Write the film of a training to one HTML page, which scrubs through its steps.

The page shows what was recorded, and computes nothing. The backward pass behind a step is a stepper's page of
one example's loss, which is opened at the weights of that step.
"""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from autograd_core.base import visible

from ..palette import css
from ..render.render import write_whole
from ..stepper.stepper import Stepper

Json = dict[str, Any]


def page(film: Any) -> str:
    """Return the page of an `nn.Film` as text, which needs no other file and no network."""
    data: Json = film.to_dict()
    stepper, names = _stepper(film)
    style, script = css() + _file("film.css"), f'"use strict";\n{_file("film.js")}'
    inner = [_hash(text) for text in _inline(stepper)]
    parts = {
        "title": escape(visible(repr(film)[1:-1])),
        "style": style,
        "script": script,
        "data": _json(data | {"stepper": stepper, "inputs": names}),
        # A page inside this one is held to the rules of both.
        "styles": " ".join([_hash(style), *inner[:1]]),
        "scripts": " ".join([_hash(script), *inner[1:]]),
    }
    text = _file("film.html")
    for name, part in parts.items():
        before, _, after = text.partition("{{" + name + "}}")
        text = before + part + after
    return text


def save(film: Any, path: Path) -> None:
    """Write the page to a file atomically. Raises `OutputError`."""
    write_whole(path, page(film).encode(), "Film.save")


def framed(film: Any) -> str:
    """Return the page in a sandboxed frame, as a notebook shows it."""
    return (
        f'<iframe srcdoc="{escape(page(film), quote=True)}" sandbox="allow-scripts" width="100%" '
        'height="760" style="border:1px solid #8884;border-radius:8px" title="Film of a training"></iframe>'
    )


def _stepper(film: Any) -> tuple[str, list[str | None]]:
    """Return the page of the example's loss, and the name there of each of the film's weights."""
    if film.example is None:
        return "", []
    graph = film.example.replay(check=False)
    record = Stepper(graph.outputs[0])
    by_label = {node.label: record.record.names.get(node) for node in graph.leaves if node.label}
    return record.html, [by_label.get(name) for name in film.names]


def _inline(html: str) -> list[str]:
    """Return the style sheet and the script of a page."""
    if not html:
        return []
    style = html.partition("<style>")[2].partition("</style>")[0]
    return [style, html.partition("<script>")[2].partition("</script>")[0]]


def _file(name: str) -> str:
    return resources.files(__package__).joinpath("page", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _json(data: Json) -> str:
    """Return the data as JSON that is inert inside a page."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
