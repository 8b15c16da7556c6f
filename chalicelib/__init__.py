"""What Chalice packages beside app.py: your own modules, and the framework in the folder slips/.

The framework is the package `slips`, wherever it comes from. Here it lies in the repository, so this module registers
it from its folder: `from slips import ...` then works in app.py, in tests and on Lambda alike. Nothing goes on
`sys.path`, where a module of yours (`chalicelib/secrets.py`) would hide the standard library's.
"""

import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "slips"


def _register() -> None:
    """Make the folder slips/ the package `slips`. Raises ImportError where another SLIPS is installed too."""
    found = find_spec("slips")
    if found is not None and found.origin is not None:
        if Path(found.origin).resolve().parent != _FOLDER:
            raise ImportError(
                f"there are two packages named slips: {_FOLDER} (of this project) and {found.origin} (installed). "
                "Keep one: `pip uninstall slips`, or remove the folder chalicelib/slips"
            )
        if "slips" in sys.modules:
            return
    spec = spec_from_file_location("slips", _FOLDER / "__init__.py", submodule_search_locations=[str(_FOLDER)])
    if spec is None or spec.loader is None:
        raise ImportError(f"{_FOLDER} is not a package")
    sys.modules["slips"] = package = module_from_spec(spec)
    try:
        spec.loader.exec_module(package)
    except BaseException:
        del sys.modules["slips"]
        raise


_register()
# `import chalicelib.slips` would load every module a second time, under another name.
sys.modules["chalicelib.slips"] = None  # type: ignore[assignment]

from slips import Buffer, EventsFailed, Meta, ParseError, RetryLater, Slips, SlipsError  # noqa: E402

__all__ = ["Buffer", "EventsFailed", "Meta", "ParseError", "RetryLater", "Slips", "SlipsError"]
