// The types of plateau/prometheus and plateau/otel through `require`.

import api = require('@opentelemetry/api');
import otel = require('plateau/otel');
import prometheus = require('plateau/prometheus');
import client = require('prom-client');

const options: prometheus.PrometheusOptions = { register: client.register };
prometheus.registerMetrics(options) satisfies prometheus.MetricsRegistration;
otel.registerMetrics({ meter: api.metrics.getMeter('plateau') }) satisfies otel.MetricsRegistration;
