"""A made-up language: each text stands in brackets, with accents, and is 40 % longer."""

import math
import re

from autograd_core.languages import Catalog

ACCENTED = str.maketrans("AEIOUYNCaeiouync", "ÀÉÎÖÛÝÑÇàéîöûýñç")


def lengthened(text):
    """Return a text in the made-up language; its fields stay."""
    parts = re.split(r"(\{\w+\})", text)
    words = "".join([part if part.startswith("{") else part.translate(ACCENTED) for part in parts])
    added = math.ceil(0.4 * len(text))
    return f"«{words}{('······ ' * added)[:added]}»"  # It may break between lines, as words do.


class Pseudo(Catalog):
    """The catalog of that language, which has points in its numbers."""

    def __init__(self):
        super().__init__("en")

    def translation(self, text):
        return lengthened(text)

    def template_for(self, one, many, n):
        return lengthened(one if n == 1 else many)


def outside(text):
    """Return the words of a text that stand in no brackets."""
    while (shorter := re.sub(r"«[^«»]*»", " ", text)) != text:
        text = shorter
    return re.findall(r"[A-Za-zÀ-ɏ]{2,}", text)
