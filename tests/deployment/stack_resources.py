"""Resources of a stack that moto's CloudFormation does not create, and its changes of a stack as CloudFormation makes
them."""

from __future__ import annotations

import json
from typing import Any

from moto.cloudformation import parsing
from moto.cloudwatch.models import Dimension, Metric, MetricDataQuery, MetricStat, cloudwatch_backends
from moto.core.common_models import CloudFormationModel
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends


def patch_moto() -> None:
    """Patch moto in this process; a second call does nothing."""
    if hasattr(parsing.ResourceMap, "slips_patched"):
        return
    parsing.ResourceMap.slips_patched = True  # type: ignore[attr-defined]
    for cached in (parsing.get_model_list, parsing.get_model_map, parsing.get_name_type_map):
        cached.cache_clear()
    _keep_what_is_retained(parsing.ResourceMap)


def _keep_what_is_retained(kind: Any) -> None:
    """A resource that an update takes out of the stack stays where its policy says so, and may come back later."""
    update = kind.update

    def update_and_forget(self: Any, template: Any, parameters: Any = None) -> None:
        removed = self._resource_json_map.keys() - template["Resources"].keys()
        for logical in removed:
            if self._resource_json_map[logical].get("DeletionPolicy") == "Retain":
                self._parsed_resources.pop(logical, None)
        update(self, template, parameters)
        for logical in removed:
            self._parsed_resources.pop(logical, None)

    kind.update = update_and_forget


class _Replaced:
    """What all of these have in common; a change creates them again. moto knows direct subclasses of its own class."""

    create_from_cloudformation_json: Any
    delete_from_cloudformation_json: Any

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def physical_resource_id(self) -> str:
        return self.name

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> Any:
        cls.delete_from_cloudformation_json(original_resource.name, cloudformation_json, account_id, region_name)
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)


class MetricAlarm(_Replaced, CloudFormationModel):
    """An alarm."""

    @staticmethod
    def cloudformation_name_type() -> str:
        return "AlarmName"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::CloudWatch::Alarm"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> MetricAlarm:
        properties = cloudformation_json["Properties"]
        cloudwatch_backends[account_id][region_name].put_metric_alarm(
            name=resource_name,
            namespace=properties.get("Namespace"),
            metric_name=properties.get("MetricName"),
            metric_data_queries=[_query(each) for each in properties.get("Metrics", ())],
            comparison_operator=properties["ComparisonOperator"],
            evaluation_periods=properties["EvaluationPeriods"],
            datapoints_to_alarm=properties.get("DatapointsToAlarm"),
            period=properties.get("Period"),
            threshold=properties["Threshold"],
            statistic=properties.get("Statistic"),
            description=properties["AlarmDescription"],
            dimensions=properties.get("Dimensions", []),
            alarm_actions=properties["AlarmActions"],
            ok_actions=properties.get("OKActions", []),
            treat_missing_data=properties["TreatMissingData"],
        )
        return cls(resource_name)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> None:
        cloudwatch_backends[account_id][region_name].delete_alarms([resource_name])


def _query(query: Any) -> MetricDataQuery:
    stat = query.get("MetricStat")
    if stat is None:
        return MetricDataQuery(query["Id"], None, None, query["ReturnData"], expression=query["Expression"])
    metric = stat["Metric"]
    dimensions = [Dimension(each["Name"], each["Value"]) for each in metric["Dimensions"]]
    of = MetricStat(Metric(metric["MetricName"], metric["Namespace"], dimensions), stat["Period"], stat["Stat"], None)
    return MetricDataQuery(query["Id"], None, None, query["ReturnData"], metric_stat=of)


class Subscription(_Replaced, CloudFormationModel):
    """A subscription to a topic."""

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SNS::Subscription"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> Subscription:
        properties = cloudformation_json["Properties"]
        subscription = sns_backends[account_id][region_name].subscribe(
            properties["TopicArn"], properties["Endpoint"], properties["Protocol"]
        )
        subscription.attributes["RedrivePolicy"] = json.dumps(properties["RedrivePolicy"])
        return cls(subscription.arn)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> None:
        sns_backends[account_id][region_name].unsubscribe(resource_name)


class _Policy(_Replaced):
    """A policy of topics or queues, which have it as an attribute."""

    TYPE: str
    OF: str
    """The property that names what it is a policy of."""

    @staticmethod
    def find(name: str, account_id: str, region_name: str) -> Any:
        """The model of what the policy is of."""
        raise NotImplementedError

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @classmethod
    def cloudformation_type(cls) -> str:
        return cls.TYPE

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> _Policy:
        properties = cloudformation_json["Properties"]
        for name in properties[cls.OF]:
            cls.find(name, account_id, region_name).policy = json.dumps(properties["PolicyDocument"])
        return cls(resource_name)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> None:
        """What it is a policy of may be gone, too."""


class TopicPolicy(_Policy, CloudFormationModel):
    """The policy of topics, by their ARNs."""

    TYPE, OF = "AWS::SNS::TopicPolicy", "Topics"

    @staticmethod
    def find(name: str, account_id: str, region_name: str) -> Any:
        return sns_backends[account_id][region_name].get_topic(name)


class QueuePolicy(_Policy, CloudFormationModel):
    """The policy of queues, by their URLs."""

    TYPE, OF = "AWS::SQS::QueuePolicy", "Queues"

    @staticmethod
    def find(name: str, account_id: str, region_name: str) -> Any:
        return sqs_backends[account_id][region_name].get_queue(name.rpartition("/")[2])
