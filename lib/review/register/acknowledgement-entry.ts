import type { SourceLine } from '../places/place';

/** A rule that somebody set aside in writing. */
export interface AcknowledgementEntry {
  /** Rule id as written; with its pack where that is known. */
  readonly id: string;
  readonly reason: string;
  /** Construct path it was written at: it holds for everything below. */
  readonly path: string;
  /** Construct path of the stack, where it is known. */
  readonly stack?: string;
  /**
   * How it was written: `cdk` (Validations.acknowledge), the metadata of a template, such as `cdk_nag` or `checkov`, or `aws-cdk-lib`,
   * which acknowledges some rules by itself.
   */
  readonly form: string;
  /** Line of code that wrote it. */
  readonly where?: SourceLine;
  /** Since when, from the version control of that line, such as `2026-11-22`, or the version of the package it lies in. */
  readonly since?: string;
  /** Number of findings it answers for. */
  readonly covers: number;
  /** What is wrong with it: `unused`, `duplicate`, `no reason`, `unknown rule`. @default - nothing */
  readonly fault?: string;
}
