"""Impasto repaints a video in a style that you describe, show or paint, and keeps it steady."""
