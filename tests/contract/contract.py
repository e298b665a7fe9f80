"""Judges what the gateway answers, and the document itself, by openapi/gateway.yaml.

    contract = Contract("openapi/gateway.yaml")
    contract.check_response("GET", "/bandwidths?page_size=5", 200, headers, body)

Needs Debian's python3-yaml and python3-jsonschema, nothing else.
"""

import datetime
import json
import re
import warnings

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from jsonschema import RefResolver

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
ANNOTATIONS = {"title", "description", "example", "examples", "default", "format", "readOnly"}
# What RapidJSON's validator knows; the gateway refuses to start on anything else in a request schema.
REQUEST_KEYWORDS = ANNOTATIONS | {
    "type", "properties", "required", "additionalProperties", "enum", "minimum", "maximum", "minLength",
    "maxLength", "items", "minItems", "maxItems", "pattern", "$ref",
}
RESPONSE_KEYWORDS = REQUEST_KEYWORDS | {"const", "oneOf", "anyOf", "allOf", "uniqueItems", "unevaluatedProperties"}
# Escapes other than of a metacharacter, and groups that are not plain, mean nothing to RapidJSON.
FOREIGN_PATTERN = re.compile(r"\\[^][$^|()?*+.{}\\]|\(\?")
MAX_ERRORS = 5
JSON_SCALAR = re.compile(r"true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value):
    if not isinstance(value, str):
        return True
    if not DATE_TIME.fullmatch(value):
        return False
    datetime.datetime.strptime(value[:19], "%Y-%m-%dT%H:%M:%S")
    return True


class Contract:
    """The document, parsed once. Every check raises AssertionError that says what is wrong and where."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        self.document = yaml.safe_load(self.text)
        self._resolver = RefResolver("", self.document)
        self._templates = [(template.count("{"), -len(template), template, _pattern_of(template))
                           for template in self.document["paths"]]
        self._everywhere = self._responses_of_every_operation()

    # -- answers ------------------------------------------------------------------------------------------

    def check_response(self, method, path, status, headers, body):
        """One answer of the gateway. `headers`: a mapping or pairs; `body`: bytes; `path` may have a query."""
        where = f"{method} {path} -> {status}"
        headers = _by_lower_name(headers)
        documented, allowed = self._responses(method, path)
        response = documented.get(str(status), documented.get("default"))
        assert response is not None, f"{where}: status not documented, only {', '.join(sorted(documented))}"
        response = self.resolve(response)
        self._check_headers(where, response, headers)
        if status == 405:
            offered = {word.strip() for word in headers["allow"].split(",")}
            assert allowed <= offered, f"{where}: Allow has {sorted(offered)}, the document {sorted(allowed)}"
        if method == "HEAD":
            assert body == b"", f"{where}: an answer to HEAD has no body, this has {len(body)} bytes"
        else:
            self._check_body(where, response, headers, body)

    def _responses(self, method, path):
        """The responses that may answer, by status, and the methods of the path."""
        template = self.template_of(path)
        if template is None:
            return {**self._everywhere, "404": {"$ref": "#/components/responses/NotFound"}}, set()
        item = self.document["paths"][template]
        allowed = {name.upper() for name in item if name in METHODS}
        operation = item.get("get" if method == "HEAD" else method.lower())
        return (operation["responses"] if operation else self._everywhere), allowed

    def template_of(self, path):
        """The path template that serves `path`, one without parameters first; None if there is none."""
        path = path.split("?")[0]
        fitting = [known[:3] for known in self._templates if known[3].fullmatch(path)]
        return min(fitting)[2] if fitting else None

    def _responses_of_every_operation(self):
        """What the connection itself can answer, whatever was asked: the references common to all operations."""
        shared = [{(status, response["$ref"]) for status, response in operation["responses"].items()
                   if "$ref" in response} for _, _, operation in self.operations()]
        return {status: {"$ref": ref} for status, ref in set.intersection(*shared)}

    def _check_headers(self, where, response, headers):
        for name, header in response.get("headers", {}).items():
            header = self.resolve(header)
            value = headers.get(name.lower())
            assert value is not None or not header.get("required"), f"{where}: header {name} is missing"
            if value is not None:
                self.check_instance(f"{where}: header {name}", header["schema"], value)

    def _check_body(self, where, response, headers, body):
        content = response.get("content")
        if not content:
            assert body == b"", f"{where}: no body is documented, this has {len(body)} bytes"
            return
        actual = headers.get("content-type")
        assert actual, f"{where}: header Content-Type is missing"
        documented = next((name for name in content if _media_type_fits(name, actual)), None)
        assert documented, f"{where}: Content-Type {actual} is not documented, only {', '.join(content)}"
        try:
            instance = _parse_json(body) if _is_json(documented) else body.decode("utf-8")
        except ValueError as error:
            raise AssertionError(f"{where}: the body is not {documented}: {error}") from error
        self.check_instance(f"{where}: body", content[documented]["schema"], instance)

    def check_instance(self, where, schema, instance):
        """One value by one schema of this document."""
        validator = Draft202012Validator(schema, resolver=self._resolver, format_checker=FORMATS)
        errors = sorted(validator.iter_errors(instance), key=lambda error: [str(p) for p in error.absolute_path])
        found = []
        for error in errors[:MAX_ERRORS]:
            deepest = best_match([error])
            found.append("/".join(["", *map(str, deepest.absolute_path)]) + ": " + deepest.message[:300])
        assert not errors, f"{where}: " + "; ".join(found)

    # -- the document -------------------------------------------------------------------------------------

    def resolve(self, value):
        """What a reference stands for; anything else is itself."""
        while isinstance(value, dict) and "$ref" in value:
            value = self._resolver.resolve(value["$ref"])[1]
        return value

    def operations(self):
        """Every (method, path template, operation)."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def schemas(self):
        """Every (where, schema) of the document, nested ones too, each once."""
        for where, node in _walk(self.document):
            if where[-1:] == ("schema",) or (where[:2] == ("components", "schemas") and len(where) == 3):
                yield from _nested("/".join(where), node)

    def request_schemas(self):
        """Every (where, schema) that a request is validated with; references are followed."""
        seen = set()
        for method, path, operation in self.operations():
            roots = [(parameter["name"], parameter["schema"])
                     for parameter in map(self.resolve, operation.get("parameters", []))]
            roots += self.resolve(operation.get("requestBody", {})).get("content", {}).items()
            for name, root in roots:
                pending = list(_nested(f"{method} {path} {name}", root.get("schema", root)))
                while pending:
                    where, schema = pending.pop()
                    if id(schema) in seen:
                        continue
                    seen.add(id(schema))
                    yield where, schema
                    if "$ref" in schema:
                        pending += _nested(schema["$ref"], self._resolver.resolve(schema["$ref"])[1])

    def check_examples(self):
        """Every documented example and default is what its schema says."""
        for where, schema in self.schemas():
            values = list(schema.get("examples", []))
            values += [schema[name] for name in ("default", "example") if name in schema]
            for value in values:
                self.check_instance(f"example of {where}", schema, value)
        for where, node in _walk(self.document):
            if isinstance(node, dict) and "schema" in node and where[-1] != "properties":
                values = [self.resolve(example)["value"] for example in node.get("examples", {}).values()]
                values += [node["example"]] if "example" in node else []
                for value in values:
                    self.check_instance("example of " + "/".join(where), node["schema"], value)

    def check_request_keywords(self):
        """Request schemas say only what the gateway's validator understands."""
        for where, schema in self.request_schemas():
            _check_request_schema(where, schema)

    def check_schema_keywords(self):
        """No schema has a keyword that is a slip of the pen."""
        for where, schema in self.schemas():
            Draft202012Validator.check_schema(schema)
            unknown = set(schema) - RESPONSE_KEYWORDS
            assert not unknown, f"{where}: unknown keywords {sorted(unknown)}"

    def check_references(self):
        """No reference dangles, and all stay inside the document."""
        for where, node in _walk(self.document):
            if isinstance(node, dict) and isinstance(node.get("$ref"), str):
                place = self.document
                parts = node["$ref"].split("/")
                assert parts[:2] == ["#", "components"], f"{'/'.join(where)}: {node['$ref']} is not a component"
                for part in parts[1:]:
                    place = place.get(part) if isinstance(place, dict) else None
                    assert place is not None, f"{'/'.join(where)}: {node['$ref']} dangles"

    def check_yaml(self):
        """Every YAML reader sees the same: no anchors, tags or repeated keys, and plain scalars are JSON's."""
        for token in yaml.scan(self.text):
            assert not isinstance(token, (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken)), \
                f"line {token.start_mark.line + 1}: anchors, aliases and tags are not used here"
        pending = [yaml.compose(self.text, Loader=yaml.SafeLoader)]
        while pending:
            node = pending.pop()
            line = f"line {node.start_mark.line + 1}"
            if isinstance(node, yaml.ScalarNode):
                if node.style is None and node.tag != "tag:yaml.org,2002:str":
                    assert JSON_SCALAR.fullmatch(node.value), f"{line}: quote {node.value}"
            elif isinstance(node, yaml.MappingNode):
                keys = [key.value for key, _ in node.value]
                assert len(keys) == len(set(keys)), f"{line}: a key is repeated"
                pending += [part for pair in node.value for part in pair]
                for key, _ in node.value:
                    assert key.style is not None or key.tag == "tag:yaml.org,2002:str", f"{line}: quote {key.value}"
            else:
                pending += node.value


def _pattern_of(template):
    """What a path template matches: a parameter is at least one character of one segment."""
    return re.compile("[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", template))))


