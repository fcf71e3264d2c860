#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""openmetrics.py EXPOSITION [JSON]: reads an exposition with the parsers of
prometheus_client, that of OpenMetrics and that of the older text format, and
compares it with what `hist -f json` says of the same run. Says what differs."""

import json
import sys
from decimal import Decimal

from prometheus_client import parser as text_parser
from prometheus_client.openmetrics import parser as openmetrics_parser


def require(holds, what):
    if not holds:
        sys.exit(f"openmetrics.py: {what}")


def series_of(exposition):
    """{(stage, array): {suffix or bound: value}}, exact: from the text itself."""
    series = {}
    for family in openmetrics_parser.text_string_to_metric_families(exposition):
        if family.type in ("counter", "gauge"):
            continue
        require(family.type == "histogram", f"{family.name} is a {family.type}")
        require(family.unit == "seconds", f"{family.name} is in {family.unit}")
        require(family.documentation, f"{family.name} has no HELP")
        stage = family.name.removeprefix("bitmap_trace_").removesuffix("_seconds")
        for sample in family.samples:
            suffix = sample.name.removeprefix(family.name)
            key = sample.labels["le"] if suffix == "_bucket" else suffix
            values = series.setdefault((stage, sample.labels["array"]), {})
            require(key not in values, f"{sample.name} {sample.labels} twice")
            values[key] = sample.value
    return series


def check_buckets(name, values):
    """Cumulative, up to +Inf, which is the count."""
    bounds = [bound for bound in values if not bound.startswith("_")]
    counts = [values[bound] for bound in bounds]
    require(bounds[-1] == "+Inf", f"{name}: no +Inf")
    require(counts == sorted(counts), f"{name}: not cumulative")
    require(counts[-1] == values["_count"], f"{name}: +Inf is not the count")


def compare(name, values, stage):
    require(values["_count"] == stage["count"], f"{name}: count")
    require(abs(values["_sum"] - stage["total_ns"] / 1e9) <= 1e-9 * values["_sum"], f"{name}: sum")
    for bound, count in values.items():
        if bound.startswith("_") or bound == "+Inf":
            continue
        bound_ns = Decimal(bound) * 10**9
        below = [b for b in stage["buckets"] if b["high_ns"] is not None and b["high_ns"] <= bound_ns]
        across = [b for b in stage["buckets"] if b not in below and b["low_ns"] <= bound_ns]
        require(not across, f"{name}: le={bound} is within a bucket")
        require(count == sum(b["count"] for b in below), f"{name}: le={bound}")


def main():
    with open(sys.argv[1], encoding="ascii") as file:
        exposition = file.read()
    series = series_of(exposition)
    for name, values in series.items():
        check_buckets(name, values)
    families = list(text_parser.text_string_to_metric_families(exposition))
    histograms = [f for f in families if f.type == "histogram" and f.samples]
    require(len(histograms) == len({stage for stage, _ in series}), "the older parser sees other histograms")
    if len(sys.argv) < 3:
        return
    with open(sys.argv[2], encoding="ascii") as file:
        run = json.load(file)
    stages = {(s["stage"], a["array"]): s for a in run["arrays"] for s in a["stages"]}
    require(stages.keys() == series.keys(), f"series {series.keys()}, JSON {stages.keys()}")
    for name, stage in stages.items():
        compare(name, series[name], stage)


main()
