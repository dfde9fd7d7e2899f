"""Answers that Numba compiles: right ones are correct on a cold cache, and the compiler's time is not theirs."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from damtutor.checks import find, judge
from damtutor.checks.engine.limits import LimitedCalls, Limits

pytestmark = pytest.mark.untraced

ROOT = Path(__file__).parents[2]
ENOUGH = Limits(seconds=0.5)  # each answer's own loops take some hundredths; its compilation up to 10 s


def attend(Q, K, W):
    """attention.1 in loops."""
    out = np.zeros((len(Q), W.shape[1]))
    for s in range(len(Q)):
        scores = np.zeros(len(K))
        for t in range(len(K)):
            for i in range(K.shape[1]):
                scores[t] += Q[s, i] * K[t, i] / np.sqrt(K.shape[1])
        weights = np.exp(scores - scores.max())
        weights /= weights.sum()
        for t in range(len(K)):
            for i in range(K.shape[1]):
                for j in range(W.shape[1]):
                    out[s, j] += weights[t] * K[t, i] * W[i, j]
    return out


def batch_step(X, xi, beta):
    """modern.4 in loops."""
    out = np.zeros(xi.shape)
    for b in range(len(xi)):
        scores = np.zeros(len(X))
        for k in range(len(X)):
            for i in range(X.shape[1]):
                scores[k] += beta * X[k, i] * xi[b, i]
        weights = np.exp(scores - scores.max())
        weights /= weights.sum()
        for k in range(len(X)):
            for i in range(X.shape[1]):
                out[b, i] += weights[k] * X[k, i]
    return out


def best_step(K, queries, right, beta, steps):
    """attention.5 in loops."""
    x, best, first = queries.copy(), -1.0, 0
    for step in range(1, steps + 1):
        scores = beta * x @ K.T
        weights = np.zeros(scores.shape)
        mean = 0.0
        for b in range(len(x)):
            row = np.exp(scores[b] - scores[b].max())
            weights[b] = row / row.sum()
            mean += weights[b, right[b]] / len(x)
        if mean > best:
            best, first = mean, step
        x = weights @ K
    return first


def stability(X):
    """capacity.1 in loops."""
    K, N = X.shape
    out = np.zeros((K, N))
    for k in range(K):
        for i in range(N):
            for m in range(K):
                for j in range(N):
                    if j != i:
                        out[k, i] += float(X[k, i]) * X[m, i] * X[m, j] * X[k, j] / N
    return out


ANSWERS = {
    "attention.1": attend,
    "modern.4": batch_step,
    "attention.5": best_step,
    "capacity.1": stability,
    **{id: find(id).reference for id in ("modern.5", "attention.2", "attention.4")},
}


@pytest.mark.parametrize("id", ANSWERS)
def test_compiled_right_answer_is_correct_and_its_compilation_is_not_counted(id):
    numba = pytest.importorskip("numba")
    verdict = judge(find(id), numba.njit(ANSWERS[id]), ENOUGH)
    assert verdict.correct, verdict


COLD = """
    from damtutor.checks import find, judge

    def attend(Q, K, W):
        import numba
        import numpy as np

        global compiled
        if "compiled" not in globals():
            @numba.njit
            def compiled(Q, K, W):
                out = np.zeros((len(Q), W.shape[1]))
                for s in range(len(Q)):
                    scores = K @ Q[s] / np.sqrt(K.shape[1])
                    weights = np.exp(scores - scores.max())
                    out[s] = weights / weights.sum() @ K @ W
                return out
        return compiled(Q, K, W)

    print(judge(find("attention.1"), attend))
"""


def test_answer_may_import_the_compiler_itself():
    pytest.importorskip("numba")
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(COLD)], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.startswith("✓ correct"), done.stdout + done.stderr


def test_python_loop_beside_a_compiled_one_is_stopped():
    numba = pytest.importorskip("numba")
    compiled = numba.njit(lambda x: x + 1)

    def endless():
        x = 0
        while True:
            x = compiled(x) % 1000

    calls = LimitedCalls(Limits(seconds=0.3))
    assert "endless loop" in calls.run(endless).stopped
    assert calls.spared > 0
