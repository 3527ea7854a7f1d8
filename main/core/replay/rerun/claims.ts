import type { Conversation, ConversationOptions, ConversationPeer, Engines, StartConversation } from '../../../../pipeline/conversation.ts';
import type { DeviceName } from '../../../../pipeline/gateways/devices.ts';
import { deviceId } from '../../../../pipeline/gateways/devices.ts';
import type { Observer } from '../../../../pipeline/observer.ts';
import type { AudioPacket, PipelineEvent } from '../../../../preload/contract/events.ts';
import type { ConversationSettings } from '../../../../preload/contract/settings.ts';
import type { AgentService } from '../../agents/agents.ts';
import type { Recorder } from '../../sessions/recorder.ts';

/** A virtual device of a re-run: what its conversation runs with, and where it is recorded. */
export interface Claim {
  device: DeviceName;
  recorder: Pick<Recorder, 'event' | 'packet'>;
  /** What a device of that name has on this bench, before its gateway adapts it; undefined: what its own name has. */
  ofDevice: (() => ConversationSettings) | undefined;
  /** What it would have, and what it is to have: the same object for the same one, as turn-taking sees a change in another. */
  settings(of: ConversationSettings): ConversationSettings;
  /** Engines are those of the settings, also where the request brought its own. */
  hasOwnEngines: boolean;
  onConversation(conversation: Conversation): void;
  onEvent(event: PipelineEvent): void;
}

/**
 * What a device's conversations have in place of their own, also those that are open: from their next turn on, and until it is taken back.
 * They are recorded as ever. Each gives the same object for the same one.
 */
export interface Adjustment {
  device: DeviceName;
  settings(of: ConversationSettings): ConversationSettings;
  engines(of: Engines): Engines;
}

type SettingsOf = AgentService['conversationSettings'];

/**
 * Re-runs beside what the bench records anyway: whatever their devices do goes into sessions of their own, and their conversations have
 * settings of their own. The session that is being recorded goes on undisturbed. And checks, which only adjust what a device's conversations
 * have and are part of that session.
 */
export class RerunClaims {
  readonly #recorder: Recorder;
  readonly #claims = new Map<string, Claim>();
  readonly #conversations = new Map<string, Claim>();
  readonly #adjustments = new Map<string, Adjustment>();
  /** Of the conversations that are open. */
  readonly #peers = new Map<string, ConversationPeer>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** From now on that device is the claim's. Returns the end of it. */
  claim(claim: Claim): () => void {
    const id = deviceId(claim.device);
    this.#claims.set(id, claim);
    return () => {
      this.#claims.delete(id);
      for (const [conversationId, its] of this.#conversations) if (its === claim) this.#conversations.delete(conversationId);
    };
  }

  /** In place of one that the device had before. Returns the end of it. */
  adjust(adjustment: Adjustment): () => void {
    const id = deviceId(adjustment.device);
    this.#adjustments.set(id, adjustment);
    return () => {
      if (this.#adjustments.get(id) === adjustment) this.#adjustments.delete(id);
    };
  }

  /** The far end of an open conversation, whichever gateway has it. */
  peerOf(conversationId: string): ConversationPeer | undefined {
    return this.#peers.get(conversationId);
  }

  /** What a conversation has, as it is adjusted now. */
  enginesOver(device: DeviceName, engines: Engines): Engines {
    return this.#adjustments.get(deviceId(device))?.engines(engines) ?? engines;
  }

  /** The recorder of the session under way, and those of the re-runs for what is theirs. */
  readonly observer: Observer = {
    event: (event) => {
      const claim = this.#of(event);
      if (claim === undefined) {
        // So that a session runs before anyone asks which one a conversation belongs to.
        if (event.kind === 'conversation.opened') this.#recorder.ensureSession();
        this.#recorder.event(event);
        return;
      }
      claim.recorder.event(event);
      claim.onEvent(event);
    },
    packet: (packet: AudioPacket) => (this.#conversations.get(packet.conversationId)?.recorder ?? this.#recorder).packet(packet),
  };

  /** Claimed devices have what their claim says. */
  settingsOver(settingsOf: SettingsOf): SettingsOf {
    return (device, language) => this.#claims.get(deviceId(device))?.ofDevice ?? settingsOf(device, language);
  }

  over(start: StartConversation): StartConversation {
    return (options, peer) => {
      const claim = this.#claims.get(deviceId(options));
      if (claim === undefined) return this.#started(start, options, peer);
      this.#conversations.set(options.conversationId, claim);
      const settings = () => claim.settings(options.settings());
      const { engines: _engines, ...own } = options;
      const claimed: ConversationOptions = claim.hasOwnEngines ? { ...own, settings } : { ...options, settings };
      const conversation = start(claimed, peer);
      claim.onConversation(conversation);
      return conversation;
    };
  }

  #started(start: StartConversation, options: ConversationOptions, peer: ConversationPeer): Conversation {
    const { conversationId, engines } = options;
    const adjusted: ConversationOptions = {
      ...options,
      settings: () => this.#adjustments.get(deviceId(options))?.settings(options.settings()) ?? options.settings(),
      ...(engines !== undefined && { engines: () => this.enginesOver(options, engines()) }),
    };
    this.#peers.set(conversationId, peer);
    const over = () => void this.#peers.delete(conversationId);
    try {
      const conversation = start(adjusted, peer);
      conversation.closed.then(over, over);
      return conversation;
    } catch (error) {
      over();
      throw error;
    }
  }

  #of(event: PipelineEvent): Claim | undefined {
    if (this.#claims.size === 0) return undefined;
    if ('conversationId' in event && event.conversationId !== undefined) {
      const known = this.#conversations.get(event.conversationId);
      if (known !== undefined) return known;
    }
    if (event.kind === 'wire.message') return event.deviceId === undefined ? undefined : this.#claims.get(event.deviceId);
    return 'productId' in event ? this.#claims.get(deviceId(event)) : undefined;
  }
}
