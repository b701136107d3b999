import type { PolicyStatement } from './policy-statements';

/** The actions that a statement names as text, for or against, and where. */
export function namedActions({ property, actions, notActions }: PolicyStatement): { action: string; property: string }[] {
  return Object.entries({ Action: actions, NotAction: notActions }).flatMap(([name, list]) =>
    list.flatMap((action) =>
      typeof action === 'string' ? [{ action, property: property === '' ? name : `${property}.${name}` }] : [],
    ),
  );
}
