import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TalkError } from '../../../preload/contract/errors.ts';

/**
 * Programs that may be ports, under the names their addresses have. Only the command line writes this list: whoever can write it
 * can run programs, and a page cannot.
 */
export const approvedCommand = z.object({
  name: z.string().regex(/^[\w.-]{1,64}$/),
  /** Program and arguments, as they are: no shell reads them. */
  argv: z.array(z.string().max(4096)).min(1).max(100),
  description: z.string().max(200).optional(),
});
export type ApprovedCommand = z.infer<typeof approvedCommand>;

const FILE = 'commands.json';

/** Throws TalkError 'bad-request' {issues} for a file that was spoilt by hand, or cannot be read: it must not be taken for empty and replaced. */
export async function readCommands(dataDirectory: string): Promise<ApprovedCommand[]> {
  const text = await readFile(join(dataDirectory, FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new TalkError('bad-request', { issues: [{ path: FILE, message: error.code ?? error.message }] }, { cause: error });
  });
  if (text === null) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  const parsed = z.array(approvedCommand).max(200).safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TalkError('bad-request', {
    issues: parsed.error.issues.map(({ path, message }) => ({ path: [FILE, ...path].join('.'), message })),
  });
}

/** Adds or replaces. Throws TalkError 'bad-request' for a name that cannot stand in an address. */
export async function approveCommand(dataDirectory: string, command: ApprovedCommand): Promise<void> {
  const parsed = approvedCommand.safeParse(command);
  if (!parsed.success)
    throw new TalkError('bad-request', { issues: parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })) });
  const others = (await readCommands(dataDirectory)).filter(({ name }) => name !== command.name);
  await save(dataDirectory, [...others, parsed.data]);
}

/** Throws TalkError 'not-found'. */
export async function removeCommand(dataDirectory: string, name: string): Promise<void> {
  const commands = await readCommands(dataDirectory);
  if (!commands.some((command) => command.name === name)) throw new TalkError('not-found', { what: 'command', id: name });
  await save(
    dataDirectory,
    commands.filter((command) => command.name !== name),
  );
}

async function save(dataDirectory: string, commands: readonly ApprovedCommand[]): Promise<void> {
  await mkdir(dataDirectory, { recursive: true });
  const path = join(dataDirectory, FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(commands, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
