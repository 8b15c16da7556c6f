"""Tools to write functions and formats: projects, samples, previews and captured errors."""
