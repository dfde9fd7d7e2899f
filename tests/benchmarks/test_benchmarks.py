"""The benchmarks: parts by name, plain forms that do our work, and what is missing is said and not guessed."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import peers
import plain
import pytest
import tables
import topics
from tables import Entry, Missing, Topic, contest

from damtutor import DenseAM, Exponential, Hopfield, Power
from damtutor.models.attention import attention
from damtutor.models.modern import ModernHopfield
from damtutor.patterns import flip, random_patterns

PARTS = ("peers", "models", "sweeps", "flows", "diffusion", "design", "frontier", "papers", "budgets")
FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


def loaded(name):
    spec = importlib.util.spec_from_file_location(f"benchmarks_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_parts_are_chosen_by_name(monkeypatch, capsys):
    run, ran = loaded("run"), []
    for name in run.THREADS:  # main sets them for its process: not for this one
        monkeypatch.setenv(name, "1")
    monkeypatch.setattr(run, "import_module", lambda name: type("part", (), {"report": lambda: ran.append(name)}))
    assert tuple(run.PARTS) == PARTS
    assert run.main(["sweeps", "models"]) == 0
    assert ran == ["sweeps", "models"]
    ran.clear()
    assert run.main([]) == 0
    assert tuple(ran) == PARTS
    ran.clear()
    assert run.main(["models", "speed"]) == 2
    assert f"unknown: speed; expected {', '.join(PARTS)}" in capsys.readouterr().out
    assert ran == []


def test_the_command_says_what_the_parts_are(capsys):
    with pytest.raises(SystemExit) as stop:
        loaded("run").main(["--help"])
    assert stop.value.code == 0
    said = capsys.readouterr().out
    assert all(f"\n  {name} " in said for name in PARTS)


@pytest.mark.parametrize("name", PARTS)
def test_every_part_is_a_module_that_reports(name):
    assert callable(loaded(name).report)


# The table ------------------------------------------------------------------------------------------------------------


def absent(error):
    def make():
        raise error

    return make


def rows(text):
    return {row[2:46].strip(): row[46:].split() for row in text.splitlines() if row.startswith("  ")}


def test_what_is_missing_is_said_and_not_guessed(capsys):
    entries = (
        Entry("ours", lambda: lambda: 1),
        Entry("no package", absent(ModuleNotFoundError("No module named 'torch'")), 2.0, peer=True),
        Entry("no data", absent(Missing("the site is not built")), 2.0),
        Entry("broken", lambda: lambda: 1 / 0, 2.0, peer=True),
        Entry("there", lambda: lambda: 1, peer=True),
    )
    contest(Topic("title", entries, faster=5), budget=0)
    found = rows(capsys.readouterr().out)
    assert " ".join(found["no package"]) == "- - - not measured here: No module named 'torch'"
    assert " ".join(found["no data"]) == "- - - not measured here: the site is not built"
    assert " ".join(found["broken"]) == "- - - failed: ZeroDivisionError: division by zero"
    assert float(found["there"][1]) > 0
    assert "the fastest peer" not in found  # one peer of several is not the fastest of them


def test_without_ours_there_are_times_and_no_ratios(capsys):
    entries = (Entry("ours", absent(Missing("not here"))), Entry("a", lambda: lambda: 1, 2.0), Entry("b", lambda: int))
    contest(Topic("title", entries, products=1e6, held=10), sgemm=(lambda: 1, 1e6), budget=0)
    found = rows(capsys.readouterr().out)
    assert set(found) == {"what", "ours", "a", "b"}
    assert found["a"][1:3] == ["-", "-"]
    assert "missed" not in found["a"]
    assert "met" not in found["a"]


def test_ratios_targets_and_differences(capsys, monkeypatch):
    seconds = {"ours": [1.0, 2.0, 4.0], "slow": [3.0, 6.0, 40.0], "fast": [2.0, 1.0, 2.0], "sgemm": [1.0, 2.0, 4.0]}
    monkeypatch.setattr(tables, "paired", lambda actions, budget: {name: np.array(seconds[name]) for name in actions})
    entries = (
        Entry("ours", lambda: lambda: np.zeros(3)),
        Entry("slow", lambda: lambda: np.ones(3), 2.9, peer=True),
        Entry("fast", lambda: lambda: np.zeros(3), 1.0, peer=True),
    )
    topic = Topic("title", entries, topics_differs, 4, products=6e9, share=0.7, held=1 << 30, faster=0.5)
    contest(topic, sgemm=(lambda: 1, 8e9))
    found = rows(capsys.readouterr().out)
    assert found["ours"][:3] == ["500", "1", "-"]  # 2 s in the middle, 4 calls in an action
    assert found["slow"][:5] == ["1.5e+03", "3", ">=", "2.9", "met"]  # median of 3, 3, 10: not the ratio of medians
    assert "3 wrong" in " ".join(found["slow"])
    assert found["fast"][1:5] == ["0.5", ">=", "1", "missed"]
    assert "wrong" not in " ".join(found["fast"])
    assert found["the fastest peer"][:4] == ["0.5", ">=", "0.5", "met"]
    assert found["ours, share of NumPy's large matrix product"][:4] == ["0.75", ">=", "0.7", "met"]
    assert found["ours, peak memory as a part of the patterns"][1:4] == ["<=", "0.5", "met"]


def topics_differs(ours, other):
    return f"{np.count_nonzero(ours != other)} wrong" if np.any(ours != other) else ""


def test_actions_are_timed_in_the_same_rounds_in_turn(monkeypatch):
    monkeypatch.setattr(tables, "SLICE", 0.0)  # one call a measurement
    calls = []
    actions = {name: lambda name=name: calls.append(name) for name in "abc"}
    found = tables.paired(actions, budget=0, least=4)
    assert {name: len(times) for name, times in found.items()} == dict.fromkeys("abc", 4)
    assert "".join(calls[-24:]) == "aabbccbbccaaccaabbaabbcc"  # each timed call follows an untimed one
    assert tables.paired({}) == {}


def test_peak_memory_counts_the_largest_moment_and_not_what_was_there():
    """An array of 16 MB over one of 8 MB that stays: 24 MB, up to 8 MB of the process's own business."""
    held = np.ones(64 << 20, dtype=np.int8)

    def work():
        kept = held[: 8 << 20].copy()
        (np.ones(16 << 20, dtype=np.int8)).sum()
        return kept

    assert 24 <= tables.peak(work) / (1 << 20) < 32
    assert tables.peak(lambda: None) < 8 << 20


