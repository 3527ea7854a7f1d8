import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import { encodeWord, MAX_DATA_BYTES } from './frames.ts';
import { type ImageKind, imageHeader, imageIds } from './header.ts';
import type { ModuleLink } from './link.ts';

/** Erasing and writing a block takes the module longer than anything else. */
const DATA_TIMEOUT_MS = 3000;
/** Of a CP flash of its own (EC618). */
const CP_FLASH_MARK = [0x01, 0xe1];
const RESET_ANSWER = 'ZzZzZzZz';

/** One image for the flash. */
export interface ModuleImage {
  /** As the package calls it. */
  name: string;
  kind: ImageKind;
  address: number;
  /** The modem's own flash instead of the common one. */
  isInCpFlash: boolean;
  data: Uint8Array;
}

export interface BurnOptions {
  transport: 'usb' | 'uart';
  infoPerPiece: boolean;
  dribble: boolean;
  /** Bytes the module has taken. */
  onProgress(writtenBytes: number): void;
  onRepeat(offset: number, reason: string): void;
}

/** Wakes that part, which has to be there: 'flash/protocol' when it is not. */
export async function requireSync(link: ModuleLink, phase: 'DL' | 'AG' | 'LPC'): Promise<void> {
  const outcome = await link.sync(phase);
  if (outcome === 'ready') return;
  const reason = outcome === 'resident' ? 'another loader is still running: switch the module off and on' : 'no answer';
  throw new TalkError('flash/protocol', { command: `${phase} sync`, status: null, reason }, { retryable: true });
}

/** Asks its version, and makes sure that it waits for this image. Resolves with the version's bytes. */
export async function openImage(link: ModuleLink, phase: 'DL' | 'AG', id: number): Promise<Uint8Array> {
  const version = await link.request({ phase, command: 'GET_VERSION' });
  const selected = await link.request({ phase, command: 'SEL_IMAGE' });
  const asked = selected.length === 4 ? Buffer.from(selected).readUInt32LE() : null;
  if (asked !== id) {
    const reason = `it waits for ${asked === null ? 'nothing' : nameOf(asked)}, not for ${nameOf(id)}`;
    throw new TalkError('flash/protocol', { command: `${phase} SEL_IMAGE`, status: '0x00', reason });
  }
  await link.request({ phase, command: 'VERIFY_IMAGE' });
  return version;
}

/** In blocks of the size the module asks for. */
async function sendBlocks(
  link: ModuleLink,
  phase: 'DL' | 'AG',
  image: Uint8Array,
  {
    onProgress = () => {},
    onRepeat = () => {},
  }: { onProgress?: (sentBytes: number) => void; onRepeat?: (at: number, reason: string) => void } = {},
): Promise<void> {
  for (let at = 0, index = 0; at < image.length; index = (index + 1) & 0xff) {
    const leftBytes = image.length - at;
    const isPossible = (data: Uint8Array) => data.length === 4 && sizeOf(data) > 0 && sizeOf(data) <= Math.min(leftBytes, MAX_DATA_BYTES);
    const asked = await link.request({ phase, command: 'DATA_HEAD', data: encodeWord(leftBytes) }, { isPossible });
    const from = at;
    at += sizeOf(asked);
    const block = { phase, command: 'DOWNLOAD_DATA', index, data: image.subarray(from, at) } as const;
    await link.request(block, { timeoutMs: DATA_TIMEOUT_MS, onRepeat: (reason) => onRepeat(from, reason) });
    onProgress(at);
  }
}

function endImage(link: ModuleLink, phase: 'DL' | 'AG'): Promise<Uint8Array> {
  return link.request({ phase, command: 'DONE' }, { timeoutMs: DATA_TIMEOUT_MS });
}

/** The ROM is awake and waits for a header. Leaves the agentboot running; over a UART it speaks at `baudRate` from now on. */
export async function loadAgentboot(
  link: ModuleLink,
  agentboot: Uint8Array,
  { baudRate, pullUpQspi }: { baudRate: number; pullUpQspi: boolean },
): Promise<void> {
  await sendBlocks(link, 'DL', imageHeader({ kind: 'boot', address: 0, image: agentboot, baudRate, pullUpQspi }));
  await endImage(link, 'DL');
  await requireSync(link, 'DL');
  await openImage(link, 'DL', imageIds.boot);
  await sendBlocks(link, 'DL', agentboot);
  // Who answers is gone the moment after: whether the agentboot runs shows when it is spoken to.
  await link.request({ phase: 'DL', command: 'DONE' }, { tries: 3 }).catch((error: unknown) => {
    if (!isTalkError(error, 'flash/protocol') || !error.value.retryable) throw error;
  });
}

/** The agentboot runs. Resolves when the module says that the image is in its flash. */
export async function burnImage(link: ModuleLink, image: ModuleImage, options: BurnOptions): Promise<void> {
  const { kind, address, data } = image;
  const isUart = options.transport === 'uart';
  await requireSync(link, 'LPC');
  await link.request({
    phase: 'LPC',
    command: 'BURN_ONE',
    data: Uint8Array.from([...encodeWord(imageIds[kind]), ...(image.isInCpFlash ? CP_FLASH_MARK : [])]),
  });
  // Twice, as every known tool does it.
  await requireSync(link, 'AG');
  await requireSync(link, 'AG');
  await openImage(link, 'AG', imageIds.head);
  await sendBlocks(link, 'AG', imageHeader({ kind, address, image: data, dribble: isUart ? { isOn: options.dribble } : null }));
  await endImage(link, 'AG');
  for (let at = 0; at < data.length; ) {
    const from = at;
    const piece = data.subarray(from, from + pieceBytes(data.length - from, address + from, isUart && from === 0));
    await requireSync(link, 'AG');
    if (options.infoPerPiece || from === 0) await openImage(link, 'AG', imageIds[kind]);
    await sendBlocks(link, 'AG', piece, {
      onProgress: (sentBytes) => options.onProgress(from + sentBytes),
      onRepeat: (sent, reason) => options.onRepeat(address + from + sent, reason),
    });
    await endImage(link, 'AG');
    at += piece.length;
  }
  const status = await link.request({ phase: 'LPC', command: 'GET_BURN_STATUS' }, { timeoutMs: DATA_TIMEOUT_MS });
  if (status.length !== 4 || status.some((byte) => byte !== 0)) {
    const hex = Buffer.from(status).toString('hex');
    throw new TalkError('flash/protocol', { command: 'LPC GET_BURN_STATUS', status: `0x${hex}`, reason: `${image.name} was not written` });
  }
}

/** False: it did not say that it goes. */
export async function resetModule(link: ModuleLink): Promise<boolean> {
  if ((await link.sync('LPC', { tries: 3 })) !== 'ready') return false;
  const answer = await link.request({ phase: 'LPC', command: 'SYS_RST' }, { tries: 2 });
  return Buffer.from(answer).toString('latin1') === RESET_ANSWER;
}

/** Over a UART the first piece ends where a 64 KiB page does. */
function pieceBytes(leftBytes: number, address: number, endsOnPage: boolean): number {
  const inPage = address % MAX_DATA_BYTES;
  return Math.min(leftBytes, endsOnPage ? MAX_DATA_BYTES - inPage : MAX_DATA_BYTES);
}

function sizeOf(word: Uint8Array): number {
  return Buffer.from(word).readUInt32LE();
}

function nameOf(id: number): string {
  return Object.entries(imageIds).find(([, known]) => known === id)?.[0] ?? `0x${id.toString(16).padStart(8, '0')}`;
}
