"""Neural networks on scalar values."""

__all__: list[str] = []
