"""Run the packages in a browser without installing them: `python -m docs.playground` builds the site."""
