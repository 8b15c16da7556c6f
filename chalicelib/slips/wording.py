"""How messages count: `1 item`, `1,200 items`."""


def plural(number: int, one: str, many: str = "") -> str:
    """Format a number of things: `1 item`, `1,200 items`. `many` is a plural that is not `one` and an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
