"""The schema, as SQLAlchemy Core tables. `docs/reference/storage.md` explains it table by table.

Moments are seconds since the Unix epoch, UTC, as floats: the values of the domain are stored as they are.
`migrations/versions` builds the same schema step by step; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Long = BigInteger().with_variant(Integer(), "sqlite")
"""Of what grows with every lead and call. SQLite's integers are long enough, and its row ids are INTEGER alone."""

installation = Table(
    "installation",
    metadata,
    Column("installation_id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("key", LargeBinary, nullable=False),  # 32 random bytes, drawn once, never shown
    Column("dnc_version", Integer, nullable=False),
    Column("consent_version", Integer, nullable=False, server_default=text("0")),
)

lists = Table(
    "lists",
    metadata,
    Column("list_id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("as_of", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("leads", Integer, nullable=False),
    Column("numbers", Integer, nullable=False),
    Column("expires_on", Text, nullable=False, server_default=""),  # ISO date, the last of `list_expiries`
    UniqueConstraint("name"),
)

# Every last day that was said for a list, for the audit: "" takes it back.
list_expiries = Table(
    "list_expiries",
    metadata,
    Column("list_id", Integer, ForeignKey("lists.list_id"), primary_key=True, autoincrement=False),
    Column("said_at", Float, primary_key=True),
    Column("expires_on", Text, nullable=False),
    sqlite_with_rowid=False,
)

leads = Table(
    "leads",
    metadata,
    Column("lead_id", _Long, primary_key=True, autoincrement=False),
    Column("list_id", Integer, ForeignKey("lists.list_id"), nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("fields", Text, nullable=False),  # JSON: [[name, value], ...] in file order
    Column("source", Text, nullable=False),  # of the import that brought this lead
    Column("as_of", Text, nullable=False),
    Column("added_at", Float, nullable=False),
    Column("person_key", Text, nullable=False, server_default=""),
    Column("debt_id", Text, nullable=False, server_default=""),
    Column("country", Text, nullable=False, server_default=""),
    Column("region", Text, nullable=False, server_default=""),
    *(
        Column(name, Text, nullable=False, server_default="")
        for name in ("address", "city", "postal_code", "language", "owner")
    ),
    Column("rank", Integer),
    Column("twin_key", Text, nullable=False, server_default=""),  # `lists.dedupe.twin_key`
    Column("origins", Text, nullable=False, server_default="[]"),  # JSON: [[field, source, as_of], ...]
    Index("ix_leads_list_id_lead_id", "list_id", "lead_id"),
)
Index(
    "ix_leads_person_key",
    leads.c.person_key,
    sqlite_where=text("person_key <> ''"),
    postgresql_where=text("person_key <> ''"),
)
Index(
    "ix_leads_list_id_external_id",
    leads.c.list_id,
    leads.c.external_id,
    sqlite_where=text("external_id <> ''"),
    postgresql_where=text("external_id <> ''"),
)

Index(
    "ix_leads_twin_key",
    leads.c.twin_key,
    sqlite_where=text("twin_key <> ''"),
    postgresql_where=text("twin_key <> ''"),
)

# What calls rested on before a later list said otherwise: the audit judges each by what was known then.
lead_versions = Table(
    "lead_versions",
    metadata,
    Column("lead_id", _Long, ForeignKey("leads.lead_id"), primary_key=True, autoincrement=False),
    Column("until", Float, primary_key=True),
    Column("body", Text, nullable=False),  # JSON
    sqlite_with_rowid=False,
)

numbers = Table(
    "numbers",
    metadata,
    Column("lead_id", _Long, ForeignKey("leads.lead_id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("e164", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("zones", Text, nullable=False),  # IANA names joined by "|"
    Column("zone_source", Text, nullable=False),
    Column("use", Text, nullable=False, server_default=""),  # `lists.lead.NumberUse`
    Column("extension", Text, nullable=False, server_default=""),
    Column("source", Text, nullable=False, server_default=""),  # "", with `as_of` "": those of the lead
    Column("as_of", Text, nullable=False, server_default=""),
    Column("zone_evidence", Text, nullable=False, server_default=""),  # as in `PhoneNumber`
    Index("ix_numbers_e164_lead_id", "e164", "lead_id"),
    sqlite_with_rowid=False,
)

# A row is one stretch of a number on one register: taken off and put on again, it has two.
dnc = Table(
    "dnc",
    metadata,
    Column("number", Text, primary_key=True),
    Column("client", Text, primary_key=True),  # whose register: "" the house's, which holds for all
    Column("purpose", Text, primary_key=True),  # of the calls that are refused: "" for all
    Column("source", Text, primary_key=True),
    Column("blocked_at", Float, primary_key=True),
    Column("removed_at", Float),  # null while it is on the register
    sqlite_with_rowid=False,
)

# Who has refused as a person: whatever number of theirs comes with a later list goes onto the register too.
dnc_persons = Table(
    "dnc_persons",
    metadata,
    Column("person", Text, primary_key=True),  # `Lead.party`: the client's key, or the lead
    Column("client", Text, primary_key=True),  # as in `dnc`, to the end
    Column("purpose", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("blocked_at", Float, primary_key=True),
    Column("removed_at", Float),
    sqlite_with_rowid=False,
)

# What is left of whoever was erased: by it an import knows them again.
erased = Table(
    "erased",
    metadata,
    Column(
        "digest", LargeBinary, primary_key=True
    ),  # HMAC-SHA256, with the installation's key, of one of their keys
    Column("erased_at", Float, nullable=False),
    sqlite_with_rowid=False,
)

# A row is one consent, kept when it is withdrawn.
consents = Table(
    "consents",
    metadata,
    Column("number", Text, primary_key=True),
    Column("client", Text, primary_key=True),  # who was given it: it holds for nobody else
    Column("kind", Text, primary_key=True),  # `campaigns.consent.ConsentKind`
    Column("purpose", Text, primary_key=True),  # "": all
    Column("given_at", Float, primary_key=True),
    Column("expires_at", Float),
    Column("source", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("withdrawn_at", Float),
    sqlite_with_rowid=False,
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("campaign_id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("body", Text, nullable=False),  # the TOML, which is the truth
    Column("lead_order", Text, nullable=False),
    Column("order_seed", _Long, nullable=False),
    Column("added_at", Float, nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),  # `campaigns.life.CampaignState`
    Column("state_reason", Text, nullable=False, server_default=""),
    Column("state_at", Float, nullable=False, server_default=text("0")),
    Column("leads", Integer, nullable=False, server_default=text("0")),  # how many have a place in it
    Column("ordered_to", _Long),  # places up to this lead have their key in the present order; null: all have
    Column("grouping", Text, nullable=False, server_default=""),  # `campaigns.zone_group.Grouping`
    Column("grouped_to", _Long),  # places up to this lead lie in their group by it; null: all do
    UniqueConstraint("name"),
)

campaign_versions = Table(
    "campaign_versions",
    metadata,
    Column("campaign_id", Integer, ForeignKey("campaigns.campaign_id"), primary_key=True, autoincrement=False),
    Column("hash", Text, primary_key=True),  # SHA-256 of the text: what permits name it by
    Column("body", Text, nullable=False),
    Column("added_at", Float, nullable=False),
    sqlite_with_rowid=False,
)

# What `dialer.toml` has allowed to be dialed, each as long as it was in force: permits name one by its hash.
walls = Table(
    "walls",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("body", Text, nullable=False),  # JSON
    Column("added_at", Float, nullable=False),
)

# Every text of every rule set, each as long as it was in force.
rule_sets = Table(
    "rule_sets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("added_at", Float, primary_key=True),  # in force from then until the next text of that name
    Column("hash", Text, nullable=False),  # SHA-256 of the text: what permits name it by
    Column("body", Text, nullable=False),  # "": taken away
    Column("basis", Text, nullable=False),  # "preset" or "declared"
)

campaign_lists = Table(
    "campaign_lists",
    metadata,
    Column("campaign_id", Integer, ForeignKey("campaigns.campaign_id"), primary_key=True, autoincrement=False),
    Column("list_id", Integer, ForeignKey("lists.list_id"), primary_key=True, autoincrement=False),
    Column("removed", Boolean, nullable=False, server_default=false()),  # its leads are not dialed any more
    Column("walked_to", _Long, nullable=False, server_default=text("0")),  # leads that `PlaceLeads` has dealt with
    Index("ix_campaign_lists_list_id", "list_id"),
    sqlite_with_rowid=False,
)

campaign_zone_groups = Table(
    "campaign_zone_groups",
    metadata,
    Column("campaign_id", Integer, ForeignKey("campaigns.campaign_id"), primary_key=True, autoincrement=False),
    Column("zone_group", Text, primary_key=True),  # of any number of any lead that has a place in the campaign
    Column("outdated", Boolean, nullable=False, server_default=false()),  # by an earlier grouping
    sqlite_with_rowid=False,
)

campaign_leads = Table(
    "campaign_leads",
    metadata,
    Column("campaign_id", Integer, ForeignKey("campaigns.campaign_id"), primary_key=True, autoincrement=False),
    Column("lead_id", _Long, ForeignKey("leads.lead_id"), primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),  # ready, waiting, promised, leased, final: see `places.py`
    Column("due_at", Float, nullable=False),
    Column("zone_group", Text, nullable=False),
    Column("order_key", BigInteger, nullable=False),
    Column("phone_position", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tries", Text, nullable=False),  # JSON: [[code, count], ...]
    Column("reason", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Partial indexes: a lead that is leased or final is in none that dialing reads, so that they shrink as the list
# is worked through. They cover what is asked of them: the next leads are found without touching the table (for
# which SQLite wants the state in the index too; it is the last column, for PostgreSQL makes no use of a condition
# that the index is of, and would walk through all entries of a campaign to the ones behind such a column).
Index(
    "ix_campaign_leads_ready",
    campaign_leads.c.campaign_id,
    campaign_leads.c.zone_group,
    campaign_leads.c.order_key,
    campaign_leads.c.lead_id,
    campaign_leads.c.due_at,
    campaign_leads.c.state,
    sqlite_where=text("state = 'ready'"),
    postgresql_where=text("state = 'ready'"),
)
Index(
    "ix_campaign_leads_waiting",
    campaign_leads.c.campaign_id,
    campaign_leads.c.due_at,
    campaign_leads.c.order_key,
    campaign_leads.c.lead_id,
    campaign_leads.c.state,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)
Index(
    "ix_campaign_leads_promised",
    campaign_leads.c.campaign_id,
    campaign_leads.c.due_at,
    campaign_leads.c.lead_id,
    campaign_leads.c.state,
    sqlite_where=text("state = 'promised'"),
    postgresql_where=text("state = 'promised'"),
)
Index(
    "ix_campaign_leads_leased",
    campaign_leads.c.campaign_id,
    campaign_leads.c.state,
    sqlite_where=text("state = 'leased'"),
    postgresql_where=text("state = 'leased'"),
)
Index(
    "ix_campaign_leads_final",
    campaign_leads.c.campaign_id,
    campaign_leads.c.state,
    sqlite_where=text("state = 'final'"),
    postgresql_where=text("state = 'final'"),
)
Index(
    "ix_campaign_leads_attempted",
    campaign_leads.c.campaign_id,
    campaign_leads.c.attempts,
    sqlite_where=text("attempts > 0"),
    postgresql_where=text("attempts > 0"),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("promised_in", _Long, primary_key=True, autoincrement=False),  # the attempt
    Column("campaign_id", Integer, ForeignKey("campaigns.campaign_id"), nullable=False),
    Column("lead_id", _Long, ForeignKey("leads.lead_id"), nullable=False),
    Column("number", Text, nullable=False),
    Column("wall", Text, nullable=False),  # what the clock of `zone` shows then
    Column("zone", Text, nullable=False),
    Column("due_at", Float, nullable=False),  # by the zone data of the last start
    Column("made_at", Float, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("agent_id", Text, nullable=False),  # "": anyone
    Column("consent", Text, nullable=False),
    Column("state", Text, nullable=False),  # open, kept, dropped
    Column("reason", Text, nullable=False, server_default=""),
    Column("ended_at", Float),
    Column("attempt_id", _Long),  # that kept it
    Column("dialed_at", Float),
    Index("ix_callbacks_campaign_id_due_at", "campaign_id", "due_at"),
)
Index(
    "ix_callbacks_open",
    callbacks.c.campaign_id,
    callbacks.c.lead_id,
    sqlite_where=text("state = 'open'"),
    postgresql_where=text("state = 'open'"),
)

_COUNTED_BY = ("counted", "campaign", "stage", "charged", "contact", "ended_at", "purpose")
"""What a cap has to know of an attempt: found in the index, without its row."""

attempts = Table(
    "attempts",
    metadata,
    # Committed before the INVITE leaves.
    Column("attempt_id", _Long, primary_key=True, autoincrement=False),
    Column("campaign", Text, nullable=False),
    Column("lead_id", _Long, ForeignKey("leads.lead_id"), nullable=False),
    Column("number", Text, nullable=False),
    Column("trunk", Text, nullable=False),
    Column("caller_id", Text, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("attempt_no", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("permit", Text, nullable=False),
    Column("chain_place", _Long),  # 1, 2, ... in the order of the commits; null for those of earlier versions
    Column("salt", LargeBinary),  # null once the permit is erased
    Column("digest", LargeBinary),
    Column("link", LargeBinary),
    Column("counted", Boolean, nullable=False),  # true until its record says that it was never placed
    Column("stage", Text, nullable=False, server_default="answered"),  # as bad as it may be, until its record says
    Column("charged", Boolean, nullable=False, server_default=true()),
    Column(
        "contact", Text, nullable=False, server_default="unknown"
    ),  # `campaigns.outcome.Contact`; at first "open"
    Column("person", Text, nullable=False, server_default=""),  # `lists.lead.Lead.person` and `debt`, as they were
    Column("debt", Text, nullable=False, server_default=""),
    Column("purpose", Text, nullable=False, server_default=""),
    # Null until the attempt closes: the rest of its `AttemptRecord`.
    Column("list_name", Text),
    Column("region", Text),
    Column("zones", Text),
    Column("local_hour", Integer),
    Column("mode", Text),
    Column("dialed_at", Float),
    Column("progress_at", Float),
    Column("answered_at", Float),
    Column("assigned_at", Float),
    Column("connected_at", Float),
    Column("ended_at", Float),
    Column("closed_at", Float),
    Column("outcome", Text),
    Column("sip_status", Integer),
    Column("q850", Integer),
    Column("ended_by", Text),
    Column("agent_id", Text),
    Column("disposition", Text),
    Column("live", Boolean),
    Column("machine", Boolean),
    Column("rpc", Boolean),
    Column("abandoned", Boolean),
    Column("hung_up_waiting", Boolean),
    Column("queued", Boolean),
    Column("talk_s", Float),
    Column("hold_s", Float),
    Column("wrapup_s", Float),
    Column("answer_to_agent_s", Float),
    Column("final", Boolean),
    Column("next_attempt_at", Float),
    Column("rule_set", Text),
    Column("note", Text),
    Column("heard", Text),
    Column("expected_cost_micro", BigInteger),
    Column("cost_micro", BigInteger),
    Column("currency", Text, nullable=False, server_default=""),
    Column("amd_policy", Text, nullable=False, server_default=""),
    Column("amd_verdict", Text),
    Column("amd_cause", Text),
    Column("amd_at_s", Float),
    Column("rtp_received", Integer),
    Column("rtp_lost", Integer),
    Column("rtp_sent", Integer),
    Column("rtp_jitter_ms", Float),
    Column("rtp_far_lost", Integer),
    Column("rtp_far_jitter_ms", Float),
    Column("rtp_round_trip_ms", Float),
    Column("recording", Text),
    Column("recording_rule", Text, nullable=False, server_default=""),
    Column("to_agents_at", Float),
    Column("message", Text, nullable=False, server_default=""),
    Column("message_after_s", Float),
    Column("message_after_beep_s", Float),
    Column("message_end", Text, nullable=False, server_default=""),
    Column("opted_out_at", Float),
    Column("flow_step", Text, nullable=False, server_default=""),
    Column("flow_end", Text, nullable=False, server_default=""),
    Column("answers", Text, nullable=False, server_default=""),
    Column("callback_at", Float),
    UniqueConstraint("call_id"),
    Index("ix_attempts_number_created_at", "number", "created_at", *_COUNTED_BY),
    Index("ix_attempts_lead_id_created_at", "lead_id", "created_at", *_COUNTED_BY),
    Index("ix_attempts_chain_place", "chain_place", unique=True),
    Index("ix_attempts_campaign_created_at", "campaign", "created_at", "attempt_id"),
)
for _whom in ("person", "debt"):
    Index(
        f"ix_attempts_{_whom}_created_at",
        *(attempts.c[name] for name in (_whom, "created_at", *_COUNTED_BY)),
        sqlite_where=text(f"{_whom} <> ''"),
        postgresql_where=text(f"{_whom} <> ''"),
    )
Index(
    "ix_attempts_open",
    attempts.c.attempt_id,
    sqlite_where=text("closed_at IS NULL"),
    postgresql_where=text("closed_at IS NULL"),
)

third_calls = Table(
    "third_calls",
    metadata,
    # Committed before the INVITE leaves; `ended_at` is null until it is over.
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("attempt_id", _Long, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("agent_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("trunk", Text, nullable=False),
    Column("caller_id", Text, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("expected_cost_micro", BigInteger),
    Column("currency", Text, nullable=False),
    Column("placed_at", Float),
    Column("answered_at", Float),
    Column("ended_at", Float),
    Column("status", Integer),
    Column("cost_micro", BigInteger),
    Index("ix_third_calls_asked_at", "asked_at"),
)

agent_times = Table(
    "agent_times",
    metadata,
    Column("stretch_id", _Long, primary_key=True),
    Column("agent_id", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("since", Float, nullable=False),
    Column("until", Float, nullable=False),
    Index("ix_agent_times_campaign_since", "campaign", "since"),
)

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("client", Text, nullable=False),  # "": all
    Column("password_hash", Text, nullable=False),
    Column("added_at", Float, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("scopes", Text, nullable=False),  # JSON: [permission, ...]
    Column("secret_hash", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float),
    Column("revoked_at", Float),
    Column("user_name", Text, nullable=False),  # who logged in; "" for a token that stands for itself
    Index("ix_tokens_user_name", "user_name"),
)

# Rows are added, never changed and never removed.
changes = Table(
    "changes",
    metadata,
    Column("change_id", _Long, primary_key=True),
    Column("changed_at", Float, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON: [[name, text], ...]
    Index("ix_changes_changed_at", "changed_at"),
    Index("ix_changes_client_changed_at", "client", "changed_at"),
)
