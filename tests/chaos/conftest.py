"""The package that the deployment tests run, too."""

from ..deployment.conftest import package

__all__ = ["package"]
