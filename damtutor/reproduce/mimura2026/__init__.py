"""Retrieval dynamics of Mimura et al. (2026): modules hold the items, `printed/` the values that stand beside ours."""

SOURCE = "equations of Mimura et al. (2026), arXiv 2506.00851; numbers of an independent program"
