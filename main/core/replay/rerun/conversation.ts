import { randomUUID } from 'node:crypto';
import type { Conversation } from '../../../../pipeline/conversation.ts';
import type { AudioPacket, PipelineEvent } from '../../../../preload/contract/events.ts';
import type { RerunFacts, RerunPace } from '../../../../preload/contract/replay.ts';
import type { ConversationSettings } from '../../../../preload/contract/settings.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { Recorder } from '../../sessions/recorder.ts';
import type { Access } from './access.ts';
import type { Claim, RerunClaims } from './claims.ts';
import type { DeviceEvents } from './devices/device.ts';
import type { RecordedConversation } from './recording.ts';
import { RemoteTurns } from './remote-turns.ts';
import { Replies } from './replies.ts';
import { RecordedTools } from './tools.ts';
import { RecordedUplink } from './uplink.ts';

/** Until the bench has noticed that the device is gone. */
const CLOSING_US = 3_000_000;

export interface ConversationRun {
  clock: Clock;
  recorded: RecordedConversation;
  access: Access;
  recorder: Pick<Recorder, 'event' | 'packet'>;
  language: 'zh' | 'en';
  pace: RerunPace;
  /** Of this bench: what its conversation runs with. */
  here: ({ claims: RerunClaims } & Pick<Claim, 'ofDevice' | 'settings' | 'hasOwnEngines'>) | null;
  /** Of another one: where. */
  address: string | null;
  signal: AbortSignal;
  onState(state: 'connecting' | 'speaking' | 'waiting' | 'ending'): void;
  onConversation(conversationId: string): void;
  onProgress(doneUs: number, totalUs: number): void;
}

/** One recorded conversation said again, from connecting to hanging up. Rejects with TalkError 'talk/refused', 'talk/no-reply', 'cancelled'. */
export async function talkAgain(run: ConversationRun): Promise<RerunFacts> {
  const { clock, recorded, access, here, signal } = run;
  const tools = new RecordedTools(recorded.tools);
  const replies = new Replies(clock, here !== null);
  const over = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const far = here === null ? farSide(run) : null;
  let conversationId: string | null = far?.conversationId ?? null;
  let conversation: Conversation | null = null;

  using claimed = new DisposableStack();
  const claim: Claim | null =
    here === null
      ? null
      : {
          device: access.device,
          recorder: run.recorder,
          ofDevice: here.ofDevice,
          settings: here.settings,
          hasOwnEngines: here.hasOwnEngines,
          onConversation(its) {
            conversation = its;
            conversationId ??= its.conversationId;
            run.onConversation(its.conversationId);
          },
          onEvent(event) {
            follow(event, replies);
            if (event.kind !== 'conversation.closed') return;
            over.resolve();
            gone.resolve();
          },
        };
  if (here !== null && claim !== null) claimed.defer(here.claims.claim(claim));

  const events: DeviceEvents = {
    onSounding(isSounding, atUs) {
      replies.sounding(isSounding);
      far?.turns.sounding(isSounding, atUs);
      if (isSounding && device.reportsPlayout !== true) far?.turns.audible(atUs);
    },
    onPlayout(report) {
      conversation?.playout({ ...report, source: 'device' });
      if (report.kind === 'audible') far?.turns.audible(report.atUs);
    },
    onAudio: (packet, atUs) => far?.packet('downlink', packet, atUs),
    onText: (who, text) => far?.turns.text(who, text, clock.nowUs()),
    onMessage: (direction, name, text) => far?.turns.message(direction, name, text, recorded.gateway, clock.nowUs()),
    onTool: (name, parameters, answer) => far?.turns.tool(name, parameters, answer, clock.nowUs()),
    onClosed: () => over.resolve(),
  };
  const device = access.create({ ...events, clock, recorded, language: run.language, tools });
  const { speech } = recorded;
  let isWaiting = false;
  let uplink: RecordedUplink | null = null;
  const uplinkOf = () =>
    new RecordedUplink(recorded, {
      clock,
      pace: run.pace,
      format: device.format,
      send(packet, isRecorded) {
        device.send(packet, isRecorded);
        far?.packet('uplink', packet, clock.nowUs());
      },
      cue: (cue) => device.cue(cue),
      onSpeech(kind) {
        if (kind === 'ended') replies.asked();
        far?.turns.speech(kind, clock.nowUs());
      },
      mayGoOn(index) {
        const before = speech[index - 1];
        const mayGoOn = replies.isOver(
          before === undefined ? (recorded.isGreeted ? 'greeting' : 'nothing') : before.isAnswered ? 'answer' : 'nothing',
        );
        if (isWaiting === mayGoOn) {
          isWaiting = !mayGoOn;
          run.onState(isWaiting ? 'waiting' : 'speaking');
        }
        return mayGoOn;
      },
      onProgress: (doneUs, totalUs) => run.onProgress(doneUs, totalUs),
    });

  const onAbort = () => over.reject(new TalkError('cancelled'));
  over.promise.catch(() => {});
  try {
    signal.throwIfAborted();
    uplink = uplinkOf();
    signal.addEventListener('abort', onAbort, { once: true });
    run.onState('connecting');
    far?.opened(device.format);
    await Promise.race([device.start(), over.promise]);
    run.onState('speaking');
    uplink.start();
    await Promise.race([uplink.ended, over.promise]);
    run.onState('ending');
  } catch (error) {
    throw signal.aborted ? new TalkError('cancelled') : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    uplink?.stop();
    await device.stop();
    far?.turns.closed(signal.aborted ? 'cancelled' : 'the re-run is over', clock.nowUs());
    if (here !== null && conversation !== null) await Promise.race([gone.promise, pause(clock, CLOSING_US)]);
  }
  if (conversationId === null || uplink === null) throw new TalkError('talk/no-reply', { waitedMs: 0, waitedFor: 'conversation.opened' });
  return {
    recordedId: recorded.conversationId,
    conversationId,
    packets: uplink.packets,
    exactPackets: uplink.exactPackets === uplink.packets ? uplink.sentPackets : 0,
    sentPackets: uplink.sentPackets,
    filledFrames: uplink.filledFrames,
    toolsAnswered: tools.answered,
    toolsUnanswered: tools.unanswered,
  };
}

