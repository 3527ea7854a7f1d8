import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { ModelState } from '../../../preload/contract/engines.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore, withCommonOptions } from '../command.ts';
import type { Output } from '../output.ts';
import { snapshotOf } from '../snapshot.ts';

const CLEAR_LINE = '\r\u001b[K';

/** `talkbench models …`: nothing is fetched before its licence and size were agreed to. */
export function addModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .description('models for engines that run here: fetched after your consent, or taken from a folder');

  withCommonOptions(models.command('list', { isDefault: true }).description('what can be had and what is here'))
    .addHelpText(
      'after',
      '\nJSON: [{"entry":{"id","stage","kind","title","languages","licence","licenceUrl","files"},"state","doneBytes","totalBytes","folder","takenOnTrust","error"}]',
    )
    .action((options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) =>
        output.result(await snapshotOf(client, 'models.state', {}), (states) => states.map(stateText).join('\n')),
      ),
    );

  withCommonOptions(models.command('download').argument('<model>', 'id').description('fetch a model, or go on with one; Ctrl-C pauses'))
    .option('--yes', 'you have read its licence and agree to it and to the size')
    .addHelpText('after', '\nJSON: the model’s state at the end. A mirror is set with the setting engines.modelMirror.')
    .action((id: string, options: CommonOptions & { yes?: boolean }) =>
      runWithCore(options, 'offline', async (client, output) => {
        const state = await stateOf(client, id);
        if (state.state !== 'present' && options.yes !== true) await consent(state);
        output.result(await download(client, output, id), stateText);
      }),
    );

  withCommonOptions(
    models
      .command('import')
      .argument('<model>', 'id')
      .argument('<folder>', 'that holds its files')
      .description('take a model from a folder, checked the same'),
  ).action((id: string, folder: string, options: CommonOptions) =>
    runWithCore(options, 'offline', async (client, output) => {
      await client.call('models.import', { id, folder: resolve(folder) }, { signal: interruptSignal() });
      output.result(await stateOf(client, id), stateText);
    }),
  );

  withCommonOptions(models.command('remove').argument('<model>', 'id').description('delete a model’s files')).action(
    (id: string, options: CommonOptions) =>
      runWithCore(options, 'offline', async (client, output) => {
        await client.call('models.remove', { id });
        output.result({ id }, (removed) => removed.id);
      }),
  );
}

async function stateOf(client: Client, id: string): Promise<ModelState> {
  const found = (await snapshotOf(client, 'models.state', {})).find(({ entry }) => entry.id === id);
  if (found === undefined) throw new TalkError('not-found', { what: 'model', id });
  return found;
}

/** Without a person to ask, --yes has to say it. */
async function consent({ entry, totalBytes }: ModelState): Promise<void> {
  const isSizeKnown = entry.files.every(({ sizeBytes }) => sizeBytes > 0);
  const facts = [
    entry.title,
    `  licence ${entry.licence}: ${entry.licenceUrl}`,
    `  size ${isSizeKnown ? `about ${megabytes(totalBytes)}` : 'not known before'}`,
    ...(entry.files.some(({ sha256 }) => sha256 === '')
      ? ['  the hashes of some of its files are not known: they are taken on trust']
      : []),
  ].join('\n');
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new TalkError('bad-request', { issues: [{ path: '--yes', message: `wanted, to agree to:\n${facts}` }] });
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${facts}\nFetch it? [y/N] `);
    if (!/^y(es)?$/iu.test(answer.trim())) throw new TalkError('cancelled');
  } finally {
    lines.close();
  }
}

/** To its end; fails with the model's error. Ctrl-C pauses it. */
async function download(client: Client, output: Output, id: string): Promise<ModelState> {
  const interrupt = interruptSignal();
  const isDrawn = !output.isJson && process.stderr.isTTY;
  await client.call('models.download', { id, acceptLicence: true });
  const state = await new Promise<ModelState>((done, fail) => {
    const hear = (now: ModelState) => {
      if (now.entry.id !== id) return;
      if (isDrawn) process.stderr.write(`${CLEAR_LINE}${progressText(now)}`);
      if (now.state === 'downloading' || now.state === 'verifying') return;
      if (isDrawn) process.stderr.write('\n');
      queueMicrotask(() => unsubscribe());
      done(now);
    };
    const unsubscribe = client.subscribe(
      'models.state',
      {},
      {
        onSnapshot: (states) => states.forEach(hear),
        onDelta: (deltas) => deltas.forEach(hear),
        onEnd: (error) => fail(error ?? new TalkError('disconnected')),
      },
    );
    interrupt.addEventListener('abort', () => void client.call('models.pause', { id }).catch(fail), { once: true });
  });
  if (state.error !== null) throw TalkError.from(state.error);
  if (state.state !== 'present') throw new TalkError('cancelled');
  return state;
}

function progressText({ state, doneBytes, totalBytes, bytesPerSecond }: ModelState): string {
  const speed = bytesPerSecond === null ? '' : `, ${megabytes(bytesPerSecond)}/s`;
  return state === 'downloading' ? `${megabytes(doneBytes)} of ${megabytes(Math.max(doneBytes, totalBytes))}${speed}` : state;
}

function stateText({ entry, state, totalBytes, folder, takenOnTrust }: ModelState): string {
  const size = totalBytes === 0 ? '?' : megabytes(totalBytes);
  return [
    [entry.stage, entry.id, entry.title, entry.languages.join(' '), size, entry.licence, state, folder ?? ''].join('\t'),
    ...takenOnTrust.map(({ path, sha256 }) => `\ttaken on trust: ${path} SHA-256 ${sha256}`),
  ].join('\n');
}

function megabytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${Math.round(bytes / 1_000_000)} MB`;
}
