import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = join(__dirname, '../../../lib/blocks/messaging/email-feedback.py');

/** With what test/rehearsal/requirements.txt names. */
const PYTHON = join(__dirname, '../../../node_modules/.cache/rehearsal-python/venv/bin/python');

/** What becomes of a call: it never arrives, it is done and nobody hears of it, or it is refused with this error. */
export type Mishap =
  | { readonly hang: true }
  | { readonly deaf: true }
  | { readonly status: number; readonly error: string; readonly more?: object };

/**
 * Real boto3 in a real process, against moto's DynamoDB and SQS, and an HTTP peer for Amazon SES; all calls pass a peer that can lose
 * them.
 */
export class MailWorld {
  /** What Amazon SES was told, in order. */
  public readonly suppressed: { EmailAddress: string; Reason: string }[] = [];
  /** What becomes of the next calls, by action. */
  public readonly mishaps: Record<string, Mishap[]> = {};
  /** Calls by action. */
  public readonly calls: Record<string, number> = {};
  public readonly folder = mkdtempSync(join(tmpdir(), 'mail-'));
  private readonly peer: Server = createServer((call, answer) => void this.pass(call, answer));
  private readonly moto: ChildProcess;
  private queueUrl = '';
  private deadLettersUrl = '';

  constructor(private readonly motoPort: number) {
    cpSync(PROGRAM, join(this.folder, 'index.py'));
    cpSync(join(__dirname, 'event-source.py'), join(this.folder, 'event_source.py'));
    this.moto = spawn(PYTHON, ['-m', 'moto.server', '-p', String(motoPort)], { stdio: 'ignore' });
  }

