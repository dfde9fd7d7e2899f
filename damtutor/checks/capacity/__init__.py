"""The exercises of chapter `capacity`, one a file."""

CHAPTER = 3
