"""Alerts and dashboards ask for what processes tell: each metric is in kit.metrics, with the labels that are asked of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import promql_parser
import pytest
import yaml
from promql_parser import AggregateExpr, Expr, VectorSelector

from kit import metrics

OBSERVABILITY = Path(__file__).parents[2] / "deploy/observability"
ALERTS = [
    rule
    for group in yaml.safe_load((OBSERVABILITY / "prometheus/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((OBSERVABILITY / "grafana/dashboards/oneworkforce.json").read_text())
SCRAPED = frozenset({"job", "instance", "process", "service"})
"""Labels that prometheus.yml gives to all that it scrapes."""
OF_A_BUCKET = {"le"}
PROMETHEUS_OWN = {"up": SCRAPED}


def told() -> dict[str, frozenset[str]]:
    """Every series that a process can tell, with its labels."""
    found = dict(PROMETHEUS_OWN)
    for metric in vars(metrics).values():
        if hasattr(metric, "describe") and hasattr(metric, "_labelnames"):
            labels = SCRAPED | set(metric._labelnames)
            for family in metric.describe():
                match family.type:
                    case "counter":
                        found[f"{family.name}_total"] = labels
                    case "histogram":
                        found |= {f"{family.name}_sum": labels, f"{family.name}_count": labels}
                        found[f"{family.name}_bucket"] = labels | OF_A_BUCKET
                    case _:
                        found[family.name] = labels
    return found


def questions() -> Iterator[tuple[str, str]]:
    for rule in ALERTS:
        yield rule["alert"], rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"].replace("$service", ".*")


def parts(expression: str) -> list[Expr]:
    found: list[Expr] = []
    promql_parser.walk(promql_parser.parse(expression), found.append)
    return found


def amiss(expression: str) -> list[str]:
    """What a question asks that no process answers."""
    known, found = told(), []
    within = parts(expression)
    names = [part.name for part in within if isinstance(part, VectorSelector)]
    found += [f"no metric {name}" for name in names if name not in known]
    for part in within:
        if isinstance(part, VectorSelector) and part.name in known:
            asked = {matcher.name for matcher in part.matchers.matchers}
            found += [f"{part.name} has no label {label}" for label in sorted(asked - known[part.name])]
        if isinstance(part, AggregateExpr) and part.modifier:
            below = [each.name for each in parts(part.expr.prettify()) if isinstance(each, VectorSelector)]
            for name in below:
                missing = set(part.modifier.labels) - known.get(str(name), frozenset(part.modifier.labels))
                found += [f"{name} has no label {label}" for label in sorted(missing)]
    return found


@pytest.mark.parametrize(("name", "expression"), list(questions()))
def test_a_question_is_one_that_processes_answer(name: str, expression: str) -> None:
    assert amiss(expression) == []


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("outbox_oldest_age > 60", ["no metric outbox_oldest_age"]),
        ("increase(records_set_aside[10m])", ["no metric records_set_aside"]),
        ('consumer_lag{group="x"}', ["consumer_lag has no label group"]),
        ("sum by (topic) (rate(batch_seconds_bucket[5m]))", ["batch_seconds_bucket has no label topic"]),
        ("up or max by (shard) (relay_shards)", ["relay_shards has no label shard"]),
    ],
)
def test_a_wrong_question_is_found(expression: str, said: list[str]) -> None:
    assert amiss(expression) == said


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_whom_it_wakes_what_happened_and_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"].keys() == {"summary", "action"}


def test_an_alert_about_relays_asks_relays_alone() -> None:
    """Every process tells every gauge that has no labels: asked of all, an API's 0 shards look like a service without a leader."""
    unlabelled = {
        family.name
        for metric in vars(metrics).values()
        if getattr(metric, "_labelnames", None) == ()
        for family in metric.describe()
        if family.type == "gauge"
    }
    asked = [
        part
        for rule in ALERTS
        for part in parts(rule["expr"])
        if isinstance(part, VectorSelector) and part.name in unlabelled
    ]
    assert asked
    for part in asked:
        assert {(each.name, each.value) for each in part.matchers.matchers} == {("process", ".*-relay")}


def test_every_panel_has_a_title_and_asks_the_data_source_that_is_provisioned() -> None:
    file = OBSERVABILITY / "grafana/provisioning/datasources/prometheus.yml"
    uid = yaml.safe_load(file.read_text())["datasources"][0]["uid"]
    for panel in DASHBOARD["panels"]:
        assert panel["title"]
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == uid
