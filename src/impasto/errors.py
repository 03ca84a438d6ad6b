"""The errors that Impasto raises on purpose.

* ImpastoError              a check failed, or some items of a batch did (exit 1)
  + InputError              what the user gave is wrong (exit 2)
    - UnreadableInput       a file that is missing, empty, broken or of the wrong kind
    - UnsupportedOption     a value out of range, an unknown name, an option that the model does not take
    - OutputProblem         the output exists, cannot be written, or has an unknown extension
  + ModelError              a model or its weights are missing or wrong (exit 3)
  + ResourceError           out of memory or disk (exit 4)
  + Interrupted             stopped by the user or by a signal; can be resumed (exit 130)

Every message is one sentence that says what was wrong, the value received, and what to do.
"""


class ImpastoError(Exception):
    exit_code = 1


class InputError(ImpastoError):
    exit_code = 2


class UnreadableInput(InputError):
    pass


class UnsupportedOption(InputError):
    pass


class OutputProblem(InputError):
    pass


class ModelError(ImpastoError):
    exit_code = 3


class ResourceError(ImpastoError):
    exit_code = 4


class Interrupted(ImpastoError):
    exit_code = 130
