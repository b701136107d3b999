import { Size, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AccessLogQueries, type AccessLogQueriesProps } from '../../../lib/blocks/edge/access-log-queries';
import { CONTENT_DELIVERY_QUESTIONS, LOAD_BALANCER_QUESTIONS } from '../../../lib/blocks/edge/access-log-questions';
import { contentDeliveryTable, LOAD_BALANCER_COLUMNS, LOAD_BALANCER_LINE } from '../../../lib/blocks/edge/access-log-tables';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses } from '../before-after';
import { acknowledgedIds, everyPack } from '../every-pack';
import { stackIn } from './edge-fixture';

const TABLE = 'AWS::Glue::Table';
const QUERY = 'AWS::Athena::NamedQuery';

function queries(stack: Stack, props: Partial<AccessLogQueriesProps> = {}): AccessLogQueries {
  return new AccessLogQueries(stack, 'Queries', { logBucket: new LogBucket(stack, 'Logs'), ...props });
}

function at(...path: unknown[]): unknown {
  return { 'Fn::Join': ['', ['s3://', { Ref: Match.stringLikeRegexp('^LogsBucket') }, ...path]] };
}

/** What a load balancer writes of a request. */
function line(request: string, rest = '"-" TID_1234abcd5678ef90'): string {
  return (
    `https 2026-11-22T05:00:00.186641Z app/shop/1234567890abcdef [2600:9000::1]:46532 10.0.3.7:8080 0.001 0.048 -1 200 200 34 366 ` +
    `"${request}" "curl/8.5.0 (x86)" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.3 arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/core/1 ` +
    `"Root=1-58337281-1d84f3d73c47ec4e58577259" "origin.shop.example.com" "arn:aws:acm:us-east-1:123456789012:certificate/1" 49900 ` +
    `2026-11-22T05:00:00.137000Z "waf,forward" "-" "-" "10.0.3.7:8080" "200" "-" ${rest}`
  );
}

function read(text: string): Record<string, string> | undefined {
  const found = new RegExp(`^${LOAD_BALANCER_LINE}$`).exec(text);
  return found ? Object.fromEntries(LOAD_BALANCER_COLUMNS.map(({ name }, index) => [name, found[index + 1]])) : undefined;
}

