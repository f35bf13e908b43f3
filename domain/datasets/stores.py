"""What the use cases of datasets need to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.datasets.model import Dataset, DatasetFilter, Files, Papers, SavedRecipe, Upload
from domain.pages import Page, Window
from domain.projects.model import MemberRole
from domain.viewer import Viewer


class DatasetStore(Protocol):
    """Writing side: inside a unit of work. What the viewer may not see is not found."""

    async def lock(self, viewer: Viewer, id: UUID) -> tuple[Dataset, MemberRole | None]:
        """The dataset and the viewer's role in its project, held until the transaction ends.

        Refuses with NOT_FOUND when there is none that the viewer may see.
        """

    async def hold(self, id: UUID) -> Dataset | None:
        """The same for the platform itself."""

    async def add(self, dataset: Dataset, papers: Papers, key: str | None = None) -> bool:
        """False when its owner made one with the same key before; then nothing is added."""

    async def made_with(self, owner_id: UUID, key: str) -> Dataset | None: ...

    async def save(self, dataset: Dataset) -> None: ...

    async def papers(self, id: UUID) -> Papers: ...

    async def save_papers(self, papers: Papers) -> None: ...

    async def delete(self, id: UUID) -> None: ...


class UploadStore(Protocol):
    """Which upload is meant for which dataset."""

    async def add(self, upload: Upload, key: str | None = None) -> bool:
        """False when the same person asked with the same key before; then nothing is added."""

    async def asked_with(self, user_id: UUID, key: str) -> Upload | None: ...

    async def lock(self, id: UUID) -> Upload | None: ...

    async def done(self, id: UUID, at: datetime) -> None: ...


class RecipeStore(Protocol):
    """Writing side."""

    async def lock(self, viewer: Viewer, id: UUID) -> SavedRecipe:
        """Refuses with NOT_FOUND when there is none that the viewer may see."""

    async def add(self, recipe: SavedRecipe) -> None:
        """Refuses with ALREADY_EXISTS at `name` when its owner has one of this name, whatever the case."""

    async def save(self, recipe: SavedRecipe) -> None:
        """Refuses with ALREADY_EXISTS like `add`."""

    async def delete(self, id: UUID) -> None: ...


class DatasetReads(Protocol):
    """Reading side: batches in, batches out, in the same order, each filtered by the viewer."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Dataset | None]: ...

    async def page(self, viewer: Viewer, window: Window, filter: DatasetFilter) -> Page[Dataset]: ...

    async def count(self, viewer: Viewer, filter: DatasetFilter) -> int: ...

    async def pages_of_parents(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Dataset]]:
        """What was made of each."""

    async def counts_of_parents(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]: ...

    async def pages_in_projects(
        self, viewer: Viewer, ids: Sequence[UUID], window: Window, filter: DatasetFilter
    ) -> Sequence[Page[Dataset]]: ...

    async def counts_in_projects(self, viewer: Viewer, ids: Sequence[UUID], filter: DatasetFilter) -> Sequence[int]: ...

    async def papers(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Papers | None]: ...

    async def files(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Files | None]: ...


class RecipeReads(Protocol):
    """Reading side: one's own; all for an admin."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[SavedRecipe | None]: ...

    async def page(self, viewer: Viewer, window: Window, text: str | None) -> Page[SavedRecipe]: ...

    async def count(self, viewer: Viewer, text: str | None) -> int: ...
