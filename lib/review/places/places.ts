import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { type Assembly, type AssemblyStack, everyStack } from '../../assembly/cloud-assembly';
import { userLine } from './code-line';
import type { Place } from './place';
import { type LineRange, type TemplateLines, templateLines } from './template-lines';

/** Tells where the entries of templates stand. */
export interface Places {
  /** Where something in a stack stands: a resource, or a parameter, an output ... of that logical id. An empty one means the stack. */
  place(stack: AssemblyStack, logicalId: string): Place;
  /** What stands on a line of a template file, known by a path that may be absolute, relative to anything, or only a name. */
  at(file: string, line: number): Place | undefined;
  /** Construct path to the end, such as `Shop/Jobs/Resource`, where `place.path` leaves `Resource` out. */
  fullPath(place: Place): string | undefined;
  /** The resource at a construct path, or else the first one below it. */
  below(path: string): Place | undefined;
}

/**
 * The places of an assembly. Asked about a stack of another one, such as an earlier state, they answer as well.
 */
export function placesOf(assembly: Assembly): Places {
  const stacks = everyStack(assembly);
  const byFile = new Map(stacks.map((stack) => [templateFile(assembly, stack), stack]));
  const place = (stack: AssemblyStack, logicalId: string): Place => {
    const path = pathOf(stack, logicalId);
    const line = entryOf(stack, logicalId)?.lines.first;
    const source = userLine(stack.constructs?.[logicalId]?.trace ?? []);
    return {
      stack: stack.constructPath ?? stack.stackName,
      region: stack.region,
      templateFile: templateFile(assembly, stack),
      logicalId,
      type: typeOf(stack, logicalId),
      ...(path === undefined ? {} : { path }),
      ...(line === undefined ? {} : { line }),
      ...(source === undefined ? {} : { source }),
    };
  };
  const fullPath = ({ templateFile: file, logicalId, path }: Place) => byFile.get(file)?.constructs?.[logicalId]?.path ?? path;
  return {
    place,
    at: (file, line) => {
      const stack = fileNamed(file, byFile);
      const found = stack && entryAt(linesOf(stack), line);
      return found === undefined ? undefined : place(stack!, found);
    },
    fullPath,
    below: (path) => {
      let first: Place | undefined;
      for (const stack of stacks) {
        for (const logicalId of Object.keys(stack.template.Resources ?? {})) {
          const found =
            stack.constructs?.[logicalId]?.path ??
            pathOf(stack, logicalId) ??
            `${stack.constructPath ?? stack.stackName}/${logicalId}`;
          if (found === path) return place(stack, logicalId);
          if (path === '' || found.startsWith(`${path}/`)) first ??= place(stack, logicalId);
        }
      }
      return first;
    },
  };
}

/** The template file from the assembly's folder: templates of a `Stage` lie in a folder of their own. */
function templateFile({ directory }: Assembly, stack: AssemblyStack): string {
  const below = relative(directory, stack.templatePath ?? '').replaceAll('\\', '/');
  return stack.templatePath === undefined || below.startsWith('..') || isAbsolute(below) ? stack.templateFile : below;
}

function pathOf(stack: AssemblyStack, logicalId: string): string | undefined {
  if (logicalId === '') return stack.constructPath;
  // The CDK writes it into the template too, which outlives a lost manifest entry.
  const written = stack.template.Resources?.[logicalId]?.Metadata?.['aws:cdk:path'];
  return stack.paths[logicalId] ?? (typeof written === 'string' ? written.replace(/\/Resource$/, '') : undefined);
}

function typeOf({ template }: AssemblyStack, logicalId: string): string {
  if (logicalId === '') return 'Template';
  const resource = template.Resources?.[logicalId]?.Type;
  if (resource !== undefined) return resource;
  const section = Object.keys(template).find((name) => logicalId in Object(template[name]));
  return section === undefined ? 'unknown' : section.replace(/s$/, '');
}

const lines = new WeakMap<AssemblyStack, TemplateLines>();

function linesOf(stack: AssemblyStack): TemplateLines {
  let known = lines.get(stack);
  if (!known) {
    const file = stack.templatePath;
    known = file !== undefined && existsSync(file) ? templateLines(readFileSync(file, 'utf8')) : new Map();
    lines.set(stack, known);
  }
  return known;
}

function entryOf(stack: AssemblyStack, logicalId: string): { lines: LineRange } | undefined {
  const sections = linesOf(stack);
  const found = [sections.get('Resources'), ...sections.values()].find((section) => section?.has(logicalId));
  return found && { lines: found.get(logicalId)! };
}

/** Resources come first: a template on one line has everything on it. */
function entryAt(sections: TemplateLines, line: number): string | undefined {
  for (const section of [sections.get('Resources'), ...sections.values()]) {
    for (const [id, { first, last }] of section ?? []) if (first <= line && line <= last) return id;
  }
  return undefined;
}

/** The stack whose template a file name means: the one that ends alike the longest, if there is only one. */
function fileNamed(file: string, byFile: Map<string, AssemblyStack>): AssemblyStack | undefined {
  const wanted = segments(file);
  const rated = [...byFile].map(([name, stack]) => ({ stack, common: commonEnd(segments(stack.templatePath ?? name), wanted) }));
  const most = Math.max(1, ...rated.map(({ common }) => common));
  const best = rated.filter(({ common }) => common === most);
  return best.length === 1 ? best[0].stack : undefined;
}

function segments(file: string): string[] {
  return file.split(/[/\\]/).filter((segment) => segment !== '' && segment !== '.');
}

function commonEnd(left: string[], right: string[]): number {
  let count = 0;
  while (count < Math.min(left.length, right.length) && left.at(-1 - count) === right.at(-1 - count)) count++;
  return count;
}
