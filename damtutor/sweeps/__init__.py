"""Grids of seeded trials: run, kept, resumed, on any number of workers. Knows no model."""
