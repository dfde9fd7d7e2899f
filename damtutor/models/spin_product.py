"""The interaction of n different spins: the power x**n without its diagonal.

Source: Abbott & Arian (1987), Gardner (1987).
"""

from __future__ import annotations

from dataclasses import dataclass

from damtutor.models.interactions import Interaction, Words, as_overlaps
from damtutor.validate import as_count


def _products(x, order: int, size: int):
    """n! times the sum over all sets of n among `size` spins of their products, for spins whose sum is x.

    P_0 = 1, P_1 = x, P_(k+1) = x P_k - k (N-k+1) P_(k-1): whole coefficients, so whole numbers stay whole.
    """
    before, value = 0, x**0
    for k in range(order):
        before, value = value, x * value - k * (size - k + 1) * before
    return value


@dataclass(frozen=True)
class SpinProduct(Interaction):
    """F = Σ x_i1 s_i1 ... x_in s_in over all i1, ..., in that differ from each other.

    The sum depends on the overlap M alone: M**2 - N for n = 2, M**3 - (3N - 2) M for n = 3. No spin meets itself, so
    F(S+1) - F(S-1) is twice the slope, exactly: the rules "exact" and "cavity" are the same.

    Parameters
    ----------
    order : n >= 2.
    size : N >= n, that of the patterns.

    Raises
    ------
    ValueError : a number out of range; from DenseAM, patterns of another size.

    Examples
    --------
    >>> [SpinProduct(3, 4).exact_value(x) for x in (4, 2, 0)]
    [24, -12, 0]
    """

    order: int
    size: int

    def __post_init__(self):
        object.__setattr__(self, "order", as_count(self.order, "order", 2))
        object.__setattr__(self, "size", as_count(self.size, "size", self.order))

    @property
    def words(self) -> Words:
        """The words of n different spins.

        >>> SpinProduct(3, 8).words.label
        'n = 3, different spins'
        """
        n, what = self.order, f"F of {self.order} different spins"
        label = f"n = {n}, different spins"
        return Words(f"{n} spins", label, label, f"−Σ F(M)/N^{n - 1}, {what}", f"−Σ F(M), {what}")

    def __call__(self, x):
        return _products(as_overlaps(x), self.order, self.size)

    def exact_value(self, x: int) -> int:
        return _products(x, self.order, self.size)

    def exact_slope(self, x: int) -> int:
        return self.order * _products(x, self.order - 1, self.size - 1)

    def scale(self, size: int) -> int:
        self._same(size)
        return super().scale(size)

    def divisor(self, size: int) -> int:
        """N**(n-1), as for `Power`: the energy is about -N at a stored pattern of large N.

        >>> SpinProduct(3, 8).divisor(8)
        64
        """
        self._same(size)
        return size ** (self.order - 1)

    def _same(self, size: int) -> None:
        if size != self.size:
            raise ValueError(
                f"size is {self.size}, but the patterns have {size} neurons; expected SpinProduct({self.order}, {size})"
            )