/** What the bench tells of the turns. */
function follow(event: PipelineEvent, replies: Replies): void {
  if (event.kind === 'turn.state') replies.thinking(event.state !== 'idle' && event.state !== 'listening');
  if (event.kind === 'turn.ended') replies.turnOver();
}

/** Another bench or a cloud: recorded from the device's side. */
function farSide({ clock, recorded, access, recorder, address, language, onConversation }: ConversationRun) {
  const conversationId = randomUUID();
  const turns = new RemoteTurns(conversationId, (event) => recorder.event(event));
  const media = { uplink: { index: 0, us: 0 }, downlink: { index: 0, us: 0 } };
  let openedUs = clock.nowUs();
  let format: Pick<AudioPacket, 'codec'> & { frameMs: number } = recorded.uplink;
  return {
    conversationId,
    turns,
    opened(sent: typeof format) {
      format = sent;
      openedUs = clock.nowUs();
      onConversation(conversationId);
      turns.opened(recorded, { ...access.device, address: address ?? '', language }, openedUs);
    },
    packet(track: 'uplink' | 'downlink', bytes: Uint8Array, atUs: MonoUs) {
      const { codec, frameMs } = track === 'uplink' ? format : recorded.downlink;
      const place = media[track];
      const durationUs = codec === 'pcm' ? Math.round((bytes.length / 32) * 1000) : frameMs * 1000;
      // A pause between replies is a gap of the media time.
      if (track === 'downlink') place.us = Math.max(place.us, atUs - openedUs - durationUs);
      recorder.packet({ conversationId, track, index: place.index, atUs, mediaUs: place.us, durationUs, codec, sampleRate: 16_000, bytes });
      place.index += 1;
      place.us += durationUs;
    },
  };
}

/** The same object for the same one, as turn-taking takes another for a change. */
export function settingsOver(
  lay: (base: ConversationSettings) => ConversationSettings,
): (base: ConversationSettings) => ConversationSettings {
  let known: { base: ConversationSettings; settings: ConversationSettings } | null = null;
  return (base) => {
    if (known?.base !== base) known = { base, settings: lay(base) };
    return known.settings;
  };
}

function pause(clock: Clock, us: number): Promise<void> {
  return new Promise((resolve) => void clock.at((clock.nowUs() + us) as MonoUs, resolve));
}
