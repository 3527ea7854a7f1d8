import { TalkError } from '../../preload/contract/errors.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import { createAgent } from '../agent/agent.ts';
import { History } from '../agent/history.ts';
import { createToolRunner, type RunTool } from '../agent/tools.ts';
import { Pacer } from '../audio/pacer.ts';
import type { Conversation, ConversationDeps, ConversationOptions, ConversationPeer, StartConversation } from '../conversation.ts';
import { createFrameEncoder, createPacketDecoder } from './codec.ts';
import { TurnController } from './controller.ts';
import { fixedEndpointing } from './endpointing.ts';
import { interruptionPolicy } from './interruption.ts';
import { Listening } from './listening.ts';
import { reply } from './reply.ts';
import { SpeechDetector } from './speech-detector.ts';
import { asTalkError } from './stage.ts';
import { createTelling } from './telling.ts';
import type { Turn } from './turn.ts';
import { Uplink } from './uplink.ts';

/** A socket that holds more than this many packets is not fed. */
const CLOGGED_PACKETS = 3;
/** Until the first packet is known: 60 ms of PCM. */
const MOST_PACKET_BYTES = 1920;

/** The conversations of one core: every gateway calls the result for each voice connection it gets. */
export function createStartConversation(deps: ConversationDeps): StartConversation {
  return (options, peer) => startConversation(deps, options, peer);
}

