import type { Assembly } from '../../assembly/cloud-assembly';
import { isObject } from '../../assembly/values';
import { type DeployedResource, deployedResources } from './deployed-resources';
import { writtenOut } from './written-out';

/** What a server runs when it starts. */
export interface UserData extends DeployedResource {
  readonly property: string;
  /** `${...}` stands for what only a deploy knows. */
  readonly script: string;
}

/** Types that have user data, and where. */
const PLACES: Record<string, string> = {
  'AWS::EC2::Instance': 'UserData',
  'AWS::AutoScaling::LaunchConfiguration': 'UserData',
  'AWS::EC2::LaunchTemplate': 'LaunchTemplateData.UserData',
};

export const USER_DATA_TYPES = Object.keys(PLACES);

/** The user data of all servers, decoded. */
export function userData(assembly: Assembly): UserData[] {
  return deployedResources(assembly, ...USER_DATA_TYPES).flatMap((resource) => {
    const property = PLACES[resource.type];
    const value = property.split('.').reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), resource.properties);
    if (value === undefined) return [];
    const encoded = isObject(value) ? value['Fn::Base64'] : undefined;
    const script = encoded === undefined ? Buffer.from(writtenOut(value), 'base64').toString('utf8') : writtenOut(encoded);
    return [{ ...resource, property, script }];
  });
}
