import type { AgentDocument, AgentLayer } from '../../../../preload/contract/agents.ts';
import type { RerunFacts, RerunPace, RerunProgress, RerunRemote } from '../../../../preload/contract/replay.ts';
import type { ConversationSettings } from '../../../../preload/contract/settings.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { AgentService } from '../../agents/agents.ts';
import { checkedLayer, resolved, validLayer } from '../../agents/layers.ts';
import type { Recorder } from '../../sessions/recorder.ts';
import type { Store } from '../../store/store.ts';
import { type AccessDeps, accessAt, accessHere, withoutCredentials } from './access.ts';
import type { Claim, RerunClaims } from './claims.ts';
import { settingsOver, talkAgain } from './conversation.ts';
import { type RecordedConversation, recordedConversations } from './recording.ts';

export interface RerunRequest {
  sessionId: string;
  /** Without it every conversation of the session that has an uplink. */
  conversationId?: string | undefined;
  /** Id of an agent. */
  agent?: string | undefined;
  /** Laid over what the device has: `{turns: {vadSilenceMs: 400}}`. */
  settings?: AgentLayer | undefined;
  language?: 'zh' | 'en' | undefined;
  pace: RerunPace;
  remote?: RerunRemote | undefined;
  isAsRecorded?: boolean | undefined;
  title?: string | undefined;
  signal: AbortSignal;
  onProgress?: (progress: Omit<RerunProgress, 'id' | 'error'>) => void;
}

export interface RerunResult {
  /** The new session, ended and stored. */
  sessionId: string;
  /** The first of `conversations`. */
  conversationId: string;
  conversations: RerunFacts[];
}

export interface RerunDeps extends AccessDeps {
  clock: Clock;
  store: Pick<Store, 'read' | 'bulk' | 'flush'>;
  claims: RerunClaims;
  /** Each run has one of its own. */
  createRecorder: () => Recorder;
  benchSettings: () => ConversationSettings;
  agents: Pick<AgentService, 'conversationSettings'>;
  agentOf: (id: string) => AgentDocument | undefined;
  warmUp: () => Promise<void>;
  /** What was typed must be in no log and no export. */
  onSecret: (secret: string) => void;
  /** The new session as it is to be listed. */
  describe: (id: string, session: { title: string; note: string }) => Promise<unknown>;
  discard: (id: string) => Promise<unknown>;
}

/** Progress is told so often. */
const TOLD_US = 250_000;

/**
 * What the user said in a recorded conversation, said again by a virtual device over the same protocol, into a session of its own. Rejects
 * with TalkError 'session/not-found', 'not-found' (conversation, agent), 'replay/no-uplink', 'replay/no-device', 'replay/bad-address',
 * 'replay/credentials', 'replay/device-online', 'settings/invalid', 'talk/refused', 'cancelled'.
 */
export async function rerun(deps: RerunDeps, request: RerunRequest): Promise<RerunResult> {
  const { clock, store } = deps;
  const { sessionId, remote, pace } = request;
  const layer = validLayer(request.settings ?? {});
  const agent = request.agent === undefined ? undefined : deps.agentOf(request.agent);
  if (request.agent !== undefined && agent === undefined) throw new TalkError('not-found', { what: 'agent', id: request.agent });
  for (const secret of remote === undefined ? [] : secretsOf(remote)) deps.onSecret(secret);
  // What was just said is part of it.
  await store.flush().catch(() => {});
  const recorded = await recordedConversations(store, request, request.signal);
  const source = await store.read('session.summary', { id: sessionId });
  if (remote === undefined) await deps.warmUp();
  // What cannot be reached at all is refused before a session is begun for it.
  else for (const its of recorded) accessAt(remote, its);

  const recorder = deps.createRecorder();
  const title = request.title ?? `↻ ${source?.title || sessionId}`.slice(0, 200);
  const failed = new AbortController();
  const signal = AbortSignal.any([request.signal, failed.signal]);
  const progress = new Progress(recorded, request, clock);
  const firstUs = Math.min(...recorded.map(({ fromUs }) => fromUs));
  let newId: string | null = null;

  async function one(its: RecordedConversation, index: number): Promise<RerunFacts> {
    const language = request.language ?? its.language;
    // One after the other, as far apart as they were.
    await until(clock, (startedUs + (its.fromUs - firstUs)) as MonoUs, signal);
    const access = remote === undefined ? await accessHere(its, request.isAsRecorded === true, deps) : accessAt(remote, its);
    try {
      return await talkAgain({
        ...{ clock, recorded: its, access, recorder, language, pace, signal },
        here: remote === undefined ? { claims: deps.claims, ...settingsFor(its, language, { agent, layer }, deps) } : null,
        address: remote === undefined ? null : withoutCredentials(remote.address),
        onState: (state) => progress.state(index, state),
        onConversation: (conversationId) => progress.conversation(index, conversationId),
        onProgress: (doneUs, totalUs) => progress.done(index, doneUs, totalUs),
      });
    } finally {
      await access.release();
    }
  }

  const startedUs = clock.nowUs();
  try {
    newId = recorder.ensureSession(title).id;
    await deps.describe(newId, { title, note: noteOf(request, 'under way') });
    progress.session(newId);
    // With the first that fails the others end too: nobody goes on talking into a session that is over.
    const faults: unknown[] = [];
    const said = await Promise.all(
      recorded.map((its, index) =>
        one(its, index).catch((error: unknown) => {
          faults.push(error);
          failed.abort();
          return null;
        }),
      ),
    );
    if (faults.length > 0) throw faults[0];
    const conversations = said.filter((facts) => facts !== null);
    await recorder.stop();
    await deps.describe(newId, { title, note: noteOf(request, 'done', conversations) });
    progress.end('done');
    return { sessionId: newId, conversationId: conversations[0]?.conversationId ?? '', conversations };
  } catch (error) {
    const state = request.signal.aborted ? 'cancelled' : 'failed';
    await recorder.stop();
    // Where nobody said anything there is nothing to keep.
    if (newId !== null) await (progress.hasTalked ? deps.describe(newId, { title, note: noteOf(request, state) }) : deps.discard(newId));
    progress.end(state);
    throw request.signal.aborted ? new TalkError('cancelled') : error;
  }
}

