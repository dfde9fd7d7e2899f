"""The exercises of chapter `attention`, one a file."""

CHAPTER = 6
