"""The machine of the checks: an exercise and an answer in, a verdict out. No exercise is known here."""
