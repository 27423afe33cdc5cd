"""Scenarios: YAML with positions -> checked model -> world.

An instructor's file is read here, checked whole, completed and handed on as frozen data, so that no node ever sees
a mistake of the author. The package itself imports nothing: whoever only lists scenarios must not wait for pydantic.

    loading.load, loading.validate     a file or an id -> `model.Scenario`, or every mistake at once
    finding.find, finding.catalogue    where a scenario lies; `finding.parse_link` reads deep links
    fulltext.full_text                 the whole world written out
    expectations.evaluate              does the world behave as its author says
    rules.RULES, schema.schema         what can be wrong, and the JSON Schema for editors
"""
