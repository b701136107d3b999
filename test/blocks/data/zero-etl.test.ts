import type { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Warehouse } from '../../../lib/blocks/data/warehouse';
import { ZeroEtlIntegration, type ZeroEtlIntegrationProps } from '../../../lib/blocks/data/zero-etl';
import { agnosticStack, testStack } from '../../stacks';
import { existingVpc, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

function importedSource(stack: Stack): rds.IDatabaseCluster {
  return rds.DatabaseCluster.fromDatabaseClusterAttributes(stack, 'Database', { clusterIdentifier: 'shop' });
}

const fed =
  (props: Partial<ZeroEtlIntegrationProps> = {}) =>
  (stack: Stack) => {
    const target = new Warehouse(stack, 'Warehouse', { vpc: existingVpc(stack) });
    return new ZeroEtlIntegration(stack, 'Feed', { source: importedSource(stack), target, databaseName: 'shop', ...props });
  };

const CREATED = Match.objectLike({ Action: 'redshift:CreateInboundIntegration' });

describe('a zero-ETL integration', () => {
  test('copies all tables of one database', () => {
    templateOf(fed()).hasResourceProperties('AWS::RDS::Integration', {
      DataFilter: 'include: shop.*.*',
      TargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^WarehouseNamespace'), 'Namespace.NamespaceArn'] },
      KMSKeyId: Match.absent(),
    });
    templateOf(fed({ tables: ['public.orders', 'public.users'] })).hasResourceProperties('AWS::RDS::Integration', {
      DataFilter: 'include: shop.public.orders, include: shop.public.users',
    });
  });

  test('is authorized on the namespace for its source alone', () => {
    templateOf(fed()).hasResourceProperties('AWS::RedshiftServerless::Namespace', {
      NamespaceResourcePolicy: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'redshift:AuthorizeInboundIntegration',
            Principal: { Service: 'redshift.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceArn': Match.anyValue() } },
            Resource: Match.absent(),
          },
          CREATED,
        ],
      },
    });
  });

  test('shares the permission to create with a second one', () => {
    templateOf((stack) => {
      const { target } = { target: new Warehouse(stack, 'Warehouse', { vpc: existingVpc(stack) }) };
      for (const name of ['a', 'b']) {
        const source = rds.DatabaseCluster.fromDatabaseClusterAttributes(stack, `Db${name}`, { clusterIdentifier: name });
        new ZeroEtlIntegration(stack, `Feed${name}`, { source, target, databaseName: name });
      }
    }).hasResourceProperties('AWS::RedshiftServerless::Namespace', {
      NamespaceResourcePolicy: { Statement: [Match.anyValue(), CREATED, Match.anyValue()] },
    });
  });

  test('waits for the writer and for the workgroup', () => {
    const template = templateOf((stack) => {
      const vpc = new ec2.Vpc(stack, 'SourceVpc', { availabilityZones: ['us-east-1a', 'us-east-1b'] });
      const source = new rds.DatabaseCluster(stack, 'Aurora', {
        vpc,
        engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_6 }),
        writer: rds.ClusterInstance.serverlessV2('writer'),
      });
      fed({ source })(stack);
    });
    const [writer] = Object.keys(template.findResources('AWS::RDS::DBInstance'));
    const [workgroup] = Object.keys(template.findResources('AWS::RedshiftServerless::Workgroup'));
    template.hasResource('AWS::RDS::Integration', { DependsOn: Match.arrayWith([writer, workgroup].sort()) });
  });

  test('opens a key of the account to Redshift', () => {
    const template = templateOf((stack) => fed({ encryptionKey: new kms.Key(stack, 'Key') })(stack));
    template.hasResourceProperties('AWS::RDS::Integration', {
      KMSKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'kms:Encrypt', Principal: { Service: 'redshift.amazonaws.com' } }),
          Match.objectLike({ Action: 'kms:CreateGrant', Principal: { Service: 'redshift.amazonaws.com' } }),
        ]),
      },
    });
  });

  test('comes to a running warehouse, changes its tables and goes, and the warehouse stays', () => {
    const before = (stack: Stack) => {
      new Warehouse(stack, 'Warehouse', { vpc: existingVpc(stack) });
    };
    expect(losses(before, fed())).toEqual([]);
    expect(losses(fed(), fed({ tables: ['public.*'] }))).toEqual([]);
    expect(losses(fed(), before)).toEqual(['AWS::RDS::Integration WILL_DESTROY']);
  });

  test.each<[Partial<ZeroEtlIntegrationProps>, string]>([
    [
      { databaseName: 'my shop' },
      "databaseName must be a plain PostgreSQL name (letters, digits, underscores, not starting with a digit), got: 'my shop'",
    ],
    [
      { databaseName: '' },
      "databaseName must be a plain PostgreSQL name (letters, digits, underscores, not starting with a digit), got: ''",
    ],
    [{ tables: ['orders'] }, "tables must each be schema.table, such as public.orders or *.*, got: 'orders'"],
    [{ tables: [] }, 'tables must name at least one table, got none: leave it out to copy all'],
  ])('refuses %j', (props, message) => {
    expect(() => fed(props)(testStack())).toThrow(message);
  });

  test('works in a stack without an environment, and breaks no policy', () => {
    const stack = agnosticStack();
    fed()(stack);
    expect(nagFindings(stack)).toEqual([]);
  });
});
