"""What one-file pages share: parts filled in, hashes for their policy, data as inert JSON, frames."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources
from typing import Any


@cache
def text_of(package: str, name: str) -> str:
    """Return a file in the folder `page` of a package."""
    return resources.files(package).joinpath("page", name).read_text(encoding="utf-8")


def filled(template: str, parts: Mapping[str, str]) -> str:
    """Replace `{{name}}` in a template.

    >>> filled("<p>{{a}}</p>", {"a": "{{b}}"})
    '<p>{{b}}</p>'
    """
    # In one pass over the template, so that inserted parts are not scanned again.
    return re.sub(r"\{\{([\w-]+)\}\}", lambda match: parts[match[1]], template)


def bare_script(text: str) -> str:
    """Return a script without indentation and lines of comments.

    >>> bare_script("function f() {\\n  // Twice.\\n  return 2;\\n}")
    'function f() {\\nreturn 2;\\n}'
    """
    lines = [line.strip() for line in text.splitlines()]
    return "\n".join([line for line in lines if line and not line.startswith("//")])


def bare_style(text: str) -> str:
    """Return a style sheet without comments, and without spaces around its punctuation.

    >>> bare_style("a, b { color: red; } /* Both. */ a :hover { top: 0 }")
    'a,b{color:red}a :hover{top:0}'
    >>> bare_style("i::before { content: ' /* , */ ; } '; }")
    "i::before{content:' /* , */ ; } '}"
    """
    bare = _COMMENT.sub(lambda found: found["quoted"] or "", text)
    bare = _SPACES.sub(lambda found: found["quoted"] or found["mark"] or "", bare)
    return _LAST_SEMICOLON.sub(lambda found: found["quoted"] or "}", bare)


_QUOTED = r"""(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|"""
_COMMENT = re.compile(_QUOTED + r"/\*.*?\*/", re.DOTALL)
_SPACES = re.compile(_QUOTED + r"\s*(?P<mark>[{};,])\s*|(?<=:)\s+", re.DOTALL)
_LAST_SEMICOLON = re.compile(_QUOTED + r";}", re.DOTALL)


def policy_hash(text: str) -> str:
    """Return what a content security policy calls a style sheet or a script.

    >>> policy_hash("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def inert_json(data: Any) -> str:
    """Return the data as JSON that is inert inside a page: no `<`, no `&`, no line separator."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "backslashreplace").decode()


def frame(html: str, title: str, allowed: str = "allow-scripts") -> str:
    """Return a page in a sandboxed frame, as notebooks show it."""
    return (
        f'<iframe srcdoc="{escape(html, quote=True)}" sandbox="{allowed}" '
        'width="100%" height="760" style="border:1px solid #8884;border-radius:8px" '
        f'title="{title}"></iframe>'
    )
