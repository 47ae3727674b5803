"""The page of a film of training: weights, gradients and losses on a slider."""

from .film_page import framed, page, save

__all__ = ["framed", "page", "save"]
