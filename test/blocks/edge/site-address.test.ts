import { type Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { SiteAddress, type SiteAddressProps } from '../../../lib/blocks/edge/site-address';
import { testStack } from '../../stacks';
import { flagDependent, losses } from '../before-after';
import { CLEAN, policy } from '../compute/service-fixture';
import { domain } from './edge-fixture';

const RECORD = 'AWS::Route53::RecordSet';

function address(stack: Stack, props: Partial<SiteAddressProps>): SiteAddress {
  return new SiteAddress(stack, 'SiteAddress', { domain: domain(stack), ...props });
}

const distribution = (stack: Stack) =>
  cloudfront.Distribution.fromDistributionAttributes(stack, 'Distribution', {
    distributionId: 'E1',
    domainName: 'd1.cloudfront.net',
  });

const onServer = (stack: Stack) => address(stack, { serverAddress: '192.0.2.1' });
const onDistribution = (stack: Stack) => address(stack, { distribution: distribution(stack) });

function records(make: (stack: Stack) => void): Record<string, Record<string, unknown>> {
  const stack = testStack();
  make(stack);
  const found = Object.entries(Template.fromStack(stack).findResources(RECORD));
  return Object.fromEntries(found.map(([id, { Properties }]) => [id, Properties]));
}

describe('the address of the site', () => {
  test('is the server, and may move within a minute', () => {
    expect(Object.values(records(onServer))).toEqual([
      {
        HostedZoneId: 'Z0123456789EXAMPLE',
        Name: 'shop.example.com.',
        Type: 'A',
        ResourceRecords: ['192.0.2.1'],
        TTL: '60',
      },
    ]);
  });

  test('is the distribution, for IPv4 and IPv6', () => {
    const found = Object.values(records(onDistribution));
    expect(found.map(({ Type }) => Type).sort()).toEqual(['A', 'AAAA']);
    for (const record of found) {
      expect(record).toMatchObject({ Name: 'shop.example.com.', AliasTarget: { DNSName: 'd1.cloudfront.net' } });
      expect([record.TTL, record.ResourceRecords, record.SetIdentifier]).toEqual([undefined, undefined, undefined]);
    }
  });

  test('stays the server as long as its address is given, distribution or not', () => {
    const both = (stack: Stack) => address(stack, { serverAddress: '192.0.2.1', distribution: distribution(stack) });
    expect(records(both)).toEqual(records(onServer));
  });

  test('moves from the server to the distribution in the same record', () => {
    const [before, after] = [records(onServer), records(onDistribution)];
    const [id] = Object.keys(before);
    expect(after[id]).toMatchObject({ Name: before[id].Name, Type: before[id].Type, HostedZoneId: before[id].HostedZoneId });
    expect(losses(onServer, onDistribution)).toEqual([]);
  });

  test('is the name of the zone itself, if that is the site', () => {
    const stack = testStack();
    address(stack, { domain: domain(stack, 'example.com'), serverAddress: '192.0.2.1' });
    Template.fromStack(stack).hasResourceProperties(RECORD, { Name: 'example.com.' });
  });

  test('takes a name and an address that are known only at the deploy', () => {
    const stack = testStack();
    const name = Token.asString({ Ref: 'Name' });
    address(stack, { domain: domain(stack, name), serverAddress: Token.asString({ Ref: 'Ip' }) });
    Template.fromStack(stack).hasResourceProperties(RECORD, {
      Name: { 'Fn::Join': ['', [{ Ref: 'Name' }, '.']] },
      ResourceRecords: [{ Ref: 'Ip' }],
      SetIdentifier: Match.absent(),
    });
  });

  test.each([
    ['server', onServer],
    ['distribution', onDistribution],
  ])('as a %s is the same whatever the flags, and passes AwsSolutions', (_, make) => {
    expect(flagDependent(make, RECORD)).toEqual([]);
    const stack = testStack();
    make(stack);
    expect(policy(stack)).toEqual(CLEAN);
  });

  test('fails with neither', () => {
    expect(() => address(testStack(), {})).toThrow(
      new Error('serverAddress or distribution must be given: without one the site has no address'),
    );
  });

  test('fails for a name outside the zone', () => {
    const stack = testStack();
    expect(() => address(stack, { domain: domain(stack, 'shop.example.org'), serverAddress: '192.0.2.1' })).toThrow(
      new Error("domain.name must lie in the hosted zone 'example.com', got: 'shop.example.org'"),
    );
  });
});
