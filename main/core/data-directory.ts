import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where the library lives unless `--data` says otherwise: the platform's own place for application data. */
export function defaultDataDirectory(): string {
  const { TALKBENCH_DATA, XDG_DATA_HOME, APPDATA } = process.env;
  if (TALKBENCH_DATA !== undefined && TALKBENCH_DATA !== '') return resolve(TALKBENCH_DATA);
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Talkbench');
  if (process.platform === 'win32') return join(APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Talkbench');
  return join(XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'talkbench');
}
