"""`data`: files that expressions read, and secrets that nothing shows."""

import json
import os
import socket

import pytest

from radicled import manifest, run, serve

ROUTES = '''
    data:
      prices: data/prices.json
      users: data/users.csv
      limits: data/limits.yaml
      shop: { name: Tea & Co, tags: [a, b] }
      secrets: { token: "${TOKEN}", key: "${file:key}" }
    services:
      web:
        routes:
          GET /price/{name}: { template: "{{ data.prices[path.name] }}\\n" }
          GET /user/{name}: { template: { json: "{{ data.users.filter(u, u.name == path.name) }}" } }
          GET /limits: { template: { json: { daily: "{{ data.limits.daily }}", all: "{{ data.limits }}" } } }
          GET /shop: { template: "{{ data.shop.name }} {{ data.shop.tags.join('+') }}" }
          GET /page: { template: { html: "<h1>{{ data.shop.name }}</h1>" } }
          GET /any/{name}: { template: { json: "{{ data[path.name] }}" } }
          GET /open:
            variables: { token: data.secrets.token }
            cases: [{ when: "headers[?'x-token'] == optional.of(variables.token)", template: yes }]
            template: no
          GET /broken: { template: { json: "{{ int(data.secrets.token) }}" } }
          GET /worse: { template: "{{ int(query.n) + int(data.secrets.key) }}" }
          GET /header: { template: { text: x, headers: { x-a: "{{ string(int(data.secrets.key)) }}" } } }
'''

FILES = {
    "data/prices.json": '{ "tea": 2.5, "coffee": 3 }\n',
    "data/users.csv": 'name,role\r\nAnn,admin\r\n"Bob, Jr.",guest\r\n',
    "data/limits.yaml": 'daily: 100\nnames: [Ann, "${Bob}"]\n',
    "key": "hunter3-secret\n",
}
ENV = {"TOKEN": "hunter2-secret"}


def test_expressions_read_json_csv_yaml_and_inline_data():
    with serve(ROUTES, env=ENV, files=FILES) as server:
        assert server.get("/price/tea").text == "2.5\n"
        assert server.get("/price/milk").status == 400
        assert server.get("/user/Ann").json() == [{"name": "Ann", "role": "admin"}]
        assert server.get("/user/Bob,%20Jr.").json() == [{"name": "Bob, Jr.", "role": "guest"}]
        assert server.get("/limits").json() == {"daily": 100, "all": {"daily": 100, "names": ["Ann", "${Bob}"]}}
        assert server.get("/shop").text == "Tea & Co a+b"
        assert server.get("/page").text == "<h1>Tea &amp; Co</h1>"


def test_secrets_are_compared_and_never_shown():
    with serve(ROUTES, env=ENV, files=FILES) as server:
        assert server.get("/open").text == "no"
        assert server.get("/open", headers={"x-token": "hunter2-secret"}).text == "yes"
        assert server.get("/any/secrets").status == 400
        for path in ("/any/secrets", "/broken", "/worse?n=1", "/worse?n=x", "/header"):
            answer = server.get(path)
            assert answer.status in (400, 500), path
            assert "hunter" not in answer.text and "hunter" not in str(answer.headers)
    assert "hunter" not in server.log.text and "hunter" not in server.output.text


def findings(path):
    done = run("lint", path, "--format", "json", env=ENV)
    return [(f["rule"], os.path.basename(f["file"]), f["line"], f["column"]) for f in json.loads(done.stdout)["findings"]]


def write(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / "m.yaml"


@pytest.mark.parametrize("name, content, found", [
    ("x.json", '{\n  "a": 1,\n}\n', ("bad-data", "x.json", 3, 1)),
    ("x.json", '{ "a": 1, "a": 2 }', ("bad-data", "x.json", 1, 11)),
    ("x.json", "", ("bad-data", "x.json", 1, 1)),
    ("x.json", "[" * 200, ("bad-data", "x.json", 1, 101)),
    ("x.json", b'{ "a": "\xff" }', ("unreadable-data", "x.json", 1, 9)),
    ("x.json", "[" + "0," * 1_000_000 + "0]", ("unreadable-data", "m.yaml", 5, 12)),
    ("x.json", " " * (16 * 1024 * 1024 + 1), ("unreadable-data", "m.yaml", 5, 12)),
    ("x.csv", "a,b\n1,2\n3\n", ("bad-data", "x.csv", 3, 1)),
    ("x.csv", 'a,b\n"é"x,2\n', ("bad-data", "x.csv", 2, 4)),
    ("x.csv", "", ("bad-data", "x.csv", 1, 1)),
    ("x.yaml", "a: 1\na: 2\n", ("duplicate-key", "x.yaml", 2, 1)),
    ("x.yaml", "# nothing\n", ("unreadable-data", "x.yaml", 1, 1)),
    ("x.txt", "hello", ("unreadable-data", "m.yaml", 5, 12)),
])
def test_broken_files_are_found_at_their_place(tmp_path, name, content, found):
    path = write(tmp_path, {name: content, "m.yaml": manifest(f"data: {{ x: {name} }}\n")})
    assert findings(path) == [found]
    assert run("--config", path, env=ENV).returncode == 1


def test_what_is_no_regular_file_is_found_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket.json"))
    os.symlink("loop.json", tmp_path / "loop.json")
    os.symlink("/dev/zero", tmp_path / "zero.json")
    for name in ("pipe", "folder", "socket", "loop", "zero", "missing"):
        path = write(tmp_path, {"m.yaml": manifest(f"data: {{ x: {name}.json }}\n")})
        assert findings(path) == [("unreadable-data", "m.yaml", 5, 12)], name


def test_a_misspelt_field_is_found_with_a_suggestion(tmp_path):
    path = write(tmp_path, {**FILES, "m.yaml": manifest(
        "data: { users: data/users.csv }\n"
        "services: { web: { routes: { GET /a: { template: { json: \"{{ data.users.map(u, u.nmae) }}\" } } } } }\n")})
    done = run("lint", path, "--format", "json")
    found = json.loads(done.stdout)["findings"]
    assert [(f["rule"], f["suggestion"]) for f in found] == [("unknown-name", "name")]


def test_a_path_from_outside_is_not_shown(tmp_path):
    path = write(tmp_path, {"hunter2/x.json": "{", "m.yaml": manifest(
        "data: { x: '${FOLDER}/x.json', y: '${FOLDER}/y.json' }\n")})
    for format in ("human", "json", "sarif", "github"):
        done = run("lint", path, "--format", format, env={"FOLDER": "hunter2"})
        assert done.returncode == 1 and "hunter2" not in done.stdout + done.stderr, format
        assert "${FOLDER}/x.json" in done.stdout or format == "sarif"
