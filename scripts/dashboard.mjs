/**
 * The Grafana dashboard for plateau's metrics, made with Grafana's own builders, so that its schema is theirs.
 * `scripts/metrics-docs.mjs` writes it to docs/grafana/plateau.json.
 */

import {
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  MappingType,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as SeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the dashboard
const datasource = { type: 'prometheus', uid: '${datasource}' };
/** Series of a thread, and series of the process. */
const THREAD = 'job=~"$job",instance=~"$instance",thread=~"$thread"';
const PROCESS = 'job=~"$job",instance=~"$instance"';
const [WIDE, HALF, THIRD] = [24, 12, 8];

const VERDICTS = [
  { verdict: 'not-enough-data', color: '#8e8e8e' },
  { verdict: 'warming-up', color: 'light-blue' },
  { verdict: 'healthy', color: 'green' },
  { verdict: 'filling', color: 'yellow' },
  { verdict: 'gc-pressure', color: 'orange' },
  { verdict: 'leak', color: 'red' },
];

/** @typedef {{ expr: string, legend: string }} Query */

/**
 * @param {Query} query
 * @param {number} index among those of the panel
 */
function target({ expr, legend }, index) {
  const refId = String.fromCharCode('A'.charCodeAt(0) + index);
  return new DataqueryBuilder().refId(refId).expr(expr).legendFormat(legend).range().datasource(datasource);
}

/**
 * @param {string} title
 * @param {string} description
 * @param {{ unit: string, width: number, queries: Query[], min?: number }} shape
 */
function series(title, description, { unit, width, queries, min = 0 }) {
  const panel = new SeriesBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .unit(unit)
    .span(width)
    .height(8)
    .lineWidth(1)
    .fillOpacity(5)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (Number.isFinite(min)) panel.min(min);
  for (const [index, query] of queries.entries()) panel.withTarget(target(query, index));
  return panel;
}

function verdictTimeline() {
  // One number per thread, from the six states of which one is 1.
  const numbered = VERDICTS.map(
    ({ verdict }, index) => `plateau_memory_verdict{${THREAD},verdict="${verdict}"} * ${index}`,
  );
  const options = Object.fromEntries(
    VERDICTS.map(({ verdict, color }, index) => [String(index), { text: verdict, color, index }]),
  );
  return new TimelineBuilder()
    .title('Verdict')
    .description('What the floor says about the memory of each thread.')
    .datasource(datasource)
    .span(WIDE)
    .height(5)
    .fillOpacity(80)
    .lineWidth(0)
    .showValue(VisibilityMode.Auto)
    .mappings([{ type: MappingType.ValueToText, options }])
    .thresholds(
      new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([{ value: null, color: '#8e8e8e' }]),
    )
    .withTarget(
      target(
        {
          expr: `sum by (instance, thread) (${numbered.join(' or ')})`,
          legend: '{{instance}} {{thread}}',
        },
        0,
      ),
    );
}

function memoryPanels() {
  const floor = series(
    'Heap: the floor under the sawtooth',
    'The floor is what is left right after major collections. A leak lifts it; garbage, however much, does not.',
    {
      unit: 'bytes',
      width: HALF,
      queries: [
        { expr: `plateau_heap_used_bytes{${THREAD}}`, legend: 'used {{instance}} {{thread}}' },
        { expr: `plateau_heap_floor_bytes{${THREAD}}`, legend: 'floor {{instance}} {{thread}}' },
      ],
    },
  ).overrideByRegexp('/^floor/', [
    { id: 'custom.lineWidth', value: 3 },
    { id: 'custom.fillOpacity', value: 0 },
  ]);
  const split = series(
    'Where the memory is',
    'Heap, memory outside of it that its objects keep (Buffers), and memory that neither explains (native); RSS for comparison.',
    {
      unit: 'bytes',
      width: HALF,
      queries: [
        { expr: `sum(plateau_heap_used_bytes{${THREAD}})`, legend: 'heap' },
        { expr: `sum(plateau_external_used_bytes{${THREAD}})`, legend: 'external' },
        { expr: `sum(plateau_native_used_bytes{${PROCESS}})`, legend: 'native' },
        { expr: `sum(plateau_process_resident_memory_bytes{${PROCESS}})`, legend: 'RSS' },
      ],
    },
  )
    .fillOpacity(40)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
    .overrideByName('RSS', [
      { id: 'custom.stacking', value: { mode: 'none', group: 'A' } },
      { id: 'custom.fillOpacity', value: 0 },
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
    ]);
  const slope = series(
    'Slope',
    'Growth per second of the floor of the heap, of memory outside of it, and of native memory, with its 95 % interval.',
    {
      unit: 'Bps',
      width: THIRD,
      min: Number.NEGATIVE_INFINITY,
      queries: ['', '_low', '_high'].map((part) => ({
        expr: `plateau_memory_slope${part}_bytes_per_second{${THREAD}}`,
        legend: `{{place}}${part.replace('_', ' ')} {{instance}} {{thread}}`,
      })),
    },
  ).overrideByRegexp('/ (low|high) /', [
    { id: 'custom.lineStyle', value: { fill: 'dot', dash: [2, 6] } },
    { id: 'custom.fillOpacity', value: 0 },
  ]);
  const perRequest = series('Slope per request', 'The same growth per HTTP request.', {
    unit: 'bytes',
    width: THIRD,
    min: Number.NEGATIVE_INFINITY,
    queries: [
      { expr: `plateau_memory_request_slope_bytes{${THREAD}}`, legend: '{{place}} {{instance}} {{thread}}' },
    ],
  });
  const limit = series(
    'Time to the limit',
    'Until the heap limit, or the limit of the container, is reached if a leak goes on. Empty without a leak.',
    {
      unit: 's',
      width: THIRD,
      queries: [
        {
          expr: `plateau_memory_time_to_limit_seconds{${THREAD}}`,
          legend: '{{limit}} {{instance}} {{thread}}',
        },
      ],
    },
  ).noValue('no leak');
  return [floor, split, slope, perRequest, limit];
}

function holderPanels() {
  const rate = (/** @type {string} */ name) =>
    `sum by (instance, cache) (rate(plateau_cache_${name}_total{${THREAD}}[$__rate_interval]))`;
  return [
    series('Caches: hit ratio', 'Hits as a share of reads.', {
      unit: 'percentunit',
      width: THIRD,
      queries: [
        { expr: `${rate('hits')} / (${rate('hits')} + ${rate('misses')})`, legend: '{{cache}} {{instance}}' },
      ],
    }).max(1),
    series('Caches: how full', 'Entries as a share of the bound.', {
      unit: 'percentunit',
      width: THIRD,
      queries: [
        {
          expr: `plateau_cache_entries{${THREAD}} / plateau_cache_max_entries{${THREAD}}`,
          legend: '{{cache}} {{instance}} {{thread}}',
        },
      ],
    }).max(1),
    series('Caches: removals', 'Entries that left per second, by reason.', {
      unit: 'ops',
      width: THIRD,
      queries: [
        {
          expr: `sum by (cache, reason) (rate(plateau_cache_removals_total{${THREAD}}[$__rate_interval])) > 0`,
          legend: '{{cache}} {{reason}}',
        },
      ],
    }),
    series(
      'Listeners',
      'Listeners that are there, by the call site that added them; those that accumulate are thick.',
      {
        unit: 'short',
        width: HALF,
        queries: [
          {
            expr: `sum by (site, event) (plateau_listener_site_live{${THREAD}})`,
            legend: "{{site}} '{{event}}'",
          },
          {
            expr: `sum by (site, event) (plateau_listener_site_live{${THREAD}} and plateau_listener_site_growing{${THREAD}} == 1)`,
            legend: "growing: {{site}} '{{event}}'",
          },
        ],
      },
    ).overrideByRegexp('/^growing/', [
      { id: 'custom.lineWidth', value: 3 },
      { id: 'color', value: { mode: 'fixed', fixedColor: 'red' } },
    ]),
    series('Scopes', 'Scopes that have not ended, by the place that made them.', {
      unit: 'short',
      width: HALF,
      queries: [{ expr: `sum by (site) (plateau_scope_site_live{${THREAD}})`, legend: '{{site}}' }],
    }),
  ];
}

function runtimePanels() {
  const each = '{{instance}} {{thread}}';
  return [
    series(
      'Collections: share of time',
      'Over the last minute. From 12 % on the sampler speaks of pressure.',
      {
        unit: 'percentunit',
        width: THIRD,
        queries: [{ expr: `plateau_gc_share_ratio{${THREAD}}`, legend: each }],
      },
    ),
    series('Event loop: delay', 'The longest delay in the second before each sample.', {
      unit: 's',
      width: THIRD,
      queries: [{ expr: `plateau_loop_delay_seconds{${THREAD}}`, legend: each }],
    }),
    series('Event loop: utilisation', 'Share of the time in which the loop was busy.', {
      unit: 'percentunit',
      width: THIRD,
      queries: [{ expr: `plateau_loop_utilization_ratio{${THREAD}}`, legend: each }],
    }).max(1),
    series('Requests', 'HTTP requests received per second.', {
      unit: 'reqps',
      width: THIRD,
      queries: [{ expr: `rate(plateau_requests_total{${THREAD}}[$__rate_interval])`, legend: each }],
    }),
    series(
      'Handles and descriptors',
      'Active resources of the event loop, and open descriptors of the process.',
      {
        unit: 'short',
        width: THIRD,
        queries: [
          { expr: `plateau_handles{${THREAD}}`, legend: '{{kind}} {{instance}} {{thread}}' },
          { expr: `plateau_process_descriptors{${PROCESS}}`, legend: 'descriptors {{instance}}' },
        ],
      },
    ),
    series(
      'Container',
      'Memory that counts against the limit of the container, and the limit. Empty without one.',
      {
        unit: 'bytes',
        width: THIRD,
        queries: [
          { expr: `plateau_cgroup_used_bytes{${PROCESS}}`, legend: 'used {{instance}}' },
          { expr: `plateau_cgroup_limit_bytes{${PROCESS}}`, legend: 'limit {{instance}}' },
        ],
      },
    ).noValue('no limit'),
  ];
}

/** @param {string} name @param {string} query */
function labelVariable(name, query) {
  return new QueryVariableBuilder(name)
    .label(name)
    .datasource(datasource)
    .query({ query, refId: `variable-${name}` })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** The dashboard as JSON can hold it. */
export function buildDashboard() {
  const builder = new DashboardBuilder('plateau: memory of Node.js services')
    .uid('plateau')
    .description('The floor, the verdict on it, and what holds memory. See docs/metrics.md of plateau.')
    .tags(['nodejs', 'memory', 'plateau'])
    .editable()
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('data source').type('prometheus'))
    .withVariable(labelVariable('job', 'label_values(plateau_build_info, job)'))
    .withVariable(labelVariable('instance', 'label_values(plateau_build_info{job=~"$job"}, instance)'))
    .withVariable(
      labelVariable(
        'thread',
        'label_values(plateau_heap_used_bytes{job=~"$job",instance=~"$instance"}, thread)',
      ),
    );
  const rows = [
    { title: 'Memory', panels: [verdictTimeline(), ...memoryPanels()] },
    { title: 'What holds it', panels: holderPanels() },
    { title: 'What it costs', panels: runtimePanels() },
  ];
  for (const { title, panels } of rows) {
    builder.withRow(new RowBuilder(title));
    for (const panel of panels) builder.withPanel(panel);
  }
  const { panels = [], ...dashboard } = builder.build();
  // Grafana gives numbers to panels without one, which then change each time the file is loaded.
  return { ...dashboard, panels: panels.map((panel, index) => ({ ...panel, id: index + 1 })) };
}
