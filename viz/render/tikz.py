"""Write a drawing as TikZ, for LaTeX: the same boxes, edges and texts in the same places as in its SVG."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import normalize
from xml.etree import ElementTree

from autograd_core.formulas import latex_text

_SVG = "{http://www.w3.org/2000/svg}"
_HEAD = "% Needs \\usepackage{tikz} in the preamble; then \\input this file.\n"


def tikz(svg: str) -> str:
    """Convert an SVG of this package, which consists of rectangles, circles, paths and texts.

    >>> print(tikz('<svg xmlns="http://www.w3.org/2000/svg"><text x="1" y="2" font-size="9">x₁</text></svg>'))
    % Needs \\usepackage{tikz} in the preamble; then \\input this file.
    \\begin{tikzpicture}[x=1bp, y=-1bp, inner sep=0pt]
    \\node[anchor=base west, font=\\sffamily\\fontsize{9bp}{9bp}\\selectfont] at (1,2) {x\\(_{1}\\)};
    \\end{tikzpicture}
    <BLANKLINE>
    """
    root = ElementTree.fromstring(svg)
    for outer in root.iter():  # Markers and titles are not part of the picture.
        for inner in [e for e in outer if e.tag in (f"{_SVG}marker", f"{_SVG}title", f"{_SVG}defs")]:
            outer.remove(inner)
    lines = [line for element in root.iter() for line in _drawn(element)]
    return "\n".join(
        [f"{_HEAD}\\begin{{tikzpicture}}[x=1bp, y=-1bp, inner sep=0pt]", *lines, "\\end{tikzpicture}\n"]
    )


def _drawn(element: ElementTree.Element) -> Iterator[str]:
    tag = element.tag.removeprefix(_SVG)
    if tag == "rect":
        x, y, w, h = [float(element.get(key, "0")) for key in ("x", "y", "width", "height")]
        corners = f"rounded corners={element.get('rx')}bp" if element.get("rx") else ""
        yield f"\\path[{_look(element, corners)}] ({x:g},{y:g}) rectangle ({x + w:g},{y + h:g});"
    elif tag == "circle":
        at, radius = f"({element.get('cx')},{element.get('cy')})", element.get("r")
        yield f"\\path[{_look(element)}] {at} circle[radius={radius}bp];"
    elif tag == "path":
        arrow = "-stealth" if element.get("marker-end") else ""
        yield f"\\path[{_look(element, arrow)}] {_line(element.get('d', ''))};"
    elif tag == "text" and element.text:
        yield _node(element)


def _look(element: ElementTree.Element, *more: str) -> str:
    parts = [part for part in more if part]
    for key, attribute in (("fill", "fill"), ("draw", "stroke")):
        color = element.get(attribute, "none")
        if color != "none":
            parts.append(f"{key}={_color(color)}")
    for key, attribute in (("fill opacity", "fill-opacity"), ("draw opacity", "stroke-opacity")):
        if element.get(attribute):
            parts.append(f"{key}={element.get(attribute)}")
    if element.get("stroke", "none") != "none":
        parts.append(f"line width={element.get('stroke-width', '1')}bp")
    if dashes := element.get("stroke-dasharray"):
        on, off = dashes.split(",")
        parts.append(f"dash pattern=on {on}bp off {off}bp")
    return ", ".join(parts)


def _color(color: str) -> str:
    if not color.startswith("#"):
        return color
    red, green, blue = [int(color[k : k + 2], 16) for k in (1, 3, 5)]
    return f"{{rgb,255:red,{red};green,{green};blue,{blue}}}"


def _line(path: str) -> str:
    """Write the pieces of a path: moves, straight lines, curves, and relative horizontal lines."""
    parts: list[str] = []
    last = (0.0, 0.0)
    for command, text in re.findall(r"([MLCh])([^MLCh]*)", path):
        numbers = [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?", text)]
        if command == "h":
            numbers = [last[0] + numbers[0], last[1]]
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        points = [f"({x:g},{y:g})" for x, y in pairs]
        if command == "M":
            parts.append(points[0])
        elif command in "Lh":
            parts += [f"-- {point}" for point in points]
        else:
            for k in range(0, len(points), 3):
                parts.append(f".. controls {points[k]} and {points[k + 1]} .. {points[k + 2]}")
        last = pairs[-1]
    return " ".join(parts)


def _node(element: ElementTree.Element) -> str:
    anchor = {"middle": "base", "end": "base east"}.get(element.get("text-anchor", ""), "base west")
    points = element.get("font-size", "11")
    font = f"\\sffamily\\fontsize{{{points}bp}}{{{points}bp}}\\selectfont"
    font += "\\bfseries" * (element.get("font-weight") == "bold")
    font += "\\itshape" * (element.get("font-style") == "italic")
    color = f", text={_color(element.get('fill', ''))}" if element.get("fill") else ""
    place = f"({element.get('x')},{element.get('y')})"
    return f"\\node[anchor={anchor}, font={font}{color}] at {place} {{{_words(element.text or '')}}};"


_RUNS = re.compile("(?P<up>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾]+)|(?P<down>[₀₁₂₃₄₅₆₇₈₉]+)|(?P<accent>\\w[\u0302\u0303\u0304])")
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁽⁾₀₁₂₃₄₅₆₇₈₉", "0123456789-()0123456789")
_ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar"}
_SIGNS = {
    "−": "-", "·": r"\cdot", "×": r"\times", "→": r"\to", "√": r"\surd", "∞": r"\infty", "∂": r"\partial",
    "⋮": r"\vdots", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
}  # fmt: skip


def _words(text: str) -> str:
    """Write text for LaTeX, with its superscripts, subscripts, accents and signs as formulas."""
    found, end = [], 0
    text = normalize("NFD", text)
    for run in _RUNS.finditer(text):
        found.append(_plain(text[end : run.start()]))
        if run["accent"]:
            found.append(rf"\(\{_ACCENTS[run['accent'][1]]}{{{run['accent'][0]}}}\)")
        else:
            found.append(rf"\({'^' if run['up'] else '_'}{{{run[0].translate(_DIGITS)}}}\)")
        end = run.end()
    return "".join([*found, _plain(text[end:])])


def _plain(text: str) -> str:
    parts = re.split(f"([{''.join(_SIGNS)}])", text)
    return "".join([rf"\({_SIGNS[part]}\)" if part in _SIGNS else latex_text(part) for part in parts])
