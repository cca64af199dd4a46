"""How each forge is asked for a pull request or a workflow, and what its answers mean.

After the documentation of the REST APIs: GitHub's "Pull requests" and "Workflow runs", GitLab's
"Merge requests" and "Pipelines", Gitea's and Forgejo's `/repos/{owner}/{repo}/pulls/{index}` and
`/repos/{owner}/{repo}/actions/tasks`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Protocol
from urllib.parse import quote

from evidenced.config.kinds.forge import ForgeSettings
from evidenced.config.types import Secret
from evidenced.probes.forgememory import PullRequest, Seen, WorkflowRun
from evidenced.probes.jsonapi import at

_TASKS = 50
"""Tasks asked for on Gitea, which can filter them neither by workflow nor by branch."""

_STATES: Mapping[object, str] = MappingProxyType(
    {"open": "open", "opened": "open", "locked": "open", "closed": "closed", "merged": "merged"}
)

# GitLab and Gitea have words of their own for what GitHub calls the conclusion.
_CONCLUSIONS: Mapping[object, str] = MappingProxyType(
    {"failed": "failure", "canceled": "cancelled"}
)
_WORST_FIRST = ("failure", "cancelled", "success", "skipped")
"""The conclusions of Gitea's tasks: that of a run is the first that one of its tasks has."""


class UnreadableError(Exception):
    """An answer that is not what the forge's documentation says."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask: below the API's base, the path of the thing and of its repository."""

    path: str
    query: Mapping[str, str]
    repository: str


class Forge(Protocol):
    """Which forge it is, where it is, and the token to show."""

    @property
    def forge(self) -> str: ...  # noqa: D102  the class says it
    @property
    def home(self) -> str: ...  # noqa: D102  the class says it
    @property
    def token(self) -> Secret | None: ...  # noqa: D102  the class says it


def api_base(settings: Forge) -> str:
    """The base address of the forge's API."""
    home = settings.home.rstrip("/")
    if settings.forge == "github":
        return "https://api.github.com" if home == "https://github.com" else f"{home}/api/v3"
    return f"{home}/api/v4" if settings.forge == "gitlab" else f"{home}/api/v1"


def headers(settings: Forge) -> dict[str, str]:
    """The headers of a request, the token among them."""
    token = settings.token.reveal() if settings.token else None
    if settings.forge == "github":
        ours = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        return ours | ({"Authorization": f"Bearer {token}"} if token else {})
    if settings.forge == "gitlab":
        return {"PRIVATE-TOKEN": token} if token else {}
    return {"Authorization": f"token {token}"} if token else {}


def question(settings: ForgeSettings) -> Question:
    """What to ask of the forge."""
    if settings.forge == "gitlab":
        repository = f"/projects/{quote(settings.repository, safe='')}"
        pull = f"{repository}/merge_requests/{settings.pull_request}"
        runs = f"{repository}/pipelines"
        query = {"scope": "finished", "per_page": "1"} | _given(
            ref=settings.branch, name=_named(settings)
        )
    elif settings.forge == "github":
        repository = f"/repos/{settings.repository}"
        pull = f"{repository}/pulls/{settings.pull_request}"
        name = _named(settings)
        runs = f"{repository}/actions/{f'workflows/{quote(name)}/runs' if name else 'runs'}"
        query = {"status": "completed", "per_page": "1"} | _given(branch=settings.branch)
    else:
        repository = f"/repos/{settings.repository}"
        pull = f"{repository}/pulls/{settings.pull_request}"
        runs = f"{repository}/actions/tasks"
        query = {"limit": str(_TASKS)}
    if settings.pull_request is not None:
        return Question(pull, {}, repository)
    return Question(runs, query, repository)


def read(settings: ForgeSettings, document: object) -> Seen:
    """What an answer says; raises UnreadableError."""
    if settings.pull_request is not None:
        return _pull_request(document)
    if settings.forge == "gitlab":
        return _newest(document if isinstance(document, list) else None, "status")
    runs = at(document, "workflow_runs")
    # Gitea has null for an empty list.
    runs = [] if runs is None else runs
    if settings.forge == "github":
        return _newest(runs, "conclusion")
    return _of_tasks(runs, settings)


def _given(**query: str | None) -> dict[str, str]:
    return {key: value for key, value in query.items() if value is not None}


def _named(settings: ForgeSettings) -> str | None:
    return None if settings.workflow == "*" else settings.workflow


def _pull_request(document: object) -> PullRequest:
    state = _STATES.get(at(document, "state"))
    if state is None:
        raise UnreadableError
    merged_at = at(document, "merged_at")
    if at(document, "merged") is True:
        state = "merged"
    when = _time(merged_at) if state == "merged" and isinstance(merged_at, str) else None
    return PullRequest(state, when)


def _newest(runs: object, key: str) -> WorkflowRun | None:
    """The first of the runs, which come newest first."""
    if not isinstance(runs, list):
        raise UnreadableError
    return _run(at(runs[0], key), at(runs[0], "updated_at")) if runs else None


def _of_tasks(tasks: object, settings: ForgeSettings) -> WorkflowRun | None:
    """The newest run of which all tasks are finished, made of its tasks."""
    if not isinstance(tasks, list):
        raise UnreadableError
    runs: dict[int, list[object]] = {}
    for task in tasks:
        number = at(task, "run_number")
        workflow = settings.workflow in ("*", at(task, "workflow_id"))
        branch = settings.branch in (None, at(task, "head_branch"))
        if workflow and branch and isinstance(number, int):
            runs.setdefault(number, []).append(task)
    for number in sorted(runs, reverse=True):
        conclusions = {str(at(task, "status")) for task in runs[number]}
        if conclusions <= set(_WORST_FIRST):
            worst = next(each for each in _WORST_FIRST if each in conclusions)
            ended = max(_time(at(task, "updated_at")) for task in runs[number])
            return WorkflowRun(worst, ended)
    return None


def _run(conclusion: object, ended: object) -> WorkflowRun:
    if not isinstance(conclusion, str):
        raise UnreadableError
    return WorkflowRun(_CONCLUSIONS.get(conclusion, conclusion), _time(ended))


def _time(text: object) -> float:
    try:
        when = datetime.fromisoformat(str(text))
    except ValueError:
        raise UnreadableError from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
