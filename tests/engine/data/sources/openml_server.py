"""A small copy of openml.org on this machine, which scikit-learn is sent to."""

import hashlib
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

ARFF = """@relation cars
@attribute id numeric
@attribute doors integer
@attribute class {small, large}
@attribute name string
@data
1, 4.7, small, 'a b'
2, 2, large, c
3, ?, small, d
"""

COLUMNS = (("id", "numeric"), ("doors", "numeric"), ("class", "nominal"), ("name", "string"))


def answers(damaged: bool = False) -> dict[str, str]:
    """What the server gives, by path."""
    arff = ARFF.replace("4.7", "9") if damaged else ARFF
    features = [
        {
            "index": str(place),
            "name": name,
            "data_type": kind,
            "number_of_missing_values": "1",
            "is_target": str(name == "class").lower(),
            "is_ignore": str(name == "name").lower(),
            "is_row_identifier": str(name == "id").lower(),
        }
        for place, (name, kind) in enumerate(COLUMNS)
    ]
    entry = {"did": 7, "name": "cars", "version": 1, "status": "active", "format": "ARFF"}
    described: dict[str, Any] = {
        **{key: str(value) for key, value in entry.items()},
        "id": "7",
        "url": "https://www.openml.org/data/v1/download/9/cars.arff",
        "file_id": "9",
        "default_target_attribute": "class",
        "md5_checksum": hashlib.md5(ARFF.encode()).hexdigest(),
        "description": "Cars.",
    }
    api = "/api/v1/json/data"
    return {
        f"{api}/list/data_name/cars/limit/2/status/active/": json.dumps({"data": {"dataset": [entry]}}),
        f"{api}/7": json.dumps({"data_set_description": described}),
        f"{api}/features/7": json.dumps({"data_features": {"feature": features}}),
        f"{api}/qualities/7": json.dumps(
            {"data_qualities": {"quality": [{"name": "NumberOfInstances", "value": "3.0"}]}}
        ),
        "/data/v1/download/9/cars.arff": arff,
    }


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch, damaged: bool = False) -> Iterator[list[str]]:
    """While entered, scikit-learn asks this server; the paths that it has asked for."""
    asked: list[str] = []
    found = answers(damaged)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            text = found.get(self.path)
            body = (text or '{"error": {"message": "no results"}}').encode()
            self.send_response(200 if text is not None else 412)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return None

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()

    def redirected(request: urllib.request.Request, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(request.full_url)
        return urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}{parts.path}", timeout=10)

    monkeypatch.setattr("sklearn.datasets._openml.urlopen", redirected)
    try:
        yield asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
