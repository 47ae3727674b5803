"""The texts of a page, and their translations."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any, NamedTuple

from autograd_core.languages import LANGUAGES, WITH_COMMA, Catalog, catalog_of

from ..pages import text_of

_STRING = r'"((?:[^"\\]|\\.)*)"'
_SAID = re.compile(rf"\binWords\({_STRING}|\bcounted\({_STRING}, {_STRING}")
_ATTRIBUTES = ("aria-label", "title", "placeholder")
_WORD = re.compile(r"[^\W\d_]{2}")

Message = str | tuple[str, str]
"""A text, or both forms of a text that depends on a number."""


def texts_in(script: str) -> Iterator[Message]:
    """Yield the texts in a script of the page.

    >>> list(texts_in('inWords("Not yet."), counted("{n} path", "{n} paths", 2)'))
    ['Not yet.', ('{n} path', '{n} paths')]
    """
    for text, one, many in _SAID.findall(script):
        yield (_string(one), _string(many)) if one else _string(text)


def _string(literal: str) -> str:
    text: str = json.loads(f'"{literal}"')
    return text


class Page(NamedTuple):
    """The files in the folder `page` of a package that a page consists of: its HTML, and scripts in order."""

    package: str
    html: str
    scripts: tuple[str, ...]


class _Texts(HTMLParser):
    """Collects the texts and the descriptions of a page's elements."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_text = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_text = tag not in ("script", "style", "title")
        self.found += [value for name, value in attrs if name in _ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._is_text = True

    def handle_data(self, data: str) -> None:
        if self._is_text:
            self.found.append(data.strip())


def texts_of_page(html: str) -> list[str]:
    """Return the texts of a page that are words, not placeholders, signs or single letters.

    >>> texts_of_page('<p title="Help: keys">? <b>Close</b> {{table}}</p>')
    ['Help: keys', 'Close']
    """
    parser = _Texts()
    parser.feed(re.sub(r"\{\{[\w-]+\}\}", "", html))
    return [text for text in parser.found if _WORD.search(text)]


def page_texts(page: Page) -> list[Message]:
    """Return every text that a page may show, in English."""
    found: list[Message] = [*texts_of_page(text_of(page.package, page.html))]
    for name in page.scripts:
        found += texts_in(text_of(page.package, f"{name}.js"))
    return list(dict.fromkeys(found))


@cache
def words(page: Page, lang: str | None) -> dict[str, Any]:
    """Return the translations for the page: in one language, or in all for the browser to choose from.

    All languages together are compressed; otherwise they would be a fifth of the page.
    """
    codes = [code for code in LANGUAGES if code == lang or lang is None]
    texts = page_texts(page)
    said = {code: _said(catalog_of(code), texts) for code in codes if code != "en"}
    content = {"texts": texts if said else [], "said": said}
    found: dict[str, Any] = {"lang": lang, "codes": codes, "commas": WITH_COMMA}
    return found | ({"packed": _packed(content)} if lang is None else content)


def _packed(content: dict[str, Any]) -> str:
    """Return data as JSON, gzipped, in Base64."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def _said(catalog: Catalog, texts: list[Message]) -> list[str | list[str]]:
    return [catalog.translation(text) if isinstance(text, str) else catalog.forms(*text) for text in texts]


def plurals(codes: Iterable[str]) -> str:
    """Return an object literal with the plural rule of each language."""
    return "{" + ", ".join([f"{code}: (n) => Number({catalog_of(code).plural})" for code in codes]) + "}"
