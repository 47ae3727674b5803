"""The playground: the packages in a browser, without an installation. `python -m docs.playground` builds it."""
