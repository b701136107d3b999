/**
 * Computing power of a Warehouse, in Redshift processing units (RPU, 16 GiB of memory each). It costs only while queries run: 0.375 USD
 * an RPU hour in us-east-1 (Amazon Redshift pricing). Changes that a zero-ETL integration brings are work, too: where
 * they never end, 24 hours of the base power a day, which is why the limit leaves half as much again for queries. Not verified against
 * AWS is whether that work counts towards the limit, and whether it stops with the queries.
 */
export class WarehouseSize {
  /** 8 to 32 RPU, 288 RPU hours a day: at most 108 USD a day in us-east-1. */
  public static readonly USERS_1M = new WarehouseSize(8, 32);
  /** 32 to 128 RPU, 1,152 RPU hours a day: at most 432 USD a day in us-east-1. */
  public static readonly USERS_10M = new WarehouseSize(32, 128);

  /**
   * A size of your own. May change in place.
   * @param baseRpus power a query starts with: 8 to 512 in steps of 8
   * @param maxRpus power the warehouse may grow to, which bounds the bill of an hour: `baseRpus` to 512 in steps of 8
   * @param rpuHoursADay RPU hours after which queries are refused until the next day, which bounds the bill of a day: at least
   * `maxRpus`; 36 times `baseRpus` if not given
   */
  public static of(baseRpus: number, maxRpus: number, rpuHoursADay?: number): WarehouseSize {
    return new WarehouseSize(baseRpus, maxRpus, rpuHoursADay);
  }

  /** RPU hours after which queries are refused until the next day. */
  public readonly rpuHoursADay: number;

  private constructor(
    /** Power a query starts with. */
    public readonly baseRpus: number,
    /** Power the warehouse may grow to. */
    public readonly maxRpus: number,
    rpuHoursADay?: number,
  ) {
    // Amazon Redshift management guide, Redshift Serverless compute capacity.
    if (!Number.isInteger(baseRpus) || baseRpus % 8 !== 0 || baseRpus < 8 || baseRpus > 512) {
      throw new Error(`baseRpus must be a multiple of 8 from 8 to 512, got: ${baseRpus}`);
    }
    if (!Number.isInteger(maxRpus) || maxRpus % 8 !== 0 || maxRpus < baseRpus || maxRpus > 512) {
      throw new Error(`maxRpus must be a multiple of 8 from baseRpus (${baseRpus}) to 512, got: ${maxRpus}`);
    }
    this.rpuHoursADay = rpuHoursADay ?? Math.max(36 * baseRpus, maxRpus);
    if (!Number.isInteger(this.rpuHoursADay) || this.rpuHoursADay < maxRpus) {
      throw new Error(
        `rpuHoursADay must be a whole number of at least maxRpus (${maxRpus}), an hour at full power, got: ${rpuHoursADay}`,
      );
    }
  }
}
