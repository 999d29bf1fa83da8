"""The endpoints that phones call: decode, ask a service, encode."""
