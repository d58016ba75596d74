"""A population as the text of its file (`docs/reference/population-file.md`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields

from sim_trunk.population_spec import FLAT_DAY, Duration, KeyChance, PopulationSpec

_PER_LINE = 6


def population_text(spec: PopulationSpec, remarks: Iterable[str] = ()) -> str:
    """The whole file. `remarks`: lines of comment at its beginning."""
    head = [f"# {remark}".rstrip() for remark in remarks]
    return "\n".join([*head, *_tables(spec)]) + "\n"


def _tables(spec: PopulationSpec) -> Iterator[str]:
    if spec.greetings:
        yield 'voices = "greetings"'
    yield from _table("numbers", _values(spec.numbers))
    yield from _table("answer", [("probability", spec.answering.probability), ("spread", spec.answering.spread)])
    if not spec.answering.is_flat:
        yield from _day("odds_by_hour", spec.answering.odds_by_hour)
        yield from _day("odds_by_hour_weekend", spec.answering.odds_by_hour_weekend)
    yield from _table("ringing", _values(spec.ringing))
    yield from _table("unanswered", _values(spec.unanswered))
    yield from _table("talk", [(persona.value, talk) for persona, talk in spec.talk.items()])
    yield from _table("patience", [("mean_s", spec.patience.mean_s), ("cv", spec.patience.cv)])
    yield from _table("quirks", _values(spec.quirks))
    yield from _table("agents", [one for one in _values(spec.agents) if one[0] != "dispositions"])
    for persona, chances in spec.agents.dispositions.items():
        yield from _table(
            f"agents.dispositions.{persona.value}", [(chance.code, chance.probability) for chance in chances]
        )
    yield from _table("network", [one for one in _values(spec.network) if one[0] != "outages"])
    for outage in spec.network.outages:
        yield from _table("[network.outage]", [])
        yield from _lines(
            [
                ("trunk", outage.trunk),
                ("begins", f"{outage.begins_s:g}s"),
                ("lasts", f"{outage.lasts_s:g}s"),
                ("status", outage.status),
            ]
        )
    yield from _table("detector", _values(spec.detector))
    if spec.keys.first:
        yield from _table("keys", [("after", spec.keys.after), ("most", spec.keys.most)])
        yield from _table("keys.first", _keys(spec.keys.first))
        yield from _table("keys.further", _keys(spec.keys.further))


def _table(name: str, pairs: Sequence[tuple[str, object]]) -> Iterator[str]:
    yield ""
    yield f"[{name}]"
    yield from _lines(pairs)


def _lines(pairs: Sequence[tuple[str, object]]) -> Iterator[str]:
    for name, value in pairs:
        yield f"{name} = {_text(value)}"


def _values(group: object) -> list[tuple[str, object]]:
    """A dataclass's fields, which are called as in the file."""
    return [(one.name, getattr(group, one.name)) for one in fields(group) if one.init]  # type: ignore[arg-type]


def _keys(chances: Sequence[KeyChance]) -> list[tuple[str, object]]:
    return [(f'"{chance.key}"', chance.probability) for chance in chances]


def _day(name: str, odds: Sequence[float]) -> Iterator[str]:
    yield f"{name} = ["
    for start in range(0, len(FLAT_DAY), _PER_LINE):
        yield "  " + " ".join(f"{_text(one)}," for one in odds[start : start + _PER_LINE])
    yield "]"


def _text(value: object) -> str:
    match value:
        case Duration(mean_s, cv):
            return f"{{ mean_s = {_text(mean_s)}, cv = {_text(cv)} }}"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case tuple():
            return f"[{', '.join(map(_text, value))}]"
        case float():
            rounded = round(value, 6)
            return f"{rounded:.1f}" if rounded == int(rounded) else f"{rounded:g}"
    return str(value)
