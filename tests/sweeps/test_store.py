"""The store of a sweep: whole rows or none, and every way in which a file can fail."""

import contextlib
import json
import math
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import trials
from children import child
from examples import without_example
from hypothesis import given, settings
from hypothesis import strategies as st

from damtutor.sweeps import repair as repair_module
from damtutor.sweeps import store as store_module
from damtutor.sweeps.repair import repair
from damtutor.sweeps.store import Series, Store, StoredTrial, StoreError, canonical
from damtutor.sweeps.sweep import sweep

SERIES = Series("module.trial", "abc", 7)
KEY = canonical({"size": 10}, "point")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
FLAT = st.dictionaries(st.text(), SCALARS | st.lists(SCALARS | st.lists(SCALARS)))


def rows(first, end, key=KEY):
    return [StoredTrial(key, k, canonical({"m": k / 3, "text": "x" * 50}, "result")) for k in range(first, end)]


def filled(path, count):
    with Store(path) as store:
        store.add(SERIES, rows(0, count))
    return path


def results(path, count):
    with Store(path) as store:
        return store.results(SERIES, KEY, count)


# What a row is -------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None, derandomize=True)
@given(FLAT)
def test_what_is_flat_and_json_comes_back_as_it_was(values):
    """Also the type and the sign of zero: repr tells 1 from 1.0 and from True, and -0.0 from 0.0."""
    back = json.loads(canonical(values, "values"))
    assert back == values
    assert sorted(map(repr, back.items())) == sorted(map(repr, values.items()))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(FLAT, st.randoms(use_true_random=False))
def test_equal_dicts_have_one_text(values, order):
    items = list(values.items())
    order.shuffle(items)
    assert canonical(dict(items), "one") == canonical(values, "other")
    assert canonical(values, "text").isascii()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1], r"point is \[1\]; expected a dict"),
        ({1: 2}, r"expected a dict with names as keys"),
        ({"m": math.nan}, r"point\['m'\] is nan; expected a finite number.*None"),
        ({"m": [1, [2, math.inf]]}, r"point\['m'\]\[1\]\[1\] is inf"),
        ({"m": np.int64(3)}, r"int64.*expected int.*here int\(x\)"),
        ({"m": np.zeros(2)}, r"ndarray.*x\.tolist\(\)"),
        ({"m": {"deep": 1}}, r"point\['m'\] is \{'deep': 1\} \(dict\)"),
        ({"m": {1, 2}}, r"\(set\)"),
        ({"m": b"x"}, r"\(bytes\)"),
        ({"m": "x" * 9 + "y"} | {"n": object()}, r"\(object\)"),
    ],
)
def test_what_is_not_flat_json_is_refused(values, said):
    with pytest.raises(ValueError, match=said):
        canonical(values, "point")


def test_a_numpy_float_is_a_float_with_all_its_bits():
    assert canonical({"m": np.float64(0.1)}, "point") == canonical({"m": 0.1}, "point")


def test_examples():
    assert "canonical" not in without_example(store_module)
    without_example(repair_module)


# Adding and reading --------------------------------------------------------------------------------------------------


def test_rows_come_back_in_order_and_belong_to_their_key(tmp_path):
    path = tmp_path / "made" / "here" / "store.db"
    with Store(path) as store:
        store.add(SERIES, reversed(rows(0, 30)))
        others = [SERIES._replace(trial="t"), SERIES._replace(version="v"), SERIES._replace(seed=8)]
        for other in others:
            assert store.finished(other, KEY, 30) == {}
            store.add(other, [StoredTrial(KEY, 0, '{"m":1}')])
        store.add(SERIES, [StoredTrial("{}", 0, '{"m":2}')])
        assert store.finished(SERIES, KEY, 20).keys() == set(range(20))
        assert [row["m"] for row in store.results(SERIES, KEY, 25)] == [k / 3 for k in range(25)]
        assert store.results(SERIES, "{}", 1) == [{"m": 2}]
        assert store.stale(SERIES) == 1
    assert sorted(tmp_path.rglob("*.db*")) == [path]


