"""The providers' own descriptions of their APIs (OpenAPI), where they lie beside the checkout: `../shared/data/specs`."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4, DRAFT202012

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "specs"
_ADDRESS = "urn:specification"


@cache
def specification(file: str) -> Any:
    """The description in `file`; the test is skipped where it does not lie there."""
    path = FOLDER / file
    if not path.exists():
        pytest.skip(f"the provider's specification {path} is not there")
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def request_schema(file: str, path: str, media_type: str = "application/json", method: str = "post") -> Any:
    """The schema of what is sent to `path`, as it stands in `file`; its references lead on into the same file."""
    body = specification(file)["paths"][path][method]["requestBody"]
    if "$ref" in body:
        body = _at(specification(file), body["$ref"])
    return body["content"][media_type]["schema"]


def query_words(file: str, path: str) -> set[str]:
    """What a GET of `path` may say in its query, as it stands in `file`."""
    found = specification(file)["paths"][path]["get"]["parameters"]
    parameters = [_at(specification(file), one["$ref"]) if "$ref" in one else one for one in found]
    return {one["name"] for one in parameters if one["in"] == "query"}


def breaches(file: str, schema: Any, body: Any) -> list[str]:
    """Where `body` is not what `schema` of `file` asks for. That something may be null (`nullable`) is no excuse here."""
    document = specification(file)
    # OpenAPI 3.1 has the JSON Schema of 2020, 3.0 a form of draft 4.
    newest = document["openapi"].startswith("3.1")
    validator = jsonschema.Draft202012Validator if newest else jsonschema.Draft4Validator
    resource = Resource.from_contents(document, default_specification=DRAFT202012 if newest else DRAFT4)
    registry = Registry().with_resource(_ADDRESS, resource)
    found = validator(_absolute(schema), registry=registry).iter_errors(body)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in found]


def _absolute(schema: Any) -> Any:
    """References within the file lead to the file, wherever the schema stands now."""
    if isinstance(schema, dict):
        made = {key: _absolute(value) for key, value in schema.items()}
        if isinstance(made.get("$ref"), str) and made["$ref"].startswith("#"):
            made["$ref"] = _ADDRESS + made["$ref"]
        return made
    return [_absolute(one) for one in schema] if isinstance(schema, list) else schema


def _at(document: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document
