"""By what an import knows a person again who was erased.

Keyed hashes of these texts are all that the store keeps of them: whoever has the key can ask whether a number is
among them, and nobody can read one out.
"""

from __future__ import annotations

from collections.abc import Iterable

from lists.client import client_of


def keys_of(
    list_name: str, numbers: Iterable[str], person_key: str = "", external_id: str = ""
) -> tuple[str, ...]:
    """What says who a lead of the list is: its numbers (E.164) and its person, in all lists of the client; its own
    id, in this list alone, for that of another may count from 1 as well."""
    client = client_of(list_name)
    known = [(client, "number", number) for number in numbers]
    known += [(client, "person", person_key)] if person_key else []
    known += [(list_name, "id", external_id)] if external_id else []
    return tuple("\n".join(parts) for parts in known)
