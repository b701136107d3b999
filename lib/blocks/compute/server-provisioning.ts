import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** What `provision.sh` must know of the stack it runs in. Nothing here is secret: whoever may describe the server reads it. */
export interface ServerSettings {
  /** Region of the stack. */
  readonly region: string;
  /** Domain of the AWS endpoints in this partition. */
  readonly urlSuffix: string;
  /** Stack that waits for the signal. */
  readonly stackName: string;
  /** Logical id of the Auto Scaling group, which waits for the signal. */
  readonly signalResource: string;
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
  /** Name of the site; empty for plain HTTP. */
  readonly domain: string;
  /** Whether PostgreSQL runs here. */
  readonly databaseOnServer: boolean;
  /** Name of the database and of the role that owns it. */
  readonly databaseName: string;
}

/** EC2 takes 16 KB of user data before base64 (EC2 user guide, "Run commands at launch"). */
export const USER_DATA_LIMIT = 16_384;

/**
 * The user data of a server: the settings as read-only shell variables, then `provision.sh`.
 *
 * Lines that only hold a comment, and indentation, stay at home to fit the limit. Compressing would fit too, but its bytes
 * differ between Node.js versions, and other user data means another server.
 */
export function serverUserData(settings: ServerSettings): ec2.UserData {
  const variables = Object.entries(settings).map(([name, value]) => {
    const variable = name.replace(/[A-Z]/g, '_$&').toUpperCase();
    return `readonly ${variable}=${quote(String(value))}`;
  });
  return ec2.UserData.custom(['#!/bin/bash', ...variables, ...provisioningScript()].join('\n').concat('\n'));
}

/** The lines of `provision.sh` that do something. */
export function provisioningScript(): string[] {
  return readFileSync(join(__dirname, 'provision.sh'), 'utf8')
    .split('\n')
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Single quotes: the shell expands nothing inside. A CloudFormation reference inside stays one. */
function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
