"""Which encoding a text is in that is neither UTF-8 nor marked."""

import re

CANDIDATES = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "mac_roman"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
"""Encodings that tables are really saved in; with all that exist, short texts are guessed at random."""

WESTERN_SHARE = 0.3
"""Western European text has fewer letters outside ASCII than this; other scripts have more."""

FEW_ACCENTS = 0.5
"""The same of a table, whose texts may be as short as “pä”, where nothing else speaks against it."""

WESTERN_LETTERS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿ"
WESTERN_SIGNS = "€£¥§°²³µ·«»¿¡…–—\u2018\u2019“”"
NOT_WESTERN = re.compile(
    rf"[^\x00-\x7f{WESTERN_LETTERS}{WESTERN_SIGNS}]|[{WESTERN_LETTERS}]{{3}}|[A-Za-z][£¥§²³«¿¡](?=[A-Za-z])"
)
"""What Western European tables do not hold: other letters, three accents in a row, signs within a word."""


def guess_encoding(sample: bytes) -> str | None:
    """The likeliest encoding of a sample, by charset-normalizer; None where it is no text in any.

    Western text is recognised beforehand, and by how rare its accents are.
    """
    if _is_western(sample):
        return "cp1252"
    from charset_normalizer import from_bytes

    western = from_bytes(sample, cp_isolation=["cp1252"], enable_fallback=False).best()
    likeliest = from_bytes(sample, cp_isolation=CANDIDATES, enable_fallback=False).best()
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
