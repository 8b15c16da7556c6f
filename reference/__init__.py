"""The documentation site, and the pages of docs/reference/ that are written from the code.

python -m reference, or make docs
"""
