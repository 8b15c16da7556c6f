"""A picture of the throughput by format, against the bare loop."""

from __future__ import annotations

from pathlib import Path

from .measure import Row


def plot(rows: list[Row], path: Path) -> None:
    """Draw the rows of the group `throughput`."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    charted = [row for row in rows if row.group == "throughput"]
    figure, axes = pyplot.subplots(figsize=(9, 4.5), layout="constrained")
    places = range(len(charted))
    axes.bar([at - 0.2 for at in places], [row.ours / 1000 for row in charted], 0.4, label="SLIPS", color="#1f6f8b")
    axes.bar(
        [at + 0.2 for at in places], [row.reference / 1000 for row in charted], 0.4, label="bare loop", color="#c9ccd1"
    )
    for at, row in zip(places, charted, strict=True):
        axes.annotate(f"{row.ratio:.2f} ×", (at - 0.2, row.ours / 1000), ha="center", va="bottom", fontsize=9)
    axes.set_xticks(list(places), [row.name.removesuffix(" gz") for row in charted])
    axes.set_ylabel("thousand events a second")
    axes.set_title("One function, whole engine: guards, positions and books, against the loop written by hand")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
