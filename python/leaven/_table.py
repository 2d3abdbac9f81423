"""The engine's table of ops and policies, as its JSON Schema tells it. Reads nothing but the schema, so that the build can use it."""

from __future__ import annotations

import json
import keyword
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

_NOT_FIELDS = ("p", "on", "when", "steps")
_LABELS = {
    "keeps": "Labels stay as they are.",
    "moves": "Positions move with the pixels.",
    "hides": "Parts are covered: what can still be seen counts.",
    "splits": "Masks move with the pixels; boxes, polygons and points that are cut apart become one for each piece.",
    "mixes": "Marks of all pictures are joined; classes count as much as is seen of them.",
    "loses": "Masks, boxes and points cannot follow: samples that have some are refused.",
}


class Field(NamedTuple):
    name: str
    kind: str  # number, integer, boolean, string, enum or array
    doc: str
    default: Any  # None: chosen for each image
    unit: str
    low: Optional[float]
    high: Optional[float]
    choices: List[str]
    drawn: str  # "uniform(-10, 10)": the law where the field is left out, or ""

    @property
    def argument(self) -> str:
        """The name in Python: with_ for with."""
        return self.name + "_" if keyword.iskeyword(self.name) else self.name

    def facts(self) -> str:
        """Range, unit, default in one phrase."""
        parts = []
        unit = "" if self.unit in ("", "1") else " " + self.unit
        if self.choices:
            parts.append("one of " + ", ".join(self.choices))
        elif self.low is not None and self.high is not None:
            parts.append(f"in [{_short(self.low)}, {_short(self.high)}]{unit}")
        elif self.low is not None:
            parts.append(f"at least {_short(self.low)}{unit}")
        elif self.high is not None:
            parts.append(f"at most {_short(self.high)}{unit}")
        elif unit:
            parts.append("in" + unit)
        if self.default is not None and not self.drawn:
            parts.append(f"usually {_short(self.default)}")
        if self.drawn:
            parts.append(f"{self.drawn} where left out")
        return ", ".join(parts)


class Op(NamedTuple):
    name: str
    summary: str
    detail: str
    family: str
    labels: str
    example: str
    fields: List[Field]
    holds_steps: bool

    @property
    def takes_size(self) -> bool:
        """Has a width and a height in pixels, which `size` gives at once."""
        names = {field.name: field.kind for field in self.fields}
        return names.get("width") == names.get("height") == "integer" and "size" not in names

    def docstring(self) -> str:
        lines = [self.summary + ".", ""]
        if self.detail:
            lines += [self.detail + ("" if self.detail.endswith(".") else "."), ""]
        for field in self.fields:
            facts = field.facts()
            lines.append(f"{field.argument}: {field.doc}{' (' + facts + ')' if facts else ''}")
        if self.takes_size:
            lines.append("size: width and height at once: one number, (height, width), or integer() or choice(), drawn once for both")
        if self.holds_steps:
            lines.append("steps: what runs inside, a list of steps")
        lines += ["p: Probability that the step runs", "", _LABELS.get(self.labels, f"Labels: {self.labels}.")]
        lines.append(f"In a recipe: {self.example}")
        return "\n".join(lines)


def _short(value: Any) -> str:
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, list):
        return "[" + ", ".join(_short(v) for v in value) + "]"
    return str(value)


def _field(name: str, schema: Dict[str, Any]) -> Field:
    value = schema["anyOf"][0]
    numbers = value.get("items", value)
    drawn = ""
    for law, ends in schema.get("x-draw", {}).items():
        drawn = f"{'integer' if law == 'int' else law}({', '.join(_short(end) for end in ends)})"
    return Field(
        name=name,
        kind="enum" if "enum" in value else value["type"],
        doc=schema["description"],
        default=schema.get("default"),
        unit=schema.get("x-unit", ""),
        low=numbers.get("minimum"),
        high=numbers.get("maximum"),
        choices=value.get("enum", []),
        drawn=drawn,
    )


class Policy(NamedTuple):
    """A published way to put ops together; the engine knows its fields."""

    name: str
    about: str

    def docstring(self) -> str:
        return f"{self.about}\n\np: Probability that the step runs"


def _read_policies(definitions: Dict[str, Any]) -> Dict[str, Policy]:
    policies = {}
    for kind in definitions["step"]["anyOf"]:
        for name, schema in kind.get("properties", {}).items():
            if "description" in schema:
                policies[name] = Policy(name, schema["description"])
    return policies


def read_table(schema_text: str) -> Tuple[Dict[str, Op], Dict[str, Policy]]:
    """Ops and policies by their names, in the order of the table."""
    definitions = json.loads(schema_text)["$defs"]
    ops = {}
    for key, schema in definitions.items():
        if not key.startswith("op_") or key.startswith("op_custom."):  # declared by somebody: no function of ours
            continue
        name = key[len("op_") :]
        fields = [_field(n, f) for n, f in schema["properties"].items() if n not in _NOT_FIELDS]
        ops[name] = Op(
            name=name,
            summary=schema["description"],
            detail=schema.get("x-detail", ""),
            family=schema["x-family"],
            labels=schema["x-labels"],
            example=schema["x-example"],
            fields=fields,
            holds_steps="steps" in schema["properties"],
        )
    return ops, _read_policies(definitions)
