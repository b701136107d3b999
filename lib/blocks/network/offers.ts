import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { crossRegionValue } from './cross-region-value';

/**
 * Values that one stack makes and many others read, each an output from the first day: so another reader changes nothing of the stack
 * that makes them, and nothing of the readers that are there.
 */
export class Offers {
  private readonly values = new Map<string, string>();

  constructor(private readonly producer: Construct) {}

  /** Offers a value under a name; without a value, nothing. */
  public add(name: string, value?: string): void {
    if (value === undefined) return;
    this.values.set(name, value);
    if (!this.isLocal(value)) return;
    // As `crossRegionValue` spells it.
    new CfnOutput(this.producer, `Output${name}`, { value });
  }

  /** Offers several values under names with a number, and tells how many. */
  public addAll(name: string, values: string[]): number {
    for (const [index, value] of values.entries()) this.add(`${name}${index + 1}`, value);
    return values.length;
  }

  /** Whether a name stands for a value. */
  public has(name: string): boolean {
    return this.values.has(name);
  }

  /** The value, as a reader's stack says it. */
  public take(reader: Construct, name: string): string {
    const value = this.values.get(name);
    if (value === undefined) throw new Error(`${this.producer.node.path} offers no '${name}': ask first whether it has it`);
    if (this.isLocal(value)) return crossRegionValue(reader, { producer: this.producer, name, value });
    Stack.of(reader).addStackDependency(Stack.of(this.producer));
    return value;
  }

  /** Whether only the stack that makes it can say it: a reference to one of its resources, or to a parameter. */
  private isLocal(value: string): boolean {
    const said = JSON.stringify(Stack.of(this.producer).resolve(value));
    return /"Fn::GetAtt"|"Ref":"(?!AWS::)|\{"Fn::(Split|Select|ImportValue|Sub)"/.test(said);
  }
}

/** The values under names with a number. */
export function takeAll(offers: Offers, reader: Construct, name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => offers.take(reader, `${name}${index + 1}`));
}
