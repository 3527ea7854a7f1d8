import { createHash } from 'node:crypto';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { type FlashOptions, type FlashPlan, flashOptions, type PlannedFile, type PlanWarning } from '../../../../preload/contract/flash.ts';
import { PORT_PLACEHOLDER, shellWord } from '../image/commands.ts';
import type { LoadedFile, PreparedFlash } from '../tool.ts';
import { type Agentboot, chooseAgentboot, isAgentbootName } from './agentboot.ts';
import { dialectFor } from './dialect.ts';
import { familyIn, isOneOf, type PackageFamily } from './families.ts';
import { LARGEST_RATE } from './header.ts';
import { bundledSettings } from './package/baseini.ts';
import { type Binpkg, isBinpkg, readBinpkg } from './package/binpkg.ts';
import { imagesOf, type PackageImage } from './package/images.ts';
import type { PackageInfo } from './package/info.ts';
import { listScript } from './package/script.ts';
import { isSoc, openSoc } from './package/soc.ts';
import { writeCat1 } from './write.ts';

const USUAL_AGENT_RATE = 921_600;
/** What nobody chose. */
const usual = flashOptions.parse({});

/** A package as one form, whichever it came in. */
interface Opened {
  info: PackageInfo | null;
  binpkg: Binpkg;
  script: Uint8Array | null;
}

/**
 * The flash of an LTE module of Eigencomm's chips: one `.binpkg` or `.soc` among the files, an agentboot beside it if need be. Null:
 * no such package among them. Fails with 'flash/…', 'too-large' and, for parts that it has not, 'bad-request'.
 */
export async function prepareCat1(files: LoadedFile[], options: FlashOptions): Promise<PreparedFlash | null> {
  const packages = files.filter(({ data, name }) => isBinpkg(data, name) || isSoc(data, name));
  const [file, second] = packages;
  if (file === undefined) return null;
  const agentboots = files.filter(({ name }) => isAgentbootName(name));
  const stranger = second ?? files.find((other) => other !== file && !agentboots.includes(other));
  if (stranger !== undefined)
    throw new TalkError('flash/bad-file', { path: stranger.name, reason: `${file.name} is a whole package, and goes alone` });
  if (options.eraseAll) throw new TalkError('flash/protected', { offset: 0, sizeBytes: 0, what: 'calibration' });

  const opened = await open(file);
  const family = familyOf(opened, options.expectChip);
  requireExpected(options, family);
  const dialect = dialectFor(options, '');
  const { images, skipped } = imagesOf(opened.binpkg, scriptOf(opened, file.name), family, dialect);
  const chosen = partsOf(images, options.parts);
  const agentboot = await chooseAgentboot(options.agentboot, agentboots, { family, transport: options.transport });
  const bundled = bundledSettings(opened.binpkg, options.transport, file.name);
  // Of the UART: over USB no rate is one.
  const agentBaudRate = rateOf(options, opened.info?.download?.force_br, bundled.agentBaudRate);
  return {
    plan: planOf(file, opened, family, chosen, skipped, agentboot, options),
    write: (run) =>
      writeCat1(
        {
          family,
          images: chosen,
          agentboot,
          agentBaudRate,
          pullUpQspi: bundled.pullUpQspi ?? true,
          dribble: bundled.dribble ?? false,
          options,
        },
        run,
      ),
  };
}

async function open({ data, name }: LoadedFile): Promise<Opened> {
  if (isBinpkg(data, name)) return { info: null, binpkg: readBinpkg(data, name), script: null };
  return openSoc(data, name);
}

/**
 * The product says more than the chip's type ('ec7xx'), and a person more than nothing. Packages of the older format alone are taken
 * for the EC618's, as other tools do; its ROM is asked before anything is written.
 */
function familyOf({ info, binpkg }: Opened, expectChip = ''): PackageFamily | null {
  const told = familyIn(binpkg.product ?? '') ?? familyIn(info?.chip.type ?? '') ?? familyIn(expectChip);
  return told ?? (info === null && binpkg.product === null ? 'ec618' : null);
}

function requireExpected({ expectChip }: FlashOptions, family: PackageFamily | null): void {
  const expected = expectChip === undefined ? null : familyIn(expectChip);
  if (expectChip === undefined || (expected !== null && family !== null && (expected === family || isOneOfAny(expected, family)))) return;
  throw new TalkError('flash/wrong-chip', { expected: expectChip, actual: family ?? 'unknown' });
}

function isOneOfAny(a: PackageFamily, b: PackageFamily): boolean {
  return (a !== 'ec7xx' && isOneOf(a, b)) || (b !== 'ec7xx' && isOneOf(b, a));
}

/**
 * What a person chose, then what the package wants. The contract's own default is nobody's choice. Fails with `bad-request` for a rate over
 * a UART that no header can tell an agentboot: it would be at another one.
 */
