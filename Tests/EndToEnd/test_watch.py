"""A manifest is loaded again when one of its files has changed and rests."""

import os
import shutil

import pytest

from radicled import eventually, serve

TEXT = "services: { web: { routes: { GET /: { template: 'WORD' } } } }"


def becomes(server, word, path="/"):
    eventually(lambda: server.get(path).text == word, f"{word} at {path}")


def test_changed_manifest_is_loaded():
    with serve(TEXT.replace("WORD", "one")) as server:
        server.write(TEXT.replace("WORD", "two"))
        becomes(server, "two")
        assert "a changed file" in server.event("reloaded")["message"]


def test_manifest_written_in_place_is_loaded():
    with serve(TEXT.replace("WORD", "one")) as server:
        whole = server.manifest.read_text()
        with open(server.manifest, "r+") as file:
            file.write(whole.replace("one", "two"))
        becomes(server, "two")


@pytest.mark.parametrize(
    "name, before, after",
    [("part.yaml", "services: { b: { routes: { GET /b: { template: one } } } }",
      "services: { b: { routes: { GET /b: { template: two } } } }"),
     ("prices.json", '{"b": "one"}', '{"b": "two"}'),
     ("secret.txt", "one\n", "two\n"),
     ("page.txt", "one", "two")])
def test_changed_file_that_the_manifest_names_is_loaded(name, before, after):
    text = {
        "part.yaml": "include: part.yaml\nservices: {}",
        "prices.json": "data: { prices: prices.json }\n"
                       "services: { web: { routes: { GET /b: { template: '{{ data.prices.b }}' } } } }",
        "secret.txt": "services: { web: { routes: { GET /b: { template: '${file:secret.txt}' } } } }",
        "page.txt": "errors: { 404: { file: page.txt } }\nservices: { web: { routes: { GET /a: { template: a } } } }",
    }[name]
    with serve(text, files={name: before}) as server:
        assert server.get("/b").text == "one"
        server.write(after, name)
        becomes(server, "two", "/b")


def test_new_file_that_a_pattern_fits_is_loaded():
    part = "services: { WORD: { routes: { GET /WORD: { template: WORD } } } }"
    with serve("include: 'parts/*.yaml'\nservices: {}", files={"parts/a.yaml": part.replace("WORD", "a")}) as server:
        assert server.get("/b").status == 404
        server.write(part.replace("WORD", "b"), "parts/b.yaml")
        becomes(server, "b", "/b")
        (server.directory / "parts/a.yaml").unlink()
        eventually(lambda: server.get("/a").status == 404, "a route that is gone")


def test_links_that_are_turned_are_followed():
    """As Kubernetes changes a ConfigMap: `..data` is a link to a directory, and another one is renamed onto it."""
    words = {"..1": "one", "..2": "two"}
    with serve(TEXT.replace("WORD", "zero"),
               files={f"map/{n}/part.yaml": TEXT.replace("WORD", word) for n, word in words.items()}) as server:
        folder = server.directory / "map"
        (folder / "..data").symlink_to("..1")
        (folder / "part.yaml").symlink_to("..data/part.yaml")
        server.write("include: map/part.yaml\nservices: {}")
        becomes(server, "one")
        (folder / "..data_tmp").symlink_to("..2")
        (folder / "..data_tmp").rename(folder / "..data")
        shutil.rmtree(folder / "..1")
        becomes(server, "two")


def test_manifest_behind_turned_links_is_followed():
    """The same for the manifest itself, half a file among them; SIGHUP reads through the links as well."""
    with serve(TEXT.replace("WORD", "one")) as server:
        folder = server.directory
        texts = {word: server.manifest.read_text().replace("one", word) for word in ("two", "three", "four")}

        def turn(number, text):
            (folder / f"..{number}").mkdir()
            (folder / f"..{number}/manifest.yaml").write_text(text)
            (folder / "..data_tmp").symlink_to(f"..{number}")
            (folder / "..data_tmp").rename(folder / "..data")
            shutil.rmtree(folder / f"..{number - 1}", ignore_errors=True)

        turn(1, texts["two"])
        (folder / "link").symlink_to("..data/manifest.yaml")
        (folder / "link").rename(server.manifest)
        becomes(server, "two")
        turn(2, texts["three"][:-9])
        server.event("reload_refused")
        assert server.get("/").text == "two"
        turn(3, texts["three"])
        becomes(server, "three")
        turn(4, texts["four"])
        becomes(server, "four")
        # The link leads nowhere for a while.
        shutil.rmtree(folder / "..4")
        server.reload(expect="reload_refused")
        assert server.get("/").text == "four"
        turn(5, texts["two"])
        becomes(server, "two")


def test_half_written_manifest_changes_nothing_until_it_is_whole():
    with serve(TEXT.replace("WORD", "one")) as server:
        whole = server.manifest.read_text().replace("one", "two")
        with open(server.manifest, "w") as file:
            file.write(whole[:-8])
            file.flush()
            server.event("reload_refused")
            assert server.get("/").text == "one"
            file.write(whole[-8:])
        becomes(server, "two")


def test_file_that_was_missing_is_noticed():
    with serve(TEXT.replace("WORD", "one")) as server:
        server.write("include: later.yaml\nservices: {}")
        server.event("reload_refused")
        server.write(TEXT.replace("WORD", "two"), "later.yaml")
        becomes(server, "two")


def test_touched_file_changes_nothing():
    with serve(TEXT.replace("WORD", "one")) as server:
        os.utime(server.manifest)
        server.write(server.manifest.read_text(), "manifest.yaml")
        # A change that is seen, so that the two before have been looked at.
        server.write(TEXT.replace("WORD", "two"))
        becomes(server, "two")
        assert server.event("reloaded")["generation"] == "2"
        assert len(server.events("reloaded")) == 1


def test_no_watch_waits_for_sighup():
    with serve(TEXT.replace("WORD", "one"), arguments=["--no-watch"]) as server:
        server.write(TEXT.replace("WORD", "two"))
        assert server.get("/").text == "one"
        server.reload()
        assert server.get("/").text == "two"
