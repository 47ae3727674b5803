"""Problems in files: hand-outs and keys, question banks of learning platforms, a page that grades itself."""

from .files import FORMATS, File, Sheet, sheet, write

__all__ = ["FORMATS", "File", "Sheet", "sheet", "write"]
