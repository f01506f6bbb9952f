"""Lists of settings as cards, for the layers of a network and for every other list of settings."""
