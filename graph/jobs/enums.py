"""The domain's enums of jobs, as clients see them."""

from domain.jobs.events import Level, Split
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
described(
    Level,
    "LogLevel",
    "How important a log line is.",
    {
        Level.DEBUG: "For who looks for a fault.",
        Level.INFO: "What goes on.",
        Level.WARNING: "Look at it.",
        Level.ERROR: "Something went wrong.",
    },
)
described(
    Split,
    "DataSplit",
    "On which part of the data something was measured.",
    {
        Split.TRAIN: "The part that the agent learns from.",
        Split.VALID: "The part by which the best agent is chosen.",
        Split.TEST: "The part that nothing was learned from and nothing chosen by.",
    },
)

__all__ = ["JobKind", "JobStatus", "Level", "Split"]
