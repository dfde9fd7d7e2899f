"""Seeded measurements: models in, tables out. No plots here."""