/** The agent, or what the recorded device has here, and the run's settings over that. A TRTC task had its own, which were recorded. */
function settingsFor(
  recorded: RecordedConversation,
  language: 'zh' | 'en',
  { agent, layer }: { agent: AgentDocument | undefined; layer: AgentLayer },
  deps: RerunDeps,
): Pick<Claim, 'ofDevice' | 'settings' | 'hasOwnEngines'> {
  const withAgent = settingsOver((bench) => resolved(bench, [{ origin: 'agent', layer: agent?.layer ?? {} }]).settings);
  const { agent: _spoken, ...turnTaking } = recorded.settings;
  const asRecorded = recorded.gateway === 'trtc' ? checkedLayer(agent === undefined ? recorded.settings : turnTaking).layer : {};
  const layers = [asRecorded, layer].map((each) => ({ origin: 'device' as const, layer: each }));
  return {
    ofDevice: agent === undefined ? deps.agents.conversationSettings(recorded, language) : () => withAgent(deps.benchSettings()),
    settings: settingsOver((base) => resolved(base, layers).settings),
    hasOwnEngines: [agent?.layer, layer].some((each) => Object.keys(each?.engines ?? {}).length > 0),
  };
}

/** For people, and for programs that look for where a session comes from. */
function noteOf(request: RerunRequest, state: string, conversations: readonly RerunFacts[] = []): string {
  const { sessionId, conversationId, agent, settings, remote, pace } = request;
  return [
    `replay.of: ${sessionId}${conversationId === undefined ? '' : `/${conversationId}`}`,
    `replay.state: ${state}`,
    `replay.pace: ${pace}`,
    ...(agent === undefined ? [] : [`replay.agent: ${agent}`]),
    ...(settings === undefined || Object.keys(settings).length === 0 ? [] : [`replay.settings: ${JSON.stringify(settings)}`]),
    ...(remote === undefined ? [] : [`replay.to: ${withoutCredentials(remote.address)}`]),
    ...conversations.map(
      (one) =>
        `replay.conversation: ${one.conversationId} of ${one.recordedId}: ${one.sentPackets} of ${one.packets} packets sent, ${one.exactPackets} of them as they were, ${one.filledFrames} frames of silence put in`,
    ),
  ].join('\n');
}

/** All that nobody is to read: also what stands in the address itself. */
function secretsOf({ secret, address }: RerunRemote): string[] {
  const url = URL.canParse(address) ? new URL(address) : null;
  const inAddress = url === null ? [] : [url.username, url.password, ...url.searchParams.values()].map(decoded);
  // A short one is a word of a language, and would be blacked out of every sentence.
  return [...(secret === undefined || secret === '' ? [] : [secret]), ...inAddress.filter(({ length }) => length >= 8)];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

class Progress {
  readonly #request: RerunRequest;
  readonly #clock: Clock;
  readonly #states: RerunProgress['state'][];
  readonly #doneUs: number[];
  readonly #totalUs: number[];
  readonly #conversations: RerunProgress['conversations'];
  #sessionId: string | null = null;
  #toldUs = Number.NEGATIVE_INFINITY;

  constructor(recorded: readonly RecordedConversation[], request: RerunRequest, clock: Clock) {
    this.#request = request;
    this.#clock = clock;
    this.#states = recorded.map(() => 'connecting');
    this.#doneUs = recorded.map(() => 0);
    this.#totalUs = recorded.map(({ lastUs }) => lastUs);
    this.#conversations = recorded.map(({ conversationId }) => ({ recordedId: conversationId, conversationId: null }));
  }

  get hasTalked(): boolean {
    return this.#conversations.some(({ conversationId }) => conversationId !== null);
  }

  session(id: string): void {
    this.#sessionId = id;
    this.#tell(true);
  }

  conversation(index: number, conversationId: string): void {
    const its = this.#conversations[index];
    if (its !== undefined) its.conversationId = conversationId;
    this.#tell(true);
  }

  state(index: number, state: RerunProgress['state']): void {
    this.#states[index] = state;
    this.#tell(true);
  }

  done(index: number, doneUs: number, totalUs: number): void {
    this.#doneUs[index] = doneUs;
    this.#totalUs[index] = totalUs;
    this.#tell(false);
  }

  end(state: 'done' | 'failed' | 'cancelled'): void {
    this.#states.fill(state);
    this.#tell(true);
  }

  #tell(isAtOnce: boolean): void {
    const nowUs = this.#clock.nowUs();
    if (!isAtOnce && nowUs - this.#toldUs < TOLD_US) return;
    this.#toldUs = nowUs;
    const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
    this.#request.onProgress?.({
      sourceSessionId: this.#request.sessionId,
      state: this.#states.find((state) => state === 'speaking') ?? this.#states.find((state) => state !== 'ending') ?? 'ending',
      doneUs: sum(this.#doneUs),
      totalUs: sum(this.#totalUs),
      sessionId: this.#sessionId,
      conversations: this.#conversations.map((one) => ({ ...one })),
    });
  }
}

function until(clock: Clock, atUs: MonoUs, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel();
      reject(new TalkError('cancelled'));
    };
    const cancel = clock.at(atUs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
