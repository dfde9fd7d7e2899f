"""Predictions without simulation."""
