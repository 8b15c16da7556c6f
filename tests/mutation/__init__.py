"""The lines that keep events safe, each taken away in turn: a test must notice.

python -m tests.mutation, or make mutants
"""
