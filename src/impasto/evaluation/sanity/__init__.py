"""Constructed cases that show whether each metric moves the right way."""
