/** Where something stands: everything a reviewer needs to find it. */
export interface Place {
  /** Construct path of the stack, or its name where the assembly does not tell. */
  readonly stack: string;
  readonly region: string;
  /** Template file, relative to the assembly. */
  readonly templateFile: string;
  readonly logicalId: string;
  /** CloudFormation type. */
  readonly type: string;
  /** Construct path. @default - the assembly does not tell */
  readonly path?: string;
  /** Line of the logical id in the template file. */
  readonly line?: number;
  /** Line of code that made it. @default - the assembly does not tell (its app ran without stack traces) */
  readonly source?: SourceLine;
}

/** A line of code. */
export interface SourceLine {
  /** Relative to the working directory where it lies below it. */
  readonly file: string;
  readonly line: number;
}
