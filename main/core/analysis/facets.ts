import { createHash } from 'node:crypto';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { LatencyFacet } from '../../../preload/contract/latency.ts';

const UNKNOWN = 'unknown';
/** A prompt is told apart by its beginning; whoever wants all of it opens the session. */
const LONGEST_VALUE = 120;

/** Events that say under which circumstances a turn was spoken. */
export const circumstanceKinds = ['conversation.opened', 'conversation.changed', 'device.ota'] as const;

/** What was in force in one conversation, instant by instant, as the recording tells it. */
export interface Circumstances {
  /** Flat: 'engines.llm', 'turns.vadSilenceMs', 'firmware' … Values as text. */
  at(atUs: number): ReadonlyMap<string, string>;
}

/** What a device said it runs, and when. */
export interface FirmwareReport {
  atUs: number;
  device: string;
  version: string;
}

/**
 * From a session's events (`circumstanceKinds`, in order), by conversation. The firmware is what the device had told last when the
 * conversation began, in a report or by a finished update; of one that told it only later, its first report.
 */
export function circumstancesOf(events: readonly PipelineEvent[], reports: readonly FirmwareReport[] = []): Map<string, Circumstances> {
  const firmwareNow = new Map<string, string>();
  for (const { device, version } of reports.toReversed()) firmwareNow.set(device, version);
  const coming = [...reports];
  const conversations = new Map<string, Version[]>();
  for (const event of events) {
    for (let report = coming[0]; report !== undefined && report.atUs <= event.atUs; report = coming[0]) {
      firmwareNow.set(report.device, report.version);
      coming.shift();
    }
    if (event.kind === 'device.ota' && event.state === 'done') firmwareNow.set(deviceKey(event.productId, event.deviceName), event.version);
    else if (event.kind === 'conversation.opened') {
      const firmware = firmwareNow.get(deviceKey(event.productId, event.deviceName));
      conversations.set(event.conversationId, [{ fromUs: event.atUs, values: openedWith(event, firmware) }]);
    } else if (event.kind === 'conversation.changed') {
      const versions = conversations.get(event.conversationId);
      const values = new Map(versions?.at(-1)?.values);
      for (const [key, value] of Object.entries(event.changes)) flatten(key, value, values);
      versions?.push({ fromUs: event.atUs, values });
    }
  }
  return new Map([...conversations].map(([id, versions]) => [id, { at: (atUs) => inForce(versions, atUs) }]));
}

interface Version {
  fromUs: number;
  values: Map<string, string>;
}

function inForce(versions: readonly Version[], atUs: number): ReadonlyMap<string, string> {
  return (versions.findLast(({ fromUs }) => fromUs <= atUs) ?? versions[0])?.values ?? new Map();
}

export function deviceKey(productId: string, deviceName: string): string {
  return `${productId}/${deviceName}`;
}

function openedWith(
  {
    gateway,
    language,
    productId,
    deviceName,
    engines,
    settings,
    uplink,
    downlink,
  }: Extract<PipelineEvent, { kind: 'conversation.opened' }>,
  firmware: string | undefined,
): Map<string, string> {
  const values = new Map<string, string>();
  flatten('', { gateway, language, board: deviceKey(productId, deviceName), engines, uplink, downlink: { ...downlink } }, values);
  flatten('', settings, values);
  if (firmware !== undefined) values.set('firmware', firmware);
  return values;
}

/** Lists stay whole: that two of them differ is what matters. */
function flatten(key: string, value: unknown, into: Map<string, string>): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [name, member] of Object.entries(value)) flatten(key === '' ? name : `${key}.${name}`, member, into);
    return;
  }
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  into.set(key, text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}… #${fingerprint(text)}` : text);
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** A turn's facets. `isFirst`: of those the user spoke in its conversation. */
export function facetsOf(
  turn: { hasTools: boolean },
  place: { sessionId: string; isFirst: boolean; values: ReadonlyMap<string, string> },
): Record<LatencyFacet, string> {
  const { sessionId, isFirst, values } = place;
  const known = (key: string) => values.get(key) ?? UNKNOWN;
  return {
    session: sessionId,
    turn: isFirst ? 'first' : 'later',
    tool: turn.hasTools ? 'tool' : 'no-tool',
    'engine.vad': known('engines.vad'),
    'engine.stt': known('engines.stt'),
    'engine.llm': known('engines.llm'),
    'engine.tts': known('engines.tts'),
    firmware: known('firmware'),
    language: known('language'),
    gateway: known('gateway'),
    agent: agentOf(values),
    board: known('board'),
  };
}

/** Recordings name no agent; what it was told to be tells agents apart. Once for all turns of a conversation: hashing takes its time. */
function agentOf(values: ReadonlyMap<string, string>): string {
  const known = agents.get(values);
  if (known !== undefined) return known;
  const settings = [...values].filter(([key]) => key.startsWith('agent.'));
  const agent =
    settings.length === 0 ? UNKNOWN : `#${fingerprint(JSON.stringify(settings.sort(([one], [other]) => (one < other ? -1 : 1))))}`;
  agents.set(values, agent);
  return agent;
}

const agents = new WeakMap<ReadonlyMap<string, string>, string>();

/** The version a device reported on connecting, from what it said to its cloud; undefined when this is no such message. */
export function reportedFirmware(event: PipelineEvent): { device: string; version: string } | undefined {
  if (event.kind !== 'wire.message' || event.direction !== 'up' || event.text?.includes('"report_version"') !== true) return undefined;
  const topic = /^\$ota\/report\/([^/]+)\/([^/]+)$/u.exec(event.name);
  if (topic === null) return undefined;
  const version = versionIn(event.text);
  return version === undefined ? undefined : { device: deviceKey(topic[1] ?? '', topic[2] ?? ''), version };
}

function versionIn(text: string): string | undefined {
  try {
    const { report } = JSON.parse(text) as { report?: { version?: unknown } | null };
    return typeof report?.version === 'string' ? report.version : undefined;
  } catch {
    return undefined;
  }
}