  public async open(): Promise<void> {
    await new Promise<void>((resolve) => this.peer.listen(0, '127.0.0.1', resolve));
    for (let tries = 0; ; tries += 1) {
      try {
        await fetch(`http://127.0.0.1:${this.motoPort}/moto-api/reset`, { method: 'POST' });
        return;
      } catch (error) {
        if (tries > 150) throw new Error(`moto does not answer (npm run rehearse installs it): ${error}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  public async close(): Promise<void> {
    this.moto.kill('SIGKILL');
    this.peer.closeAllConnections();
    this.peer.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** As on the first day: an empty table, an empty queue with dead letters after ten tries. */
  public async reset(): Promise<void> {
    await fetch(`http://127.0.0.1:${this.motoPort}/moto-api/reset`, { method: 'POST' });
    this.suppressed.length = 0;
    for (const one of [this.mishaps, this.calls] as Record<string, unknown>[])
      for (const key of Object.keys(one)) delete one[key];
    const made = await this.python(
      [
        'import boto3, json',
        'd, q = boto3.client("dynamodb"), boto3.client("sqs")',
        'key = [("pk", "HASH"), ("sk", "RANGE")]',
        'd.create_table(TableName="shared", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": n, "KeyType": t} for n, t in key], AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n, _ in key])',
        'd.create_table(TableName="handled", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])',
        'dead = q.create_queue(QueueName="dead")["QueueUrl"]',
        'arn = q.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]',
        'main = q.create_queue(QueueName="feedback", Attributes={"VisibilityTimeout": "2", "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 10})})["QueueUrl"]',
        'print(json.dumps([main, dead]))',
      ].join('\n'),
    );
    [this.queueUrl, this.deadLettersUrl] = JSON.parse(made.stdout);
  }

  /** Puts messages into the queue, as Amazon SNS does. */
  public async publish(...bodies: unknown[]): Promise<void> {
    const texts = bodies.map((body) => (typeof body === 'string' ? body : JSON.stringify(body)));
    await this.python(
      `import boto3, json\nq = boto3.client("sqs")\nfor body in json.loads(${JSON.stringify(JSON.stringify(texts))}): q.send_message(QueueUrl="${this.queueUrl}", MessageBody=body)`,
    );
  }

  /** Lets the handler work until the queue is empty; its log. */
  public async work(environment: Record<string, string> = {}): Promise<string> {
    return (await this.python('import event_source', { QUEUE: this.queueUrl, TABLE: 'shared', ...environment })).stdout;
  }

  /** Starts the handler and ends it in the middle, once a call has been made so often. */
  public async killAt(action: string, count: number): Promise<void> {
    const run = this.start('import event_source', { QUEUE: this.queueUrl, TABLE: 'shared' });
    const ended = new Promise((resolve) => run.once('close', resolve));
    const until = Date.now() + 20_000;
    while ((this.calls[action] ?? 0) < count && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 2));
    run.kill('SIGKILL');
    await ended;
  }

  /** The rows of the table, marks apart. */
  public async rows(): Promise<Record<string, string>[]> {
    const all = await this.allRows();
    return all.filter(({ sk }) => !sk.startsWith('feedback#'));
  }

  public async allRows(): Promise<Record<string, string>[]> {
    const { stdout } = await this.python(
      'import boto3, json\nprint(json.dumps(boto3.client("dynamodb").scan(TableName="shared")["Items"]))',
    );
    const items: Record<string, Record<string, string>>[] = JSON.parse(stdout);
    return items.map((item) => Object.fromEntries(Object.entries(item).map(([name, value]) => [name, Object.values(value)[0]])));
  }

  /** Waiting messages, and dead letters. */
  public async left(): Promise<{ waiting: string[]; dead: string[] }> {
    const { stdout } = await this.python(
      [
        'import boto3, json',
        'q = boto3.client("sqs")',
        'def take(url): return [m["Body"] for m in q.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])]',
        `print(json.dumps([take("${this.queueUrl}"), take("${this.deadLettersUrl}")]))`,
      ].join('\n'),
    );
    const [waiting, dead] = JSON.parse(stdout);
    return { waiting, dead };
  }

  /** Runs a program with boto3 that talks to this world. */
  public async python(program: string, environment: Record<string, string> = {}): Promise<{ stdout: string; stderr: string }> {
    const run = this.start(program, environment);
    let [stdout, stderr] = ['', ''];
    run.stdout!.on('data', (data) => {
      stdout += data;
    });
    run.stderr!.on('data', (data) => {
      stderr += data;
    });
    const status = await new Promise((resolve) => run.once('close', resolve));
    if (status !== 0) throw new Error(`the program ended with ${status}: ${stderr}`);
    return { stdout, stderr };
  }

  private start(program: string, environment: Record<string, string>): ChildProcess {
    const url = `http://127.0.0.1:${(this.peer.address() as AddressInfo).port}`;
    return spawn(PYTHON, ['-c', program], {
      cwd: this.folder,
      env: {
        PATH: process.env.PATH,
        PYTHONDONTWRITEBYTECODE: '1',
        AWS_ENDPOINT_URL: url,
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        ...environment,
      },
    });
  }

  private async pass(call: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of call) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const action = String(call.headers['x-amz-target'] ?? call.url)
      .split('.')
      .at(-1)!;
    const mishap = this.mishaps[action]?.shift();
    this.calls[action] = (this.calls[action] ?? 0) + 1;
    if (mishap && 'hang' in mishap) return;
    if (mishap && 'status' in mishap) {
      answer.writeHead(mishap.status, { 'x-amzn-errortype': mishap.error, 'content-type': 'application/json' });
      answer.end(JSON.stringify({ __type: mishap.error, message: mishap.error, ...mishap.more }));
      return;
    }
    if (call.url === '/v2/email/suppression/addresses') {
      this.suppressed.push(JSON.parse(body.toString()));
      if (!mishap) answer.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    const { method, url: path, headers } = call;
    const on = request({ port: this.motoPort, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
      if (mishap) {
        response.resume();
        return;
      }
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    on.once('error', () => answer.destroy());
    on.end(body);
  }
}
