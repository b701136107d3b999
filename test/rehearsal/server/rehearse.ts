import type { Machine } from './guest';

let broken: string | undefined;

/** Prints one line of what was seen, past jest's own report. */
export function teller(rehearsal: string): (line: string) => void {
  return (line) => void process.stdout.write(`      ${rehearsal}: ${line}\n`);
}

/**
 * A case of a rehearsal. Cases build on one another, so after one that failed the others fail too, with its name; what the server's
 * log says goes with the error.
 */
export function rehearse(machine: () => Machine | undefined, name: string, body: () => void): void {
  test(name, () => {
    if (broken !== undefined) throw new Error(`not run, because this failed before: ${broken}`);
    try {
      body();
    } catch (error) {
      broken = name;
      if (error instanceof Error)
        error.message += `\n\nThe last words of the server:\n${machine()?.lastWords() ?? '(there is no server)'}`;
      throw error;
    }
  });
}
