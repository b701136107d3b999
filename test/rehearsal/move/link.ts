import { createServer, type Server, Socket } from 'node:net';

/** A line between two servers that can be cut, be stalled, and come back. */
export class Link {
  public static async open(to: number, port = 0): Promise<Link> {
    const link = new Link(to);
    await new Promise<void>((resolve) => link.server.listen(port, '127.0.0.1', resolve));
    return link;
  }

  /** Bytes that went to the far end. */
  public sent = 0;
  /** Bytes that came back. */
  public received = 0;
  /** Called on every piece of data, before it is passed on. */
  public watch?: () => void;

  private readonly server: Server;
  private readonly pairs = new Set<[Socket, Socket]>();
  private state: 'up' | 'cut' | 'stalled' = 'up';

  private constructor(private readonly to: number) {
    this.server = createServer((near) => this.accept(near));
  }

  public get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the link is closed');
    return address.port;
  }

  /** Ends every connection, and takes no new one. */
  public cut(): void {
    this.state = 'cut';
    for (const pair of this.pairs) for (const socket of pair) socket.resetAndDestroy();
    this.pairs.clear();
  }

  /** Passes nothing on, and says nothing: as when packets are dropped. */
  public stall(): void {
    this.state = 'stalled';
    for (const pair of this.pairs) for (const socket of pair) socket.pause();
  }

  /** As if nothing had been; what was stalled goes on. */
  public heal(): void {
    this.state = 'up';
    for (const pair of this.pairs) for (const socket of pair) socket.resume();
  }

  public async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(near: Socket): void {
    near.on('error', () => undefined);
    if (this.state === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = new Socket();
    const pair: [Socket, Socket] = [near, far];
    this.pairs.add(pair);
    far.on('error', () => undefined);
    far.connect(this.to, '127.0.0.1');
    this.carry(near, far, (bytes) => {
      this.sent += bytes;
    });
    this.carry(far, near, (bytes) => {
      this.received += bytes;
    });
    for (const socket of pair) socket.on('close', () => this.pairs.delete(pair));
    if (this.state === 'stalled') for (const socket of pair) socket.pause();
  }

  private carry(from: Socket, to: Socket, count: (bytes: number) => void): void {
    from.on('data', (data) => {
      count(data.length);
      this.watch?.();
      if (to.destroyed) return;
      if (!to.write(data)) {
        from.pause();
        to.once('drain', () => {
          if (this.state !== 'stalled') from.resume();
        });
      }
    });
    from.on('end', () => to.end());
    from.on('close', () => to.destroy());
  }
}
