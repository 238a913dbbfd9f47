"""The examples run, each as a user would run it; what is not installed is skipped by name."""

import functools
import http.server
import pathlib
import subprocess
import sys
import threading

import pytest

EXAMPLES = pathlib.Path(__file__).resolve().parents[1] / "examples"


def run(name, *arguments):
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    made = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_protein():
    printed = run("protein.py")
    assert "plain: 1000 calls" in printed and "audit passed" in printed
    assert int(printed.split("speculative: ")[1].split()[0]) < 60


def test_policy():
    pytest.importorskip("diffusers")
    printed = run("policy.py")
    assert "speculative: 4 plans in" in printed and "audit passed" in printed


def test_text_to_image():
    pytest.importorskip("diffusers")
    pytest.importorskip("transformers")
    printed = run("text_to_image.py", "--steps", "20", "--audit", "12")
    assert "plain: 20 calls, 40 rows" in printed and "audit passed" in printed


def test_jax_function():
    pytest.importorskip("jax")
    printed = run("jax_function.py")
    assert "8 samples of 200 steps in" in printed and "audit passed" in printed


def test_ray_rows():
    pytest.importorskip("ray")
    printed = run("ray_rows.py", "--kill", "--milliseconds", "5", "--actors", "1,2,4")
    rows = [line.split("|") for line in printed.splitlines() if line.startswith("| speculative")]
    assert len(rows) == 3 and all(int(row[-2]) == 1 for row in rows), printed
    assert "the same sample to the bit for all" in printed


@pytest.fixture
def site():
    """Serve the page as it is."""
    serve = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(EXAMPLES.parents[1] / "www"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("reachable", [True, False])
def test_the_notebook(reachable, site, monkeypatch):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("matplotlib")
    pytest.importorskip("ipykernel")
    # nothing can be served at port 0
    monkeypatch.setenv("SITE", site if reachable else "http://127.0.0.1:0/")
    book = nbformat.read(EXAMPLES / "speculative.ipynb", as_version=4)
    nbclient.NotebookClient(book, timeout=120).execute()
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert sum("image/png" in output.get("data", {}) for output in outputs) >= 4
    printed = "".join(output.get("text", "") for output in outputs)
    assert "honest:  True" in printed and "Kolmogorov" in printed
    pages = "".join(output.get("data", {}).get("text/html", "") for output in outputs)
    assert (f'<speculative-figure src="{site}" name="crescent"' in pages and "customElements.define" in pages) == reachable
    assert ("No page is served at" in pages) != reachable


def test_the_benchmark(capsys):
    from speculative_diffusion import bench

    bench.main(["--steps", "10", "--runs", "1"])
    printed = capsys.readouterr().out
    assert printed.count("\n|") == 9 and "most memory" in printed


def test_a_picture_of_a_run():
    pytest.importorskip("matplotlib")
    from speculative_diffusion import Sampler

    out = Sampler.cosine(40).sample(lambda x, t: 0.5 * x, (4,), seeds=[1, 2], trace=True)
    left, right = out.plot(run=1).axes
    assert left.get_xlabel() == "sequential calls" and right.get_legend() is not None
