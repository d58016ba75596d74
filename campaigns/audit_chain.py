"""The audit's own look at the chain of permits: was one edited, removed, inserted or moved since it was committed?

Written from the description in `docs/reference/audit.md`, without the code that seals.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Seal:
    """What is stored beside a permit: its place in the chain, from 1, and in hex its salt (None: erased), the
    digest of salt and permit, and the link."""

    place: int
    salt: str | None
    digest: str
    link: str


def permit_faults(permit: str | None, seal: Seal | None) -> Iterator[tuple[str, str]]:
    """Is this the permit that was sealed?"""
    if seal is None or is_erased(permit, seal):
        return
    salt = b"" if seal.salt is None else bytes.fromhex(seal.salt)
    if hashlib.sha256(salt + (permit or "").encode()).hexdigest() != seal.digest:
        yield "permit_edited", f"not the permit that was sealed at place {seal.place} of the chain"


def is_erased(permit: str | None, seal: Seal | None) -> bool:
    """Whether the permit was erased, salt and all, as the law of data protection may want it."""
    return seal is not None and seal.salt is None and not permit


@dataclass(slots=True)
class ChainWalk:
    """One walk over the whole chain: `visit` for every attempt of the installation, those without a seal first,
    then by place.

    `links`: how many there are; `outside`: attempts without one, of versions before; `head`: the last link, in
    hex. `wanted`: a link that was written down earlier; `found`: whether it is among them."""

    wanted: str = ""
    links: int = 0
    outside: list[int] = field(default_factory=list)
    head: str = ""
    found: bool = False

    def visit(self, attempt_id: int, seal: Seal | None) -> Iterator[tuple[int, str, str]]:
        """Faults, each with the attempt it is about: of this link, seen from the one before it. What follows a
        break is judged by the link as it stands, so that one break is told once."""
        if seal is None:
            self.outside.append(attempt_id)
            return
        if self.links:
            before = bytes.fromhex(self.head)
        else:
            # Ids rise: one without a seal that came after the chain had begun was put in behind its back.
            strays = [stray for stray in self.outside if stray > attempt_id]
            yield from ((stray, "outside_chain", "no seal, although the chain had begun") for stray in strays)
            earlier = [one for one in self.outside if one < attempt_id]
            before = hashlib.sha256(_number(len(earlier)) + _number(max(earlier, default=0))).digest()
        sealed = hashlib.sha256(
            before + bytes.fromhex(seal.digest) + _number(attempt_id) + _number(self.links + 1)
        )
        if seal.place != self.links + 1 or sealed.hexdigest() != seal.link:
            yield attempt_id, "chain_broken", self._break(seal)
        self.links, self.head = seal.place, seal.link
        self.found = self.found or seal.link == self.wanted

    def _break(self, seal: Seal) -> str:
        missing = seal.place - self.links - 1
        if missing > 0:
            return f"place {seal.place} of the chain follows on place {self.links}: {missing} removed between them"
        if self.links == 0:
            return f"the chain does not begin behind the {len(self.outside)} attempts that stand outside of it"
        return f"its link does not follow from the one before, at place {seal.place} of the chain"


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big")