def test_a_row_that_is_there_stays(tmp_path):
    with Store(tmp_path / "s.db") as store:
        store.add(SERIES, [StoredTrial(KEY, 0, '{"m":1}')])
        store.add(SERIES, [StoredTrial(KEY, 0, '{"m":2}'), StoredTrial(KEY, 1, '{"m":3}')])
        assert store.results(SERIES, KEY, 2) == [{"m": 1}, {"m": 3}]


def test_rows_wait_for_each_other_and_none_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "QUIET", 1e9)
    with Store(tmp_path / "s.db") as store:
        with contextlib.suppress(KeyboardInterrupt), store.adding(SERIES) as keep:
            keep(rows(0, 5))
            assert store.finished(SERIES, KEY, 9) == {}
            raise KeyboardInterrupt
        assert store.finished(SERIES, KEY, 9).keys() == set(range(5))
        monkeypatch.setattr(store_module, "QUIET", 0.0)
        with store.adding(SERIES) as keep:
            keep(rows(5, 7))
            assert store.finished(SERIES, KEY, 9).keys() == set(range(7))


def test_a_transaction_that_is_broken_off_leaves_nothing(tmp_path):
    def half():
        yield from rows(0, 5)
        raise KeyboardInterrupt

    with Store(tmp_path / "s.db") as store:
        with pytest.raises(KeyboardInterrupt):
            store.add(SERIES, half())
        with contextlib.suppress(KeyboardInterrupt), store._transaction():
            store._run("INSERT INTO trials VALUES ('t', 'v', 'p', 0, 0, 'r', 0)")
            raise KeyboardInterrupt
        assert store._run("SELECT count(*) FROM trials") == [(0,)]


# Ways to fail --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(path, how="EXCLUSIVE"):
    """Another process holds the file."""
    code = (
        f"import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN {how}'); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "\n"
        yield
        other.communicate("\n")


@pytest.mark.parametrize("how", ["EXCLUSIVE", "IMMEDIATE"])
def test_a_locked_store_says_so_and_loses_nothing(tmp_path, monkeypatch, how):
    path = filled(tmp_path / "s.db", 5)
    monkeypatch.setattr(store_module, "WAIT", 0.1)
    with locked(path, how), pytest.raises(StoreError, match=r"s\.db: another program has held it locked.*run the same"):
        filled(path, 9)
    assert len(results(filled(path, 9), 9)) == 9


def test_a_lock_that_is_given_free_is_waited_for(tmp_path):
    path = filled(tmp_path / "s.db", 5)
    code = (
        "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN EXCLUSIVE');"
        "print(flush=True); time.sleep(1.5); c.rollback()"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "\n"
        filled(path, 9)
    assert len(results(path, 9)) == 9


def test_a_full_disk_keeps_what_was_finished(tmp_path):
    """The number of pages is limited: SQLite's own word for a full disk."""
    path = filled(tmp_path / "s.db", 20)
    with Store(path) as store:
        store._run(f"PRAGMA max_page_count = {store._run('PRAGMA page_count')[0][0]}")
        with pytest.raises(StoreError, match=r"s\.db: the disk is full; make room and run the same again.*are kept"):
            store.add(SERIES, rows(20, 2000))
        assert store.finished(SERIES, KEY, 2000).keys() == set(range(20))
        store._run("PRAGMA max_page_count = 1000000")
        store.add(SERIES, rows(20, 200))
    assert len(results(path, 200)) == 200


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_limit_of_file_size_keeps_what_was_finished(tmp_path):
    """What a quota does: the write itself is refused, in the middle of a sweep; the run that follows has all."""
    path = tmp_path / "s.db"
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000));"
        "from damtutor.sweeps import store; store.QUIET = 0.0; from damtutor.sweeps.sweep import sweep;"
        "from trials import noise; sweep(noise, [{'size': 3}], 2000, store=sys.argv[1])"
    )
    with child(code, path) as done:
        said = done.communicate()[1]
    assert "StoreError" in said
    assert "make room and run the same again" in said
    with sqlite3.connect(path) as connection:
        kept = connection.execute("SELECT number, result FROM trials ORDER BY number").fetchall()
    assert 20 < len(kept) < 1000
    assert [number for number, _ in kept] == list(range(len(kept)))
    whole = sweep(trials.noise, [{"size": 3}], 2000)
    assert sweep(trials.noise, [{"size": 3}], 2000, store=path) == whole
    assert [json.loads(result) for _, result in kept] == whole[0][: len(kept)]


