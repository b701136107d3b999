import { Stack } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** One question to the logs. */
export interface SavedQuery {
  /** Id of the query. */
  readonly id: string;
  /** What it answers, as it stands in the console, such as `errors by route`. */
  readonly title: string;
  /** CloudWatch Logs Insights, a command a line. */
  readonly lines: string[];
  /** Where it looks, by name: a log group of the product, or one that an AWS service makes. */
  readonly logGroupNames: string[];
}

/** Properties of SavedQueries. */
export interface SavedQueriesProps {
  readonly queries: SavedQuery[];
  /**
   * Folder of the console's list in which they stand.
   * @default - the name of the stack
   */
  readonly folder?: string;
}

/**
 * Questions to the logs, saved where people look for them: CloudWatch, Logs Insights, saved queries. They cost nothing until somebody
 * asks one, and then 0.005 USD for each GB it reads (list price in us-east-1).
 *
 * @throws if there is no query
 */
export class SavedQueries extends Construct {
  public readonly definitions: logs.CfnQueryDefinition[];

  constructor(scope: Construct, id: string, props: SavedQueriesProps) {
    super(scope, id);
    if (props.queries.length === 0) throw new Error('queries must name at least one query, got none: leave the block out');
    const folder = props.folder ?? Stack.of(this).stackName;
    this.definitions = props.queries.map(
      // On the L1, because the L2 wants log groups as constructs, and one that a service of AWS makes is a name.
      (query) =>
        new logs.CfnQueryDefinition(this, query.id, {
          name: `${folder}/${query.title}`,
          queryString: query.lines.join('\n| '),
          logGroupNames: query.logGroupNames,
        }),
    );
  }
}
