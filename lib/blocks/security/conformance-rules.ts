import { PRODUCT_RULES } from './product-rules';

/** Rules of AWS Config that a conformance pack holds, by their identifiers. */
export class ConformanceRules {
  /** What must hold for an account in which a product of this library runs. */
  public static readonly PRODUCT = new ConformanceRules(PRODUCT_RULES);

  /**
   * Others, all of them managed by AWS and without parameters that must be given.
   *
   * @param identifiers such as `S3_BUCKET_VERSIONING_ENABLED` (AWS Config developer guide, list of managed rules)
   * @throws if there is none, one has another form, or one stands twice
   */
  public static of(...identifiers: string[]): ConformanceRules {
    if (identifiers.length === 0) throw new Error('identifiers must name at least one rule of AWS Config, got none: name one');
    for (const [index, identifier] of identifiers.entries()) {
      if (!/^[A-Z][A-Z0-9_]+$/.test(identifier)) {
        throw new Error(
          `identifier '${identifier}' is no managed rule of AWS Config, write it as in S3_BUCKET_VERSIONING_ENABLED`,
        );
      }
      if (identifiers.indexOf(identifier) !== index) {
        throw new Error(`identifiers must name each rule once, got '${identifier}' twice: leave one out`);
      }
    }
    return new ConformanceRules(identifiers);
  }

  private constructor(
    /** Their identifiers. */
    public readonly identifiers: string[],
  ) {}

  /** These and others. */
  public and(...identifiers: string[]): ConformanceRules {
    return ConformanceRules.of(...this.identifiers, ...identifiers);
  }

  /** The pack as a template. */
  public toTemplate(): string {
    const rules = this.identifiers.map((identifier) => [
      identifier
        .split('_')
        .map((word) => word[0] + word.slice(1).toLowerCase())
        .join(''),
      {
        Type: 'AWS::Config::ConfigRule',
        Properties: {
          ConfigRuleName: identifier.toLowerCase().replaceAll('_', '-'),
          Source: { Owner: 'AWS', SourceIdentifier: identifier },
        },
      },
    ]);
    return JSON.stringify({ Resources: Object.fromEntries(rules) });
  }
}