@contextlib.contextmanager
def not_root():
    """Rights to files do not bind root: be somebody else meanwhile."""
    if sys.platform == "win32":
        pytest.skip("folders have no such rights on Windows")
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def public():
    """A folder that others may enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Path(folder).chmod(0o755)


def test_a_folder_that_is_read_only(public):
    path = filled(public / "s.db", 5)
    path.chmod(0o444)
    public.chmod(0o555)
    with not_root():
        assert len(results(path, 5)) == 5  # what is finished can be read
        with pytest.raises(StoreError, match=r"s\.db: .*read-only.*expected a place where you may write"):
            filled(path, 9)
        with pytest.raises(StoreError, match=r"new\.db: cannot be opened; expected a file in a folder where you may"):
            filled(public / "new.db", 9)
        with pytest.raises(StoreError, match="expected a file in a folder where you may write"):
            filled(public / "new" / "new.db", 9)


def test_a_folder_in_place_of_a_file_and_a_file_in_place_of_a_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path, tmp_path / "file" / "s.db"):
        with pytest.raises(StoreError, match="expected a file in a folder where you may write"):
            Store(path)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_store_of_a_newer_form(tmp_path):
    path = filled(tmp_path / "s.db", 5)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer damtutor \(form 2; this one reads up to 1\); update damtutor"):
        Store(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program(tmp_path):
    with sqlite3.connect(tmp_path / "s.db") as connection:
        connection.execute("CREATE TABLE bookmarks (place TEXT)")
    before = (tmp_path / "s.db").read_bytes()
    with pytest.raises(StoreError, match="database of another program; expected a store: name another file"):
        Store(tmp_path / "s.db")
    assert (tmp_path / "s.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"x", b"overlap,0.5\n" * 500, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_store(tmp_path, content):
    path = tmp_path / "s.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged or no store.*Move it away and run the same again; or save the rows"):
        Store(path)
    assert path.read_bytes() == content
    with pytest.raises(StoreError, match="no row can be read; move it away"):
        repair(path, tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The bytes of a store of 300 rows, and what is in it."""
    path = filled(tmp_path_factory.mktemp("sound") / "s.db", 300)
    return path.read_bytes(), results(path, 300)


