import { Token } from 'aws-cdk-lib';

/**
 * Checks addresses that the sign-in pages may send people back to.
 * @throws if one is not absolute, or in clear text beyond the machine of a developer
 */
export function checkReturnAddresses(name: string, urls: string[]): void {
  for (const url of urls) {
    // Schemes of mobile applications, such as myapp://signed-in, are fine too.
    if (
      Token.isUnresolved(url) ||
      (/^[a-z][a-z0-9+.-]*:\/\/\S+$/.test(url) && !/^http:\/\/(?!localhost[:/]|localhost$)/.test(url))
    )
      continue;
    throw new Error(`${name} must be absolute addresses with https://, or http://localhost for development, got: '${url}'`);
  }
}
