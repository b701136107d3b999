import { isObject } from '../../../assembly/values';
import { answer, isOn } from '../answers';
import type { Landscape, Thing } from '../landscape';
import { ANYONE, type Door } from './door';

/** Directories of users: their sign-in is an address on the internet, whether or not they have pages of their own. */
export function userDoors(landscape: Landscape): Door[] {
  return [
    ...landscape.ofType('AWS::Cognito::UserPoolDomain').map((domain) => domainDoor(domain, landscape)),
    ...landscape.ofType('AWS::Cognito::UserPool').map(poolDoor),
    ...landscape.ofType('AWS::Cognito::IdentityPool').flatMap((pool) => guestDoor(pool, landscape)),
  ];
}

function domainDoor(domain: Thing, landscape: Landscape): Door {
  const pool = landscape.firstBehind(domain.properties.UserPoolId, domain.stack, 'AWS::Cognito::UserPool');
  return { kind: 'sign-in pages', from: ANYONE, ports: 'tcp 443', path: [domain, ...(pool ? [pool] : [])], guards: [] };
}

function poolDoor(pool: Thing): Door {
  const { AdminCreateUserConfig, MfaConfiguration } = pool.properties;
  // "AllowAdminCreateUserOnly: ... false (the default)" users may sign up by themselves (Cognito API, AdminCreateUserConfigType).
  const closed = isOn(isObject(AdminCreateUserConfig) ? AdminCreateUserConfig.AllowAdminCreateUserOnly : undefined);
  const guards = ['sign-in by its users'];
  if (closed === 'yes') guards.push('only administrators make users');
  const second = answer(MfaConfiguration, (setting) => setting === 'ON');
  if (second === 'yes') guards.push('second factor required');
  else if (MfaConfiguration === 'OPTIONAL') guards.push('second factor for those who set one up');
  const from = closed === 'yes' ? ANYONE : closed === 'no' ? 'anyone, who may sign up' : 'anyone, who may be allowed to sign up';
  return { kind: 'user pool', from, ports: 'tcp 443', path: [pool], guards };
}

/** Guests get credentials of a role without any sign-in. */
function guestDoor(pool: Thing, landscape: Landscape): Door[] {
  const guests = isOn(pool.properties.AllowUnauthenticatedIdentities);
  if (guests === 'no') return [];
  const roles = landscape
    .referrers(pool, 'AWS::Cognito::IdentityPoolRoleAttachment', 'IdentityPoolId')
    .flatMap(({ properties, stack }) =>
      landscape.behind(isObject(properties.Roles) ? properties.Roles.unauthenticated : undefined, stack),
    );
  const from = guests === 'yes' ? 'anyone, as a guest' : 'anyone, if a deploy lets guests in';
  return [{ kind: 'identity pool', from, ports: 'tcp 443', path: [pool, ...roles], guards: [] }];
}