def read_or_refuse(content, expected):
    """A damaged store gives right rows, or is refused and left as it is; then what can be read is saved."""
    with tempfile.TemporaryDirectory() as folder:
        path, new = Path(folder) / "s.db", Path(folder) / "new.db"
        path.write_bytes(content)
        try:
            with Store(path) as store:
                there = sorted(store.finished(SERIES, KEY, 300))
                if there == list(range(300)):
                    assert store.results(SERIES, KEY, 300) == expected
                else:  # damaged in a key: the trial is not found, so it will run again
                    store.add(SERIES, rows(0, 300))
                    assert store.results(SERIES, KEY, 300) == expected
            return 300
        except StoreError as error:
            refused = str(error)
        assert path.read_bytes() == content
        assert f"repair({str(path)!r}" in refused or "of another program" in refused or "newer damtutor" in refused
        if not any(list(repair_module._readable(path, way)) for way in ("ASC", "DESC")):
            return 0
        saved = repair(path, new)
        with Store(new) as store:
            numbers = store.finished(SERIES, KEY, 300)
            assert len(numbers) == saved
            for number in numbers:
                found = store._run("SELECT result FROM trials WHERE number = ?", (number,))
                assert json.loads(found[0][0]) == expected[number]
        return saved


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_store_with_one_damaged_byte(sound, data):
    content, expected = bytearray(sound[0]), sound[1]
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    read_or_refuse(bytes(content), expected)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_store_with_damaged_bytes_in_its_head_or_at_its_end(sound, data):
    """Where the form of the file stands, and where a page says what is in it."""
    content, expected = bytearray(sound[0]), sound[1]
    for _ in range(data.draw(st.integers(1, 3))):
        page = 4096 * data.draw(st.integers(0, len(content) // 4096 - 1))
        place = data.draw(st.integers(0, 120) | st.integers(3700, 4095))
        content[page + place] = data.draw(st.integers(0, 255))
    read_or_refuse(bytes(content), expected)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_store_that_is_cut_off(sound, data):
    read_or_refuse(sound[0][: data.draw(st.integers(1, len(sound[0]) - 1))], sound[1])


def test_a_damaged_page_leaves_the_rows_of_the_others(sound):
    """Four pages of the middle of thirty are gone; saved are the rows before and after them."""
    content, expected = sound
    page = 4096
    middle = len(content) // page // 2 * page
    broken = content[:middle] + b"\xaa" * page + content[middle + page :]
    assert 200 < read_or_refuse(broken, expected) < 300


def test_a_sweep_with_a_damaged_store_changes_nothing(tmp_path):
    path = tmp_path / "s.db"
    path.write_bytes(b"my diary\n" * 1000)
    with pytest.raises(StoreError, match="No row in it was changed"):
        sweep(trials.noise, [{"size": 3}], 3, store=path)
    assert path.read_bytes() == b"my diary\n" * 1000
    assert list(tmp_path.iterdir()) == [path]


def test_repair_writes_over_nothing(tmp_path):
    path, new = filled(tmp_path / "s.db", 5), filled(tmp_path / "new.db", 2)
    with pytest.raises(StoreError, match=r"new\.db is there already"):
        repair(path, new)
    assert len(results(new, 2)) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="some of these are no names there")
@pytest.mark.parametrize("name", ["s.db", "it's.db", 'say "x".db', "C:\\new\\Users\\u.db"])
def test_the_call_that_saves_rows_runs_as_it_is_printed(tmp_path, sound, name):
    """Also with what a Windows path looks like, and with quotes in a name."""
    path = tmp_path / name
    middle = len(sound[0]) // 8192 * 4096
    path.write_bytes(sound[0][:middle] + b"\xaa" * 4096 + sound[0][middle + 4096 :])
    with pytest.raises(StoreError) as caught:
        Store(path)
    exec(str(caught.value).rpartition("new file: ")[2], {})
    with Store(path.with_name(f"{path.stem}-saved.db")) as store:
        assert 0 < len(store.finished(SERIES, KEY, 300)) < 300


def test_the_folder_of_the_user_is_meant_by_its_sign(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    filled("~/s.db", 5)
    assert repair("~/s.db", Path("~/new.db")) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.db", "s.db"]
    for paths in (("~no-such-user-here/s.db", "new.db"), (None, "new.db"), ("s.db", ""), ("s.db", 3)):
        with pytest.raises(
            ValueError, match=r"(damaged|new) is .*; expected the name of a file or folder, for example"
        ):
            repair(*paths)


@pytest.mark.parametrize("path", [5, ["s.db"], b"s.db", "", "s\0.db", "~no-such-user-here/s.db"])
def test_what_names_no_file_is_refused_in_words(path):
    with pytest.raises(ValueError, match=r"store is .*; expected the name of a file or folder, for example 'trials"):
        Store(path)
