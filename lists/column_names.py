"""Names of columns, as lists of a dozen languages have them, and what each stands for."""

from __future__ import annotations

import re
from functools import cache

from lists.lead import NumberUse

IGNORE = "ignore"
OWN = "own "
"""Before the name of a column of an exported list: a field called as the rest of it, whatever that stands for."""

PHONE_NAMES: dict[str, tuple[str, ...]] = {
    "": (
        "phone", "phone_number", "phonenumber", "phone_no", "telephone", "telephone_number", "tel", "tel_no",
        "msisdn", "alt_phone", "number_to_call", "telefon", "telefonnummer", "rufnummer", "telefonnr",
        "téléphone", "numéro_de_téléphone", "teléfono", "número_de_teléfono", "numero_de_telefono", "telefono",
        "telefoon", "número_de_telefon", "număr_de_telefon", "numar_de_telefon", "nr_telefon", "nr_tel",
        "телефон", "номер_телефона", "тел", "номер_телефону",
    ),
    NumberUse.MOBILE: (
        "mobile", "mobile_phone", "mobile_number", "mobile_no", "phone_mobile", "cell", "cell_phone", "cellphone",
        "handy", "handynummer", "mobil", "mobilnummer", "mobiltelefon", "telefon_mobil", "portable", "móvil",
        "movil", "celular", "teléfono_móvil", "cellulare", "мобильный", "мобильный_телефон", "моб_тел",
        "телефон_мобильный", "мобільний", "мобільний_телефон", "телефон_мобільний",
    ),
    NumberUse.HOME: (
        "home_phone", "phone_home", "home", "landline", "festnetz", "privatnummer", "telefon_privat",
        "telefon_fix", "telefon_acasă", "teléfono_fijo", "teléfono_de_casa", "домашний", "домашний_телефон",
        "телефон_домашний", "домашній", "домашній_телефон", "телефон_домашній",
    ),
    NumberUse.WORK: (
        "work_phone", "phone_work", "business_phone", "office_phone", "phone_office", "direct_dial",
        "telefon_geschäftlich", "telefon_dienstlich", "telefon_serviciu", "telefon_birou",
        "teléfono_trabajo", "teléfono_del_trabajo", "teléfono_oficina", "рабочий", "рабочий_телефон",
        "телефон_рабочий", "робочий", "робочий_телефон", "телефон_робочий",
    ),
}  # fmt: skip
"""By what the number is for; "": the name does not say."""

NAMES: dict[str, tuple[str, ...]] = {
    "phone": tuple(name for names in PHONE_NAMES.values() for name in names),
    "phone_type": (
        "phone_type", "number_type", "telefonart", "tipo_de_teléfono", "tip_telefon", "тип_телефона",
        "тип_телефону",
    ),
    "extension": (
        "extension", "ext", "phone_ext", "phone_extension", "durchwahl", "extensión", "interior",
        "добавочный", "доб", "внутренний", "додатковий",
    ),
    "first_name": (
        "first_name", "firstname", "given_name", "forename", "first",
        "vorname", "prénom", "nombre", "nome", "förnamn", "voornaam", "prenume", "имя", "ім'я", "імя",
    ),
    "last_name": (
        "last_name", "lastname", "surname", "family_name", "last",
        "nachname", "nom", "nom_de_famille", "apellido", "apellidos", "cognome", "efternamn", "achternaam",
        "nume", "nume_de_familie", "фамилия", "прізвище",
    ),
    "name": (
        "name", "full_name", "fullname", "contact", "contact_name", "customer_name", "person",
        "vollständiger_name", "nom_complet", "nombre_completo", "namn", "naam", "nume_complet",
        "nume_și_prenume", "фио", "ф_и_о", "полное_имя", "піб", "п_і_б", "повне_ім'я",
    ),
    "external_id": (
        "external_id", "id", "lead_id", "vendor_lead_code", "contact_id", "customer_id", "client_id",
        "customer_no", "customer_number", "crm_id", "reference", "ref", "kundennummer", "kunden_id",
        "número_de_cliente", "id_client", "код", "ид", "код_клиента", "код_клієнта",
    ),
    "person_key": ("person_key", "person_id", "debtor_id"),
    "debt_id": ("debt_id", "debt_number", "debt_no"),
    "timezone": (
        "timezone", "time_zone", "tz", "iana_timezone", "zeitzone", "fuseau_horaire", "zona_horaria",
        "huso_horario", "tidszon", "fus_orar", "часовой_пояс", "часовий_пояс",
    ),
    "address": (
        "address", "street_address", "street", "address_line", "adresse", "anschrift", "straße", "strasse",
        "dirección", "direccion", "calle", "domicilio", "adresă", "adresa", "strada", "адрес", "улица", "адреса",
        "вулиця",
    ),
    "city": (
        "city", "town", "locality", "ort", "stadt", "wohnort", "ville", "ciudad", "localidad", "oraș", "oras",
        "localitate", "localitatea", "город", "населенный_пункт", "місто", "населений_пункт",
    ),
    "country": (
        "country", "country_code", "iso_country", "land", "país", "pais", "țară", "țara", "tara", "страна",
        "країна",
    ),
    "region": ("region", "state", "state_code", "province", "state_province", "bundesland",
        "область", "регион", "регіон", "județ", "judet", "estado", "provincia", "uf", "provinsi", "oblast"),
    "postal_code": (
        "postal_code", "postcode", "post_code", "zip", "zip_code", "zipcode", "postal", "plz", "postleitzahl",
        "código_postal", "codigo_postal", "cep", "cod_poștal", "cod_postal", "индекс", "почтовый_индекс",
        "поштовий_індекс", "індекс", "kode_pos",
    ),
    "language": (
        "language", "lang", "preferred_language", "language_code", "locale", "sprache", "idioma", "limba",
        "limbă", "язык", "мова",
    ),
    "rank": ("rank", "priority", "priorität", "prioridad", "prioritate", "приоритет", "пріоритет"),
    "owner": (
        "owner", "agent", "agent_id", "assigned_to", "betreuer", "zuständig", "propietario", "responsable",
        "responsabil", "ответственный", "відповідальний",
    ),
    "source": (
        "source", "lead_source", "quelle", "herkunft", "fuente", "origen", "sursa", "sursă", "источник", "джерело",
    ),
    "as_of": (
        "as_of", "updated_at", "updated", "last_updated", "verified_at", "date_updated", "stand",
        "aktualisiert_am", "fecha_de_actualización", "actualizado", "actualizat", "data_actualizării",
        "дата_обновления", "обновлено", "дата_актуализации", "дата_оновлення", "оновлено",
    ),
    "consent": (
        "consent", "opt_in", "optin", "einwilligung", "consentimiento", "consimțământ", "consimtamant",
        "согласие", "згода",
    ),
    "consent_at": (
        "consent_at", "consent_date", "consent_time", "opt_in_date", "optin_date", "einwilligung_am",
        "fecha_de_consentimiento", "data_consimțământului", "дата_согласия", "дата_згоди",
    ),
    "consent_text": (
        "consent_text", "consent_wording", "consent_evidence", "einwilligungstext", "texto_de_consentimiento",
        "text_consimțământ", "текст_согласия", "текст_згоди",
    ),
    "consent_until": ("consent_until", "consent_expires", "consent_expires_at", "einwilligung_bis"),
}  # fmt: skip
"""Best first: where two columns would do, the better name has the field and the other is kept as a field of its
own. All columns of phones and of the address are used."""

