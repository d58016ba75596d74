"""Why a row, or one number of a row, was not taken. Documented in `docs/reference/list-files.md`."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Stable codes: scripts may count them, so a code is never renamed."""

    # the row
    TOO_FEW_COLUMNS = "too_few_columns"
    TOO_MANY_COLUMNS = "too_many_columns"
    BAD_QUOTES = "bad_quotes"
    FIELD_TOO_LONG = "field_too_long"
    REPEATED_HEADER = "repeated_header"
    NO_PHONE = "no_phone"
    UNKNOWN_ZONE = "unknown_zone"
    UNKNOWN_PLACE = "unknown_place"
    UNKNOWN_LANGUAGE = "unknown_language"
    BAD_DATE = "bad_date"
    BAD_RANK = "bad_rank"
    BAD_CONSENT = "bad_consent"
    # a number
    NOT_A_NUMBER = "not_a_number"
    LETTERS = "letters"
    ROUNDED = "rounded_by_spreadsheet"
    SEVERAL_NUMBERS = "several_numbers"
    TOO_MANY_NUMBERS = "too_many_numbers"
    NO_COUNTRY = "no_country"
    UNKNOWN_COUNTRY = "unknown_country"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_AREA_CODE = "no_area_code"
    NOT_VALID = "not_valid"
    EXTENSION = "extension"
    EMERGENCY = "emergency"
    SHORT_CODE = "short_code"
    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    TOLL_FREE = "toll_free"
    # a second time
    DUPLICATE_NUMBER = "duplicate_number"
    DUPLICATE_ID = "duplicate_id"
    DUPLICATE_PERSON = "duplicate_person"
    DUPLICATE_ADDRESS = "duplicate_address"
    ALREADY_IN_LIST = "already_in_list"
    IN_OTHER_LIST = "in_other_list"
    # not to be called
    DO_NOT_CALL = "do_not_call"
    ERASED = "erased"


OF_A_VALUE = frozenset({Reason.UNKNOWN_LANGUAGE, Reason.BAD_DATE, Reason.BAD_RANK, Reason.BAD_CONSENT})
"""Something beside the numbers is left out; the lead is as good without it."""
KEPT = frozenset({Reason.TOLL_FREE})
"""Nothing is left out: somebody should look at it."""
