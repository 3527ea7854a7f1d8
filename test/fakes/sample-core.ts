import type { CallHandlers, StreamHandlers } from '../../main/core/endpoint/handlers.ts';
import { Topic } from '../../main/core/endpoint/topic.ts';
import type { DemoProgress, VirtualBoard } from '../../preload/contract/boards.ts';
import type { CoreStatus } from '../../preload/contract/core.ts';
import { type ErrorCode, TalkError } from '../../preload/contract/errors.ts';
import type { PipelineEvent } from '../../preload/contract/events.ts';
import type { FlashJob, FlashPlan } from '../../preload/contract/flash.ts';
import type { StreamDelta } from '../../preload/contract/index.ts';
import type { LogLevel, LogRow } from '../../preload/contract/logs.ts';
import type { ConversationState, DeviceRecord } from '../../preload/contract/pipeline.ts';
import type { PortInfo, PortState } from '../../preload/contract/ports.ts';
import type { SessionDetail, SessionSummary } from '../../preload/contract/sessions.ts';
import { type Settings, settingsSchema } from '../../preload/contract/settings.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import { samplePeaks, sampleWav } from './sample-audio.ts';
import { sampleConversation } from './sample-conversation.ts';
import { sampleLog } from './sample-log.ts';

/**
 * loaded: a bench in use · empty: a first start · failing: every request fails with an expected error of its topic and the
 * status is degraded.
 */
export type SampleVariant = 'loaded' | 'empty' | 'failing';

export interface SampleCore {
  calls: CallHandlers;
  streams: StreamHandlers;
  /** One more live line of the first port, for tests of following. */
  pushRow(row: LogRow): void;
  pushEvent(event: PipelineEvent): void;
}

const port = '/dev/ttyUSB0';
const sessionId = '2026-03-02-0001';
const startedWallMs = 1_772_443_800_000;
const levels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'verbose'];

function summaryOf(id: string, changes: Partial<SessionSummary> = {}): SessionSummary {
  return {
    id,
    title: '深圳天气与音量 · bench-01',
    state: 'closed',
    startedWallMs,
    durationUs: 41_200_000,
    boards: ['bench-01'],
    conversationCount: 1,
    turnCount: 4,
    logRowCount: 4_000,
    droppedCount: 0,
    appVersion: '0.1.0',
    note: '',
    ...changes,
  };
}

const portInfos: readonly PortInfo[] = [
  { address: 'virtual://bench', kind: 'virtual', label: 'Virtual ESP32-S3 “bench”', ptyPath: '/dev/pts/7' },
  {
    address: port,
    kind: 'serial',
    label: 'USB JTAG/serial debug unit',
    vendorId: '303a',
    productId: '1001',
    serialNumber: 'F4:12:FA:E1:0C:9C',
    manufacturer: 'Espressif',
  },
  {
    address: '/dev/ttyUSB1',
    kind: 'serial',
    label: 'CP2102N USB to UART Bridge',
    vendorId: '10c4',
    productId: 'ea60',
    manufacturer: 'Silicon Labs',
  },
];

const sampleJob: FlashJob = {
  jobId: 'job-1',
  address: port,
  state: 'running',
  stage: 'write',
  stages: [
    { stage: 'connect', elapsedMs: 412 },
    { stage: 'identify', elapsedMs: 38 },
    { stage: 'stub', elapsedMs: 129 },
    { stage: 'baud', elapsedMs: 54 },
  ],
  chip: {
    chip: 'esp32s3',
    description: 'ESP32-S3 (revision v0.2)',
    mac: 'f4:12:fa:e1:0c:9c',
    flashBytes: 16 * 1024 * 1024,
    flashId: '0x1840c8',
  },
  files: [
    { offset: 0, name: 'bootloader.bin', sizeBytes: 21_024, writtenBytes: 21_024, md5: 'a1b2c3', verified: true },
    { offset: 0x8000, name: 'partition-table.bin', sizeBytes: 3_072, writtenBytes: 3_072, md5: null, verified: null },
    { offset: 0x10000, name: 'twetalk_demo.bin', sizeBytes: 1_842_176, writtenBytes: 734_003, md5: null, verified: null },
  ],
  totalBytes: 1_866_272,
  writtenBytes: 758_099,
  bytesPerSecond: 141_312,
  etaMs: 7_840,
  boardState: 'partially-written',
  error: null,
};

