"""Measurements of Impasto: `python -m benchmarks.NAME --json` for speed, memory, quality, flicker, weights.

Each prints one JSON object, `{"name", "figure", "protocol"}`; the keys of `figure` are fixed.
"""
