import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelCatalogue } from '../../../../../../main/core/engines/models/catalogue.ts';
import { createModels, type Models, mirrored } from '../../../../../../main/core/engines/models/models.ts';
import { systemClock } from '../../../../../../pipeline/clock.ts';
import { type ModelEntry, type ModelState, modelEntry } from '../../../../../../preload/contract/engines.ts';
import { FileServer } from '../../../../../fakes/services/file-server.ts';
import { silentLog } from '../../../../../fakes/store.ts';

const encoder = randomBytes(200_000);
const tokens = Buffer.from('tokens');
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const context = { signal: new AbortController().signal, role: 'operator' as const };

let server: FileServer;
let folder: string;
let models: Models;
let users: string[];

/** The hash of one file is known, of the other not. */
function entry(id: string): ModelEntry {
  const url = (name: string) => `https://models.example/${id}/${name}`;
  return {
    ...{ id, stage: 'stt', kind: 'sherpa', title: id, languages: ['zh'], licence: 'MIT', licenceUrl: 'https://models.example/licence' },
    files: [
      { path: 'encoder.onnx', url: url('encoder.onnx'), sizeBytes: 190_000, sha256: sha256(encoder) },
      { path: 'dict/tokens.txt', url: url('tokens.txt'), sizeBytes: 0, sha256: '' },
    ],
  };
}
const entries = ['one', 'two', 'three'].map(entry);

async function open(): Promise<void> {
  models = await createModels({
    ...{ entries, folder: join(folder, 'models'), mirror: () => `${server.origin}/mirror/`, usedBy: () => users },
    ...{ clock: systemClock, log: silentLog },
  });
}

