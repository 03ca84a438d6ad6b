"""What a visitor is told who asks for too much, or for what is not theirs."""

from impasto.errors import InputError


class Refused(InputError):
    """Not done; `status` is that of the HTTP answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def not_here(what: str) -> Refused:
    """The same for what never was and for what is another visitor's, so that nobody learns which."""
    return Refused(404, f"There is no such {what}; it may have been removed.")
