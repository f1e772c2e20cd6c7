"""What the contract declares about itself, read from its options."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor

from claimflow.v1 import errors_pb2, options_pb2

# The generated stubs type an extension by its descriptor alone, so its value is told here.
_METHOD: Any = options_pb2.method
_PHI: Any = options_pb2.phi
_REASON: Any = options_pb2.reason
_GRANTED: Any = options_pb2.granted


def method_policy(method: MethodDescriptor) -> options_pb2.MethodPolicy:
    """Return permission, idempotency and audit class of a method."""
    policy: options_pb2.MethodPolicy = method.GetOptions().Extensions[_METHOD]
    return policy


def phi_class(field: FieldDescriptor) -> int:
    """Return how private a field is; 0 when it does not say."""
    return int(field.GetOptions().Extensions[_PHI])


def reason_policy(reason: int) -> options_pb2.ReasonPolicy:
    """Return how an error reason travels."""
    value = errors_pb2.ErrorReason.DESCRIPTOR.values_by_number[reason]
    policy: options_pb2.ReasonPolicy = value.GetOptions().Extensions[_REASON]
    return policy


def granted_roles(permission: int) -> tuple[int, ...]:
    """Return the roles that hold a permission, in the contract's order."""
    value = options_pb2.Permission.DESCRIPTOR.values_by_number[permission]
    return tuple(value.GetOptions().Extensions[_GRANTED].roles)
