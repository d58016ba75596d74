"""What a lead is once a list has said more of it: field by field the newer has it.

A date that is not known is older than any that is; of two that are the same the later word counts. What says who
it is (its id, its person, its debt) is filled in and never changed: caps and refusals go by it. Numbers stay where
they are, for attempts and places in campaigns refer to them; new ones stand behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lists.dedupe import phone_key
from lists.lead import Details, Lead, Origin, PhoneNumber, ZoneSource
from lists.mapping import MAX_PHONES
from lists.postal_code import regions_of_postal_code
from lists.region import lies_in

_NEWEST = ("first_name", "last_name", "country", "region")
_ONCE = ("external_id", "person_key", "debt_id")
_DETAILS = ("address", "city", "postal_code", "language", "owner", "rank")
_STRENGTH = {source: -place for place, source in enumerate(ZoneSource)}


def merged(old: Lead, new: Lead) -> Lead:
    """`old` with what `new` knows better; the same if that is nothing. `new`: as a row has it, of one source and
    date."""
    book = _Book(old, new)
    texts = {name: book.newer(name, getattr(old, name), getattr(new, name)) for name in _NEWEST}
    if _elsewhere(texts["country"], texts["region"]) and not _elsewhere(old.country, old.region):
        texts["region"] = book.forget("region")
    texts |= {name: getattr(old, name) or getattr(new, name) for name in _ONCE}
    details = {name: book.newer(name, getattr(old.details, name), getattr(new.details, name)) for name in _DETAILS}
    left = _left_behind(book, old, new, texts, details["postal_code"])
    if left == "postal_code":
        details["postal_code"] = book.forget(left)
    elif left == "region":
        texts["region"] = book.forget(left)
    before = dict(old.fields)
    fields = before | {name: book.newer(name, before.get(name, ""), text) for name, text in new.fields if text}
    return replace(
        old,
        **texts,
        details=old.details if Details(**details) == old.details else Details(**details),
        fields=tuple(fields.items()),
        phones=_phones(old, new),
        origins=book.origins,
    )


def _elsewhere(country: str, region: str) -> bool:
    """Whether the region is another country's."""
    return bool(country and region) and not lies_in(region, country)


def _left_behind(book: _Book, old: Lead, new: Lead, texts: Mapping[str, str], postal_code: str) -> str:
    """Of region and postal code that one, if any, which is of where the person lived before: the older of two
    that exclude each other, and a postal code of another country. What one list says of both stays."""
    country, region = texts["country"], texts["region"]
    told = postal_code in {"", new.details.postal_code}
    if country != old.country != "" and not told:
        return "postal_code"
    regions = regions_of_postal_code(country or region[:2], postal_code)
    if not regions or region in {"", *regions} or told == (region == new.region):
        return ""
    older = book.date("region") < book.date("postal_code")
    same = book.date("region") == book.date("postal_code")
    return "region" if older or (same and told) else "postal_code"


class _Book:
    """Where each value comes from."""

    def __init__(self, old: Lead, new: Lead) -> None:
        self._old = old
        self._new = new
        self._origins = {one.field: one for one in old.origins}

    @property
    def origins(self) -> tuple[Origin, ...]:
        own = self._old.source, self._old.as_of
        return tuple(one for one in self._origins.values() if (one.source, one.as_of) != own)

    def date(self, field: str) -> str:
        """How old what is known of it now is."""
        found = self._origins.get(field)
        return found.as_of if found is not None else self._old.as_of

    def forget(self, field: str) -> str:
        """Nothing is known of it any more."""
        self._origins.pop(field, None)
        return ""

    def newer(self, field: str, before: Any, value: Any) -> Any:
        """Of two values that one."""
        if value is None or value == "":
            return before
        was, said = self._old.origin_of(field)[1], self._new.as_of
        missing = before is None or before == ""
        if not missing and (said < was or (value == before and said == was)):
            return before
        self._origins[field] = Origin(field, self._new.source, said)
        return value


def _phones(old: Lead, new: Lead) -> tuple[PhoneNumber, ...]:
    said = {phone_key(phone): phone for phone in new.phones}
    phones = [_phone(old, phone, new, said.pop(phone_key(phone), None)) for phone in old.phones]
    source, as_of = (new.source, new.as_of) if (new.source, new.as_of) != (old.source, old.as_of) else ("", "")
    phones += [replace(phone, source=source, as_of=as_of) for phone in said.values()]
    return tuple(phones[: max(MAX_PHONES, len(old.phones))])


def _phone(old: Lead, phone: PhoneNumber, new: Lead, said: PhoneNumber | None) -> PhoneNumber:
    if said is None:
        return phone
    was = phone.as_of or old.as_of
    if new.as_of < was:
        return phone if phone.use or not said.use else replace(phone, use=said.use)
    better = _STRENGTH[said.zone_source] >= _STRENGTH[phone.zone_source]
    found = replace(phone, use=said.use or phone.use)
    if better:
        found = replace(found, zones=said.zones, zone_source=said.zone_source, zone_evidence=said.zone_evidence)
    if new.as_of > was:
        found = replace(found, source=new.source, as_of=new.as_of)
    return found
