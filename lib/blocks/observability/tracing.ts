import { Token } from 'aws-cdk-lib';

/** Whether requests are followed through the services of a product. */
export class Tracing {
  /** Not at all: costs nothing. */
  public static none(): Tracing {
    return new Tracing(0);
  }

  /**
   * A share of the requests is sent to AWS X-Ray by a collector beside each container, to which the product's OpenTelemetry library
   * finds the way by the standard variables (`OTEL_EXPORTER_OTLP_ENDPOINT` and others).
   *
   * 5 USD for a million traces recorded beyond the 100,000 a month that are free (X-Ray pricing, us-east-1).
   *
   * @param percent share of the requests, above 0 and up to 100; 5 if not given
   * @throws if percent is no such number
   */
  public static xray(percent: number = 5): Tracing {
    if (!Token.isUnresolved(percent) && !(percent > 0 && percent <= 100)) {
      throw new Error(`percent must be above 0 and at most 100, got ${percent}: give the share of the requests to trace`);
    }
    return new Tracing(percent);
  }

  private constructor(
    /** Share of the requests, in percent; 0 where nothing is traced. */
    public readonly percent: number,
  ) {}

  /** Whether anything is traced. */
  public get isOn(): boolean {
    return Token.isUnresolved(this.percent) || this.percent > 0;
  }
}
