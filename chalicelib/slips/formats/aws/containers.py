"""Containers on AWS: the audit log of Kubernetes (EKS, and any other), hako on ECS."""

from __future__ import annotations

from ..json_format import JsonFormat
from ..registry import register

register(
    JsonFormat(
        name="kubernetes-audit",
        tag="kubernetes.audit",
        time=("stageTimestamp", "requestReceivedTimestamp"),
        records_key="items",
        signatures=("auditID, stage, verb, requestURI, level, stageTimestamp|requestReceivedTimestamp",),
        description="Kubernetes audit events: JSON lines, EventList documents (webhook), EKS",
        document="Kubernetes: Auditing; API reference of audit.k8s.io/v1",
        example=b'{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata",'
        b'"auditID":"e2626946-90e1-4d0c-829e-ad5a78572926","stage":"ResponseComplete",'
        b'"requestURI":"/api/v1/namespaces/shop/secrets","verb":"list","user":{"username":"liz","groups":'
        b'["system:authenticated"]},"sourceIPs":["192.0.2.41"],"objectRef":{"resource":"secrets","namespace":"shop"},'
        b'"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-03-01T09:15:02.481290Z",'
        b'"stageTimestamp":"2026-03-01T09:15:02.492117Z"}',
    ),
    JsonFormat(
        name="ecs-hako",
        tag="ecs.hako",
        time="time",
        specificity=0.1,
        description="JSON logs of applications that hako runs on ECS",
        document="The class-based SLIPS; hako, a deployment tool for ECS",
        example=b'{"time":"2026-03-01T09:15:02.481Z","level":"INFO","app":"shop","message":"listening on :8080"}',
    ),
)
