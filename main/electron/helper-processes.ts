import { basename, dirname } from 'node:path';
import { MessageChannelMain, type UtilityProcess, utilityProcess } from 'electron';
import type { FromCore, ToCore } from './core-messages.ts';
import { childEnvironment } from './security.ts';

/** Of standard error, the end. */
const LAST_WORDS_LENGTH = 300;

/**
 * Starts the core's helper processes on its behalf: sound devices, models, eSpeak. Only the main process can (the runAsNode fuse is off,
 * and a utility process has no utilityProcess). Each gets a channel of its own to the core; they go with it. Only scripts that lie beside
 * the core's own are started.
 */
export function serveHelperProcesses(core: UtilityProcess, directory: string): void {
  const helpers = new Map<number, UtilityProcess>();
  const tell = (message: ToCore, ...ports: Electron.MessagePortMain[]) => core.postMessage(message, ports);

  function start({ id, script, args }: Extract<FromCore, { type: 'start-helper' }>): void {
    if (dirname(script) !== directory || !script.endsWith('.process.js')) {
      tell({ type: 'helper-ended', id, code: 'refused', said: '' });
      return;
    }
    const helper = utilityProcess.fork(script, [...args], {
      serviceName: basename(script, '.process.js'),
      env: childEnvironment(process.env),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    helpers.set(id, helper);
    let said = '';
    helper.stderr?.on('data', (text: Buffer) => {
      said = (said + text.toString()).slice(-LAST_WORDS_LENGTH);
    });
    helper.once('exit', (code) => {
      helpers.delete(id);
      // Its last words may come after its end.
      setImmediate(() => tell({ type: 'helper-ended', id, code, said }));
    });
    const { port1, port2 } = new MessageChannelMain();
    helper.postMessage(null, [port1]);
    tell({ type: 'helper', id }, port2);
  }

  core.on('message', (message: FromCore) => {
    if (message.type === 'start-helper') start(message);
    else if (message.type === 'kill-helper') helpers.get(message.id)?.kill();
  });
  core.once('exit', () => {
    for (const helper of helpers.values()) helper.kill();
  });
}
