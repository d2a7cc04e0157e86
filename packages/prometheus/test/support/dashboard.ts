import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Source {
  readonly type: string;
  readonly uid: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource: Source;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly datasource: Source;
  }[];
}

interface Dashboard {
  readonly id?: unknown;
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly query: string | { readonly query: string };
      readonly datasource?: Source;
    }[];
  };
}

export const dashboard = JSON.parse(
  readFileSync(join(__dirname, '../../grafana/outlive-jobs.json'), 'utf8'),
) as Dashboard;

/** The PromQL of all panels. */
export function queries(): string[] {
  return dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
}
