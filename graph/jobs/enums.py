"""The domain's enums of jobs, as clients see them."""

from domain.jobs.status import JobKind, JobStatus
from graph.enums import described

described(
    JobKind,
    "JobKind",
    "What a job does.",
    {
        JobKind.TRAINING: "Trains an agent.",
        JobKind.EVALUATION: "Tries out a trained agent.",
        JobKind.INSPECTION: "Reads a file, says what is in it and what is wrong with it.",
        JobKind.PREPROCESSING: "Makes a dataset from another one.",
        JobKind.IMPORTING: "Fetches or generates data.",
        JobKind.LABELLING: "Labels the data of a dataset.",
    },
)
described(
    JobStatus,
    "JobStatus",
    "Where a job stands.",
    {
        JobStatus.QUEUED: "Waits for a worker, or for the time to be tried again.",
        JobStatus.RUNNING: "A worker is at it.",
        JobStatus.COMPLETED: "Done.",
        JobStatus.FAILED: "Ended without a result; `error` says why.",
        JobStatus.CANCELLED: "Ended because somebody asked for it.",
    },
)

__all__ = ["JobKind", "JobStatus"]
