"""Numbers made fit to be shown in a picture."""


def number(x: float) -> str:
    """Return the number in six significant digits, as a picture shows it.

    >>> [number(x) for x in (0.1 + 0.2, 2.0, -0.0, 1e300, float("nan"))]
    ['0.3', '2', '-0', '1e+300', 'nan']
    """
    return f"{x:.6g}"
