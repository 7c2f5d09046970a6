"""A small dataset is published by a server on this machine, or by one that does not answer."""

import hashlib
import http.server
import os
import threading
import time

import pytest

from gaitbook.readers import catalog
from gaitbook.readers.catalog import Dataset, DatasetDamaged, DatasetUnavailable, dataset_hash, fetch_dataset

FILES = {"table.csv": b"who\n", "S01/S01run.c3d": b"one", "S02/S02run.c3d": b"two"}


@pytest.fixture
def published(tmp_path):
    """Folder that the server publishes: two subjects and a table."""
    folder = tmp_path / "published"
    for path, content in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.fixture
def server(published):
    """Address of a server on this machine, and the requests that it saw."""
    seen = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(published))

        def log_message(self, *_):
            seen.append(self.path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/", seen
        running.shutdown()
        thread.join()


def offer(monkeypatch, address, cache):
    """Let the catalog hold the small dataset only."""
    registry = {path: hashlib.sha256(content).hexdigest() for path, content in FILES.items()}
    toy = Dataset("toy", "A toy", address, registry, "CC0", "Nobody (2020)", "https://x.org", 1.0, "", "toy")
    monkeypatch.setattr(catalog, "list_datasets", lambda: {"toy": toy})
    monkeypatch.setenv("GAITBOOK_DATA", str(cache))


def test_first_fetch_downloads_and_second_uses_the_cache(tmp_path, server, monkeypatch, capsys):
    address, seen = server
    offer(monkeypatch, address, tmp_path / "cache")
    folder = fetch_dataset("toy")
    assert folder == tmp_path / "cache" / "toy"
    assert {path: (folder / path).read_bytes() for path in FILES} == FILES
    assert "3/3" in capsys.readouterr().err  # one progress bar
    n_requests = len(seen)
    assert fetch_dataset("toy") == folder
    assert len(seen) == n_requests == 3


def test_subjects_are_fetched_by_name_or_number_with_the_common_files(tmp_path, server, monkeypatch):
    offer(monkeypatch, server[0], tmp_path)
    folder = fetch_dataset("toy", subjects=["S002"], progress=False)
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["S02run.c3d", "table.csv"]
    assert dataset_hash("toy", subjects=[2]) == dataset_hash("toy", subjects=["S02"]) != dataset_hash("toy")


def test_complete_read_only_cache_is_used_without_writing_or_asking(tmp_path, published, monkeypatch):
    cache = tmp_path / "cache"
    cache.mkdir()
    published.rename(cache / "toy")
    offer(monkeypatch, "http://127.0.0.1:9/", cache)
    folders = [cache, *(path for path in cache.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*")}
    assert fetch_dataset("toy") == cache / "toy"
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*")} == before
    for folder in folders:
        folder.chmod(0o755)


def test_offline_and_not_cached_gives_one_sentence_with_both_remedies(tmp_path, monkeypatch):
    offer(monkeypatch, "http://127.0.0.1:9/", tmp_path)  # nothing listens there
    started = time.monotonic()
    with pytest.raises(DatasetUnavailable) as caught:
        fetch_dataset("toy", progress=False)
    assert time.monotonic() - started < 5
    message = str(caught.value)
    assert "\n" not in message
    for words in (
        "3 of 3 files of toy",
        "the server cannot be reached",
        "connect to the internet once",
        "gaitbook",
    ):
        assert words in message
    assert (
        f"into {tmp_path / 'toy'} yourself (the first one missing is {tmp_path / 'toy' / 'table.csv'})"
        in message
    )
    assert not any(tmp_path.iterdir())  # nothing is left behind
    assert isinstance(caught.value, OSError)


def test_an_absent_file_on_the_server_is_unavailable_too(tmp_path, server, published, monkeypatch):
    (published / "S02/S02run.c3d").unlink()
    offer(monkeypatch, server[0], tmp_path / "cache")
    with pytest.raises(DatasetUnavailable, match="toy"):
        fetch_dataset("toy", progress=False)
    assert (tmp_path / "cache/toy/S01/S01run.c3d").is_file()  # what arrived stays, and is not asked for again


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_incomplete_read_only_cache_says_so(tmp_path, server, monkeypatch):
    offer(monkeypatch, server[0], tmp_path / "cache")
    (tmp_path / "cache").mkdir(mode=0o555)
    with pytest.raises(DatasetUnavailable, match="nothing can be written there"):
        fetch_dataset("toy", progress=False)


def test_a_full_disk_says_that_nothing_can_be_written(tmp_path, server, monkeypatch):
    offer(monkeypatch, server[0], tmp_path)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pooch.core.make_local_storage", full)
    with pytest.raises(DatasetUnavailable, match=r"nothing can be written there .*No space left"):
        fetch_dataset("toy", progress=False)


def test_damaged_cached_files_are_all_named_and_left_alone(tmp_path, published, monkeypatch):
    published.rename(tmp_path / "toy")
    for path in ("S01/S01run.c3d", "S02/S02run.c3d"):
        (tmp_path / "toy" / path).write_bytes(b"spoiled")
    offer(monkeypatch, "http://127.0.0.1:9/", tmp_path)
    with pytest.raises(DatasetDamaged, match=r"2 cached file\(s\).*S01run\.c3d.*S02run\.c3d\. Delete them"):
        fetch_dataset("toy")
    assert (tmp_path / "toy/S01/S01run.c3d").read_bytes() == b"spoiled"


def test_a_download_that_differs_is_refused(tmp_path, server, published, monkeypatch):
    (published / "table.csv").write_bytes(b"<html>log in first</html>")
    offer(monkeypatch, server[0], tmp_path / "cache")
    with pytest.raises(DatasetDamaged, match=r"table\.csv arrived different from the published file"):
        fetch_dataset("toy", progress=False)
    assert not (tmp_path / "cache/toy/table.csv").exists()


def test_unknown_names_list_what_there_is():
    with pytest.raises(ValueError, match="no dataset 'RBDSs' in the catalog; it holds rbds, rbds-evaluation"):
        fetch_dataset("RBDSs")
    with pytest.raises(ValueError, match="rbds has no subject 5, RBDS099; it has RBDS001"):
        fetch_dataset("rbds", subjects=[1, 5, "RBDS099"])


def test_the_two_parts_of_rbds_share_the_table_only():
    datasets = catalog.list_datasets()
    parts = [set(datasets[name].registry) for name in ("rbds", "rbds-evaluation")]
    assert [len(part) for part in parts] == [81, 25]
    assert parts[0] & parts[1] == {"participantInfo.csv"}
    assert all(len(checksum) == 64 for checksum in datasets["rbds"].registry.values())
    assert "d23529c95bb9b1071d304cd1cfc1100de50f99e7" in datasets["rbds"].base_url


def test_without_a_chosen_folder_the_users_cache_is_used(monkeypatch):
    monkeypatch.delenv("GAITBOOK_DATA", raising=False)
    assert catalog.data_folder().name == "gaitbook"


@pytest.mark.real_data
def test_real_files_are_as_published(real_data):
    assert fetch_dataset("rbds", subjects=[1, 3], progress=False) == real_data / "rbds"
