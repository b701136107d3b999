/** Numbers of a version: `8.0.mysql_aurora.3.05.2` is Aurora MySQL 3.5.2. */
function numbers(version: string): number[] {
  const own = /mysql_aurora\.(.+)$/.exec(version)?.[1] ?? version;
  return own.split(/[.-]/).map((part) => Number.parseInt(part, 10));
}

/** Whether a version is at least another one. Parts that are not written count as unknown: `16` may be any 16. */
export function isAtLeast(version: string, least: string): boolean {
  const [left, right] = [numbers(version), numbers(least)];
  for (const [index, wanted] of right.entries()) {
    const part = left[index];
    if (part === undefined || Number.isNaN(part)) return true;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

/** First version, within each major version, that can do something. Majors above the highest can, those below the lowest cannot. */
export type FirstVersions = Readonly<Record<number, string>>;

/** Whether an engine version has what came to each major version at a minor of its own. */
export function hasSince(version: string, first: FirstVersions): boolean {
  const major = numbers(version)[0];
  const majors = Object.keys(first).map(Number);
  if (major in first) return isAtLeast(version, first[major]);
  return major > Math.max(...majors);
}

/** The major version: 16 of `16.13`, 3 of `8.0.mysql_aurora.3.05.2`. */
export function majorOf(version: string): number {
  return numbers(version)[0];
}
