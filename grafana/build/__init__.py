"""The dashboards as code: Python that makes the JSON in `grafana/dashboards`.

A module makes one dashboard, and the others hold what dashboards share. Grafana's own SDK gives the
types, so that an option that Grafana 11 does not have is an error before it is a blank panel.
"""
