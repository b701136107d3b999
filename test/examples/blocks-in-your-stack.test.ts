import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ShopStack } from '../../examples/blocks-in-your-stack/shop-stack';
import { isStateful } from '../../lib/assembly/stateful-types';
import { nagFindings } from '../blocks/nag';

function shop(): ShopStack {
  return new ShopStack(new App(), 'Shop', { env: { account: '123456789012', region: 'eu-central-1' } });
}

describe('blocks in a stack that has no stage', () => {
  const template = Template.fromStack(shop());

  test('stand in the VPC that was there, and make none', () => {
    template.resourceCountIs('AWS::EC2::VPC', 0);
    template.hasResourceProperties('AWS::OpenSearchService::Domain', {
      VPCOptions: { SubnetIds: ['subnet-0c1b2c3d4e5f6071', 'subnet-0c2b2c3d4e5f6072', 'subnet-0c3b2c3d4e5f6073'] },
    });
    template.hasResourceProperties('AWS::RedshiftServerless::Workgroup', {
      SubnetIds: ['subnet-0c1b2c3d4e5f6071', 'subnet-0c2b2c3d4e5f6072', 'subnet-0c3b2c3d4e5f6073'],
      PubliclyAccessible: false,
    });
    template.hasResourceProperties('AWS::ECS::Service', {
      NetworkConfiguration: {
        AwsvpcConfiguration: { Subnets: ['subnet-0b1b2c3d4e5f6071', 'subnet-0b2b2c3d4e5f6072', 'subnet-0b3b2c3d4e5f6073'] },
      },
    });
  });

  test('are a search, a warehouse, a firewall and two services of which one calls the other', () => {
    template.resourceCountIs('AWS::OpenSearchService::Domain', 1);
    template.resourceCountIs('AWS::RedshiftServerless::Namespace', 1);
    template.resourceCountIs('AWS::WAFv2::WebACLAssociation', 1);
    const joined = (services: unknown) => ({
      ServiceConnectConfiguration: Match.objectLike({ Enabled: true, Services: services }),
    });
    template.hasResourceProperties(
      'AWS::ECS::Service',
      joined([Match.objectLike({ ClientAliases: [{ DnsName: 'prices', Port: 80 }] })]),
    );
    template.hasResourceProperties('AWS::ECS::Service', joined(Match.absent()));
  });

  test('keep everything that holds state', () => {
    const kept = Object.entries(template.toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>)
      .filter(([, { Type }]) => isStateful(Type))
      .map(([id, { DeletionPolicy }]) => [id, DeletionPolicy]);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.filter(([, policy]) => policy === undefined || policy === 'Delete')).toEqual([]);
  });

  test('leave nothing open but what is the owner of the load balancer and of the VPC to decide', () => {
    const open = nagFindings(shop()).filter((finding) => !finding.includes('/LoadBalancer/'));
    expect(open).toEqual([]);
  });
});