function rateOf({ transport, baudRate }: FlashOptions, forced: number | undefined, bundled: number | null): number {
  const wanted = ((transport === 'uart' ? forced : undefined) || bundled) ?? USUAL_AGENT_RATE;
  const rate = baudRate === usual.baudRate ? wanted : baudRate;
  if (transport === 'usb' || rate <= LARGEST_RATE) return rate;
  throw new TalkError('bad-request', { issues: [{ path: ['baudRate'], message: `${rate} is more than ${LARGEST_RATE}` }] });
}

function scriptOf({ info, script }: Opened, path: string): { data: Uint8Array; address: number } | null {
  if (script === null || script.length === 0) return null;
  const address = info?.download?.script_addr;
  if (address === undefined || address === 0) throw new TalkError('flash/bad-file', { path, reason: 'its info.json has no script_addr' });
  return { data: script, address };
}

/** By their names or their types; all unless said. */
function partsOf(images: readonly PackageImage[], parts: readonly string[] | undefined): PackageImage[] {
  const isIt = (image: PackageImage, part: string) => [image.name, image.type].some((known) => known.toLowerCase() === part.toLowerCase());
  const unknown = parts?.find((part) => !images.some((image) => isIt(image, part)));
  if (unknown !== undefined) {
    const message = `${unknown} is not one of ${images.map(({ name }) => name).join(', ')}`;
    throw new TalkError('bad-request', { issues: [{ path: ['parts'], message }] });
  }
  const chosen = parts === undefined ? [...images] : images.filter((image) => parts.some((part) => isIt(image, part)));
  if (chosen.length === 0) throw new TalkError('flash/bad-file', { path: 'parts', reason: 'nothing to write' });
  return chosen;
}

function planOf(
  file: LoadedFile,
  opened: Opened,
  family: PackageFamily | null,
  images: readonly PackageImage[],
  skipped: readonly { name: string; type: string }[],
  agentboot: Agentboot | null,
  options: FlashOptions,
): FlashPlan {
  const { agentboot: _, ...planned } = options;
  const warnings: PlanWarning[] = [
    { code: 'calibration-kept', data: {} },
    ...(family === null || family === 'ec7xx'
      ? [{ code: 'unknown-chip' as const, data: { chip: opened.info?.chip.type ?? opened.binpkg.product ?? '' } }]
      : []),
    ...(agentboot === null
      ? [{ code: 'agentboot-needed' as const, data: { chip: family ?? 'module', transport: options.transport } }]
      : []),
    ...skipped.map((data) => ({ code: 'part-skipped' as const, data })),
  ];
  return {
    family: 'cat1',
    title: titleOf(opened),
    files: images.map((image) => plannedFile(image, family)),
    totalBytes: images.reduce((sum, { data }) => sum + data.length, 0),
    expectChip: family,
    options: planned,
    partitions: null,
    flashBytes: null,
    warnings,
    commands: commandsOf(file, options),
  };
}

function plannedFile({ name, type, address, data }: PackageImage, family: PackageFamily | null): PlannedFile {
  const contents = type === 'FLEX' ? listScript(data) : null;
  return {
    offset: address,
    name,
    sizeBytes: data.length,
    sha256: createHash('sha256').update(data).digest('hex'),
    kind: 'module-image',
    chip: family,
    app: null,
    partition: type,
    ...(contents === null ? {} : { contents }),
  };
}

/** 'EC718P_PRD · LuatOS V2045 · demo 1.0.0'. */
function titleOf({ info, binpkg }: Opened): string {
  const bsp = info?.rom?.['version-bsp'];
  const project = [info?.user?.project, info?.user?.version].filter(Boolean).join(' ');
  return [binpkg.product ?? info?.chip.type ?? 'LTE module', ...(bsp ? [`LuatOS ${bsp}`] : []), ...(project === '' ? [] : [project])].join(
    ' · ',
  );
}

/** Whatever was chosen otherwise than usual: without it another part of the module would be written, or over another line. */
function commandsOf({ path }: LoadedFile, options: FlashOptions): FlashPlan['commands'] {
  if (path === null) return [];
  const { agentboot, transport, expectChip, before, after, baudRate, force, parts } = options;
  const words = [
    path,
    ...(agentboot !== undefined && 'path' in agentboot ? ['--agentboot', agentboot.path] : []),
    ...(transport === usual.transport ? [] : ['--transport', transport]),
    ...(expectChip === undefined ? [] : ['--chip', expectChip]),
    ...(baudRate === usual.baudRate ? [] : ['--baud', String(baudRate)]),
    ...(before === usual.before ? [] : ['--before', before]),
    ...(after === usual.after ? [] : ['--after', after]),
    ...(force ? ['--force'] : []),
    ...(parts === undefined ? [] : ['--part', ...parts]),
  ];
  return [{ tool: 'talkbench', line: `talkbench flash --port ${PORT_PLACEHOLDER} ${words.map(shellWord).join(' ')}` }];
}
