"""Translations: a catalog (.po) for each language, and the same compiled (.mo)."""
