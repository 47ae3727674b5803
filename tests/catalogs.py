"""The catalogs of translations: what the code says, compared with what they translate.

python -m tests.catalogs            list what is missing, left over or not compiled
python -m tests.catalogs write      add what is missing, without a translation, and compile
"""

import ast
import gettext
import io
import sys
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from autograd_core import languages
from autograd_core.languages import LANGUAGES
from docs.playground import building
from viz.film.film_page import PAGE as FILM
from viz.stepper.page_translations import Page, page_texts
from viz.stepper.stepper import PAGE as STEPPER

FOLDER = Path(languages.__file__).parent
ROOT = FOLDER.parent.parent
SOURCES = [path for package in ("autograd_core", "viz") for path in sorted((ROOT / package).rglob("*.py"))]
SAYING = {"Say": 1, "Several": 2, "say": 1, "count": 2}
"""The functions whose arguments are texts, and how many of them are."""
PLAYGROUND = Page(*building.PAGE)
PAGES = (STEPPER, FILM, PLAYGROUND)
TRANSLATED = [code for code in LANGUAGES if code != "en"]


@cache
def said():
    """Return the templates in the code; of those that depend on a number, both forms."""
    found = [text for path in SOURCES for text in texts_in(path.read_text(encoding="utf-8"))]
    return list(dict.fromkeys([*found, *[text for page in PAGES for text in page_texts(page)]]))


def texts_in(source):
    """Yield what a module says."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        given = node.args[: SAYING.get(name, 0)]
        texts = [arg.value for arg in given if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if texts and len(texts) == SAYING[name]:
            yield texts[0] if len(texts) == 1 else tuple(texts)


def catalog(code):
    """Return a language's catalog."""
    with open(FOLDER / f"{code}.po", "rb") as file:
        return read_po(file, locale=code)


def compiled(made):
    """Return the catalog as gettext reads it."""
    stream = io.BytesIO()
    write_mo(stream, made)
    return stream.getvalue()


def write(code, translations=None):
    """Bring a catalog up to date, and compile it."""
    path = FOLDER / f"{code}.po"
    old = catalog(code) if path.exists() else Catalog(locale=code)
    known = {message.id: message.string for message in old if message.id} | (translations or {})
    made = Catalog(locale=code, project="autograd-core", charset="utf-8", fuzzy=False)
    for template in said():
        translated = known.get(template) or ("" if isinstance(template, str) else ("",))
        if isinstance(translated, tuple):  # Some languages have a form for millions, too.
            translated = (translated + translated[-1:] * made.num_plurals)[: made.num_plurals]
        made.add(template, translated)
    with open(path, "wb") as file:
        write_po(file, made, omit_header=False, width=110, sort_output=False)
    text = path.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if "-Date:" not in line and "Generated-By" not in line]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    (FOLDER / f"{code}.mo").write_bytes(compiled(catalog(code)))


def faults(code):
    """Yield what is wrong with a catalog."""
    found = catalog(code)
    messages = {message.id: message.string for message in found if message.id}
    for template in said():
        translated = messages.get(template)
        if not translated or not all(translated if isinstance(translated, tuple) else [translated]):
            yield f"{code}: not translated: {template!r}"
    yield from [f"{code}: left over: {template!r}" for template in messages if template not in said()]
    with open(FOLDER / f"{code}.mo", "rb") as file:
        read = gettext.GNUTranslations(file)
    for template, translated in messages.items():
        if isinstance(template, tuple):
            same = {read.ngettext(*template, n) for n in (1, 2, 5)} <= set(translated)
        else:
            same = read.gettext(template) == translated
        if not same:
            yield f"{code}: not compiled: {template!r}"


if __name__ == "__main__":
    for code in TRANSLATED:
        if sys.argv[1:] == ["write"]:
            write(code)
        for fault in faults(code):
            print(fault)
