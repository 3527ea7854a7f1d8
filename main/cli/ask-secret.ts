import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { TalkError } from '../../preload/contract/talk-error.ts';

/**
 * A secret from the environment, or typed at the terminal without being shown. Never an argument: a command line is in the
 * shell's history and in every process list. Without both it is a misuse.
 */
export async function askSecret(question: string, variable: string): Promise<string> {
  const given = process.env[variable];
  if (given !== undefined) return given;
  if (!process.stdin.isTTY)
    throw new TalkError('bad-request', { issues: [{ path: variable, message: 'set it in the environment (empty: an open network)' }] });
  process.stderr.write(question);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
