"""The exercises of chapter `dense`, one a file."""

CHAPTER = 4
