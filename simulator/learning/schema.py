"""The JSON Schemas of lesson.yaml and quiz.yaml, for editors that complete and underline.

Made from the classes that read the files; committed as lessons/lesson.schema.json and lessons/quiz.schema.json, and a
test compares (JSON Schema 2020-12).
"""

from __future__ import annotations

import json
from typing import Any, Final

__all__ = ["KINDS", "schema", "schema_text"]

KINDS: Final = ("lesson", "quiz")
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: str) -> dict[str, Any]:
    """The schema of "lesson" or "quiz"."""
    from simulator.learning.shapes import LessonShape

    made = LessonShape.model_json_schema(by_alias=True) if kind == "lesson" else _quiz()
    return {"$schema": _DIALECT, **_tidy(made)}


def schema_text(kind: str) -> str:
    """The schema as committed: indented by two, one final newline."""
    return json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"


def _quiz() -> dict[str, Any]:
    """The quiz, in which each item has the shape of its type."""
    from simulator.learning.items import TYPES
    from simulator.learning.shapes import QuizShape

    made = QuizShape.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = dict(made.pop("$defs", {}))
    items = []
    for name, kind in TYPES.items():
        shape = kind.shape.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
        definitions |= shape.pop("$defs", {})
        shape["properties"]["type"] = {"const": name}
        definitions[kind.shape.__name__] = shape
        items.append({"$ref": f"#/$defs/{kind.shape.__name__}"})
    made["properties"]["items"] = {"type": "array", "minItems": 1, "items": {"oneOf": items}}
    return {**made, "$defs": dict(sorted(definitions.items()))}


def _tidy(node: Any) -> Any:
    """Without the titles that pydantic makes of names, and without the alternative of null."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if key != "title" or str(value).startswith("mailflow ")}
    options = kept.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        others = [option for option in options if option != {"type": "null"}]
        kept = {key: value for key, value in kept.items() if key not in ("anyOf", "default")}
        kept |= others[0] if len(others) == 1 else {"anyOf": others}
    return {key: _tidy(value) for key, value in kept.items()}
