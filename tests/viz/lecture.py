"""The lecture's example J = cos(sin(x²) + 3x²), with the lecture's names."""

from autograd_core import Value, cos, sin


def example(x0: float = 2.0) -> Value:
    """Build the graph at x = x0, without a backward pass."""
    x = Value(x0, "x")
    t = x**2
    u1 = sin(t)
    u2 = 3 * t
    u = u1 + u2
    J = cos(u)
    t.label, u1.label, u2.label, u.label, J.label = "t", "u1", "u2", "u", "J"
    return J
