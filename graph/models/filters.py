"""How lists of models are filtered and sorted."""

from enum import Enum
from typing import Annotated

import strawberry

from domain.models.model import Part, Stage
from domain.models.stores import ModelFilter
from domain.pages import NEWEST, OLDEST, Sort
from graph.catalogue.enums import AlgorithmName, TaskType
from graph.enums import described
from graph.fields import optional
from graph.ids import sought

described(
    Stage,
    "ModelStage",
    "How far a model has come.",
    {
        Stage.NONE: "Nobody has said so yet.",
        Stage.STAGING: "It is tried out.",
        Stage.PRODUCTION: "It is the one to use. A strategy has at most one.",
        Stage.ARCHIVED: "Put away.",
    },
)
described(
    Part,
    "ModelPart",
    "The files of a model.",
    {
        Part.WEIGHTS: "The weights as safetensors: numbers, and nothing that could be executed.",
        Part.CARD: "Its papers as JSON: what it is, and what made it.",
        Part.ONNX: "The network as ONNX; not every network can be exported.",
        Part.SERIES: "Its account and those of baselines at each bar of VALID and TEST, as Parquet; not each has one.",
    },
)


class ModelOrder(Enum):
    """Orders that an index supports, so that every page costs the same."""

    NEWEST = NEWEST
    OLDEST = OLDEST
    BEST = Sort("BEST", "best_score", descending=True, kind=float)


described(
    ModelOrder,
    "ModelOrder",
    "How a list of models is sorted.",
    {
        ModelOrder.NEWEST: "Youngest first.",
        ModelOrder.OLDEST: "Oldest first.",
        ModelOrder.BEST: "The highest `bestScore` first. Compare only those with the same `score`.",
    },
)


@strawberry.input(name="ModelFilter", description="Which models to list. What is left out does not matter.")
class ModelFilterInput:
    text: str | None = optional("A piece of the name; capital letters do not matter.")
    task_type: TaskType | None = optional("Only those for this task.")
    algorithm: AlgorithmName | None = optional("Only those with this algorithm.")
    stages: list[Stage] | None = optional(
        "Only those that have come so far. Left out or empty: all but the archived ones; name ARCHIVED to see those."
    )
    strategy_id: strawberry.ID | None = optional("Only those of this strategy.")
    dataset_id: strawberry.ID | None = optional("Only those that were trained on this dataset.")
    job_id: strawberry.ID | None = optional("Only the one of this job.")


ModelFilterArgument = Annotated[ModelFilterInput | None, strawberry.argument(description="Which ones.")]
ModelOrderArgument = Annotated[ModelOrder, strawberry.argument(description="In which order.")]


def models_wanted(given: ModelFilterInput | None) -> ModelFilter:
    if not given:
        return ModelFilter()
    return ModelFilter(
        text=given.text,
        task_type=given.task_type,
        algorithm=given.algorithm,
        stages=tuple(dict.fromkeys(given.stages or ())),
        strategy_id=sought(given.strategy_id, "Strategy"),
        dataset_id=sought(given.dataset_id, "Dataset"),
        job_id=sought(given.job_id, "Job"),
    )


__all__ = ["ModelFilterArgument", "ModelOrder", "ModelOrderArgument", "Part", "Stage", "models_wanted"]
