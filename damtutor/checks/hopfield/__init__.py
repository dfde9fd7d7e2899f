"""The exercises of chapter `hopfield`, one a file."""

CHAPTER = 2
