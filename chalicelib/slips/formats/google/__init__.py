"""Formats of Google Workspace and Google Cloud."""