def test_peak_memory_without_the_high_water_mark_is_numpys_own_count(monkeypatch, tmp_path):
    monkeypatch.setattr(tables, "CLEAR", tmp_path / "none" / "clear_refs")
    assert 8 <= tables.peak(lambda: np.ones(8 << 20, dtype=np.int8)) / (1 << 20) < 8.1


def test_what_other_processes_take_is_said(tmp_path, monkeypatch):
    stat = tmp_path / "stat"
    monkeypatch.setattr(tables, "STAT", stat)
    stat.write_text("cpu  100 0 100 900 0")
    assert tables.others(lambda: None) == ""
    said = tables.others(lambda: stat.write_text("cpu  5100 0 100 900 0"))  # 50 s of processor time in a moment
    assert "other processes took" in said
    monkeypatch.setattr(tables, "STAT", tmp_path / "none")
    ran = []
    assert tables.others(lambda: ran.append(1)) == ""
    assert ran == [1]


def test_a_measuring_process_that_fails_is_named(capfd):
    topics.launch(sys.executable, 1, "nonsense")
    out = capfd.readouterr()
    assert "failed: the process of 1 thread(s) ended with code 1" in out.out
    assert "expected: topics.py THREADS models|peers" in out.err


# The environment ------------------------------------------------------------------------------------------------------


def test_peers_are_pinned_and_the_largest_comes_first_and_alone():
    names = peers.wanted((FOLDER / "peers.txt").read_text("utf-8"))
    assert all(name.count("==") == 1 and " " not in name for name in names)
    assert names[0].startswith("torch==")
    assert {name.split("==")[0] for name in names} == {"torch", "jax", "jaxlib", "hopfieldnetwork", "hopfieldkit"}
    assert peers.wanted("# a remark\n\nx==1  # why\n") == ["x==1"]


