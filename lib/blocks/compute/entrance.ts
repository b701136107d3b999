/** What a service speaks with those who call it through the mesh. */
export enum MeshProtocol {
  HTTP = 'http',
  HTTP2 = 'http2',
  GRPC = 'grpc',
}

/** Path of the standard health check of gRPC (grpc/grpc, health checking protocol). */
const GRPC_HEALTH = '/grpc.health.v1.Health/Check';

/** How requests come to a service of the product. */
export class Entrance {
  /** Other services call it, users do not. */
  public static mesh(protocol: MeshProtocol = MeshProtocol.HTTP): Entrance {
    return new Entrance({ listens: true, protocol });
  }

  /** It listens on no port: it works off a queue, or by its own clock. */
  public static none(): Entrance {
    return new Entrance({ listens: false });
  }

  /**
   * Users reach it by paths of the site, such as `/billing/*`, instead of the core; other services call it too. While its first
   * tasks start, the core goes on answering.
   * @param patterns one to three: a rule of a load balancer has room for five values, and two are the passwords of the distribution
   * (Elastic Load Balancing, quotas)
   * @throws if a pattern does not start with a slash, or there are none or too many
   */
  public static paths(...patterns: string[]): Entrance {
    checkCount('patterns', patterns);
    for (const pattern of patterns) checkPattern(pattern);
    return new Entrance({ listens: true, pathPatterns: patterns });
  }

  /**
   * Users reach it by names of the site; other services call it too. Each name has to be one of the distribution's, on its
   * certificate, and point to it: this only sorts what arrives there. Needs a product with a domain.
   * @param names one to three, such as `shop.example.org`
   * @throws if a name is none, or there are none or too many
   */
  public static hosts(...names: string[]): Entrance {
    checkCount('names', names);
    for (const name of names) {
      if (/^(\*\.)?([a-z0-9-]{1,63}\.)+[a-z]{2,63}$/.test(name)) continue;
      throw new Error(`Entrance.hosts takes host names in lower case, got '${name}': write it as in billing.example.com`);
    }
    return new Entrance({ listens: true, hostNames: names });
  }

  /**
   * Users reach it by gRPC, through the distribution, which then lets gRPC through; other services call it by gRPC too. Needs a
   * product with a domain: a target group of gRPC wants a listener of HTTPS (Elastic Load Balancing, target groups, protocol version).
   * @param services one to three patterns of gRPC paths, such as `/shop.Billing/*`
   * @throws if a pattern does not start with a slash, or there are none or too many
   */
  public static grpc(...services: string[]): Entrance {
    checkCount('services', services);
    for (const pattern of services) checkPattern(pattern);
    return new Entrance({ listens: true, pathPatterns: services, protocol: MeshProtocol.GRPC });
  }

  /** Whether the container listens on a port. */
  public readonly listens: boolean;
  /** Paths of the site that lead here. */
  public readonly pathPatterns: string[];
  /** Names of the site that lead here. */
  public readonly hostNames: string[];
  /** What it speaks. */
  public readonly protocol: MeshProtocol;

  private constructor(said: {
    readonly listens: boolean;
    readonly pathPatterns?: string[];
    readonly hostNames?: string[];
    readonly protocol?: MeshProtocol;
  }) {
    this.listens = said.listens;
    this.pathPatterns = said.pathPatterns ?? [];
    this.hostNames = said.hostNames ?? [];
    this.protocol = said.protocol ?? MeshProtocol.HTTP;
  }

  /** Whether users reach it through the load balancer. */
  public get isRouted(): boolean {
    return this.pathPatterns.length + this.hostNames.length > 0;
  }

  /** Whether it speaks gRPC. */
  public get isGrpc(): boolean {
    return this.protocol === MeshProtocol.GRPC;
  }

  /** Path that is asked for its health where nobody says another. */
  public healthCheckPath(ofProduct: string): string {
    return this.isGrpc ? GRPC_HEALTH : ofProduct;
  }
}

function checkCount(name: string, values: string[]): void {
  if (values.length >= 1 && values.length <= 3) return;
  throw new Error(
    `${name} must be one to three, got ${values.length}: a rule of a load balancer has room for five values, two of them the distribution's passwords`,
  );
}

function checkPattern(pattern: string): void {
  if (/^\/[A-Za-z0-9_.$/~"'@:+&*?-]{0,127}$/.test(pattern)) return;
  throw new Error(
    `pattern must be a slash and up to 127 letters, digits and signs of paths, got '${pattern}': write it as in /billing/*`,
  );
}
