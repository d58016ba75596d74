"""A registrar for agents' phones (RFC 3261 § 10.3): who they are, where they are, for how long. Nobody learns from
it which phones there are: an unknown name is refused like a wrong password, by the same steps."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from hmac import compare_digest

from dialer.sip.digest import Challenge, Credentials, digest_params, expected_response
from dialer.sip.errors import MalformedMessage
from dialer.sip.extensions import option_tags, parse_seconds
from dialer.sip.headers import NameAddr
from dialer.sip.hop import Hop, StreamHop
from dialer.sip.identity import keyed_token
from dialer.sip.message import Request
from dialer.sip.nonces import Nonces, Use
from dialer.sip.uri import Uri
from lists.value import value

LEAST_S = 60
MOST_S = 3_600
"""Seconds of a registration; less is refused 423, more is cut."""

MAX_CONTACTS = 5
"""Phones of one agent."""

FREE_FAILURES = 3
DELAY_S = 2.0
DELAY_MOST_S = 300.0
"""From the fourth failure in a row a source is not listened to for two seconds, then four, up to five minutes."""

MAX_SOURCES = 4_096
_ALGORITHMS = ("SHA-256", "MD5")  # RFC 8760 § 2.3: the one that is liked best on top


@value
class Binding:
    """`contact`: the URI that requests are made to. `hop`: where they are sent, which is where the registration
    came from. `path`: the route there (RFC 3327). `expires_at`: on the clock of `now`. `order`: Call-ID and CSeq
    number, for § 10.3 step 7. `instance`: of which phone (RFC 5626), or empty."""

    contact: str
    hop: Hop
    expires_at: float
    order: tuple[str, int]
    path: tuple[str, ...] = ()
    instance: str = ""


@value
class Reply:
    """`lines`: further headers, each ended by CRLF. `changed`: the name whose bindings are others now, or
    empty."""

    status: int
    lines: bytes = b""
    changed: str = ""


class Registrar:
    """`realm`: of the challenges, and the host part of addresses of record. `passwords`: name → password, may
    change meanwhile. `key`: the installation's secret, 16 to 64 octets. `md5_only`: challenge by MD5 alone, for
    phones that give up at a challenge they do not know instead of taking the next (baresip 1)."""

    def __init__(self, realm: str, passwords: Mapping[str, str], key: bytes, *, md5_only: bool = False) -> None:
        self._algorithms = _ALGORITHMS[1:] if md5_only else _ALGORITHMS
        self._realm = realm
        self._passwords = passwords
        self._key = key
        self._nonces = Nonces(key)
        self._bindings: dict[str, list[Binding]] = {}
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    # -- for who calls the phones, and who keeps them over a restart --

    def bindings(self, name: str, now: float) -> tuple[Binding, ...]:
        """Where a phone is, the newest first."""
        found = [it for it in self._bindings.get(name, ()) if it.expires_at > now]
        return tuple(sorted(found, key=lambda it: it.expires_at, reverse=True))

    def restore(self, name: str, bindings: tuple[Binding, ...]) -> None:
        """What was kept. A connection is gone with the process that had it: phones behind one register anew."""
        if name in self._passwords:
            self._bindings[name] = [_without_flow(it) for it in bindings[:MAX_CONTACTS]]

    # -- REGISTER --

    def handle(self, request: Request, source: Hop, now: float) -> Reply:
        """The answer to a REGISTER. Raises MalformedMessage, then nothing has changed."""
        uri = NameAddr.parse(request.need(b"to")).uri
        name = Uri.parse(uri).user
        host = source[0]
        if now < self._failures.get(host, (0, 0.0))[1]:
            # Whoever is there, and whatever the name: nothing is looked at.
            wait_s = int(self._failures[host][1] - now) + 1
            return Reply(503, b"Retry-After: %d\r\n" % wait_s)
        verdict = self._check(request, name, now)
        if verdict is None:
            self._failures.pop(host, None)
            return self._register(request, name, source, now)
        if verdict is not Use.STALE and request.get(b"authorization") is not None:
            self._count_failure(host, now)
        return Reply(401, self._challenges(now, stale=verdict is Use.STALE))

    def _check(self, request: Request, name: str, now: float) -> Use | None:
        """None: it is who it says."""
        password = self._passwords.get(name)
        known = password is not None
        # The same work for a name that there is not, with a password that nobody can know.
        secret = password if password is not None else keyed_token(self._key, b"nobody", name.encode()).decode()
        given = _ours(request, self._realm)
        params = given if given is not None else {}
        algorithm = params.get("algorithm", "md5").lower()
        challenge = Challenge(
            self._realm,
            params.get("nonce", ""),
            algorithm if algorithm in ("md5", "sha-256") else "md5",
            ("auth",),
        )
        count_text = params.get("nc", "")
        expected = expected_response(
            challenge,
            Credentials(name, secret),
            request.method.decode(),
            params.get("uri", ""),
            cnonce=params.get("cnonce", ""),
            count=count_text or "0",
        )
        right = compare_digest(expected.encode(), params.get("response", "").lower().encode("ascii", "replace"))
        if given is None or not known or not right:
            return Use.FOREIGN
        if params.get("username") != name or params.get("qop", "").lower() != "auth" or not _is_count(count_text):
            return Use.FOREIGN  # one's own password opens nobody else's; without `qop` a replay could not be told
        use = self._nonces.use(params.get("nonce", ""), int(count_text, 16), now)
        return None if use is Use.FRESH else use

    def _challenges(self, now: float, *, stale: bool) -> bytes:
        nonce = self._nonces.make(now)
        more = ", stale=true" if stale else ""
        start = f'WWW-Authenticate: Digest realm="{self._realm}", nonce="{nonce}", qop="auth"{more}'
        return "".join(f"{start}, algorithm={algorithm}\r\n" for algorithm in self._algorithms).encode()

    def _count_failure(self, host: str, now: float) -> None:
        times = self._failures.get(host, (0, 0.0))[0] + 1
        over = times - FREE_FAILURES
        until = now + min(DELAY_S * 2 ** min(over - 1, 20), DELAY_MOST_S) if over > 0 else 0.0
        self._failures[host] = (times, until)
        self._failures.move_to_end(host)
        while len(self._failures) > MAX_SOURCES:
            self._failures.popitem(last=False)

    def _register(self, request: Request, name: str, source: Hop, now: float) -> Reply:
        """§ 10.3, steps 6 to 8."""
        contacts = request.elements(b"contact")
        default_s = parse_seconds(request.need(b"expires")) if request.get(b"expires") is not None else MOST_S
        order = (request.call_id.decode("utf-8", "replace"), request.cseq[0])
        bindings = [it for it in self._bindings.get(name, []) if it.expires_at > now]
        before = list(bindings)
        if b"*" in contacts:
            if len(contacts) != 1 or request.get(b"expires") is None or default_s != 0:
                return Reply(400)  # step 6
            if any(_is_newer(it, order) for it in bindings):
                return Reply(500)  # step 6
            bindings, contacts = [], []
        path = tuple(it.decode("utf-8", "replace") for it in request.elements(b"path"))
        for element in contacts:
            contact = NameAddr.parse(element)
            expires_s = _param_seconds(contact.params, default_s)
            if 0 < expires_s < LEAST_S:
                return Reply(423, b"Min-Expires: %d\r\n" % LEAST_S)
            instance = _param(contact.params, "+sip.instance")
            same = [it for it in bindings if _is_same(it, contact.uri, instance)]
            if any(_is_newer(it, order) for it in same):
                return Reply(500)  # step 7: an older one that comes late
            bindings = [it for it in bindings if it not in same]
            if expires_s > 0:
                if len(bindings) >= MAX_CONTACTS:
                    bindings.sort(key=lambda it: it.expires_at)
                    del bindings[0]  # a phone that is gone without a word makes room
                expires_at = now + min(expires_s, MOST_S)
                bindings.append(Binding(contact.uri, source, expires_at, order, path, instance))
        if bindings:
            self._bindings[name] = bindings
        else:
            self._bindings.pop(name, None)
        lines = b"".join(
            b"Contact: <%b>;expires=%d\r\n" % (it.contact.encode(), int(it.expires_at - now)) for it in bindings
        )
        if path and b"path" in option_tags(request, b"supported"):
            lines += b"".join(b"Path: %b\r\n" % it.encode() for it in path)  # RFC 3327 § 5.3
        return Reply(200, lines, name if bindings != before else "")


def auto_answer(host: str) -> tuple[tuple[str, str], ...]:
    """Headers of an INVITE that a phone takes without asking anybody: RFC 5373, and what phones understand that
    are older than it. `host`: of the URIs, which nobody follows."""
    return (
        ("Call-Info", f"<sip:{host}>;answer-after=0"),
        ("Alert-Info", f"<http://{host}>;info=alert-autoanswer;delay=0"),
        ("Answer-Mode", "Auto"),
    )


def routes(binding: Binding) -> tuple[tuple[str, str], ...]:
    """The Route headers of a request to a phone (RFC 3327 § 5.4)."""
    return tuple(("Route", it) for it in binding.path)


def _ours(request: Request, realm: str) -> dict[str, str] | None:
    """The parameters of the credentials for our realm."""
    for text in request.headers.get(b"authorization", []):
        scheme, _, rest = text.decode("utf-8", "replace").strip().partition(" ")
        if scheme.lower() != "digest":
            continue
        try:
            params = digest_params(rest)
        except MalformedMessage:
            continue
        if params.get("realm") == realm:
            return params
    return None


def _without_flow(binding: Binding) -> Binding:
    hop = binding.hop
    return replace(binding, hop=hop._replace(flow=0)) if isinstance(hop, StreamHop) else binding


def _is_count(text: str) -> bool:
    return len(text) == 8 and all(char in "0123456789abcdefABCDEF" for char in text)


def _is_same(binding: Binding, contact: str, instance: str) -> bool:
    return binding.instance == instance if instance else binding.contact == contact


def _is_newer(binding: Binding, order: tuple[str, int]) -> bool:
    return binding.order[0] == order[0] and binding.order[1] >= order[1]


def _param(params: str, name: str) -> str:
    for item in params.split(";"):
        found, _, text = item.partition("=")
        if found.strip().lower() == name:
            return text.strip().strip('"')
    return ""


def _param_seconds(params: str, default: int) -> int:
    text = _param(params, "expires")
    return int(text[:9]) if text.isdigit() else default
