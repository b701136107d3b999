/** Computing power of a Warehouse, in Redshift processing units (RPU, 16 GiB of memory each); it costs only while queries run. */
export class WarehouseSize {
  /** 8 to 32 RPU. */
  public static readonly USERS_1M = new WarehouseSize(8, 32);
  /** 32 to 128 RPU. */
  public static readonly USERS_10M = new WarehouseSize(32, 128);

  /**
   * A size of your own. May change in place.
   * @param baseRpus power a query starts with: 8 to 512 in steps of 8
   * @param maxRpus power the warehouse may grow to, which bounds the bill: `baseRpus` to 512 in steps of 8
   */
  public static of(baseRpus: number, maxRpus: number): WarehouseSize {
    return new WarehouseSize(baseRpus, maxRpus);
  }

  private constructor(
    /** Power a query starts with. */
    public readonly baseRpus: number,
    /** Power the warehouse may grow to. */
    public readonly maxRpus: number,
  ) {
    // Amazon Redshift management guide, Redshift Serverless compute capacity.
    if (!Number.isInteger(baseRpus) || baseRpus % 8 !== 0 || baseRpus < 8 || baseRpus > 512) {
      throw new Error(`baseRpus must be a multiple of 8 from 8 to 512, got: ${baseRpus}`);
    }
    if (!Number.isInteger(maxRpus) || maxRpus % 8 !== 0 || maxRpus < baseRpus || maxRpus > 512) {
      throw new Error(`maxRpus must be a multiple of 8 from baseRpus (${baseRpus}) to 512, got: ${maxRpus}`);
    }
  }
}
