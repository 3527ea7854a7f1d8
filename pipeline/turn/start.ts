import { TalkError } from '../../preload/contract/errors.ts';
import type { MonoUs } from '../../preload/contract/time.ts';
import { createAgent } from '../agent/agent.ts';
import { recordableAgent } from '../agent/recordable.ts';
import { Pacer } from '../audio/pacer.ts';
import type { Conversation, ConversationDeps, ConversationOptions, ConversationPeer, StartConversation } from '../conversation.ts';
import { createStreamEncoder } from './codec.ts';
import { TurnController } from './controller.ts';
import { HalfDuplex } from './half-duplex.ts';
import { createHearing } from './hearing/hearing.ts';
import { IdleDetection } from './idle.ts';
import { LiveConfiguration } from './live.ts';
import { Preemption } from './preempt.ts';
import { reply } from './reply.ts';
import { asTalkError } from './stage.ts';
import { createTelling } from './telling.ts';

/** A socket that holds more than this many packets is not fed. */
const CLOGGED_PACKETS = 3;
/** Until the first packet is known: 60 ms of PCM. */
const MOST_PACKET_BYTES = 1920;

/** The conversations of one core: every gateway calls the result for each voice connection it gets. */
export function createStartConversation(deps: ConversationDeps): StartConversation {
  return (options, peer) => startConversation(deps, options, peer);
}

function startConversation(deps: ConversationDeps, options: ConversationOptions, peer: ConversationPeer): Conversation {
  const { clock, observer } = deps;
  const { conversationId, language } = options;
  const openedUs = clock.nowUs();
  const session = new AbortController();
  let isGone = false;
  // The board may go in the middle of a word to it, and there is no further one then.
  const tell: ConversationPeer['tell'] = (message) => isGone || peer.tell(message);
  const telling = createTelling({ clock, observer, peer: { tell }, conversationId });
  const enginesNow = options.engines ?? deps.engines;
  const configuration = new LiveConfiguration({ read: () => ({ settings: options.settings(), engines: enginesNow() }), telling });
  const { settings, engines } = configuration.current;
  const agent = createAgent({
    clock,
    conversationId,
    device: { productId: options.productId, deviceName: options.deviceName },
    language,
    settings: () => configuration.current.settings,
    variables: options.variables,
    peer: { tools: () => peer.tools(), callTool: (name, parameters, signal) => peer.callTool(name, parameters, signal), tell },
    llm: () => configuration.current.engines.llm,
    ...(deps.resources !== undefined && { resources: deps.resources }),
    ...(deps.quitting !== undefined && { quitting: deps.quitting }),
    telling,
    signal: session.signal,
    onDue: (text) => controller.sayWhenQuiet(text),
  });
  const encoder = createStreamEncoder(options.downlink, settings.downlink.bitrate, deps.encoders);
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
    settings: {
      turns: settings.turns,
      downlink: settings.downlink,
      frontEnd: settings.frontEnd,
      voice: settings.voice,
      conversation: settings.conversation,
      agent: recordableAgent(settings.agent),
    },
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
    encoder,
    onUnencodable: (error) => engineError('transport', asTalkError(error, 'transport', options.gateway)),
    send(packet, playUs) {
      const mediaUs = playUs - openedUs;
      packetBytes = packet.byteLength;
      try {
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

  const caller = {
    ...{ conversationId, productId: options.productId, deviceName: options.deviceName },
    ...(options.caller !== undefined && { room: options.caller }),
  };
  const deviceDelayUs = settings.downlink.deviceDelayMs * 1000;
  const idle = new IdleDetection({
    clock,
    settings: () => configuration.current.settings.conversation,
    telling,
    text(retry) {
      configuration.read();
      return agent.idleText(retry);
    },
    say: (text) => controller.remind(text),
    end: () => close('idle'),
  });
  const onDeaf = (isDeaf: boolean, atUs: number) => hearing.setDeaf(isDeaf, atUs);
  const controller: TurnController = new TurnController({
    clock,
    telling,
    pacer,
    agent,
    configuration,
    deviceDelayUs,
    idle,
    halfDuplex: new HalfDuplex({ clock, pacer, deviceDelayUs, onDeaf }),
    reply: (turn, round, source) =>
      reply(turn, round, source, {
        clock,
        language,
        agent,
        caller,
        pacer,
        frameMs: options.downlink.frameMs,
        telling,
        onSentence: (turn, chunk, playUs) => controller.sentenceStarted(turn, chunk, playUs),
        onLeadKnown: (turn, leadUs) => controller.leadKnown(turn, leadUs),
        onTools: (settled) => idle.toolsRun(settled),
        onFailure: (turn, stage, error) => controller.failed(turn, stage, error),
      }),
    preempt: (turn) => new Preemption(turn, { clock, language, agent, caller, telling }),
    onReplyEnded: () => hearing.replyEnded(),
  });

  // While a turn runs, nothing changes; with nobody speaking, an utterance begins with what stands then.
  const asHeard = () => (controller.isBetweenTurns() ? configuration.read() : configuration.current);
  const hearing = createHearing({
    clock,
    format: options.uplink,
    language,
    device: { productId: options.productId, deviceName: options.deviceName },
    settings: () => asHeard().settings,
    engines: () => asHeard().engines,
    telling,
    signal: session.signal,
    host: controller,
    onPacket: (packet) => observePacket({ conversationId, ...packet }),
  });

  // The caller must have the conversation before its peer is told anything.
  queueMicrotask(() => controller.open(agent.greeting()));

  const closed = Promise.withResolvers<void>();
  let isClosing = false;
  const { sessionTimeoutS } = settings.conversation;
  // The documents say that the session ends then: also in the middle of a reply.
  const cancelTimeout =
    sessionTimeoutS > 0 ? clock.at((openedUs + sessionTimeoutS * 1_000_000) as MonoUs, () => close('session-timeout')) : () => {};

  function close(reason: string): void {
    if (isClosing) return;
    isClosing = true;
    cancelTimeout();
    hearing.close();
    controller.close();
    session.abort(new TalkError('cancelled'));
    telling.event({ kind: 'conversation.closed', reason });
    void Promise.all([controller.drained(), agent.close()]).then(() => {
      encoder.close();
      closed.resolve();
    });
    isGone = true;
    peer.close(reason);
  }

  return {
    conversationId,
    get state() {
      return controller.state;
    },
    uplink: (packet: Uint8Array, receivedUs: MonoUs) => hearing.receive(packet, receivedUs),
    text(text, { initiator, isSpoken }) {
      // What says nothing takes nobody's turn.
      if (text.trim() === '') return;
      hearing.discard();
      controller.text(text, initiator, isSpoken);
    },
    say(text) {
      if (text.trim() === '') return;
      hearing.discard();
      controller.say(text);
    },
    image(image, question) {
      try {
        controller.image(image);
      } catch (error) {
        engineError('transport', asTalkError(error, 'transport', options.gateway));
        return;
      }
      if (question === undefined || question.trim() === '') return;
      hearing.discard();
      controller.text(question, 'user-text', true);
    },
    listen: (state, receivedUs) => hearing.listen(state, receivedUs),
    setIdleDetection: (isOn) => (isOn ? idle.resume('board') : idle.suspend('board')),
    interrupt: (reason) => controller.interrupt(reason),
    playout: (report) => controller.playout(report),
    close,
    closed: closed.promise,
  };
}
