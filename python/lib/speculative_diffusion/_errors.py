"""What this package raises."""

from __future__ import annotations

from collections.abc import Sequence


class SamplerError(Exception):
    """What cannot be done, or what went wrong in a function of the caller's, which is the ``__cause__`` then.

    Attributes
    ----------
    field : str
        The argument, or the field of a configuration, that is at fault.
    states : list of bytes
        Where the runs stood, in the order of their seeds: pass them as ``state`` or ``states`` to go on.
    """

    def __init__(self, message: str, field: str, states: Sequence[bytes] = ()) -> None:
        super().__init__(message)
        self.field = field
        self.states = list(states)

    @property
    def state(self) -> bytes | None:
        """The state of the only run, or of the first."""
        return self.states[0] if self.states else None

    def __reduce__(self) -> tuple[type, tuple[str, str, list[bytes]]]:
        """Keep all parts where an error is sent to another process."""
        return type(self), (str(self), self.field, self.states)


class Interrupted(SamplerError, KeyboardInterrupt):
    """A run that Ctrl-C has ended: also a ``KeyboardInterrupt``, with the states to go on from."""
