/** A service's name in the mesh: a host name that a container may say (ECS API reference, discoveryName and dnsName). */
const NAME = /^[a-z][a-z0-9-]{0,29}$/;

/**
 * What a service of the product may reach. Whatever is not listed is closed to it: the network lets it not through, its role has no
 * permission, and its container is not told the name or the password.
 */
export class Reach {
  /** Reads and writes the database, through its proxy where there is one. */
  public static readonly DATABASE = new Reach('database');
  public static readonly CACHE = new Reach('cache');
  /** Asks and feeds the search. In a further Region, which has none, it opens nothing. */
  public static readonly SEARCH = new Reach('search');
  /** Reads and writes the event stream. Only where the product has one, which is from `Stage4Global` on. */
  public static readonly STREAM = new Reach('stream');
  /** Gives the workers jobs. */
  public static readonly JOBS = new Reach('jobs');
  /** Publishes static files. */
  public static readonly ASSETS = new Reach('assets');
  /** Publishes to topic and bus. To hear events, a service works off a queue of its own that subscribes to them. */
  public static readonly EVENTS = new Reach('events');
  /** Reads and writes the items of the shared table. */
  public static readonly SHARED_TABLE = new Reach('sharedTable');
  /** Notes in the idempotency table what it has handled. */
  public static readonly IDEMPOTENCY = new Reach('idempotency');
  /**
   * Is told user pool and client, to check tokens by the keys that the pool publishes, and may ask the permission store what people may do,
   * where the product has one. It gets no permission over users.
   */
  public static readonly USERS = new Reach('users');

  /**
   * Calls a service through the mesh, at `http://NAME`: `core`, `auth`, `api` or one of the product's own. It deploys first.
   *
   * The names decide the order and are checked. The network lets a caller through to every service of the mesh or to none, because a
   * security group has room for 60 rules (Amazon VPC quotas) and a hundred callers would need a hundred: who must tell callers apart
   * asks them for a token.
   * @throws if it is no name
   */
  public static service(name: string): Reach {
    checkServiceName('Reach.service', name);
    return new Reach(`service ${name}`, name);
  }

  private constructor(
    /** What is reached, as messages call it. */
    public readonly what: string,
    /** Name of the service that is called, if it is one. */
    public readonly serviceName?: string,
  ) {}
}

/** @throws if it is no name of a service */
export function checkServiceName(prop: string, name: string): void {
  if (NAME.test(name)) return;
  throw new Error(
    `${prop} must be a letter and up to 29 letters, digits or hyphens in lower case, got '${name}': containers call the service by it, as in http://billing`,
  );
}
