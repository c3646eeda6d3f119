"""A linter over generated dashboards and rules, as Grafana and Prometheus load them.

It holds what the field's linters miss: units hidden by empty mappings, counters with conditions that are read without a
rate, kinds of panels that nobody looks at, names that nobody exports, links that lead nowhere, lines that differ from
the alert's threshold, buckets that a line or a rule needs and the histogram has not. It reads what was generated, not
what generates it, so that a fault of the generator is found as well.
"""
