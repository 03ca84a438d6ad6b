"""`impasto doctor`: what this machine can do."""

from typing import Annotated

from impasto.cli.options import Switch
from impasto.cli.output import print_json, print_table
from impasto.job.doctor import examine


def doctor(*, json: Annotated[bool, Switch] = False) -> int:
    """Say what this machine can do and what is missing; exit code 1 where the main job cannot run.

    Parameters
    ----------
    json
        Print a JSON list.
    """
    findings = examine()
    if json:
        print_json(findings)
    else:
        rows = []
        for finding in findings:
            state = "ok" if finding.ok else "missing" if finding.needed else "note"
            rows.append([state, finding.name, finding.value, "" if finding.ok else finding.advice])
        print_table(["", "what", "found", "what to do"], rows)
    return 1 if any(finding.needed and not finding.ok for finding in findings) else 0
