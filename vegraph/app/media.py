"""Streams of rows by global id and field, as the caller: which stream is meant, and whether it is theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from vegraph.backend.media import Content, MediaAt, opened, replaced
from vegraph.backend.runner import Runner
from vegraph.errors import BackendNotFound, BadUserInput, Forbidden, VegraphError
from vegraph.plan import evaluate, global_ids
from vegraph.plan.accessors import accessor
from vegraph.plan.global_ids import GlobalId
from vegraph.plan.predicates import TRUE
from vegraph.plan.recording import outcome_of
from vegraph.plan.rows import row_type
from vegraph.plan.scope import Scope
from vegraph.plan.steps import Company, ReadOne
from vegraph.schema.binding import EntityBinding, Graph, PropertyField, StreamField
from vegraph.schema.values import Kind, Member

__all__ = ["MediaAccess", "PreconditionRequired"]


class PreconditionRequired(BadUserInput):
    """Replacing a stream of a type with ETags takes `If-Match`."""

    code = "PRECONDITION_REQUIRED"


@dataclass(frozen=True, slots=True)
class MediaAccess:
    """Reads and replaces streams for one request."""

    graph: Graph
    scope: Scope
    runner: Runner
    most: int
    """Bytes of one stream, either way."""

    async def opened(self, id_: str, field: str, *, range_: str | None = None) -> AbstractAsyncContextManager[Content]:
        """The stream, to be opened. Raises BadUserInput, BackendNotFound where there is none for this caller."""
        found, member = self._meant(id_, field)
        at = await self._at(found, member)
        return opened(self.runner, at, range_=range_, most=self.most)

    async def replaced(
        self,
        id_: str,
        field: str,
        content: AsyncIterator[bytes],
        *,
        content_type: str,
        length: int | None,
        if_match: str | None,
    ) -> None:
        """Takes the content as it comes. Raises like `opened`; Forbidden, PreconditionRequired, OutcomeUnknown."""
        found, member = self._meant(id_, field)
        outcome = "unknown"
        try:
            if not (self.scope.allows(found.entity, "update") and _updatable(found.entity)):
                raise Forbidden(f"You may not change rows of {found.entity.graph_name} here.")
            at = await self._at(found, member)
            if found.entity.has_etag and if_match is None:
                raise PreconditionRequired("Give If-Match, the row's etag as you read it, or `*` to overwrite.")
            await replaced(
                self.runner,
                at,
                content,
                content_type=content_type,
                length=length,
                if_match=None if if_match == "*" and not found.entity.has_etag else if_match,
                most=self.most,
            )
            outcome = "done"
        except VegraphError as error:
            outcome = outcome_of(error)
            raise
        finally:
            key = ",".join(map(str, found.key.values))
            self.scope.wrote(
                found.entity.source.name, "update", f"{_set_name(found.entity)}.{member.wire or '$value'}", key, outcome
            )

    def _meant(self, id_: str, field: str) -> tuple[GlobalId, Member]:
        found = global_ids.decode(id_, self.graph)
        match found.entity.fields.get(field):
            case StreamField(member=member):
                return found, member
            case PropertyField(member=member) if member.value.kind is Kind.MEDIA:
                return found, member
            case _:
                name, source = found.entity.graph_name, found.entity.source.name
                raise BackendNotFound(f"{name} has no stream '{field}'.", source=source)

    async def _at(self, found: GlobalId, member: Member) -> MediaAt:
        company = await self._company(found)
        await self._check_rule(found, company)
        return MediaAt(
            source=found.entity.source.name,
            entity=found.entity,
            key=found.key,
            property=member.wire,
            company=company,
        )

    async def _company(self, found: GlobalId) -> Company | None:
        if found.entity.company != "context":
            return None
        given = None if found.company is None else (found.company,)
        companies = await self.scope.runner.companies(found.entity.source.name, given)
        return companies[0] if companies else None

    async def _check_rule(self, found: GlobalId, company: Company | None) -> None:
        """The portal's row rule, over the row that the stream belongs to."""
        rule, entity = self.scope.rule(found.entity), found.entity
        if rule == TRUE:
            return
        type_ = row_type(entity, evaluate.columns(rule) | {m.wire for m in entity.key})
        missing = BackendNotFound("There is no such row.", source=entity.source.name)
        if entity.set is None:
            raise missing
        body = await self.scope.runner.read_one(
            ReadOne(
                source=entity.source.name,
                set=entity.set,
                entity=entity,
                key=found.key,
                select=tuple(sorted(type_.columns)),
                company=company,
            )
        )
        page = type_.row(body) if body is not None else None
        if page is None or not evaluate.compile_predicate(rule, accessor)(page.rows[0]):
            raise missing


def _updatable(entity: EntityBinding) -> bool:
    """The set lets its rows be changed; what says nothing of it does."""
    return entity.set is None or entity.set.capabilities.updatable is not False


def _set_name(entity: EntityBinding) -> str:
    return entity.set.name if entity.set is not None else entity.type.short_name