describe('questions to the access logs', () => {
  test('read no more than 100 GB each, and leave encrypted answers where they expire', () => {
    const stack = testStack();
    queries(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::Athena::WorkGroup', {
      Name: Match.stringLikeRegexp('^Shop-Queries-[0-9A-F]{8}$'),
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: 107374182400,
        ResultConfiguration: {
          OutputLocation: at('/query-results/'),
          ExpectedBucketOwner: ACCOUNT,
          EncryptionConfiguration: { EncryptionOption: 'SSE_S3' },
        },
      },
    });
  });

  test('read as much as told, but not less than Athena takes', () => {
    const stack = testStack();
    queries(stack, { bytesPerQuery: Size.gibibytes(1) });
    Template.fromStack(stack).hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: { BytesScannedCutoffPerQuery: 1073741824 },
    });
    expect(() => queries(testStack(), { bytesPerQuery: Size.mebibytes(1) })).toThrow(
      new Error('bytesPerQuery must be at least 10 MB, which is the least that Athena takes, got 1048576 bytes'),
    );
  });

  test("find the load balancer's log by day, as long as the bucket keeps it", () => {
    const stack = testStack();
    queries(stack);
    const folder = `/load-balancer/AWSLogs/${ACCOUNT}/elasticloadbalancing/us-east-1/`;
    Template.fromStack(stack).hasResourceProperties(TABLE, {
      TableInput: {
        Name: 'load_balancer',
        PartitionKeys: [{ Name: 'day', Type: 'string' }],
        Parameters: {
          'projection.enabled': 'true',
          'projection.day.format': 'yyyy/MM/dd',
          'projection.day.range': 'NOW-90DAYS,NOW',
          'storage.location.template': at(`${folder}\${day}/`),
        },
        StorageDescriptor: { Location: at(folder) },
      },
    });
  });

  test("find CloudFront's log where the distribution writes it", () => {
    const stack = testStack();
    queries(stack);
    Template.fromStack(stack).hasResourceProperties(TABLE, {
      TableInput: {
        Name: 'content_delivery',
        Parameters: { 'skip.header.line.count': '2' },
        StorageDescriptor: { Location: at('/content-delivery/'), SerdeInfo: { Parameters: { 'field.delim': '\t' } } },
      },
    });
    expect(contentDeliveryTable('').storageDescriptor).toHaveProperty('columns.length', 33);
  });

  test.each<[string, Stack, boolean | undefined]>([
    ['an opt-in Region', stackIn('af-south-1'), undefined],
    ['a further Region', testStack(), false],
  ])('do not ask for logs of CloudFront in %s', (_, stack, contentDelivery) => {
    queries(stack, { contentDelivery });
    const template = Template.fromStack(stack);
    template.resourceCountIs(TABLE, 1);
    template.resourceCountIs(QUERY, LOAD_BALANCER_QUESTIONS.length);
  });

  test('are those of an incident', () => {
    const stack = testStack();
    queries(stack);
    const found = Object.values(Template.fromStack(stack).findResources(QUERY)).map(({ Properties }) => Properties);
    expect(found.map(({ Name }) => Name).sort()).toEqual([
      'Cache hits by path',
      'Errors by path',
      'Latency by place',
      'Past the distribution',
      'Server errors by minute',
      'Slowest requests',
      'Top clients',
    ]);
    for (const { Database, WorkGroup } of found) {
      expect([Database, WorkGroup]).toEqual([
        { Ref: expect.stringMatching(/^QueriesDatabase/) },
        { Ref: expect.stringMatching(/^QueriesWorkgroup/) },
      ]);
    }
  });

  test('name columns that are there, bound the time, and show addresses only where they ask for them', () => {
    const words = (text: string) => new Set(text.replace(/'[^']*'/g, '').match(/[a-z_]{3,}/g));
    const sources: [typeof LOAD_BALANCER_QUESTIONS, string[], RegExp][] = [
      [
        LOAD_BALANCER_QUESTIONS,
        [...LOAD_BALANCER_COLUMNS.map(({ name }) => name), 'day'],
        /day >= date_format\(current_date - INTERVAL/,
      ],
      [
        CONTENT_DELIVERY_QUESTIONS,
        (contentDeliveryTable('').storageDescriptor as { columns: { name: string }[] }).columns.map(({ name }) => name),
        /"date" >= current_date - INTERVAL/,
      ],
    ];
    for (const [questions, known, span] of sources) {
      for (const { query, name } of questions) {
        expect(query).toMatch(span);
        const columns = [...words(query)].filter((word) => /^(c|cs|sc|x|elb|target|request|time|ssl|received|sent)_/.test(word));
        expect(columns.filter((column) => !known.includes(column))).toEqual([]);
        const addresses = /\bc_ip\b|\bclient\b/.test(query);
        expect([name, addresses]).toEqual([name, ['Top clients', 'Past the distribution'].includes(name)]);
        expect(query).not.toMatch(/cs_uri_query|cs_cookie/);
      }
    }
  });

  test('have a name that Athena takes, by stack and path', () => {
    const stack = testStack({ stackName: 'My-Shop' });
    queries(stack);
    const [database] = Object.values(Template.fromStack(stack).findResources('AWS::Glue::Database'));
    expect(database.Properties.DatabaseInput.Name).toMatch(/^my_?shop_queries_[0-9a-f]{8}$/);
    expect(database).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test('lose nothing when CloudFront begins to log, and depend on no flag', () => {
    expect(losses((stack) => queries(stack, { contentDelivery: false }), queries)).toEqual([]);
    expect(flagDependent(queries, 'AWS::Glue::Database', TABLE, 'AWS::Athena::WorkGroup', QUERY)).toEqual([]);
  });

  test('leave answers encrypted with the key given', () => {
    const stack = testStack();
    const made = queries(stack, { encryptionKey: new kms.Key(stack, 'Key') });
    Template.fromStack(stack).hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: {
        ResultConfiguration: {
          EncryptionConfiguration: {
            EncryptionOption: 'SSE_KMS',
            KmsKey: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
          },
        },
      },
    });
    expect(acknowledgedIds(made)).toEqual([]);
  });

  test('say that a replica of a key is a key', () => {
    const stack = testStack();
    const replica = new kms.CfnReplicaKey(stack, 'Replica', { primaryKeyArn: 'arn', keyPolicy: {} });
    const made = queries(stack, { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', replica.attrArn) });
    expect(acknowledgedIds(made)).toEqual(['ControlTower::CT.ATHENA.PR.2']);
    const other = testStack();
    const known = kms.Key.fromKeyArn(other, 'Key', `arn:aws:kms:us-east-1:${ACCOUNT}:key/1`);
    expect(acknowledgedIds(queries(other, { encryptionKey: known }))).toEqual([]);
  });

  test('pass every pack, and say without a key why', () => {
    for (const stack of [testStack(), agnosticStack()]) {
      const made = queries(stack);
      expect(everyPack(made)).toEqual({ open: [], unused: [] });
      expect(acknowledgedIds(made)).toEqual(['ControlTower::CT.ATHENA.PR.2']);
    }
  });
});

describe("a line of the load balancer's log", () => {
  test('is read field by field', () => {
    expect(read(line('GET https://shop.example.com:443/a?b=c HTTP/2.0'))).toMatchObject({
      type: 'https',
      client: '[2600:9000::1]:46532',
      target: '10.0.3.7:8080',
      target_processing_time: '0.048',
      response_processing_time: '-1',
      elb_status_code: '200',
      target_status_code: '200',
      request_verb: 'GET',
      request_url: 'https://shop.example.com:443/a?b=c',
      request_proto: 'HTTP/2.0',
      user_agent: 'curl/8.5.0 (x86)',
      trace_id: 'Root=1-58337281-1d84f3d73c47ec4e58577259',
      matched_rule_priority: '49900',
      actions_executed: 'waf,forward',
      classification_reason: '-',
    });
  });

  test.each([
    ['before AWS added the last field', '"-"'],
    ['when AWS has added more fields', '"-" TID_1 "shop" "-" "-" 7'],
    ['of a request that was ambiguous', '"UndefinedContentLengthSemantics" TID_1'],
  ])('is read %s', (_, rest) => {
    expect(read(line('GET http://10.0.0.1:80/ HTTP/1.1', rest))).toMatchObject({ request_verb: 'GET' });
  });

  test('is read where a request was none', () => {
    expect(read(line('- http://shop.example.com:80- - '))).toMatchObject({ request_verb: '-' });
    expect(read(line('GET http://shop.example.com:80/a "b" c HTTP/1.1'))).toMatchObject({
      request_url: 'http://shop.example.com:80/a "b" c',
    });
  });
});
