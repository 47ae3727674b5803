"""Languages: a catalog of translations (.po) for each, and the same compiled (.mo)."""

from .catalog import LANGUAGES, WITH_COMMA, Catalog, catalog_of, known_code

__all__ = ["LANGUAGES", "WITH_COMMA", "Catalog", "catalog_of", "known_code"]
