"""The memories, one model a file."""
