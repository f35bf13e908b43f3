"""What notices say."""

from __future__ import annotations

from domain.datasets.model import Dataset
from domain.jobs.model import Job
from domain.jobs.status import JobKind
from domain.notifications.model import MAX_MESSAGE, MAX_TITLE, Notice, NoticeKind, Subject, Tone
from domain.projects.model import Member, MemberRole, Project

_DONE = {
    JobKind.TRAINING: ("training", "Its model is ready."),
    JobKind.EVALUATION: ("evaluation", "Its results are ready."),
    JobKind.LABELLING: ("labelling", "Its labels are ready."),
}
TOLD_OF = frozenset(_DONE)
"""The kinds of jobs whose ends are told. Those of datasets are short, and their datasets say how they ended."""
_ROLES = {
    MemberRole.OWNER: "You are one of its owners.",
    MemberRole.EDITOR: "You may change what lies in it.",
    MemberRole.VIEWER: "You may look at what lies in it.",
}


def job_completed(job: Job) -> Notice:
    what, then = _DONE[job.kind]
    title = _titled(f"The {what} {{}} is done", job.name)
    return Notice(NoticeKind.JOB_COMPLETED, Tone.SUCCESS, title, then, Subject("Job", job.id))


def job_failed(job: Job) -> Notice:
    what, _ = _DONE[job.kind]
    title = _titled(f"The {what} {{}} failed", job.name)
    return Notice(NoticeKind.JOB_FAILED, Tone.ERROR, title, _why(job), Subject("Job", job.id))


def dataset_bad(job: Job, dataset: Dataset) -> Notice:
    title = _titled("The dataset {} cannot be used", dataset.name)
    return Notice(NoticeKind.DATASET_BAD, Tone.ERROR, title, _why(job), Subject("Dataset", dataset.id))


def invited(project: Project, member: Member) -> Notice:
    title = _titled("You are in the project {} now", project.name)
    subject = Subject("Project", project.id)
    return Notice(NoticeKind.PROJECT_INVITATION, Tone.INFO, title, _ROLES[member.role], subject)


def _titled(sentence: str, name: str) -> str:
    """With the name in quotes, cut where the whole would be too long."""
    room = MAX_TITLE - len(sentence.format('""'))
    return sentence.format(f'"{name if len(name) <= room else name[: room - 1] + "…"}"')


def _why(job: Job) -> str:
    return (job.error_message or "The job says no more.")[:MAX_MESSAGE]
