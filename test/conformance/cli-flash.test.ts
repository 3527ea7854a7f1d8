import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVirtualBoard, type VirtualBoard } from '../../pipeline/boards/esp/board.ts';
import { buildDemoImages } from '../../pipeline/boards/esp/demo-images.ts';
import { systemClock } from '../../pipeline/clock.ts';
import type { FlashJob, FlashPlan } from '../../preload/contract/flash.ts';
import type { Batch } from '../../preload/contract/recipes.ts';
import type { SessionDetail } from '../../preload/contract/sessions.ts';
import { runCli } from '../fakes/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'talkbench-cli-flash-'));
const data = join(scratch, 'data');
const build = join(scratch, 'build');
const demo = buildDemoImages();

/** A folder as a build leaves it. */
function writeBuild(): void {
  for (const { name, data: image } of demo.files) {
    mkdirSync(dirname(join(build, name)), { recursive: true });
    writeFileSync(join(build, name), image);
  }
  const flashFiles = Object.fromEntries(demo.files.map(({ name, offset }) => [`0x${offset.toString(16)}`, name]));
  const args = { flash_files: flashFiles, flash_settings: { flash_size: '8MB' }, extra_esptool_args: { chip: 'esp32s3' } };
  writeFileSync(join(build, 'flasher_args.json'), JSON.stringify(args));
}

// Each command is a process with a core of its own, which a busy machine starts slowly.
const slow = { timeout: 90_000 };

