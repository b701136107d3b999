import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { bootScript } from './server/server-scripts';

/** What the server's scripts must know of the stack they run in. Nothing here is secret: whoever may describe the server reads it. */
export interface ServerSettings {
  /** Region of the stack. */
  readonly region: string;
  /** Domain of the AWS endpoints in this partition. */
  readonly urlSuffix: string;
  /** Stack that waits for the signal. */
  readonly stackName: string;
  /** Logical id of the Auto Scaling group, which waits for the signal. */
  readonly signalResource: string;
  /** Document with the script of the machine. */
  readonly scriptDocument: string;
  /** SHA-256 of that script: the machine runs no other. */
  readonly scriptSha256: string;
  /** Volume to attach. */
  readonly volumeId: string;
  /** Public address to take over. */
  readonly allocationId: string;
  /** Name of the parameter with the release to run. */
  readonly releaseParameter: string;
  /** Log group to write to. */
  readonly logGroup: string;
  /** Namespace of the metrics. */
  readonly metricNamespace: string;
  /** Bucket for the nightly dumps; empty for none. */
  readonly dumpBucket: string;
  /** Name of the site; empty for plain HTTP. */
  readonly domain: string;
  /** Directory of the authority that signs the certificate (ACME, RFC 8555). */
  readonly acmeDirectory: string;
  /** Whether PostgreSQL runs here. */
  readonly databaseOnServer: boolean;
  /** Name of the database and of the role that owns it. */
  readonly databaseName: string;
}

/** EC2 takes 16 KB of user data before base64 (EC2 user guide, "Run commands at launch"). */
export const USER_DATA_LIMIT = 16_384;

/** Where the settings end; boot.sh looks for this line. */
const END_OF_SETTINGS = '# END OF SETTINGS';

/**
 * The user data of a server: the settings as read-only shell variables, then what brings the machine's script from its document.
 *
 * Plain text: compressing would save space, but its bytes differ between Node.js versions, and other user data means another server.
 */
export function serverUserData(settings: ServerSettings): ec2.UserData {
  const variables = Object.entries(settings).map(([name, value]) => {
    const variable = name.replace(/[A-Z]/g, '_$&').toUpperCase();
    return `readonly ${variable}=${quote(String(value))}`;
  });
  // A boothook, which cloud-init runs at every start: a plain script runs once, even if the power went in the middle of it.
  const lines = ['#cloud-boothook', '#!/bin/bash', 'set -euo pipefail', ...variables, END_OF_SETTINGS, ...bootScript()];
  return ec2.UserData.custom(lines.join('\n').concat('\n'));
}

/** Single quotes: the shell expands nothing inside. A CloudFormation reference inside stays one. */
function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
