import type { Construct } from 'constructs';
import type { ContainerService } from './container-service';
import type { ReleaseStrategy } from './release-strategy';

/** Which requests a service gets, and how its health is asked for. */
export interface RouteOptions {
  readonly service: ContainerService;
  /** Path that answers 200 when a task can serve, starting with a slash. */
  readonly healthCheckPath: string;
  /**
   * Paths of this service, such as `/auth/*`.
   * @default - every request that no other service takes
   */
  readonly pathPatterns?: string[];
  /**
   * Order among services with paths, 1 first.
   * @default - none; required with `pathPatterns`
   */
  readonly priority?: number;
  /**
   * How its releases take over. With any but `inOneGroup`, also with `rolling`, it has two target groups, so that a change of the
   * strategy finds them there. What admits requests then must stand before the listener: see `admitBehind`.
   * @default ReleaseStrategy.inOneGroup()
   */
  readonly releases?: ReleaseStrategy;
}

/** What a load balancer asks of every request. */
export interface AdmissionOptions {
  /** Header that a request must carry. */
  readonly headerName: string;
  /** Values that are good, usually the one that is sent and the one that will be sent next; at most four. */
  readonly headerValues: string[];
  /**
   * What sends the header, in the same stack: nothing is refused before it does.
   * @default - it sends the header already
   */
  readonly sender?: Construct;
}

/** Which tokens a load balancer lets through, and where it asks for one. */
export interface TokenRequirement {
  /** Paths of the core, such as `/account/*`. */
  readonly paths: string[];
  /** Issuer (`iss`) of the tokens. */
  readonly issuer: string;
  /** Where the keys are that their signature (RS256) is checked with, in public. */
  readonly jwksUrl: string;
  /**
   * Claims with the one value they must have.
   * @default - none beside issuer and time
   */
  readonly claims?: { [claim: string]: string };
}
