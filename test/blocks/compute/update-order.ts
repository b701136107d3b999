/** Resources of a template. */
export interface Resources {
  [logicalId: string]: { Type: string; Properties?: Record<string, unknown>; DependsOn?: string[] };
}

interface Template {
  readonly Resources?: Resources;
}

interface Rule {
  readonly Priority: number;
  readonly Conditions: {
    readonly Field: string;
    readonly PathPatternConfig?: { readonly Values: string[] };
    readonly HttpHeaderConfig?: { readonly Values: unknown[] };
  }[];
  readonly Actions: Record<string, unknown>[];
}

/**
 * An update of a stack with a distribution and a listener, one resource after the other, each after those that it refers to or
 * depends on, else in any order; what leaves the template goes at the end, as CloudFormation does it.
 */
export class CloudFormationUpdate {
  private readonly live: Resources;
  private readonly target: Resources;

  constructor(
    before: Template,
    after: Template,
    private seed: number,
  ) {
    this.live = { ...before.Resources };
    this.target = after.Resources ?? {};
  }

  /** Does one step after the other, and names it. */
  public *steps(): Generator<string> {
    yield 'before';
    const waiting = new Set(Object.keys(this.target).filter((id) => !same(this.live[id], this.target[id])));
    while (waiting.size > 0) {
      const ready = [...waiting].filter((id) => !this.needs(id).some((other) => waiting.has(other)));
      const next = ready[this.random(ready.length)];
      this.live[next] = this.target[next];
      waiting.delete(next);
      yield next;
    }
    for (const id of Object.keys(this.live).filter((one) => !(one in this.target))) {
      delete this.live[id];
      yield `${id} goes`;
    }
  }

  /** Who answers a request: the id of a target group, or the status of the load balancer itself. */
  public answer(path: string, from: 'distribution' | 'stranger'): string {
    const header = from === 'distribution' ? this.sentHeader() : undefined;
    const rules = this.ofType<Rule>('ListenerRule').sort((one, other) => one.Priority - other.Priority);
    const rule = rules.find(({ Conditions }) =>
      Conditions.every(({ PathPatternConfig, HttpHeaderConfig }) => {
        if (PathPatternConfig) return PathPatternConfig.Values.some((pattern) => matches(pattern, path));
        return HttpHeaderConfig?.Values.some((value) => header !== undefined && same(value, header)) ?? false;
      }),
    );
    const [listener] = this.ofType<{ DefaultActions: Record<string, unknown>[] }>('Listener');
    const [action] = rule?.Actions ?? listener.DefaultActions;
    if (action.Type === 'fixed-response') return String((action.FixedResponseConfig as { StatusCode: string }).StatusCode);
    return (action.TargetGroupArn as { Ref: string }).Ref.replace(/^LoadBalancer|[0-9A-F]{8}$/g, '');
  }

  private sentHeader(): unknown {
    const [{ DistributionConfig }] = this.ofType<{
      DistributionConfig: { Origins: { OriginCustomHeaders?: { HeaderValue: unknown }[] }[] };
    }>('Distribution');
    return DistributionConfig.Origins[0].OriginCustomHeaders?.[0].HeaderValue;
  }

  private ofType<T>(type: string): T[] {
    return Object.values(this.live)
      .filter(({ Type }) => Type.endsWith(`::${type}`))
      .map(({ Properties }) => Properties as T);
  }

  private needs(id: string): string[] {
    const { DependsOn = [], Properties } = this.target[id];
    const named = [...JSON.stringify(Properties ?? {}).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([^"]+)"/g)].map(([, other]) => other);
    return [...([] as string[]).concat(DependsOn), ...named].filter((other) => other !== id);
  }

  /** The same orders at every run. */
  private random(below: number): number {
    this.seed = (this.seed * 48271) % 2147483647;
    return this.seed % below;
  }
}

function matches(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(path);
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
