// The types of plateau/prometheus and plateau/otel, with those of the libraries that they are for.

import { metrics } from '@opentelemetry/api';
import * as otel from 'plateau/otel';
import { type MetricsOptions, type MetricsRegistration, registerMetrics } from 'plateau/prometheus';
import client, { type OpenMetricsContentType, Registry } from 'prom-client';

const options: MetricsOptions = { labels: { service: 'shop' }, maxCaches: 10, maxSites: 5 };
const registration: MetricsRegistration = registerMetrics({
  register: client.register,
  prefix: 'a_',
  ...options,
});
registration.running satisfies boolean;
registration.stop satisfies () => void;
registerMetrics({ register: new Registry() });
registerMetrics({ register: new Registry<OpenMetricsContentType>() });
otel.registerMetrics({ meter: metrics.getMeter('plateau'), ...options }) satisfies MetricsRegistration;

// @ts-expect-error the application has to say where
registerMetrics({});
// @ts-expect-error the module is not the registry
registerMetrics({ register: client });
// @ts-expect-error labels are strings
registerMetrics({ register: client.register, labels: { shard: 1 } });
// @ts-expect-error a provider is not a meter
otel.registerMetrics({ meter: metrics });
// @ts-expect-error instruments have no prefix
otel.registerMetrics({ meter: metrics.getMeter('plateau'), prefix: 'a.' });

export { registration };
