"""Figures of the chapter on diffusion: walls and valleys on a circle, and what a small network draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from damtutor.figures.arguments import as_line, as_lines, as_series, as_tuple, one_each
from damtutor.figures.plot import GREY, INK, PAPER, SERIES, STATE, Figure, Plot, drawn, new, pictures
from damtutor.validate import as_named, as_real, as_reals

SHARED = ((1.5, "o", "one point"), (10.0, "^", "a few"), (np.inf, "s", "many"))  # n_eff below, marker, words
PHASE_STYLE = dict(zip(("memorised", "spurious", "generalised"), SERIES, strict=False))

RINGS = '{"K = 4": (angles, profile, places, heights, n_eff)}'


@drawn
def ring_plot(rings: Mapping[str, tuple], *, wall: float = 1.0) -> Plot:
    """-log p along the circle with its minima by the number of points that share them, and a band of height `wall`.

    Parameters
    ----------
    rings : name → (angles `(P,)` in radians, -log p above its least value `(P,)`, angles of the minima `(M,)`, heights
        there `(M,)`, their n_eff `(M,)`), as in `experiments.diffusion.Circle`.
    wall : height of the band.

    Examples
    --------
    >>> from damtutor.experiments.diffusion import circle
    >>> c = circle(4)
    >>> ring_plot({"K = 4": (c.angles, c.profile, c.places, c.heights, c.n_eff)})
    -log p along the circle above its least value. K = 4: 3 minima, 2 of one point, 1 of a \
few, the highest wall is 62.7. A band marks the height 1.
    """
    wall = as_real(wall, "wall", low=0.0, strict=True)
    rings = {name: _ring(ring, f"rings[{name!r}]") for name, ring in as_named(rings, "rings", RINGS, most=20).items()}
    figure = Figure(figsize=(6.4, 1.5 + 1.35 * len(rings)), layout="constrained")
    words, seen = [], set()
    for ax, (name, (angles, profile, places, heights, n_eff)) in zip(
        figure.subplots(len(rings), 1, sharex=True, squeeze=False)[:, 0], rings.items(), strict=True
    ):
        ax.spines[["top", "right"]].set_visible(False)
        ax.axhspan(0, wall, color=GREY, alpha=0.25, lw=0, label=f"height {wall:g}" if not seen else None)
        ax.plot(np.degrees(angles), profile, color=INK, lw=1.4)
        low, parts = 0.0, []
        for high, marker, label in SHARED:
            inside = (n_eff >= low) & (n_eff < high)
            low = high
            if inside.any():
                shown = None if label in seen else f"minimum of {label}"
                ax.plot(
                    np.degrees(places[inside]),
                    heights[inside],
                    color=STATE,
                    marker=marker,
                    ms=7,
                    mec=INK,
                    ls="none",
                    label=shown,
                    clip_on=False,
                    zorder=3,
                )
                seen.add(label)
                parts.append(f"{int(inside.sum())} of {label}")
        seen.add("band")
        top = max(float(profile.max()), 2 * wall)
        ax.set(xlim=(0, 360), ylim=(0, 1.08 * top), ylabel="-log p", xlabel="angle on the circle, degrees")
        ax.set_title(name, fontsize=10.5, loc="left")
        ax.set_xticks(range(0, 361, 60))
        words.append(f"{name}: {len(places)} minima, {', '.join(parts)}, the highest wall is {np.ptp(profile):.1f}")
        ax.xaxis.label.set_visible(name == list(rings)[-1])
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9.5)
    alt = f"-log p along the circle above its least value. {'. '.join(words)}. A band marks the height {wall:g}."
    return Plot(figure, alt)


def _ring(ring, name) -> tuple:
    angles, profile, *minima = as_tuple(ring, name, ("angles", "profile", "places", "heights", "n_eff"))
    return (
        *as_lines((angles, profile), name, ("angles", "profile")),
        *as_lines(minima, name, ("places", "heights", "n_eff"), least=0),
    )


@drawn
def barrier_plot(
    counts: Sequence[int], barriers: Sequence[float], errors: Sequence[float], *, wall: float = 1.0
) -> Plot:
    """Highest wall on the circle against the number of points, both logarithmic, with the line `wall`.

    Parameters
    ----------
    counts : K, `(P,)`.
    barriers : range of -log p along the circle, `(P,)`.
    errors : its standard error, `(P,)`.

    Examples
    --------
    >>> barrier_plot([4, 1024], [94, 0.53], [12, 0.03])
    Highest wall of -log p along the circle against the number of points K: 94.00 at K = 4, 0.53 at K = 1024. It is \
