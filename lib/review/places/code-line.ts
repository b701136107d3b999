import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceLine } from './place';

/** A frame of a stack trace. */
interface Frame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The line that the user of a library wrote: the first frame outside of `node_modules` and of the CDK. */
export function userLine(trace: string[]): SourceLine | undefined {
  return firstLine(trace, (file) => !/[/\\](node_modules|aws-cdk-lib)[/\\]/.test(file));
}

/**
 * The first line of a stack trace that is wanted, in the language it was written in.
 *
 * @param trace frames as the CDK keeps them, the innermost first
 * @param wanted says so of the file as it ran
 */
export function firstLine(trace: string[], wanted: (file: string) => boolean): SourceLine | undefined {
  for (const text of trace) {
    const frame = parse(text);
    if (frame && wanted(frame.file)) return fromRoot(original(frame));
  }
  return undefined;
}

/** `name (file:line:column)`, or without the name or the column; the CDK puts `...aws-cdk-lib...` where it left frames out. */
function parse(text: string): Frame | undefined {
  const match = /^(?:.*\()?((?:file:\/\/)?[^()]+?):(\d+)(?::(\d+))?\)?$/.exec(text.trim().replace(/^at (async )?/, ''));
  if (!match || /^(node:|internal\/|<|\.\.\.)/.test(match[1])) return undefined;
  const file = match[1].startsWith('file://') ? fileURLToPath(match[1]) : match[1];
  return { file, line: Number(match[2]), column: Number(match[3] ?? 1) };
}

/** Source maps by the file they belong to: a hundred constructs are made in one. */
const maps = new Map<string, { readonly map: SourceMap; readonly folder: string } | undefined>();

/** Where a line of a compiled file comes from, if its source is at hand. */
function original({ file, line, column }: Frame): SourceLine {
  if (!maps.has(file)) maps.set(file, sourceMap(file));
  const known = maps.get(file);
  const entry = known?.map.findEntry(line - 1, column - 1);
  if (!known || !entry || !('originalSource' in entry)) return { file, line };
  const source = resolve(known.folder, entry.originalSource.replace(/^file:\/\//, ''));
  return existsSync(source) ? { file: source, line: entry.originalLine + 1 } : { file, line };
}

function sourceMap(file: string): { map: SourceMap; folder: string } | undefined {
  if (!/\.[cm]?js$/.test(file) || !existsSync(file)) return undefined;
  const url = [...readFileSync(file, 'utf8').matchAll(/^\/\/# sourceMappingURL=(\S+)\s*$/gm)].at(-1)?.[1];
  if (url === undefined) return undefined;
  try {
    const inline = /^data:application\/json[^,]*;base64,(.*)$/.exec(url)?.[1];
    const payload = JSON.parse(
      inline ? Buffer.from(inline, 'base64').toString() : readFileSync(join(dirname(file), url), 'utf8'),
    );
    return { map: new SourceMap({ ...payload, sourceRoot: '' }), folder: resolve(dirname(file), payload.sourceRoot ?? '') };
  } catch {
    // A map that is missing or broken says nothing; the compiled line is still right.
    return undefined;
  }
}

/** A file is told from the working directory where it lies below it, as people type it. */
function fromRoot({ file, line }: SourceLine): SourceLine {
  const near = isAbsolute(file) ? relative(process.cwd(), file) : file;
  return { file: near.startsWith('..') || isAbsolute(near) ? file : near.replaceAll('\\', '/'), line };
}