def test_a_peer_that_cannot_be_installed_is_named_and_the_others_come(monkeypatch, capsys):
    asked = []

    def install(requirement):
        asked.append(requirement)
        return "no matching distribution" if requirement.startswith("jaxlib") else ""

    monkeypatch.setattr(peers, "install", install)
    monkeypatch.setattr(peers, "python", lambda: Path(sys.executable))  # an environment that is there already
    monkeypatch.setattr(peers, "installed", lambda: {"hopfieldkit==0.1.0"})
    peers.environment()
    names = [name.split("==")[0] for name in asked]
    assert names == ["torch", "numpy", "numba", "jaxlib", "jax", "hopfieldnetwork"]  # hopfieldkit is there
    said = capsys.readouterr().out
    assert "is not measured here: no matching distribution" in said
    assert said.count("not measured here") == 1


def test_without_venv_the_part_says_so_and_ends(monkeypatch, capsys):
    monkeypatch.setattr(peers, "environment", absent(OSError("no space left")))
    monkeypatch.setattr(peers, "launch", lambda *_: pytest.fail("nothing to launch"))
    peers.report()
    assert "not measured here: no environment could be made: no space left" in capsys.readouterr().out


def test_pip_failure_gives_its_reason(monkeypatch):
    def run(command, **_):
        return type("done", (), {"returncode": 1, "stderr": "WARNING: x\nERROR: no versions\nERROR: no match\n"})

    monkeypatch.setattr(peers.subprocess, "run", run)
    assert peers.install("torch==0") == "no match"


def test_installed_knows_a_build_by_its_version(monkeypatch):
    def run(command, **_):
        return type("done", (), {"stdout": "torch==2.0.1+cpu\nJinja2==3.1.6\n"})

    monkeypatch.setattr(peers.subprocess, "run", run)
    assert peers.installed() == {"torch==2.0.1", "jinja2==3.1.6"}


# The plain forms ------------------------------------------------------------------------------------------------------


def test_plain_hebb_and_recall_do_our_work():
    patterns = random_patterns(12, 101, rng=1)
    network = Hopfield(patterns)
    weights = plain.hebb(patterns)
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights, network.weights, atol=1e-7)  # float32 of numbers below 1
    for seed in range(5):
        start = flip(patterns[seed], 25, rng=seed)
        ours = network.retrieve(start, rng=seed)
        whole = np.round(weights * 101)  # whole numbers: a zero field is zero
        assert np.array_equal(plain.recall(whole, start, np.random.default_rng(seed)), ours.state)
        assert not np.array_equal(ours.state, start)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_full_energies_decide_as_we_do(order):
    """N=40, K=13: every energy is a whole number below 2**53, so that the tutorial's form is exact as well."""
    patterns = random_patterns(13, 40, rng=order)
    flips = 0
    for seed in range(6):
        start = flip(patterns[seed], 12, rng=seed)
        visit = np.random.default_rng(seed).permutation(40)
        ours = DenseAM(patterns, Power(order)).retrieve(start, max_sweeps=1, rng=seed)
        plainly = plain.full_energy_sweep(patterns.astype(np.float32), start.astype(np.float32), visit, order)
        assert np.array_equal(plainly, ours.state)
        flips += np.count_nonzero(ours.state != start)
    assert flips > 0


@pytest.mark.parametrize("interaction", [Power(3), Exponential()])
def test_two_products_make_our_batch_step(interaction):
    patterns = random_patterns(31, 64, rng=3)
    states = np.array([flip(patterns[k], 20, rng=k) for k in range(9)])
    parts = plain.exponential(np) if interaction.relative else plain.cubic
    new = plain.batch_step(patterns.astype(np.float32), states.astype(np.float32), parts)
    assert new.dtype == np.float32
    ours = DenseAM(patterns, interaction).step(states, order="sync")
    assert np.array_equal(new, ours)
    assert not np.array_equal(ours, states)


def test_weights_of_the_exact_rule():
    """c = F(x + 2) - F(x - 2) and d = F(x + 2) - 2 F(x) + F(x - 2); for exp relative to the row's largest."""
    h = np.array([[-7.0, 3.0, 5.0], [0.0, 2.0, -2.0]])
    for parts, f in ((plain.cubic, lambda x: x**3), (plain.exponential(np), lambda x: np.exp(x - h.max(1)[:, None]))):
        weights, bends = parts(h)
        np.testing.assert_allclose(weights, f(h + 2) - f(h - 2), rtol=1e-14)
        np.testing.assert_allclose(bends, (f(h + 2) - 2 * f(h) + f(h - 2)).sum(1), rtol=1e-13)


