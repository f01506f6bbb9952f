"""Pictures and arrays of numbers from files: decoded, labelled and turned into columns of a table."""
