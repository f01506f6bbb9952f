"""Lists of settings as cards: what the layers of a network and the entries of any other list have in common,
and the field in which such a list is edited."""
