"""Which encoding a text is in that is neither UTF-8 nor marked."""

import re

SINGLE_BYTE = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "mac_roman"]
CANDIDATES = [*SINGLE_BYTE, "cp932", "euc_jp", "gb18030", "big5", "cp949"]
"""Encodings that tables are really saved in; with all that exist, short texts are guessed at random."""

WESTERN_SHARE = 0.3
"""Western European text has fewer letters outside ASCII than this; other scripts have more."""

FEW_ACCENTS = 0.5
"""The same of a table, whose texts may be as short as “pä”, where nothing else speaks against it."""

WESTERN_LETTERS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
WESTERN_SIGNS = "€£¥§°²³µ·«»¿¡…–—\u2018\u2019“”"
NOT_WESTERN = re.compile(
    rf"[^\x00-\x7f{WESTERN_LETTERS}{WESTERN_SIGNS}]|[{WESTERN_LETTERS}]{{3}}|[A-Za-z][£¥§²³«¿¡](?=[A-Za-z])"
)
"""What Western European tables do not hold: other letters, three accents in a row, signs within a word."""


TURKISH_LETTERS = "ĞğİıŞş"
"""Their bytes are those of Ð, ð, Ý, ý, Þ and þ in Western European text: Icelandic, which has á, é, í and ú
beside them."""
TURKISH = re.compile(rf"[\x00-\x7f{TURKISH_LETTERS}ÇçÖöÜüÂâÎîÛû{WESTERN_SIGNS}]*")


SIGNS_IN_WORDS = re.compile(r"[±¶ˇ¦¬][a-zńęółćż]|[a-zńęółćż][±¶ˇ¦¬Ľ]")
"""What ą, ś, ź and Ś of ISO 8859-2 are in Windows-1250, which has all other letters in the same places."""


NO_LETTERS = re.compile(rb"[^A-Za-z\x80-\xff]+")


def guess_encoding(sample: bytes) -> str | None:
    """The likeliest encoding of a sample, by charset-normalizer; None where it is no text in any.

    Western text is recognised beforehand, and by how rare its accents are.
    """
    if _is_turkish(sample):
        return "cp1254"
    if _is_western(sample):
        return "cp1252"
    from charset_normalizer import from_bytes

    western = from_bytes(sample, cp_isolation=["cp1252"], enable_fallback=False).best()
    likeliest = from_bytes(sample, cp_isolation=CANDIDATES, enable_fallback=False).best()
    if likeliest is None:
        # Digits and delimiters of a short table look to it like no language at all.
        words = NO_LETTERS.sub(b" ", sample)
        likeliest = from_bytes(words, cp_isolation=SINGLE_BYTE, enable_fallback=False).best()
    if likeliest is not None and likeliest.encoding == "cp1250" and SIGNS_IN_WORDS.search(str(likeliest)):
        return "iso8859_2"
    outside = sum(byte > 127 for byte in sample)
    letters = outside + sum(byte < 128 and chr(byte).isalpha() for byte in sample)
    if western is not None and outside < WESTERN_SHARE * letters:
        return "cp1252"
    return None if likeliest is None else likeliest.encoding


def _is_western(sample: bytes) -> bool:
    """Whether all of it is Western European; of few letters, charset-normalizer guesses at random."""
    text = sample.decode("cp1252", errors="replace")
    letters = sum(character.isalpha() for character in text)
    accented = sum(character in WESTERN_LETTERS for character in text)
    return accented < FEW_ACCENTS * letters and NOT_WESTERN.search(text) is None


def _is_turkish(sample: bytes) -> bool:
    """Whether all letters are those of Turkish, with one that Western European text does not have."""
    text = sample.decode("cp1254", errors="replace")
    return TURKISH.fullmatch(text) is not None and any(letter in text for letter in TURKISH_LETTERS)
