import { Lazy, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { checkDomain, siteCertificate } from '../../../lib/blocks/edge/product-domain';
import { testStack } from '../../stacks';
import { CLEAN, policy } from '../compute/service-fixture';
import { domain, zone } from './edge-fixture';

describe('the name of the site', () => {
  test.each([
    ['shop.example.com', 'example.com'],
    ['example.com', 'example.com'],
    ['a.b.c.example.com', 'c.example.com'],
    ['xn--caf-dma.example.com', 'example.com'],
    ['1.example.com', 'example.com'],
    ['shop.example.com', 'example.com.'],
  ])('may be %s in the zone %s', (name, zoneName) => {
    expect(() => checkDomain({ name, hostedZone: zone(testStack(), zoneName) })).not.toThrow();
  });

  test('and its zone may be known only at the deploy', () => {
    const stack = testStack();
    const late = Lazy.string({ produce: () => 'shop.example.com' });
    const lateZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'LateZone', {
      hostedZoneId: Token.asString({ Ref: 'Id' }),
      zoneName: Token.asString({ Ref: 'Name' }),
    });
    for (const name of [late, Token.asString({ Ref: 'Name' }), 'shop.example.com']) {
      expect(() => checkDomain({ name, hostedZone: lateZone })).not.toThrow();
    }
    expect(() => checkDomain({ name: late, hostedZone: zone(stack) })).not.toThrow();
  });

  test.each([
    '',
    'shop',
    'Shop.example.com',
    'https://shop.example.com',
    'shop.example.com.',
    'shop.example.com/path',
    '*.example.com',
    'shop_1.example.com',
    '-shop.example.com',
    'shop-.example.com',
    'shop..example.com',
    'shop.example.1',
    'shop.example.com\n',
    `${'a'.repeat(64)}.example.com`,
  ])("is no host name when it is '%s'", (name) => {
    expect(() => checkDomain(domain(testStack(), name))).toThrow(
      new Error(`domain.name must be a lower-case host name such as shop.example.com, got: '${name}'`),
    );
  });

  test.each(['shop.example.org', 'badexample.com', 'com.example', 'example.co'])('%s does not lie in example.com', (name) => {
    expect(() => checkDomain(domain(testStack(), name))).toThrow(
      new Error(`domain.name must lie in the hosted zone 'example.com', got: '${name}'`),
    );
  });
});

describe('the certificate of the site', () => {
  test('covers the names below from the start and is validated in the zone', () => {
    const stack = testStack();
    siteCertificate(stack, 'Certificate', domain(stack));
    Template.fromStack(stack).hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'shop.example.com',
      SubjectAlternativeNames: ['*.shop.example.com'],
      ValidationMethod: 'DNS',
      // One record validates both.
      DomainValidationOptions: [{ DomainName: 'shop.example.com', HostedZoneId: 'Z0123456789EXAMPLE' }],
      Tags: [{ Key: 'Name', Value: 'shop.example.com' }],
    });
    expect(policy(stack)).toEqual(CLEAN);
  });

  test('is made for a name that is known only at the deploy', () => {
    const stack = testStack();
    siteCertificate(stack, 'Certificate', domain(stack, Token.asString({ Ref: 'Name' })));
    Template.fromStack(stack).hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: { Ref: 'Name' },
      SubjectAlternativeNames: [{ 'Fn::Join': ['', ['*.', { Ref: 'Name' }]] }],
    });
  });
});