def test_plain_batch_step_keeps_a_spin_without_field():
    x = np.array([[1, 1, 1, 1], [-1, -1, -1, -1]], dtype=np.float32)
    s = np.array([[1, -1, 1, -1]], dtype=np.float32)  # the overlaps are 0 and 0: every field is exactly zero
    assert np.array_equal(plain.batch_step(x, s), s)
    assert np.array_equal(DenseAM(x).step(s.astype(np.int8), order="sync"), s)


def test_plain_softmax_step_is_ours_and_attention():
    rng = np.random.default_rng(4)
    x = rng.standard_normal((37, 8)).astype(np.float32)
    s = rng.standard_normal((11, 8)).astype(np.float32)
    new = plain.softmax_step(x, s, 0.7)
    assert new.dtype == np.float32
    np.testing.assert_allclose(ModernHopfield(x, 0.7).step(s), new, atol=2e-6)  # 37 float32 terms of size 1
    np.testing.assert_allclose(attention(s, x, x, 0.7), new, atol=2e-6)


@pytest.mark.parametrize(
    "topic",
    [
        *topics.classical(200, 8, starts=2),
        *topics.dense(64, 20),
        *topics.batches(64, 50, 7),
        *topics.softmax(8, 50, 7),
    ],
    ids=lambda topic: topic.title.partition(",")[0],
)
def test_every_topic_runs_and_its_ways_agree(topic, capsys, monkeypatch):
    """Small sizes, without the peers: every row has a number, none differs from ours."""
    monkeypatch.setattr(tables, "SLICE", 0.0)
    kept = [entry for entry in topic.entries if not entry.peer]
    contest(topic, topics.large_product(32), budget=0, with_peers=False)
    out = capsys.readouterr().out
    assert "failed" not in out
    assert "not measured" not in out
    assert "differ" not in out
    assert "not recalled" not in out
    assert "other couplings" not in out
    for entry in kept:
        assert float(rows(out)[entry.what[:44]][0]) > 0
    assert any(entry.peer for entry in topic.entries)
    assert topic.entries[0].what.startswith("ours")


def test_differences_are_seen():
    patterns = np.array([[1, 1, 1, -1]], dtype=np.int8)
    assert topics.spins(patterns, patterns) == ""
    assert topics.spins(patterns, -patterns) == "4 of 4 spins differ"
    store, recall, _ = topics.classical(200, 8, starts=2)
    ours = Hopfield(random_patterns(8, 200, rng=1))
    assert store.differs(ours, ours) == ""
    assert store.differs(ours, ours.weights + 1e-3) == "other couplings"
    right = random_patterns(8, 200, rng=1)[:2]
    assert recall.differs(right, right) == ""
    assert recall.differs(right, np.vstack([right[0], -right[1]])) == "1 of 2 not recalled"


def test_flows_are_timed_for_every_model_and_integrator(monkeypatch, capsys):
    flows = loaded("flows")
    monkeypatch.setattr(flows, "REPEATS", 1)
    flows.report()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    assert all(" s, " in line for line in lines[1:])


# The frontier ---------------------------------------------------------------------------------------------------------


def test_plain_forms_of_the_frontier_do_our_work():
    frontier = loaded("frontier")
    from damtutor.experiments.corruption import corruption_trial
    from damtutor.theory.effective_spin import solve
    from damtutor.theory.guarantees import certify

    ours = solve(3, 0.1, 0.5, 3, 50_000).overlap
    theirs = frontier.plain_solve(0.1, 0.5, 3, 50_000, np.random.default_rng(1))
    np.testing.assert_allclose(theirs, ours, atol=5 / np.sqrt(50_000))  # five standard deviations of its mean
    patterns = random_patterns(30, 60, rng=0)
    assert frontier.plain_certify(patterns) == certify(patterns, 0, 3, "D").radius >= 1
    for load in frontier.LOADS[:1]:
        found = corruption_trial((0, 3), size=500, load=load, corruptions=frontier.CORRUPTIONS)
        assert frontier.plain_corruption((0, 3), load) == found["success"]