def _check_request_schema(where, schema):
    foreign = set(schema) - REQUEST_KEYWORDS
    assert not foreign, f"{where}: the request validator does not know {sorted(foreign)}"
    if "$ref" in schema:
        assert set(schema) == {"$ref"}, f"{where}: what stands beside $ref is ignored"
        assert schema["$ref"].startswith("#/components/schemas/"), f"{where}: {schema['$ref']} is not a schema"
        return
    assert isinstance(schema.get("type"), str), f"{where}: needs one type"
    extra = schema.get("additionalProperties", False)
    assert extra is False or isinstance(extra, dict), f"{where}: additionalProperties is false or a schema"
    pattern = schema.get("pattern", "^$")
    assert not FOREIGN_PATTERN.search(pattern), f"{where}: the request validator does not know {pattern}"
    assert pattern[0] == "^" and pattern[-1] == "$", f"{where}: {pattern} is not anchored"


def _nested(where, schema):
    yield where, schema
    for name, part in schema.get("properties", {}).items():
        yield from _nested(f"{where}/{name}", part)
    for keyword in ("items", "additionalProperties", "unevaluatedProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _nested(f"{where}/{keyword}", schema[keyword])
    for keyword in ("oneOf", "anyOf", "allOf"):
        for index, part in enumerate(schema.get(keyword, [])):
            yield from _nested(f"{where}/{keyword}/{index}", part)


def _walk(node, where=()):
    """Every (path, node) of the document except inside examples, which are not its own words."""
    yield where, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in children:
        if name not in ("examples", "example", "default"):
            yield from _walk(child, (*where, str(name)))


def _by_lower_name(headers):
    return {name.lower(): value for name, value in (headers.items() if hasattr(headers, "items") else headers)}


def _media_type_fits(documented, actual):
    """Same type, and every documented parameter is there; `charset` and the like may be added."""
    def parts(text):
        return [part.strip().lower() for part in text.split(";")]
    return parts(documented)[0] == parts(actual)[0] and set(parts(documented)) <= set(parts(actual))


def _is_json(media_type):
    return media_type.split(";")[0].strip().endswith(("/json", "+json"))


def _parse_json(body):
    def once(pairs):
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a member is repeated")
        return members

    def refuse(word):
        raise ValueError(f"{word} is not JSON")
    return json.loads(body.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