LAST_NAME_FIRST = frozenset(("nume_și_prenume", "фио", "ф_и_о", "піб", "п_і_б"))
"""Of the names of `name`, those that say so: last name, first name, patronymic."""

OF_A_NUMBER = ("phone_type", "extension", "consent", "consent_at", "consent_text", "consent_until")
"""Fields that are about one of the phones: the first, or that whose number the name has."""

FIELD_OF = {name: field for field, names in NAMES.items() for name in names}
USE_OF = {name: str(use) for use, names in PHONE_NAMES.items() for name in names}
USE_WORDS = USE_OF | {
    word: str(use)
    for use, words in {
        NumberUse.MOBILE: "mobile cell m моб мобильный мобільний móvil",
        NumberUse.HOME: "home private landline privat casa acasă дом домашний домашній",
        NumberUse.WORK: "work office business direct arbeit büro trabajo oficina serviciu работа раб офис робота",
    }.items()
    for word in words.split()
}
"""What a number is for, as a cell says it."""
_NUMBERED = re.compile(r"(.*?)_?([1-9]|10)")
_OF_PHONE = re.compile(r"phone_?([1-9]|10)_(.+)")


def key(column: str) -> str:
    """A column's name as it is compared: `Phone No.` and `phone_no` are the same."""
    return re.sub(r"[\s\-._/]+", "_", column.strip().lower()).strip("_:#")


def known_field(column: str) -> tuple[str, int] | None:
    """The field that a column's name stands for, and its number ("Telefon 2" is the second phone, "phone2_type"
    and "extension 2" are about it; 1 without)."""
    name = key(column)
    if name in FIELD_OF:
        return FIELD_OF[name], 1
    if (of_phone := _OF_PHONE.fullmatch(name)) is not None:
        about = FIELD_OF.get(of_phone[2]) or FIELD_OF.get(f"phone_{of_phone[2]}")
        if about in OF_A_NUMBER:
            return about, int(of_phone[1])
    numbered = _NUMBERED.fullmatch(name)
    if numbered is not None:
        field = FIELD_OF.get(numbered[1])
        if field in ("phone", "address", *OF_A_NUMBER):
            return field, int(numbered[2])
    return None


@cache
def last_name_first(column: str) -> bool:
    """Whether the full names of a column begin with the last name, by the column's name."""
    return key(column) in LAST_NAME_FIRST


def use_of(column: str) -> str:
    """What the numbers of a column are for, by its name; "" where that does not say."""
    name = key(column)
    numbered = _NUMBERED.fullmatch(name)
    return USE_OF.get(name) or (USE_OF.get(numbered[1], "") if numbered is not None else "")


def field_name(field: str, number: int) -> str:
    """As `--map` has it: `phone2`, `consent_at3`, `city`."""
    return f"{field}{number}" if number > 1 or field == "phone" else field
