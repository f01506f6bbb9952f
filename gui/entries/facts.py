"""What whoever knows more than the settings can say of the entries of a list. No Qt."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EntryFacts:
    """One entry: what stands at the right of its line, what is wrong with it, the same of those inside."""

    note: str = ""
    fault: str = ""
    inner: "tuple[EntryFacts, ...]" = ()

    @property
    def faulty(self) -> bool:
        """Whether something is wrong with it or inside it."""
        return bool(self.fault) or any(entry.faulty for entry in self.inner)
