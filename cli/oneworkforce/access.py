"""Who may do what on the bus: ACLs from the same declarations as the topics. What no line here allows is refused.

A partner writes its claims and reads its answers. A service writes its own topics, reads what its contract names and the
claims that partners make to it, and answers them. Nobody gets a TransactionalId (c2), and nobody may make a topic.
"""

from collections.abc import Collection, Iterable
from enum import Enum
from typing import Any, Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from kit.errors import Unavailable
from oneworkforce.declared import Declared
from oneworkforce.partner_file import Partner
from schemas.envelope import answers_topic, claims_topic

WRITES: Final = (AclOperation.WRITE, AclOperation.DESCRIBE)
READS: Final = (AclOperation.READ, AclOperation.DESCRIBE)


def wanted(services: Collection[Declared], partners: Iterable[Partner]) -> set[AclBinding]:
    """Every ACL that the declarations call for."""
    found = {binding for service in services for binding in _of_service(service, services)}
    for partner in partners:
        found |= _of_partner(partner)
        for service in services:
            if service.name in partner.services:
                found |= _topic(service.principal, claims_topic(partner.name, service.name), READS)
                found |= _topic(service.principal, answers_topic(partner.name), WRITES)
    return found


def _of_service(service: Declared, services: Collection[Declared]) -> set[AclBinding]:
    found = _groups(service.principal, f"{service.name}.")
    for topic in service.own:
        found |= _topic(service.principal, topic.name, WRITES)
    for name in service.reads(services):
        found |= _topic(service.principal, name, READS)
    return found


def _of_partner(partner: Partner) -> set[AclBinding]:
    found = _groups(partner.principal, f"partner.{partner.name}.")
    for service in partner.services:
        found |= _topic(partner.principal, claims_topic(partner.name, service), WRITES)
    return found | _topic(partner.principal, answers_topic(partner.name), READS)


def _topic(principal: str, name: str, operations: Iterable[AclOperation]) -> set[AclBinding]:
    return {_allow(ResourceType.TOPIC, name, ResourcePatternType.LITERAL, principal, each) for each in operations}


def _groups(principal: str, prefix: str) -> set[AclBinding]:
    return {_allow(ResourceType.GROUP, prefix, ResourcePatternType.PREFIXED, principal, AclOperation.READ)}


def _allow(
    kind: ResourceType, name: str, pattern: ResourcePatternType, principal: str, operation: AclOperation
) -> AclBinding:
    return AclBinding(kind, name, pattern, principal, "*", operation, AclPermissionType.ALLOW)


def present(client: AdminClient) -> set[AclBinding]:
    """Every ACL of the cluster. Raises Unavailable, also where the cluster has no authorizer."""
    anyone: Any = None
    anything = AclBindingFilter(
        ResourceType.ANY, anyone, ResourcePatternType.ANY, anyone, anyone, AclOperation.ANY, AclPermissionType.ANY
    )
    try:
        return set(client.describe_acls(anything, request_timeout=20).result())
    except KafkaException as error:
        raise Unavailable(f"the broker does not tell its ACLs: {error.args[0].name()}") from error


def create(client: AdminClient, bindings: Collection[AclBinding]) -> list[str]:
    """Make the ACLs that are missing; a line for each that was made. Raises Unavailable."""
    missing = sorted(set(bindings) - present(client), key=line)
    if missing:
        try:
            for future in client.create_acls(missing, request_timeout=20).values():
                future.result()
        except KafkaException as error:
            raise Unavailable(f"the broker did not make an ACL: {error.args[0].name()}") from error
    return [line(binding) for binding in missing]


def differences(client: AdminClient, bindings: Collection[AclBinding], others: Collection[str]) -> list[str]:
    """What differs from the declaration, a sentence each. `others`: principals that are somebody else's business."""
    there = present(client)
    missing = [f"ACL is missing: {line(binding)}" for binding in set(bindings) - there]
    extra = [f"ACL is not declared: {line(each)}" for each in there - set(bindings) if each.principal not in others]
    return sorted(missing) + sorted(extra)


def line(binding: AclBinding) -> str:
    """One ACL in words: `User:x may READ topic partner.x.answers.v1`."""
    stars = "*" if binding.resource_pattern_type == ResourcePatternType.PREFIXED else ""
    verb = "may" if binding.permission_type == AclPermissionType.ALLOW else "may not"
    return (
        f"{binding.principal} {verb} {_word(binding.operation)} {_word(binding.restype).lower()} {binding.name}{stars}"
    )


def _word(value: object) -> str:
    return value.name if isinstance(value, Enum) else str(value)
