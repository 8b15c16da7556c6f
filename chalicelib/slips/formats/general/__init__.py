"""Formats of no single vendor."""
