#!/usr/bin/env node
const USAGE = `scale-tiers COMMAND ...

  check BEFORE AFTER   what deploying one cloud assembly over another does to everything that holds state
  plan BEFORE AFTER    the deploys, in order, that lead safely from one to the other
  review ASSEMBLY      one page on which somebody can sign for the templates: every check, every acknowledgement
  lock                 write or verify the committed record of what must keep its identity

scale-tiers COMMAND --help tells more.
`;

/** A subcommand, in a file of its own that is loaded only when it runs. */
interface Command {
  run(args: string[]): Promise<number>;
}

const COMMANDS = ['check', 'plan', 'review', 'lock'];

/** Runs the command line; resolves to the exit code. */
export async function run(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (!COMMANDS.includes(name)) {
    process.stderr.write(
      name === undefined ? USAGE : `scale-tiers: unknown command '${name}', choose one of ${COMMANDS.join(', ')}\n`,
    );
    return 2;
  }
  const command = require(`./commands/${name}`) as Command;
  return command.run(rest);
}

if (require.main === module) {
  // `scale-tiers check ... | head` closes the pipe early: what was asked for has been read.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  run(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(`scale-tiers: ${error instanceof Error ? error.stack : String(error)}\n`);
      process.exitCode = 2;
    },
  );
}
