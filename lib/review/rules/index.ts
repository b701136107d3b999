import { actionWildcardMatchesNothing } from './action-wildcard-matches-nothing';
import { addressFamiliesRoutedApart } from './address-families-routed-apart';
import { adminStatement } from './admin-statement';
import { administratorManagedPolicy } from './administrator-managed-policy';
import { aliasOnTwoDistributions } from './alias-on-two-distributions';
import { aliasesWithoutCertificate } from './aliases-without-certificate';
import { allowByExclusion } from './allow-by-exclusion';
import { backupPlanTooShort } from './backup-plan-too-short';
import { brokerCount } from './broker-count';
import { brokerType } from './broker-type';
import { bucketExpiresObjects } from './bucket-expires-objects';
import { bucketReplicationVersioning } from './bucket-replication-versioning';
import { cacheDurability } from './cache-durability';
import { cacheGlobalDatastore } from './cache-global-datastore';
import { cacheLoginWithoutTls } from './cache-login-without-tls';
import { cacheMultiAzWithoutReplica } from './cache-multi-az-without-replica';
import { cacheNodeType } from './cache-node-type';
import { cacheParameterFamily } from './cache-parameter-family';
import { cidrOutOfRange } from './cidr-out-of-range';
import { cidrWithHostBits } from './cidr-with-host-bits';
import { cloudfrontWebAclOutsideUsEast1 } from './cloudfront-web-acl-outside-us-east-1';
import { cnameBesideOtherRecords } from './cname-beside-other-records';
import { crossAccountPrincipal } from './cross-account-principal';
import { dataPortOnPublicLoadBalancer } from './data-port-on-public-load-balancer';
import { dataPortOpenToTheWorld } from './data-port-open-to-the-world';
import { databaseBackupsTooShort } from './database-backups-too-short';
import { databaseInsightsRetention } from './database-insights-retention';
import { databaseParameterFamily } from './database-parameter-family';
import { databaseUnencrypted } from './database-unencrypted';
import { deadLetterQueueElsewhere } from './dead-letter-queue-elsewhere';
import { deadLetterRetention } from './dead-letter-retention';
import { deletionProtectionOff } from './deletion-protection-off';
import { desiredCountOutsideRange } from './desired-count-outside-range';
import { duplicateRoutingRecord } from './duplicate-routing-record';
import { failoverPrimaryWithoutHealthCheck } from './failover-primary-without-health-check';
import { failoverSetIncomplete } from './failover-set-incomplete';
import { federatedTrustWithoutSubject } from './federated-trust-without-subject';
import { geoSetWithoutDefault } from './geo-set-without-default';
import { globalClusterCapacity } from './global-cluster-capacity';
import { globalClusterCredentials } from './global-cluster-credentials';
import { globalClusterEngine } from './global-cluster-engine';
import { globalClusterInstanceClass } from './global-cluster-instance-class';
import { globalClusterLink } from './global-cluster-link';
import { healthCheckNotThere } from './health-check-not-there';
import { importAcrossRegions } from './import-across-regions';
import { ingestionPipelinePublic } from './ingestion-pipeline-public';
import { kafkaReplicationFactor } from './kafka-replication-factor';
import { kafkaWithoutLogin } from './kafka-without-login';
import { keyInTemplate } from './key-in-template';
import { keyWithoutAdministrator } from './key-without-administrator';
import { listenerCertificateInAnotherRegion } from './listener-certificate-in-another-region';
import { loadBalancerZones } from './load-balancer-zones';
import { mixedRoutingPolicies } from './mixed-routing-policies';
import { openToTheWorld } from './open-to-the-world';
import { originIdWithoutOrigin } from './origin-id-without-origin';
import { overlappingSubnets } from './overlapping-subnets';
import { plainHttpForwarded } from './plain-http-forwarded';
import { plaintextSecret } from './plaintext-secret';
import { privilegeEscalation } from './privilege-escalation';
import { publiclyAccessible } from './publicly-accessible';
import { queueClosedToSender } from './queue-closed-to-sender';
import { queueKeyClosedToSender } from './queue-key-closed-to-sender';
import { queueRetention } from './queue-retention';
import { queueSingleReceive } from './queue-single-receive';
import { queueVisibility } from './queue-visibility';
import { readReplicaWithoutBackups } from './read-replica-without-backups';
import { replicaKeyPrimary } from './replica-key-primary';
import { replicatorPrerequisites } from './replicator-prerequisites';
import { resourcePolicyOpenToAnyone } from './resource-policy-open-to-anyone';
import { routedAliasIgnoresHealth } from './routed-alias-ignores-health';
import { routingRecordWithoutSetIdentifier } from './routing-record-without-set-identifier';
import type { TemplateRule } from './rule';
import { s3OriginWithoutAccessControl } from './s3-origin-without-access-control';
import { scalingRange } from './scaling-range';
import { searchNodes } from './search-nodes';
import { searchNodesUneven } from './search-nodes-uneven';
import { secretInUserData } from './secret-in-user-data';
import { secretReplicaRegions } from './secret-replica-regions';
import { secretResolvedInTheOpen } from './secret-resolved-in-the-open';
import { serverlessCapacity } from './serverless-capacity';
import { serverlessNeverPauses } from './serverless-never-pauses';
import { serverlessWithoutCapacity } from './serverless-without-capacity';
import { serviceHealthGrace } from './service-health-grace';
import { servicePrincipalWithoutSource } from './service-principal-without-source';
import { setIdentifierWithoutRouting } from './set-identifier-without-routing';
import { sharedWithAnotherAccount } from './shared-with-another-account';
import { stackOutputMissing } from './stack-output-missing';
import { stackOutputOfAStranger } from './stack-output-of-a-stranger';
import { stateNotKept } from './state-not-kept';
import { subnetGroupZones } from './subnet-group-zones';
import { subnetOutsideVpc } from './subnet-outside-vpc';
import { tableReplicas } from './table-replicas';
import { tableWithoutRecovery } from './table-without-recovery';
import { targetGroupWithoutHealthCheckPath } from './target-group-without-health-check-path';
import { templateNearLimits } from './template-near-limits';
import { templateTooLarge } from './template-too-large';
import { trustOpenToAnyone } from './trust-open-to-anyone';
import { unknownAction } from './unknown-action';
import { userPoolClientFlows } from './user-pool-client-flows';
import { viewerCertificateOutsideUsEast1 } from './viewer-certificate-outside-us-east-1';
import { viewerProtocolAllowAll } from './viewer-protocol-allow-all';
import { viewerTlsBelow2021 } from './viewer-tls-below-2021';
import { warehouseCapacity } from './warehouse-capacity';
import { webAclAssociationMismatch } from './web-acl-association-mismatch';
import { webAclBlocksNothing } from './web-acl-blocks-nothing';
import { webAclNotForCloudfront } from './web-acl-not-for-cloudfront';
import { writeForwarding } from './write-forwarding';
import { zeroEtlSource } from './zero-etl-source';
import { zoneOfAnotherRegion } from './zone-of-another-region';

