import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectJobs } from '@outlive/prometheus';
import { Registry } from 'prom-client';
import { dashboard, queries } from './support/dashboard.ts';

const { panels, templating } = dashboard;
const variables = templating.list.map(({ name }) => name);

/** What Grafana knows by itself: https://grafana.com/docs/grafana/latest/visualizations/dashboards/variables/add-template-variables/ */
const builtIn = ['__rate_interval'];

describe('the dashboard', () => {
  it('imports without edits: it has no id, needs no input, and asks which data source to take', () => {
    expect(dashboard).not.toHaveProperty('id');
    expect(dashboard).not.toHaveProperty('__inputs');
    expect(dashboard.uid).toMatch(/^[\w-]{1,40}$/);
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36);
    expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource' });
    const source = { type: 'prometheus', uid: '${datasource}' };
    for (const panel of panels) {
      expect(panel.datasource).toEqual(source);
      for (const target of panel.targets) expect(target.datasource).toEqual(source);
    }
    for (const variable of templating.list.slice(1)) expect(variable.datasource).toEqual(source);
  });

  it('has panels that can be told apart, none of which covers another one', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title, type }) => `${type} ${title}`)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { gridPos, targets } of panels) {
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken).not.toContain(`${x}:${y}`);
          taken.add(`${x}:${y}`);
        }
      }
    }
  });

  it('uses no variable that it does not have', () => {
    const text = JSON.stringify(dashboard);
    const used = [...text.matchAll(/\$\{?(\w+)\}?/g)].map(([, name = '']) => name);
    const known = [...variables, ...builtIn, '__all'];
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
    for (const query of queries()) {
      expect(query).toContain('scheduler=~"$scheduler"');
      expect(query).toContain('instance=~"$instance"');
    }
  });
});

it('the dashboard and the alerts ask for metrics that there are, by labels that these have', () => {
  const registry = new Registry();
  collectJobs({ registry })();
  const labels = new Map(
    registry.getMetricsAsArray().map((metric) => {
      const { name, labelNames } = metric as unknown as { name: string; labelNames: string[] };
      return [name, labelNames];
    }),
  );
  const alerts = readFileSync(join(__dirname, '../alerts/outlive.yml'), 'utf8');
  const asked = [
    ...queries(),
    ...templating.list.map(({ query }) => JSON.stringify(query)),
    alerts,
  ];
  const found = new Set<string>();
  for (const [, name = '', matchers = ''] of asked
    .join('\n')
    .matchAll(/\b(outlive_[a-z_]+)(?:\{([^}]*)\})?/g)) {
    const own = labels.get(name.replace(/_bucket$/, ''));
    expect([name, own !== undefined]).toEqual([name, true]);
    found.add(name);
    for (const [, label = ''] of matchers.matchAll(/(\w+)\s*[=!]~?/g)) {
      // Prometheus adds the first one.
      expect(['instance', ...(own ?? [])]).toContain(label);
    }
  }
  expect(found.size).toBeGreaterThan(10);
});