beforeEach(async () => {
  server = new FileServer();
  await server.listen();
  for (const { id } of entries) {
    server.files.set(`/mirror/${id}/encoder.onnx`, { content: encoder, etag: '"e"' });
    server.files.set(`/mirror/${id}/tokens.txt`, { content: tokens, etag: '"t"' });
  }
  folder = mkdtempSync(join(tmpdir(), 'talkbench-models-'));
  users = [];
  await open();
});
afterEach(async () => {
  await models.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const topic = () => models.streams['models.state']({}).topic;
const state = (id = 'one') =>
  topic()
    .snapshot()
    .find((candidate) => candidate.entry.id === id) as ModelState;
const download = (id = 'one') => models.calls['models.download']({ id, acceptLicence: true }, context);

/** When a model's state is as wanted. */
function until(wanted: (state: ModelState) => boolean, id = 'one'): Promise<ModelState> {
  return new Promise((done) => {
    if (wanted(state(id))) return done(state(id));
    const stop = topic().listen((delta) => {
      if (delta.entry.id !== id || !wanted(delta)) return;
      stop();
      done(delta);
    });
  });
}
const ended = (id = 'one') => until(({ state: now }) => now === 'present' || now === 'failed', id);

describe('models', () => {
  test('a model is fetched from the mirror, checked and then present; what was taken on trust is shown', async () => {
    expect(state()).toMatchObject({ state: 'absent', totalBytes: 190_000, doneBytes: 0 });
    await download();
    expect(await ended()).toMatchObject({
      ...{ state: 'present', doneBytes: encoder.length + tokens.length, totalBytes: encoder.length + tokens.length, error: null },
      takenOnTrust: [{ path: 'dict/tokens.txt', sha256: sha256(tokens) }],
    });
    const where = state().folder ?? '';
    expect(readFileSync(join(where, 'encoder.onnx')).equals(encoder)).toBe(true);
    expect(readFileSync(join(where, 'dict/tokens.txt')).equals(tokens)).toBe(true);
  });

  test('it is present after a restart, until a file is gone or cut', async () => {
    await download();
    await ended();
    await open();
    expect(state().state).toBe('present');
    writeFileSync(join(state().folder ?? '', 'dict/tokens.txt'), 'tok');
    await open();
    expect(state().state).toBe('paused');
  });

  test('paused, it keeps what came; downloaded again it goes on, and asks for no file twice', async () => {
    server.faults.push(null, { kind: 'stall', afterBytes: 3 });
    const stalled = server.stalled();
    await download();
    await stalled;
    await models.calls['models.pause']({ id: 'one' }, context);
    expect(state()).toMatchObject({ state: 'paused', error: null });
    expect(state().doneBytes).toBeGreaterThanOrEqual(encoder.length);
    await open();
    expect(state().state).toBe('paused');
    await download();
    expect(await ended()).toMatchObject({ state: 'present' });
    expect(server.requests.filter(({ path }) => path.endsWith('encoder.onnx'))).toHaveLength(1);
  });

  test('wrong bytes fail it; the next try begins anew', async () => {
    server.files.set('/mirror/one/encoder.onnx', { content: randomBytes(200_000), etag: '"e"' });
    await download();
    expect(await ended()).toMatchObject({ state: 'failed', error: { code: 'model/mismatch', data: { path: 'encoder.onnx' } } });
    server.files.set('/mirror/one/encoder.onnx', { content: encoder, etag: '"e2"' });
    await download();
    expect(await until(({ state: now }) => now === 'present')).toMatchObject({ error: null });
  });

  test('two are fetched at once, the third waits for its turn', async () => {
    server.faults.push({ kind: 'stall', afterBytes: 10 }, { kind: 'stall', afterBytes: 10 });
    for (const { id } of entries) await download(id);
    await new Promise<void>((done) => {
      const watch = () => (server.requests.length >= 2 ? done() : setImmediate(watch));
      watch();
    });
    expect(state('three')).toMatchObject({ state: 'downloading', doneBytes: 0 });
    await models.calls['models.pause']({ id: 'one' }, context);
    expect(await ended('three')).toMatchObject({ state: 'present' });
  });

  test('one that waits can be taken back', async () => {
    server.faults.push({ kind: 'stall', afterBytes: 10 }, { kind: 'stall', afterBytes: 10 });
    for (const { id } of entries) await download(id);
    await models.calls['models.pause']({ id: 'three' }, context);
    expect(state('three').state).toBe('absent');
  });

  test('removed, nothing of it is left; one that an engine is made of is not removed', async () => {
    await download();
    await ended();
    users = ['My ears'];
    await expect(models.calls['models.remove']({ id: 'one' }, context)).rejects.toMatchObject({
      value: { code: 'engine/in-use', data: { id: 'one', by: 'My ears' } },
    });
    users = [];
    await models.calls['models.remove']({ id: 'one' }, context);
    expect(state()).toMatchObject({ state: 'absent', folder: null });
    expect(readdirSync(join(folder, 'models'))).toEqual([]);
  });

  test('without a network it comes from a folder, and is checked the same', async () => {
    const source = join(folder, 'stick');
    mkdirSync(source);
    const bring = () => models.calls['models.import']({ id: 'one', folder: source }, context);
    writeFileSync(join(source, 'encoder.onnx'), encoder);
    await expect(bring()).rejects.toMatchObject({
      value: { code: 'model/incomplete', data: { folder: source, missing: 'dict/tokens.txt' } },
    });
    expect(existsSync(join(folder, 'models', 'one', 'encoder.onnx'))).toBe(false);
    writeFileSync(join(source, 'tokens.txt'), tokens);
    writeFileSync(join(source, 'encoder.onnx'), randomBytes(10));
    await expect(bring()).rejects.toMatchObject({ value: { code: 'model/mismatch', data: { path: 'encoder.onnx' } } });
    expect(state().state).toBe('failed');
    writeFileSync(join(source, 'encoder.onnx'), encoder);
    await bring();
    expect(state()).toMatchObject({ state: 'present', takenOnTrust: [{ path: 'dict/tokens.txt' }] });
  });

  test('a folder without the model takes nothing from one that is here', async () => {
    await download();
    await ended();
    const elsewhere = join(folder, 'empty');
    mkdirSync(elsewhere);
    const bring = models.calls['models.import']({ id: 'one', folder: elsewhere }, context);
    await expect(bring).rejects.toMatchObject({ code: 'model/incomplete' });
    expect(state()).toMatchObject({ state: 'present', folder: join(folder, 'models', 'one') });
  });

  test('of two who bring it at once one does, and it is whole', async () => {
    const source = join(folder, 'stick');
    mkdirSync(source);
    writeFileSync(join(source, 'encoder.onnx'), encoder);
    writeFileSync(join(source, 'tokens.txt'), tokens);
    const bring = () => models.calls['models.import']({ id: 'one', folder: source }, context);
    const outcomes = await Promise.allSettled([bring(), bring(), bring()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'cancelled' });
    expect(state().state).toBe('present');
    expect(readFileSync(join(folder, 'models', 'one', 'encoder.onnx')).equals(encoder)).toBe(true);
  });

  test('the end of the core leaves a download that can be gone on with', async () => {
    server.faults.push({ kind: 'stall', afterBytes: 1000 });
    const stalled = server.stalled();
    await download();
    await stalled;
    await models.close();
    await open();
    await download();
    expect(await ended()).toMatchObject({ state: 'present' });
  });
});

describe('the catalogue', () => {
  test('every entry is well formed: over https, inside its folder, a hash or none, a licence', () => {
    expect(new Set(modelCatalogue.map(({ id }) => id)).size).toBe(modelCatalogue.length);
    for (const model of modelCatalogue) {
      expect(modelEntry.parse(model)).toEqual(model);
      expect(model.id).toMatch(/^[a-z0-9][a-z0-9.-]*$/);
      expect(model.licence).not.toBe('');
      for (const { url, path, sha256: hash } of model.files) {
        expect(url).toMatch(/^https:\/\//);
        expect(path).toMatch(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*$/);
        expect(hash).toMatch(/^([0-9a-f]{64})?$/);
      }
    }
  });

  test('a mirror has the same paths under its own address', () => {
    expect(mirrored('https://huggingface.co/a/b?c=1', '')).toBe('https://huggingface.co/a/b?c=1');
    expect(mirrored('https://huggingface.co/a/b?c=1', 'http://lab.local/hf/')).toBe('http://lab.local/hf/a/b?c=1');
  });
});