/** Our own rules, by id. */
export const RULES: TemplateRule[] = [
  actionWildcardMatchesNothing,
  addressFamiliesRoutedApart,
  adminStatement,
  administratorManagedPolicy,
  aliasOnTwoDistributions,
  aliasesWithoutCertificate,
  allowByExclusion,
  backupPlanTooShort,
  brokerCount,
  brokerType,
  bucketExpiresObjects,
  bucketReplicationVersioning,
  cacheDurability,
  cacheGlobalDatastore,
  cacheLoginWithoutTls,
  cacheMultiAzWithoutReplica,
  cacheNodeType,
  cacheParameterFamily,
  cidrOutOfRange,
  cidrWithHostBits,
  cloudfrontWebAclOutsideUsEast1,
  cnameBesideOtherRecords,
  crossAccountPrincipal,
  dataPortOnPublicLoadBalancer,
  dataPortOpenToTheWorld,
  databaseBackupsTooShort,
  databaseInsightsRetention,
  databaseParameterFamily,
  databaseUnencrypted,
  deadLetterQueueElsewhere,
  deadLetterRetention,
  deletionProtectionOff,
  desiredCountOutsideRange,
  duplicateRoutingRecord,
  failoverPrimaryWithoutHealthCheck,
  failoverSetIncomplete,
  federatedTrustWithoutSubject,
  geoSetWithoutDefault,
  globalClusterCapacity,
  globalClusterCredentials,
  globalClusterEngine,
  globalClusterInstanceClass,
  globalClusterLink,
  healthCheckNotThere,
  importAcrossRegions,
  ingestionPipelinePublic,
  kafkaReplicationFactor,
  kafkaWithoutLogin,
  keyInTemplate,
  keyWithoutAdministrator,
  listenerCertificateInAnotherRegion,
  loadBalancerZones,
  mixedRoutingPolicies,
  openToTheWorld,
  originIdWithoutOrigin,
  overlappingSubnets,
  plainHttpForwarded,
  plaintextSecret,
  privilegeEscalation,
  publiclyAccessible,
  queueClosedToSender,
  queueKeyClosedToSender,
  queueRetention,
  queueSingleReceive,
  queueVisibility,
  readReplicaWithoutBackups,
  replicaKeyPrimary,
  replicatorPrerequisites,
  resourcePolicyOpenToAnyone,
  routedAliasIgnoresHealth,
  routingRecordWithoutSetIdentifier,
  s3OriginWithoutAccessControl,
  scalingRange,
  searchNodes,
  searchNodesUneven,
  secretInUserData,
  secretReplicaRegions,
  secretResolvedInTheOpen,
  serverlessCapacity,
  serverlessNeverPauses,
  serverlessWithoutCapacity,
  serviceHealthGrace,
  servicePrincipalWithoutSource,
  setIdentifierWithoutRouting,
  sharedWithAnotherAccount,
  stackOutputMissing,
  stackOutputOfAStranger,
  stateNotKept,
  subnetGroupZones,
  subnetOutsideVpc,
  tableReplicas,
  tableWithoutRecovery,
  targetGroupWithoutHealthCheckPath,
  templateNearLimits,
  templateTooLarge,
  trustOpenToAnyone,
  unknownAction,
  userPoolClientFlows,
  viewerCertificateOutsideUsEast1,
  viewerProtocolAllowAll,
  viewerTlsBelow2021,
  warehouseCapacity,
  webAclAssociationMismatch,
  webAclBlocksNothing,
  webAclNotForCloudfront,
  writeForwarding,
  zeroEtlSource,
  zoneOfAnotherRegion,
];
