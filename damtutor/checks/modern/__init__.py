"""The exercises of chapter `modern`, one a file."""

CHAPTER = 5
