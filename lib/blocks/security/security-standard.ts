/** A set of controls that Security Hub checks. */
export class SecurityStandard {
  /** AWS Foundational Security Best Practices. */
  public static readonly FOUNDATIONAL = new SecurityStandard('standards/aws-foundational-security-best-practices/v/1.0.0');
  /** CIS AWS Foundations Benchmark 3.0. */
  public static readonly CIS_3_0 = new SecurityStandard('standards/cis-aws-foundations-benchmark/v/3.0.0');
  /** PCI DSS 4.0.1. */
  public static readonly PCI_DSS_4_0_1 = new SecurityStandard('standards/pci-dss/v/4.0.1');
  /** NIST SP 800-53, revision 5. */
  public static readonly NIST_800_53_R5 = new SecurityStandard('standards/nist-800-53/v/5.0.0');

  /**
   * Another one.
   *
   * @param path what its ARN ends with, such as `standards/pci-dss/v/3.2.1`
   * @throws if it has another form
   */
  public static of(path: string): SecurityStandard {
    if (!/^standards\/[a-z0-9-]+\/v\/[0-9]+\.[0-9]+\.[0-9]+$/.test(path)) {
      throw new Error(`path '${path}' is no standard of Security Hub, write it as in standards/pci-dss/v/4.0.1`);
    }
    return new SecurityStandard(path);
  }

  private constructor(
    /** What its ARN ends with. */
    public readonly path: string,
  ) {}

  /** Id of the construct that subscribes to it. */
  public get id(): string {
    return this.path.split('/').slice(1).join('-').replaceAll('.', '-');
  }
}
