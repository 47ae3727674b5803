"""The packages in a browser, without an installation: `python -m docs.playground` builds the site."""
