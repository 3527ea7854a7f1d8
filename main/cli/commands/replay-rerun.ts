import { type Command, Option } from 'commander';
import type { Client } from '../../../preload/contract/client.ts';
import type { RerunProgress } from '../../../preload/contract/replay.ts';
import type { TurnRecord } from '../../../preload/contract/sessions.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { type CommonOptions, interruptSignal, runWithCore } from '../command.ts';
import type { Output } from '../output.ts';
import { type GivenSetting, settingTree } from '../setting-options.ts';
import type { ReplayWay } from './replay.ts';

interface RerunOptions extends CommonOptions {
  rerun?: boolean;
  conversation?: string;
  set: GivenSetting[];
  agent?: string;
  language?: 'zh' | 'en';
  pace: 'recorded' | 'turns';
  to?: string;
  product?: string;
  device?: string;
  sdkAppId?: string;
  room?: string;
  asRecorded?: boolean;
  title?: string;
}

/** `talkbench replay SESSION --rerun --set turns.vadSilenceMs=800`. */
export const rerunWay: ReplayWay = {
  flag: '--rerun',
  help:
    'JSON of --rerun: {"sessionId","conversationId","conversations":[{"recordedId","conversationId","packets","exactPackets","sentPackets","filledFrames",' +
    '"toolsAnswered","toolsUnanswered"}],\n "turns":[{"before":{"transcript","reply","totalMs"},"after",…}]}',
  addOptions: (command: Command) =>
    command
      .option('--rerun', 'what the user said, said again by a virtual device over the same protocol, into a new session')
      .option('--agent <id>', 'with --rerun: another agent')
      .addOption(new Option('--language <language>', 'with --rerun: what the device says it speaks').choices(['zh', 'en']))
      .addOption(
        new Option('--pace <pace>', 'with --rerun: at the recorded moments, or each utterance once the reply to the one before is over')
          .choices(['recorded', 'turns'])
          .default('recorded'),
      )
      .option(
        '--to <address>',
        'with --rerun: another bench or a cloud: mqtt(s)://HOST:PORT, ws(s)://…, tuya(-tls)://HOST:PORT, http(s)://OTA',
      )
      .option('--product <id>', 'with --to: your product')
      .option('--device <name>', 'with --to: your device or user; its key, UserSig or token is read from TALKBENCH_REPLAY_SECRET')
      .option('--sdk-app-id <id>', 'with --to, of TRTC')
      .option('--room <id>', 'with --to, of TRTC: the room')
      .option('--as-recorded', 'with --rerun: as the recorded device itself')
      .option('--title <text>', 'with --rerun: of the new session'),
  isChosen: ({ rerun }) => rerun === true,
  run: (sessions, common) =>
    runWithCore(common, 'ephemeral', (client, output) => runAgain(client, output, sessions, common as RerunOptions)),
};

async function runAgain(client: Client, output: Output, sessions: readonly string[], options: RerunOptions): Promise<void> {
  const { conversation, set, agent, language, pace, title } = options;
  if (sessions.length > 1) throw new TalkError('bad-request', { issues: [{ path: 'replay', message: '--rerun is of one session' }] });
  const [sessionId = (await client.call('sessions.list', { limit: 1 })).sessions[0]?.id ?? ''] = sessions;
  const telling = tell(output, (run) => isOurs(run, sessionId, conversation));
  const unsubscribe = client.subscribe('replay.reruns', {}, { onSnapshot() {}, onDelta: (runs) => runs.forEach(telling) });
  const remote = remoteOf(options);
  const result = await client
    .call(
      'replay.rerun',
      {
        ...{ sessionId, pace, settings: settingTree(set), isAsRecorded: options.asRecorded === true },
        ...(conversation !== undefined && { conversationId: conversation }),
        ...(agent !== undefined && { agent }),
        ...(language !== undefined && { language }),
        ...(title !== undefined && { title }),
        ...(remote !== undefined && { remote }),
      },
      { signal: interruptSignal() },
    )
    .finally(unsubscribe);
  const before = await client.call('sessions.show', { id: sessionId });
  const after = await client.call('sessions.show', { id: result.sessionId });
  const turns = result.conversations.flatMap(({ recordedId, conversationId }) => {
    const of = (all: readonly TurnRecord[], id: string) => all.filter((turn) => turn.conversationId === id).map(shown);
    const [recorded, said] = [of(before.turns, recordedId), of(after.turns, conversationId)];
    return Array.from({ length: Math.max(recorded.length, said.length) }, (_, at) => ({
      before: recorded[at] ?? null,
      after: said[at] ?? null,
    }));
  });
  output.result({ ...result, turns }, (it) =>
    [
      ...it.conversations.map(
        (one) =>
          `${one.sentPackets} of ${one.packets} packets sent, ${one.exactPackets} as they were, ${one.filledFrames} frames of silence put in`,
      ),
      ...it.turns.flatMap((turn) => [`before\t${line(turn.before)}`, `after\t${line(turn.after)}`]),
      `session ${it.sessionId}`,
    ].join('\n'),
  );
}

function remoteOf({ to, product, device, sdkAppId, room }: RerunOptions) {
  if (to === undefined) return undefined;
  const secret = process.env.TALKBENCH_REPLAY_SECRET;
  return {
    address: to,
    ...(product !== undefined && { productId: product }),
    ...(device !== undefined && { deviceName: device }),
    ...(sdkAppId !== undefined && { sdkAppId: Number(sdkAppId) }),
    ...(room !== undefined && { roomId: room }),
    ...(secret !== undefined && { secret }),
  };
}

function isOurs({ sourceSessionId, conversations }: RerunProgress, sessionId: string, conversation: string | undefined): boolean {
  return (
    sourceSessionId === sessionId && (conversation === undefined || conversations.some(({ recordedId }) => recordedId === conversation))
  );
}

function tell(output: Output, isOurs: (run: RerunProgress) => boolean): (run: RerunProgress) => void {
  let told = '';
  return (run) => {
    if (!isOurs(run)) return;
    const { state, doneUs, totalUs } = run;
    const seconds = (us: number) => Math.round(us / 1e6);
    const text = state === 'speaking' ? `speaking, of ${seconds(totalUs)} s` : state;
    if (text === told) return;
    told = text;
    output.say(state === 'waiting' ? `waiting for the reply (${seconds(doneUs)} s of ${seconds(totalUs)} s said)` : text);
  };
}

interface ShownTurn {
  transcript: string;
  reply: string;
  outcome: string | null;
  totalMs: number | null;
  tools: string[];
}

function shown({ userText, replyText, outcome, breakdown, toolCalls }: TurnRecord): ShownTurn {
  const totalMs = breakdown.totalUs === null ? null : breakdown.totalUs / 1000;
  return { transcript: userText, reply: replyText, outcome, totalMs, tools: toolCalls.map(({ name }) => name) };
}

function line(turn: ShownTurn | null): string {
  if (turn === null) return '—';
  const ms = turn.totalMs === null ? '—' : `${turn.totalMs.toFixed(0)} ms`;
  return [ms, turn.outcome ?? '', turn.transcript, `→ ${turn.reply}`, ...turn.tools.map((name) => `[${name}]`)].join('\t');
}
