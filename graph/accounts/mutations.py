"""All that changes accounts."""

import strawberry

from graph.accounts.administration import AdministrationMutations
from graph.accounts.api_tokens import ApiTokenMutations
from graph.accounts.entry import EntryMutations
from graph.accounts.own import OwnAccountMutations


@strawberry.type
class AccountMutations(EntryMutations, OwnAccountMutations, ApiTokenMutations, AdministrationMutations):
    pass


__all__ = ["AccountMutations"]
