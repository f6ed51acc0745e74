// @ts-nocheck: runs in a browser, whose types the repository's tools do not have; `uPlot` comes from its own script
/* The chart of the demo's page: both floors over time, redrawn when the window or its colours change. */

(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const host = document.getElementById('chart');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const mib = (_plot, value) => (value == null ? '–' : `${value.toFixed(1)} MiB`);
  let plot;

  function draw() {
    plot?.destroy();
    const axis = {
      stroke: color('quiet'),
      grid: { stroke: color('line'), width: 1 },
      ticks: { stroke: color('line'), width: 1 },
    };
    const line = (name) => ({
      label: name,
      stroke: color(name),
      width: 2.5,
      points: { show: false },
      value: mib,
    });
    plot = new uPlot(
      {
        width: host.clientWidth,
        height: Math.round(Math.min(420, Math.max(240, host.clientWidth * 0.5))),
        scales: {
          x: { time: false, range: (_, __, max) => [0, max] },
          y: { range: (_, __, max) => [0, max * 1.08] },
        },
        axes: [
          { ...axis, label: 'seconds', labelSize: 22, values: (_, ticks) => ticks.map((tick) => `${tick}`) },
          { ...axis, label: 'MiB', labelSize: 22, size: 50 },
        ],
        series: [
          { label: 'time', value: (_, value) => (value == null ? '–' : `${value.toFixed(1)} s`) },
          line('leaking'),
          line('fixed'),
        ],
        hooks: { draw: [markWarmUp, nameLines] },
      },
      [data.seconds, data.leaking, data.fixed],
      host,
    );
  }

  /** A dashed line where the caches were full and the measured part began. */
  function markWarmUp({ ctx, bbox, valToPos }) {
    const x = Math.round(valToPos(data.warmUpSeconds, 'x', true));
    ctx.save();
    ctx.strokeStyle = color('quiet');
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    write(ctx, 'caches full, measured from here', 'quiet', 'left', x + 6 * devicePixelRatio, bbox.top);
    ctx.restore();
  }

  /** The name of each line at its end, so that nobody has to match colours with a legend. */
  function nameLines({ ctx, bbox, valToPos }) {
    for (const name of ['leaking', 'fixed']) {
      const y = valToPos(data[name].at(-1), 'y', true);
      // Below the lines: a rising one leaves room there, and so does a flat one.
      write(
        ctx,
        name,
        name,
        'right',
        bbox.left + bbox.width - 4 * devicePixelRatio,
        y + 24 * devicePixelRatio,
      );
    }
  }

  function write(ctx, text, ink, align, x, y) {
    ctx.save();
    ctx.fillStyle = color(ink);
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = align;
    ctx.textBaseline = 'top';
    ctx.fillText(text, x, y);
    ctx.restore();
  }

  draw();
  dark.addEventListener('change', draw);
  addEventListener('resize', draw);
})();