below the line 1 from K = 1024 on.
    """
    counts, wall = as_line(counts, "counts"), as_real(wall, "wall", low=0.0, strict=True)
    barriers = as_line(barriers, "barriers", length=len(counts))
    errors = as_line(errors, "errors", length=len(counts), gaps=True)
    figure, ax = new(6.0, 3.6)
    ax.errorbar(counts, barriers, errors, color=STATE, marker="o", ms=6, ls="none", capsize=3, label="measured")
    ax.axhline(wall, color=INK, lw=1.6, label=f"wall of {wall:g}: a factor e in density")
    ax.set(xscale="log", yscale="log", xlabel="points on the circle, K", ylabel="highest wall, in -log p")
    ax.set_xticks(list(counts), [str(k) for k in counts])
    ax.minorticks_off()
    ax.legend(frameon=False)
    under = [k for k, value in zip(counts, barriers, strict=True) if value < wall]
    where = f"It is below the line {wall:g} from K = {under[0]} on." if under else f"It stays above the line {wall:g}."
    words = ", ".join(f"{value:.2f} at K = {k}" for k, value in zip(counts, barriers, strict=True))
    return Plot(figure, f"Highest wall of -log p along the circle against the number of points K: {words}. {where}")


@drawn
def valley_plot(theory: tuple, measured: tuple, *, collapse: float) -> Plot:
    """Radius of the valley against σ: a line of theory, measured dots, and where the ring collapses.

    Parameters
    ----------
    theory : (σ `(P,)`, radius `(P,)`), from the equation.
    measured : the same, of networks.
    collapse : σ from which the radius is 0.

    Examples
    --------
    >>> valley_plot(([0.1, 0.6], [0.995, 0.677]), ([0.2], [0.979]), collapse=0.707)
    Radius of the valley of a full circle against σ: the measured 0.979 at σ = 0.2 on the line of theory, which falls \
to 0 at σ = 0.707.
    """
    theory = as_lines(theory, "theory", ("sigma", "radius"))
    measured, collapse = as_lines(measured, "measured", ("sigma", "radius")), as_real(collapse, "collapse")
    figure, ax = new(6.0, 3.6)
    ax.plot(*theory, color=INK, lw=1.8, label="theory: r = I₁/I₀(r/σ²)")
    ax.plot(*measured, color=STATE, marker="o", ms=6, mfc=PAPER, mew=1.6, ls="none", label="measured")
    ax.axvline(collapse, color=GREY, lw=1.2, ls=":")
    ax.annotate("σ² = 1/2", (collapse, 0.9), (5, 0), textcoords="offset points", fontsize=9.5)
    ax.set(xlabel="noise σ, in radii of the circle", ylabel="radius of the valley", ylim=(-0.04, 1.06))
    ax.legend(frameon=False, loc="lower left")
    words = ", ".join(f"{r:.3f} at σ = {s:g}" for s, r in zip(*measured, strict=True))
    return Plot(
        figure,
        f"Radius of the valley of a full circle against σ: the measured {words} on the line of theory, which falls to "
        f"0 at σ = {collapse:.3f}.",
    )


@drawn
def phases_plot(counts: Sequence[int], shares: Mapping[str, tuple], *, twin: float) -> Plot:
    """Parts of the drawn images that are memorised, spurious and generalised against the size of the training set.

    Parameters
    ----------
    counts : K, `(P,)`.
    shares : phase → (parts `(P,)`, standard errors `(P,)`, 0 or nan for none).
    twin : radius within which a twin makes an image spurious.

    Examples
    --------
    >>> phases_plot([10, 200], {"memorised": ([0.9, 0.0], [0.02, 0.01])}, twin=0.4)
    Parts of the drawn images against the number K of training images, twins within 0.4. memorised: 0.90 at K = 10, \
0.00 at K = 200.
    """
    counts, twin = as_line(counts, "counts"), as_real(twin, "twin")
    shares = as_series(shares, "shares", ("parts", "standard errors"))
    one_each(shares, "shares[{!r}]", len(counts))
    figure, ax = new(6.0, 3.6)
    for (name, (parts, errors)), style in zip(shares.items(), SERIES, strict=False):
        colour, marker, line = PHASE_STYLE.get(name, style)
        ax.errorbar(counts, parts, errors, color=colour, marker=marker, ls=line, ms=6, lw=1.2, capsize=3, label=name)
    ax.set(xscale="log", xlabel="training images, K", ylabel="part of the drawn images", ylim=(-0.03, 1.03))
    ax.set_xticks(list(counts), [str(k) for k in counts])
    ax.minorticks_off()
    ax.legend(frameon=False, title=f"twins within {twin:g}", title_fontsize=9.5)
    words = [
        f"{name}: {', '.join(f'{p:.2f} at K = {k}' for k, p in zip(counts, parts, strict=True))}"
        for name, (parts, _) in shares.items()
    ]
    return Plot(
        figure,
        f"Parts of the drawn images against the number K of training images, twins within {twin:g}. "
        f"{'; '.join(words)}.",
    )


@drawn
def drawings_plot(rows: Mapping[str, np.ndarray], *, alt: str) -> Plot:
    """Strips of grey 8×8 pictures, one line a name: drawn images, ends of mean shift, or training images.

    Parameters
    ----------
    rows : name → `(B, 64)`, 0 paper and 1 ink; numbers beyond are shown as 0 or 1.
    alt : what is to be seen.

    Examples
    --------
    >>> drawings_plot({"K = 10": np.zeros((2, 64))}, alt="Two empty pictures, to show the form.")
    Two empty pictures, to show the form.
    """
    rows = as_named(rows, "rows", '{"K = 10": images}')
    rows = {name: as_reals(images, f"rows[{name!r}]", 2, length=64) for name, images in rows.items()}
    return pictures([2 * np.clip(images, 0, 1) - 1 for images in rows.values()], labels=list(rows), alt=alt)
