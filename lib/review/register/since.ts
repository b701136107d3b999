import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { SourceLine } from '../places/place';

const run = promisify(execFile);

/** Tells since when a line of code stands as it does. */
export type Since = (where: SourceLine) => string | undefined;

/**
 * Since when lines of code stand as they do: the day of their commit, `not committed`, or the version of the package they
 * lie in. Nothing where nobody can tell.
 */
export async function sinceOf(lines: SourceLine[]): Promise<Since> {
  const byFile = new Map<string, Set<number>>();
  for (const { file, line } of lines) byFile.set(file, (byFile.get(file) ?? new Set()).add(line));
  const known = new Map(
    await Promise.all([...byFile].map(async ([file, wanted]) => [file, await days(file, [...wanted])] as const)),
  );
  return ({ file, line }) => known.get(file)?.get(line);
}

async function days(file: string, lines: number[]): Promise<Map<number, string>> {
  if (/(^|[/\\])node_modules[/\\]/.test(file)) {
    const version = packageVersion(file);
    return new Map(version === undefined ? [] : lines.map((line) => [line, version]));
  }
  // git refuses to run at all if one of the lines is not there.
  const inFile = existsSync(file) ? readFileSync(file, 'utf8').split('\n').length : 0;
  const wanted = lines.filter((line) => line > 0 && line <= inFile);
  if (wanted.length === 0) return new Map();
  try {
    const ranges = wanted.flatMap((line) => ['-L', `${line},${line}`]);
    const args = ['blame', '--porcelain', ...ranges, '--', basename(file)];
    const { stdout } = await run('git', args, { cwd: dirname(resolve(file)), maxBuffer: 64 * 1024 * 1024 });
    return blamed(stdout);
  } catch {
    // No git, no repository, or a file it does not keep: nobody can tell.
    return new Map();
  }
}

/** Days by line. The porcelain names a commit's time with its first line only. */
function blamed(porcelain: string): Map<number, string> {
  const times = new Map<string, number>();
  const commits = new Map<number, string>();
  let commit = '';
  for (const text of porcelain.split('\n')) {
    const head = /^([0-9a-f]{40,64}) \d+ (\d+)/.exec(text);
    if (head) {
      commit = head[1];
      commits.set(Number(head[2]), commit);
    }
    const time = /^author-time (\d+)$/.exec(text);
    if (time) times.set(commit, Number(time[1]));
  }
  const day = (one: string) => (/^0+$/.test(one) ? 'not committed' : new Date(times.get(one)! * 1000).toISOString().slice(0, 10));
  return new Map([...commits].map(([line, one]) => [line, day(one)]));
}

function packageVersion(file: string): string | undefined {
  for (let folder = dirname(resolve(file)); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const { name, version } = JSON.parse(readFileSync(manifest, 'utf8'));
    // A package may keep a package.json below its own that only says which modules lie there.
    if (name !== undefined && version !== undefined) return `${name} ${version}`;
  }
  return undefined;
}
