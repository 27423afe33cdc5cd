"""The types of the values in a scenario file, for pydantic: a reader of `values` and what editors may write.

Each type reads text with a function of `values`; a problem there keeps its rule, hint and characters on the way
through pydantic, so that a message can still point into the author's line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from simulator.scenario import values
from simulator.scenario.values import Moment, Setting, ValueSyntaxError
from simulator.scenario.words import quoted, suggest

T = TypeVar("T")


def not_text(value: object) -> PydanticCustomError:
    """The error of something that is no text where a text belongs."""
    if value is None:
        return custom("MF022", "nothing is written here", "write the value after the colon")
    if isinstance(value, dict) and value and all(len(key) == 2 for key in value):
        hint = "write one language here; others go into NAME.ru.yaml, as the same keys"
        return custom("MF055", "a text in several languages", hint)
    what = "a list" if isinstance(value, list) else "a group of keys"
    return custom("MF022", f"one text belongs here, not {what}", 'put a text with colons or commas in "quotes"')


def custom(
    rule: str, message: str, hint: str = "", *, offset: int = 0, width: int = 0, below: str = ""
) -> PydanticCustomError:
    """An error that carries its rule through pydantic; `below` is the key in which it lies, if not the whole value."""
    context = {"text": message, "hint": hint, "offset": offset, "width": width, "below": below}
    return PydanticCustomError(rule, "{text}", context)


def real_names(info: ValidationInfo) -> bool:
    """Whether this file may use names and addresses of the real world (`names: lecture`)."""
    return bool(info.context and info.context.get("real"))


def read(reader: Callable[[str], T]) -> BeforeValidator:
    """A validator that reads text with `reader`."""

    def validate(value: object) -> T:
        if not isinstance(value, str):
            raise not_text(value)
        try:
            return reader(value)
        except ValueSyntaxError as problem:
            raise custom(
                problem.rule, problem.message, problem.hint, offset=problem.offset, width=problem.width
            ) from None

    return BeforeValidator(validate)


def read_named(reader: Callable[..., T]) -> BeforeValidator:
    """A validator that reads text with `reader(text, real=...)`, as the file's rule about names says."""

    def validate(value: object, info: ValidationInfo) -> T:
        if not isinstance(value, str):
            raise not_text(value)
        try:
            return reader(value, real=real_names(info))
        except ValueSyntaxError as problem:
            raise custom(
                problem.rule, problem.message, problem.hint, offset=problem.offset, width=problem.width
            ) from None

    return BeforeValidator(validate)


def word(
    known: Iterable[str], *, later: Iterable[str] = (), what: str = "word"
) -> tuple[BeforeValidator, WithJsonSchema]:
    """A type of one of the known words; those of `later` are named by the format and not built yet."""
    words, others = tuple(known), tuple(later)
    validator = BeforeValidator(lambda value: check_word(value, words, later=others, what=what))
    return validator, WithJsonSchema({"type": "string", "enum": list(words)})


def check_word(value: object, known: tuple[str, ...], *, later: tuple[str, ...], what: str, below: str = "") -> str:
    """The value, if it is a known word; raises the error that says otherwise."""
    if not isinstance(value, str):
        raise not_text(value)
    if value in known:
        return value
    if value in later:
        hint = f"today there are: {', '.join(known)}"
        raise custom("MF023", f"{quoted(value)} is not built yet", hint, below=below)
    raise custom("MF024", f"{quoted(value)} is no {what} here", suggest(value, known), below=below)


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise not_text(value)
    return value


def _filled(value: object) -> str:
    text = _text(value)
    if not text.strip():
        raise custom("MF022", "the text is empty", "write at least one word")
    return text


def _number(least: int, most: int) -> tuple[BeforeValidator, WithJsonSchema]:
    reader = read(lambda text: values.number(text, least=least, most=most))
    return reader, WithJsonSchema({"type": "integer", "minimum": least, "maximum": most})


def _schema(**keys: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **keys})


_MAX_SEED = 2**63 - 1
_DURATION_PATTERN = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$|\$\{"

Text = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Filled = Annotated[str, BeforeValidator(_filled), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Name = Annotated[str, read(values.identifier), _schema(pattern="^[a-z0-9]+([-_][a-z0-9]+)*$")]
Duration = Annotated[
    int, read(values.duration_us), _schema(pattern=_DURATION_PATTERN, description="such as 40ms, 5m, 1h30m")
]
Bandwidth = Annotated[int, read(values.bandwidth_bps), _schema(description="such as 64kbit or 10Mbit")]
Size = Annotated[int, read(values.octets), _schema(description="such as 50kB or 2MB")]
Start = Annotated[Moment, read(values.moment), _schema(description="such as 2024-03-23 18:30:00 +05:00")]
YesNo = Annotated[bool, read(values.yes_no), WithJsonSchema({"enum": ["yes", "no", True, False]})]
Seed = Annotated[int, *_number(0, _MAX_SEED)]
Ordinal = Annotated[int, *_number(1, 100_000)]
Domain = Annotated[str, read_named(values.domain_name), _schema(description="under .example, .test or .invalid")]
Address = Annotated[str, read_named(values.address), _schema(description="such as anna@alpha.example")]
Ip = Annotated[str, read_named(values.ip_address), _schema(description=values.SAFE_WORDS)]
Ips = Annotated[
    list[Ip],
    BeforeValidator(_one_or_more),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Addresses = Annotated[
    list[Address],
    BeforeValidator(_one_or_more),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Sends = Annotated[
    Setting,
    read_named(lambda text, *, real: values.setting(text, values.SENDS, real=real)),
    _schema(description="such as submission+starttls://mail.alpha.example:587"),
]
Reads = Annotated[
    Setting,
    read_named(lambda text, *, real: values.setting(text, values.READS, real=real)),
    _schema(description="such as imaps://mail.alpha.example:993"),
]
TextType = Annotated[str, read(values.text_type), _schema(description="such as text/plain; charset=utf-8")]
Texts = Annotated[
    str | list[Text],
    BeforeValidator(lambda value: value if isinstance(value, (str, list)) else _text(value)),
    WithJsonSchema({"type": ["string", "number", "boolean", "array"]}),
]
