"""What is stored, and how it is damaged.

Every maker returns a pattern set `(K, N)` of int8 ±1, one pattern a row (`grey_digits`: of numbers in [0, 1]); every
kind of damage returns a new array. Randomness is a seed or a numpy Generator, always an argument.
"""

from damtutor.patterns.correlated import (
    centred_patterns,
    clustered_patterns,
    greatest_overlap,
    hadamard_patterns,
    latent_patterns,
    overlap_matrix,
)
from damtutor.patterns.damage import flip, mask, noise
from damtutor.patterns.pictures import digit_labels, digits, grey_digits, letters
from damtutor.patterns.random import random_patterns

__all__ = [
    "centred_patterns",
    "clustered_patterns",
    "digit_labels",
    "digits",
    "flip",
    "greatest_overlap",
    "grey_digits",
    "hadamard_patterns",
    "latent_patterns",
    "letters",
    "mask",
    "noise",
    "overlap_matrix",
    "random_patterns",
]