describe.skipIf(process.platform === 'win32')('flashing from the command line, boards on real PTYs', slow, () => {
  const boards: VirtualBoard[] = [];
  const port = (index = 0) => boards[index]?.ptyPath ?? '';
  const chipOf = (index = 0) => boards[index]?.chip;

  beforeAll(async () => {
    writeBuild();
    for (const name of ['left', 'right']) boards.push(await createVirtualBoard({ name, withPty: true, clock: systemClock }));
  });
  afterAll(async () => {
    for (const board of boards) await board.close();
    rmSync(scratch, { recursive: true, force: true });
  });
  const talkbench = (...args: string[]) =>
    runCli([...args, '--json', '--data', data], { env: { TALKBENCH_VAR_WIFI_PASSWORD: 'correct horse' } });

  test('says what it would write, and the same for esptool, touching no port', async () => {
    const plan = (await talkbench('flash', '--port', '/dev/ttyNOSUCH', build, '--dry-run')).json<FlashPlan>();
    expect(plan).toMatchObject({ family: 'esp', expectChip: 'esp32s3' });
    expect(plan.partitions?.map(({ name }) => name)).toContain('nvs');
    expect(plan.commands.map(({ tool }) => tool)).toEqual(['talkbench', 'esptool']);
  });

  test('a build folder becomes a board that boots as a device of its own', async () => {
    const args = ['--template', 'twetalk', '--device', 'P1/D1/c2VjcmV0LW9mLUQx', '--var', 'wifi_ssid=bench', '--var', 'mqtt_port=1883'];
    const result = await talkbench('flash', '--port', port(), build, ...args);
    const job = result.json<FlashJob>();
    expect(job).toMatchObject({ state: 'done', boardState: 'running', device: { productId: 'P1', deviceName: 'D1' } });
    expect(job.files.every(({ verified }) => verified === true)).toBe(true);
    expect(result.stdout + result.stderr).not.toMatch(/correct horse|c2VjcmV0LW9mLUQx/);

    const nvs = chipOf()?.flash.read(0x9000, 0x6000) ?? new Uint8Array();
    expect(Buffer.from(nvs).includes('correct horse')).toBe(true);
    expect(Buffer.from(nvs).includes('c2VjcmV0LW9mLUQx')).toBe(true);
  });

  test('tells what a board is, and backs it up to the byte', async () => {
    const info = (await talkbench('flash-info', '--port', port())).json<FlashJob>();
    expect(info).toMatchObject({ state: 'done', chip: { chip: 'esp32s3', mac: chipOf()?.mac } });
    expect(info.apps.map(({ app }) => app.project)).toEqual(['talkbench-demo']);

    const file = join(scratch, 'backup.bin');
    const saved = (await talkbench('read-flash', file, '--port', port(), '--offset', '0x8000', '--size', '32K')).json<{ sha256: string }>();
    const bytes = readFileSync(file);
    expect(bytes.equals(Buffer.from(chipOf()?.flash.read(0x8000, 32 * 1024) ?? []))).toBe(true);
    expect(saved.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('“-” is standard output: the bytes and nothing else, and what is said beside them', async () => {
    const range = ['--port', port(), '--offset', '0x8000', '--size', '64K', '--data', data];
    const piped = await runCli(['read-flash', '-', ...range]);
    expect([piped.code, piped.stderr]).toEqual([0, expect.stringMatching(/65536 bytes\nsha256 [0-9a-f]{64}/)]);
    expect(piped.bytes.equals(Buffer.from(chipOf()?.flash.read(0x8000, 64 * 1024) ?? []))).toBe(true);

    const mixed = await talkbench('read-flash', '-', ...range);
    expect([mixed.code, mixed.json()]).toMatchObject([2, { error: { code: 'bad-request', data: { issues: [{ path: 'file' }] } } }]);
  });

  test('the session keeps with what, which files by SHA-256, and how each board was left', async () => {
    await talkbench('flash', '--port', '/dev/ttyNOSUCH', build);
    const { sessions } = (await talkbench('sessions', 'list')).json<{ sessions: { id: string }[] }>();
    const [failed = '', written = ''] = [sessions[0]?.id, sessions.at(-1)?.id];
    const app = demo.files.find(({ offset }) => offset === 0x10000);
    const sha256 = createHash('sha256')
      .update(app?.data ?? '')
      .digest('hex');
    const [flash] = (await talkbench('sessions', 'show', written)).json<SessionDetail>().flashes;
    expect(flash).toMatchObject({ state: 'done', tool: { name: 'talkbench', family: 'esp' }, boardState: 'running', error: null });
    expect(flash?.mac).toBe(chipOf()?.mac);
    expect(flash?.files.find(({ offset }) => offset === 0x10000)).toMatchObject({ sha256, verified: true });

    const textOf = async (id: string) => (await runCli(['sessions', 'show', id, '--data', data])).stdout;
    const text = await textOf(written);
    expect(text).toMatch(/^flash write done\t.*\tboard running\ttalkbench \S+ \(esp\)$/m);
    expect(text).toContain(`sha256 ${sha256}\tverified`);
    expect(await textOf(failed)).toMatch(/^flash write failed\t.*\tboard unknown\t(.*\n)+ {2}error port\/not-found /m);
  });

  test('erases only what it was told to, and only when it is meant', async () => {
    const refused = await talkbench('erase', '--port', port(), '--partition', 'nvs');
    expect([refused.code, refused.json()]).toMatchObject([2, { error: { code: 'bad-request' } }]);
    const job = (await talkbench('erase', '--port', port(), '--partition', 'nvs', '--yes')).json<FlashJob>();
    expect(job.state).toBe('done');
    expect(
      chipOf()
        ?.flash.read(0x9000, 0x6000)
        .every((byte) => byte === 0xff),
    ).toBe(true);
    expect(chipOf()?.flash.read(0x10000, 1)[0]).toBe(0xe9);
  });

  test('a recipe flashes many boards, and its table says how each went', async () => {
    const saved = await talkbench('recipes', 'save', 'speaker', build);
    expect(saved.code).toBe(0);
    expect((await talkbench('recipes', 'list')).json<{ name: string }[]>().map(({ name }) => name)).toEqual(['speaker']);

    const table = join(scratch, 'results.csv');
    const ports = [`${port(0)}=SN1`, `${port(1)}=SN2`, '/dev/ttyNOSUCH=SN3'].flatMap((each) => ['--port', each]);
    const result = await talkbench('batch', 'speaker', ...ports, '--out', table);
    expect(result.code).toBe(1);
    expect(result.json<Batch>().boards.map(({ label, job }) => [label, job?.state, job?.error?.code])).toEqual([
      ['SN1', 'done', undefined],
      ['SN2', 'done', undefined],
      ['SN3', 'failed', 'port/not-found'],
    ]);
    expect(readFileSync(table, 'utf8').trim().split('\r\n')).toHaveLength(4);

    const file = join(scratch, 'speaker.recipe.json');
    expect((await talkbench('recipes', 'export', 'speaker', '--out', file)).code).toBe(0);
    expect((await talkbench('recipes', 'import', file)).json()).toMatchObject({ name: 'speaker (2)' });
    expect((await talkbench('recipes', 'remove', 'speaker (2)')).code).toBe(0);
  });
});
