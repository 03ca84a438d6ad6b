"""What makes parts of the documentation: `python -m tools.NAME`."""