function refuse(code: ErrorCode, data: Record<string, unknown>) {
  return () => Promise.reject(new TalkError(code, data));
}

/** A core with believable data and no machinery: what the renderer's screens are looked at with, and its tests served by. */
export function createSampleCore(variant: SampleVariant = 'loaded'): SampleCore {
  const isEmpty = variant === 'empty';
  const conversation = sampleConversation();
  const rows = isEmpty ? [] : sampleLog(port, 4_000, conversation.durationUs);
  let settings: Settings = settingsSchema.parse({});
  let sessions: SessionSummary[] = isEmpty
    ? []
    : [
        summaryOf(sessionId),
        summaryOf('2026-03-01-0007', {
          title: 'Bring-up, board 12',
          state: 'recovered',
          startedWallMs: startedWallMs - 90_000_000,
          droppedCount: 12,
        }),
        summaryOf('2026-02-27-0003', {
          title: 'Barge-in with the fan on',
          startedWallMs: startedWallMs - 270_000_000,
          durationUs: 1_960_000_000,
          turnCount: 58,
          boards: ['bench-01', 'bench-02'],
          note: '回声消除打开',
        }),
      ];

  let status: CoreStatus = {
    state: variant === 'failing' ? 'degraded' : 'ready',
    appVersion: '0.1.0',
    dataDirectory: '~/.talkbench',
    listeners: [
      { name: 'mqtt', host: '127.0.0.1', port: 1883, state: 'listening' },
      variant === 'failing'
        ? {
            name: 'gateway',
            host: '127.0.0.1',
            port: 8787,
            state: 'failed',
            error: { code: 'listen/in-use', data: { listener: 'gateway', port: 8787 }, retryable: true },
          }
        : { name: 'gateway', host: '127.0.0.1', port: 8787, state: 'listening' },
    ],
    recordingSessionId: isEmpty ? null : sessionId,
    recoveredSessionIds: variant === 'loaded' ? ['2026-03-01-0007'] : [],
    droppedCount: variant === 'failing' ? 42 : 0,
    anchor: { wallMs: startedWallMs, monoUs: 0 },
  };
  const portStates = new Map<string, PortState>();
  const options = { baudRate: 115200, dataBits: 8, stopBits: 1, parity: 'none', resetOnOpen: false } as const;
  if (!isEmpty) {
    portStates.set(port, { address: port, state: 'open', options, receivedBytes: 318_204, sentBytes: 12 });
    if (variant === 'failing')
      portStates.set('/dev/ttyUSB1', {
        address: '/dev/ttyUSB1',
        state: 'failed',
        options,
        receivedBytes: 0,
        sentBytes: 0,
        error: { code: 'port/permission', data: { address: '/dev/ttyUSB1' }, retryable: false },
      });
  }
  const boards = new Map<string, VirtualBoard>();
  const bench: VirtualBoard = {
    name: 'bench',
    address: 'virtual://bench',
    ptyPath: '/dev/pts/7',
    productId: 'SAMPLE0001',
    deviceName: 'bench-01',
    state: 'running',
    activity: 'connected',
  };
  if (!isEmpty) boards.set(bench.name, bench);
  const devices = new Map<string, DeviceRecord>();
  const device: DeviceRecord = {
    productId: 'SAMPLE0001',
    deviceName: 'bench-01',
    hasSecret: true,
    isOnline: true,
    lastOnlineWallMs: startedWallMs,
    firmwareVersion: '1.1.7',
    properties: { volume: 80, battery: 100 },
  };
  if (!isEmpty)
    devices
      .set('bench-01', device)
      .set('bench-02', { ...device, deviceName: 'bench-02', isOnline: false, firmwareVersion: null, properties: {} });
  const live: ConversationState = {
    conversationId: conversation.record.conversationId,
    sessionId,
    productId: 'SAMPLE0001',
    deviceName: 'bench-01',
    gateway: 'twetalk',
    state: 'listening',
    turnCount: 4,
    openedWallMs: startedWallMs + 4_200,
  };
  const conversations = isEmpty ? [] : [live];
  const job: FlashJob =
    variant === 'failing'
      ? {
          ...sampleJob,
          state: 'failed',
          stage: 'connect',
          stages: [],
          chip: null,
          files: sampleJob.files.map((file) => ({ ...file, writtenBytes: 0, verified: null, md5: null })),
          writtenBytes: 0,
          boardState: 'unknown',
          error: { code: 'flash/sync-timeout', data: { address: port, attempts: 7, seen: 'nothing' }, retryable: true },
        }
      : sampleJob;

  const topics = {
    status: new Topic<CoreStatus, CoreStatus>({ snapshot: () => status }),
    ports: new Topic<PortState[], PortState>({ snapshot: () => [...portStates.values()] }),
    boards: new Topic<VirtualBoard[], VirtualBoard>({ snapshot: () => [...boards.values()] }),
    demo: new Topic<DemoProgress, DemoProgress>({ snapshot: () => ({ step: 'idle', sessionId: null, progress: 0, error: null }) }),
    jobs: new Topic<FlashJob[], FlashJob>({ snapshot: () => (isEmpty ? [] : [job]) }),
    rows: new Topic<{ sessionId: string | null; rows: LogRow[]; totalRows: number }, LogRow>({
      snapshot: () => ({ sessionId: isEmpty ? null : sessionId, rows, totalRows: rows.length }),
    }),
    events: new Topic<Record<string, never>, PipelineEvent>({ snapshot: () => ({}) }),
    conversations: new Topic<ConversationState[], ConversationState>({ snapshot: () => conversations }),
    devices: new Topic<DeviceRecord[], DeviceRecord>({ snapshot: () => [...devices.values()] }),
    sessions: new Topic<SessionSummary[], StreamDelta<'sessions.list'>>({ snapshot: () => sessions }),
    settings: new Topic<Settings, Settings>({ snapshot: () => settings }),
  };

  function setStatus(changes: Partial<CoreStatus>): void {
    status = { ...status, ...changes };
    topics.status.publish(status);
  }
  function setPort(state: PortState): PortState {
    portStates.set(state.address, state);
    topics.ports.publish(state);
    return state;
  }
  function sessionOf(id: string): SessionSummary {
    const found = sessions.find((session) => session.id === id);
    if (found === undefined) throw new TalkError('session/not-found', { id });
    return found;
  }
  function detail(id: string): SessionDetail {
    return {
      session: sessionOf(id),
      ports: [{ address: port, rowCount: rows.length, rawBytes: 318_204 }],
      conversations: [conversation.record],
      turns: conversation.turns,
      flashes: [
        {
          atUs: 120_000,
          address: port,
          chip: 'esp32s3',
          state: 'done',
          files: sampleJob.files.map(({ offset, name, sizeBytes, md5 }) => ({ offset, name, sizeBytes, md5 })),
          elapsedMs: 2_400,
        },
      ],
    };
  }

  const calls: CallHandlers = {
    'core.status': async () => status,
    'ports.list': async () => ({ ports: isEmpty ? [] : [...portInfos] }),
    'ports.open': async ({ address, options: wanted }) => {
      const known = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
      return setPort({ address, state: 'open', options: { ...options, ...known }, receivedBytes: 0, sentBytes: 0 });
    },
    'ports.close': async ({ address }) => {
      const state = portStates.get(address);
      if (state === undefined) throw new TalkError('port/closed', { address });
      setPort({ ...state, state: 'closed' });
      return {};
    },
    'ports.write': async () => ({ sentAtUs: 41_000_000 as MonoUs }),
    'ports.reset': async () => ({}),
    'boards.list': async () => ({ boards: [...boards.values()] }),
    'boards.start': async ({ name }) => {
      const board: VirtualBoard = { ...bench, name, address: `virtual://${name}`, activity: 'connecting', state: 'booting' };
      boards.set(name, board);
      topics.boards.publish(board);
      return board;
    },
    'boards.stop': async ({ name }) => {
      const board = boards.get(name);
      if (board === undefined) throw new TalkError('board/not-running', { name });
      boards.set(name, { ...board, state: 'off', activity: 'idle' });
      topics.boards.publish({ ...board, state: 'off', activity: 'idle' });
      return {};
    },
    'boards.speak': async () => ({ durationMs: 1720 }),
    'boards.text': async () => ({}),
    'boards.heard': async () => ({
      wav: sampleWav([], conversation.agentSpans, 11_900_000, 17_000_000),
      durationMs: 5_100,
      firstAudibleMs: 1_110,
    }),
    'demo.run': async () => {
      for (const step of ['start', 'flash', 'boot', 'connect', 'greeting', 'ask', 'answer', 'saved'] as const)
        topics.demo.publish({ step, sessionId, progress: 1, error: null });
      return { sessionId };
    },
    'flash.plan': async ({ files, buildFolder }): Promise<FlashPlan> => {
      const planned =
        buildFolder === undefined
          ? files.map((file) => ({
              offset: file.offset,
              name: file.name,
              sizeBytes: 'data' in file.source ? file.source.data.length : 65_536,
            }))
          : sampleJob.files.map(({ offset, name, sizeBytes }) => ({ offset, name, sizeBytes }));
      return {
        files: planned,
        totalBytes: planned.reduce((sum, file) => sum + file.sizeBytes, 0),
        expectChip: buildFolder === undefined ? null : 'esp32s3',
        options: {
          baudRate: 460800,
          before: 'default-reset',
          after: 'hard-reset',
          useStub: true,
          compress: true,
          verify: true,
          flashMode: 'keep',
          flashFrequency: 'keep',
          flashSize: 'keep',
        },
      };
    },
    'flash.start': async () => ({ jobId: sampleJob.jobId }),
    'flash.cancel': async () => {
      topics.jobs.publish({
        ...sampleJob,
        state: 'cancelled',
        error: { code: 'flash/cancelled', data: { stage: 'write', boardState: 'partially-written' }, retryable: true },
      });
      return {};
    },
    'logs.page': async ({ fromSeq, limit }) => ({ rows: rows.slice(fromSeq, fromSeq + limit), totalRows: rows.length }),
    'logs.search': async ({ filter, limit }) => {
      const text = filter.text ?? '';
      const source = filter.isRegexp ? text : text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const pattern = new RegExp(source, filter.isCaseSensitive ? 'u' : 'iu');
      const threshold = filter.minimumLevel === undefined ? levels.length : levels.indexOf(filter.minimumLevel);
      const seqs = rows
        .filter(
          (row) =>
            (filter.minimumLevel === undefined || (row.level !== undefined && levels.indexOf(row.level) <= threshold)) &&
            pattern.test(row.text),
        )
        .map((row) => row.seq);
      return { seqs: seqs.slice(0, limit), totalRows: rows.length, truncated: seqs.length > limit };
    },
    'logs.export': async () => ({ fileName: 'bench-01.log', data: new TextEncoder().encode(rows.map((row) => `${row.text}\n`).join('')) }),
    'pipeline.engines': async () => ({
      engines: [
        { id: 'silero', stage: 'vad', isAvailable: true, languages: [] },
        { id: 'phrase', stage: 'stt', isAvailable: true, languages: ['zh', 'en'] },
        { id: 'pocketsphinx', stage: 'stt', isAvailable: false, languages: ['en'], missing: 'libpocketsphinx3' },
        { id: 'scripted', stage: 'llm', isAvailable: true, languages: ['zh', 'en'] },
        { id: 'flite', stage: 'tts', isAvailable: true, languages: ['en'] },
        { id: 'espeak-ng', stage: 'tts', isAvailable: true, languages: ['zh', 'en'] },
      ],
    }),
    'pipeline.warmUp': async () => ({}),
    'pipeline.conversations': async () => ({ conversations }),
    'pipeline.interrupt': async () => ({}),
    'pipeline.text': async () => ({}),
    'pipeline.say': async () => ({}),
    'pipeline.hangUp': async () => ({}),
    'devices.list': async () => ({ devices: [...devices.values()] }),
    'devices.put': async ({ productId, deviceName, secret }) => {
      if (devices.has(deviceName)) throw new TalkError('device/duplicate', { productId, deviceName });
      const added: DeviceRecord = {
        ...device,
        productId,
        deviceName,
        isOnline: false,
        lastOnlineWallMs: null,
        firmwareVersion: null,
        properties: {},
      };
      devices.set(deviceName, added);
      topics.devices.publish(added);
      return secret === undefined ? { device: added, generatedSecret: 'c2FtcGxlLXNlY3JldC1zaG93bi1vbmNl' } : { device: added };
    },
    'devices.remove': async ({ deviceName }) => {
      devices.delete(deviceName);
      return {};
    },
    'sessions.list': async ({ limit }) => ({ sessions: sessions.slice(0, limit) }),
    'sessions.show': async ({ id }) => detail(id),
    'sessions.events': async ({ id, afterOrdinal, limit, kinds }) => {
      sessionOf(id);
      const numbered = conversation.events.map((event, ordinal) => ({ ordinal, event }));
      const wanted = numbered.filter(({ ordinal, event }) => ordinal > afterOrdinal && (kinds?.includes(event.kind) ?? true));
      return { events: wanted.slice(0, limit), hasMore: wanted.length > limit };
    },
    'sessions.audio': async ({ fromUs = 0, toUs = conversation.durationUs }) => ({
      fromUs,
      wav: sampleWav(conversation.userSpans, conversation.agentSpans, fromUs, Math.min(toUs, conversation.durationUs)),
    }),
    'sessions.peaks': async ({ bucketUs }) => ({
      uplink: samplePeaks(conversation.userSpans, conversation.durationUs, bucketUs),
      downlink: samplePeaks(conversation.agentSpans, conversation.durationUs, bucketUs),
    }),
    'sessions.latency': async () => ({ turns: conversation.turns, percentiles: [], unanswered: 0 }),
    'sessions.start': async () => {
      setStatus({ recordingSessionId: sessionId });
      return { id: sessionId };
    },
    'sessions.stop': async () => {
      setStatus({ recordingSessionId: null });
      return { id: sessionId };
    },
    'sessions.update': async ({ id, title, note }) => {
      const changed = { ...sessionOf(id), ...(title === undefined ? {} : { title }), ...(note === undefined ? {} : { note }) };
      sessions = sessions.map((session) => (session.id === id ? changed : session));
      topics.sessions.publish({ summary: changed });
      return changed;
    },
    'sessions.remove': async ({ id }) => {
      sessionOf(id);
      sessions = sessions.filter((session) => session.id !== id);
      topics.sessions.publish({ summary: null, removedId: id });
      return {};
    },
    'sessions.export': async ({ id }) => ({ fileName: `${id}.talkbench`, data: new TextEncoder().encode('sample') }),
    'sessions.import': async () => ({ id: sessionId }),
    'settings.get': async () => ({ settings, problems: [] }),
    'settings.set': async ({ changes }) => {
      const merged = Object.fromEntries(Object.entries(settings).map(([group, fields]) => [group, { ...fields, ...changes[group] }]));
      const parsed = settingsSchema.safeParse(merged);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw new TalkError('settings/invalid', { key: issue?.path.join('.') ?? '', issues: parsed.error.issues });
      }
      settings = parsed.data;
      topics.settings.publish(settings);
      return { settings, restartNeeded: 'listeners' in changes ? ['listeners.mqttPort'] : [] };
    },
  };
  if (variant === 'failing')
    Object.assign(calls, {
      'ports.list': async () => ({ ports: [], problem: { code: 'port/list-unavailable', data: { missing: 'udevadm' }, retryable: false } }),
      'ports.open': refuse('port/busy', { address: '/dev/ttyUSB1', owner: 'minicom' }),
      'flash.plan': refuse('flash/bad-file', { path: 'build/flasher_args.json', reason: 'ENOENT' }),
      'sessions.show': refuse('session/not-found', { id: sessionId }),
      'boards.start': refuse('board/pty-unavailable', { platform: 'win32' }),
      'demo.run': refuse('board/pty-unavailable', { platform: 'win32' }),
      'devices.put': refuse('device/duplicate', { productId: 'SAMPLE0001', deviceName: 'bench-01' }),
      'pipeline.engines': refuse('internal', { id: 'e-1' }),
    } satisfies Partial<Record<keyof CallHandlers, unknown>>);

  return {
    calls,
    streams: {
      'core.status': () => ({ topic: topics.status }),
      'ports.state': () => ({ topic: topics.ports }),
      'boards.state': () => ({ topic: topics.boards }),
      'demo.progress': () => ({ topic: topics.demo }),
      'flash.jobs': () => ({ topic: topics.jobs }),
      'logs.rows': ({ tail }) => ({
        topic: topics.rows,
        snapshot: () => ({ ...topics.rows.snapshot(), rows: rows.slice(-tail) }),
      }),
      'pipeline.events': () => ({ topic: topics.events }),
      'pipeline.conversations': () => ({ topic: topics.conversations }),
      'devices.state': () => ({ topic: topics.devices }),
      'sessions.list': () => ({ topic: topics.sessions }),
      'settings.state': () => ({ topic: topics.settings }),
    },
    pushRow(row) {
      rows.push(row);
      topics.rows.publish(row);
    },
    pushEvent(event) {
      topics.events.publish(event);
    },
  };
}
