import type { Template } from 'aws-cdk-lib/assertions';

/** One widget as it stands in the body of a dashboard. */
export interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly metrics?: unknown[][];
    readonly query?: string;
    readonly alarms?: string[];
    readonly annotations?: { readonly alarms?: string[]; readonly horizontal?: { readonly value: number }[] };
  };
}

/** The widgets of the one dashboard of a template; what only a deploy knows stands there as the logical id. */
export function widgetsOf(template: Template): Widget[] {
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  const body = text(dashboard.Properties.DashboardBody);
  return JSON.parse(body).widgets;
}

/** The rows of the dashboard: each heading with the titles of what stands below it. */
export function rowsOf(template: Template): Record<string, Widget[]> {
  const rows: Record<string, Widget[]> = {};
  let row = '';
  for (const widget of widgetsOf(template)) {
    const heading = /^## (.+)$/.exec(widget.properties.markdown ?? '')?.[1];
    if (heading) row = heading;
    else rows[row] = [...(rows[row] ?? []), widget];
  }
  return rows;
}

/** Metrics a dashboard names, expressions left out: what CloudWatch counts against the 50 of its free tier. */
export function metricsOf(template: Template): string[] {
  const lines = widgetsOf(template).flatMap(({ properties }) => properties.metrics ?? []);
  return lines
    .filter(([first]) => typeof first === 'string')
    .map((line) => line.filter((part) => typeof part === 'string').join(' '));
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  const node = value as {
    Ref?: string;
    'Fn::GetAtt'?: string[];
    'Fn::Join'?: [string, unknown[]];
    'Fn::GetStackOutput'?: { OutputName: string };
  };
  if (node['Fn::Join']) return node['Fn::Join'][1].map(text).join(node['Fn::Join'][0]);
  return node.Ref ?? node['Fn::GetAtt']?.join('.') ?? node['Fn::GetStackOutput']?.OutputName ?? '-';
}
