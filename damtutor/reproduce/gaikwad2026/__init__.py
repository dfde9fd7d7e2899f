"""Guarantees and adversaries of Gaikwad (2026): modules hold items, `printed/` the values that stand beside ours."""

SOURCE = "Gaikwad (2026), arXiv 2604.12811"
MODEL = "the model of Gaikwad (2026), arXiv 2604.12811; bounds derived here, numbers of an independent program"
