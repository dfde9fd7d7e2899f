"""The exercises of chapter `energy`, one a file."""

CHAPTER = 1
