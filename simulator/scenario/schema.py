"""The JSON Schema of the scenario format, for editors that complete and underline.

Made from the same classes that read the files, so that the two cannot disagree; committed beside the scenarios as
`scenario.schema.json` (JSON Schema 2020-12).
"""

from __future__ import annotations

import json
from typing import Any


def schema() -> dict[str, Any]:
    """The schema as a dict."""
    from simulator.scenario.shape import ScenarioShape

    made = ScenarioShape.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_tidy(made)}


def schema_text() -> str:
    """The schema as committed: indented by two, one final newline."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _tidy(node: Any) -> Any:
    """Without the titles that pydantic makes of the names, and with the alternatives of null taken out."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: value
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str) and value != "mailflow scenario")
    }
    options = kept.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options and len(options) == 2:
        other = next(option for option in options if option != {"type": "null"})
        kept = {**{key: value for key, value in kept.items() if key not in ("anyOf", "default")}, **other}
    return {key: _tidy(value) for key, value in kept.items()}