function startConversation(deps: ConversationDeps, options: ConversationOptions, peer: ConversationPeer): Conversation {
  const { clock, observer, engines } = deps;
  const { conversationId, language, settings } = options;
  const openedUs = clock.nowUs();
  const session = new AbortController();
  let isGone = false;
  // The board may go in the middle of a word to it, and there is no further one then.
  const tell: ConversationPeer['tell'] = (message) => isGone || peer.tell(message);
  const telling = createTelling({ clock, observer, peer: { tell }, conversationId });
  const policy = interruptionPolicy(settings.turns);
  const endpointing = fixedEndpointing(settings.turns.vadSilenceMs);
  const history = new History(settings.agent.historyRounds);
  const agent = createAgent({
    language,
    systemPrompt: settings.agent.systemPrompt,
    greeting: language === 'zh' ? settings.agent.greetingZh : settings.agent.greetingEn,
    variables: options.variables,
  });
  const encoder = createFrameEncoder(options.downlink, settings.downlink.bitrate);
  const frameUs = options.downlink.frameMs * 1000;
  let downlinkIndex = 0;
  let packetBytes = MOST_PACKET_BYTES;

  telling.event({
    kind: 'conversation.opened',
    gateway: options.gateway,
    productId: options.productId,
    deviceName: options.deviceName,
    language,
    uplink: options.uplink,
    downlink: options.downlink,
    query: options.query,
    engines: { vad: engines.vad.id, stt: engines.stt.id, llm: engines.llm.id, tts: engines.tts.id },
    settings: { turns: settings.turns, downlink: settings.downlink, agent: settings.agent },
  });

  function observePacket(packet: Parameters<typeof observer.packet>[0]): void {
    try {
      observer.packet(packet);
    } catch {
      // As with events: observers report their own faults.
    }
  }

  function engineError(stage: 'vad' | 'transport', error: TalkError): void {
    telling.event({ kind: 'engine.error', stage, error: error.value });
  }

  const pacer = new Pacer({
    clock,
    frameUs,
    leadUs: settings.downlink.leadMs * 1000,
    isClogged: () => peer.bufferedBytes() > CLOGGED_PACKETS * packetBytes,
    send(frame, playUs) {
      const mediaUs = playUs - openedUs;
      let packet: Uint8Array;
      try {
        packet = encoder.encode(frame);
        packetBytes = packet.byteLength;
        peer.sendAudio(packet, mediaUs);
      } catch (error) {
        engineError('transport', asTalkError(error, 'transport', options.gateway));
        return;
      }
      const { codec, sampleRate } = options.downlink;
      const atUs = clock.nowUs();
      observePacket({
        conversationId,
        track: 'downlink',
        index: downlinkIndex++,
        atUs,
        mediaUs,
        durationUs: frameUs,
        codec,
        sampleRate,
        bytes: packet,
      });
    },
    onUnderrun: (gapUs) => controller.underrun(gapUs),
    onDepth: (queuedUs) => telling.event({ kind: 'downlink.queue', queuedUs }),
  });

  const controller: TurnController = new TurnController({
    clock,
    telling,
    pacer,
    history,
    policy,
    endpointReason: endpointing.reason,
    deviceDelayUs: settings.downlink.deviceDelayMs * 1000,
    reply: (turn, source) =>
      reply(turn, source, {
        clock,
        engines,
        language,
        preamble: agent.preamble,
        history,
        tools: () => peer.tools(),
        runTool,
        pacer,
        frameMs: options.downlink.frameMs,
        telling,
        onSentence: (turn, chunk, playUs) => controller.sentenceStarted(turn, chunk, playUs),
        onLeadKnown: (turn, leadUs) => controller.leadKnown(turn, leadUs),
        onFailure: (turn, stage, error) => controller.failed(turn, stage, error),
      }),
    onReplyEnded: () => listening.replyEnded(),
    onDeaf: (isDeaf) => uplink.setDeaf(isDeaf),
  });

  function runTool(turn: Turn): RunTool {
    return createToolRunner({
      clock,
      timeoutMs: settings.agent.toolTimeoutMs,
      signal: session.signal,
      call: (name, parameters, signal) => peer.callTool(name, parameters, signal),
      onCall: (call) => telling.event({ kind: 'tool.call', turnId: turn.id, callId: call.id, name: call.name, arguments: call.arguments }),
      onResult: ({ call, isOk, result, elapsedUs }) =>
        telling.event({ kind: 'tool.result', turnId: turn.id, callId: call.id, name: call.name, isOk, result, elapsedUs }),
    });
  }

  const listening: Listening = new Listening({
    clock,
    stt: engines.stt,
    language,
    endpointing,
    policy,
    telling,
    signal: session.signal,
    clockUs: (mediaUs) => uplink.clockUs(mediaUs),
    restart: () => detector.restart(),
    host: controller,
  });

  const detector = new SpeechDetector({
    threshold: settings.turns.vadThreshold,
    minimumSpeechMs: settings.turns.minimumSpeechMs,
    prerollMs: settings.turns.prerollMs,
    silenceMs: () => listening.silenceMs(),
    listener: listening,
  });

  const uplink = new Uplink({
    clock,
    format: options.uplink,
    vad: engines.vad,
    decoder: createPacketDecoder(options.uplink),
    detector,
    silenceMs: () => listening.silenceMs(),
    onPacket: (packet) => observePacket({ conversationId, ...packet }),
    onUndecodable: (error) => engineError('transport', asTalkError(error, 'transport', options.uplink.codec)),
    onLag: (lagUs) =>
      engineError('vad', new TalkError('engine/timeout', { stage: 'vad', engine: engines.vad.id, timeoutMs: Math.round(lagUs / 1000) })),
    onDropped: (count) => telling.event({ kind: 'dropped', what: 'uplink packets waiting for voice activity detection', count }),
    onVadError: (error) => engineError('vad', asTalkError(error, 'vad', engines.vad.id)),
  });

  // The caller must have the conversation before its peer is told anything.
  queueMicrotask(() => controller.open(agent.greeting));

  const closed = Promise.withResolvers<void>();
  let isClosing = false;
  return {
    conversationId,
    get state() {
      return controller.state;
    },
    uplink: (packet: Uint8Array, receivedUs: MonoUs) => uplink.receive(packet, receivedUs),
    text(text, { initiator, isSpoken }) {
      listening.discard();
      detector.restart();
      controller.text(text, initiator, isSpoken);
    },
    say(text) {
      listening.discard();
      detector.restart();
      controller.say(text);
    },
    interrupt: (reason) => controller.interrupt(reason),
    playout: (report) => controller.playout(report),
    close(reason) {
      if (isClosing) return;
      isClosing = true;
      listening.discard();
      uplink.close();
      controller.close();
      session.abort(new TalkError('cancelled'));
      telling.event({ kind: 'conversation.closed', reason });
      void controller.drained().then(() => {
        encoder.close();
        closed.resolve();
      });
      isGone = true;
      peer.close(reason);
    },
    closed: closed.promise,
  };
}
