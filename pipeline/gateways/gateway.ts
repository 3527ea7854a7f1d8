import type { ThingModel } from '../../preload/contract/agents.ts';
import type { ListenerState } from '../../preload/contract/core.ts';
import type { ConversationSettings, Settings } from '../../preload/contract/settings.ts';
import type { Clock } from '../../preload/contract/time.ts';
import type { Conversation, Engines, StartConversation } from '../conversation.ts';
import type { LinkDoor } from '../link/door.ts';
import type { Observer } from '../observer.ts';
import type { CloudAccounts } from './accounts.ts';
import type { ServerCallbacks } from './callbacks/server-callbacks.ts';
import type { DeviceName, DeviceRegistry } from './devices.ts';
import type { GatewayServer } from './http.ts';
import type { TlsIdentity } from './tls.ts';

/** What every vendor's gateway is given. It translates between a wire and conversations; it never decides turns. */
export interface GatewayDeps {
  clock: Clock;
  observer: Observer;
  settings: () => Settings;
  /** As they stand now, for a conversation of that device in that language. */
  conversationSettings: (device: DeviceName, language: 'zh' | 'en') => () => ConversationSettings;
  thingModelOf: (productId: string) => ThingModel;
  devices: DeviceRegistry;
  accounts: CloudAccounts;
  startConversation: StartConversation;
  /** Tells the user's backend (901–909). */
  callbacks: ServerCallbacks;
  /** For services that use an engine without a conversation. */
  engines: (language: 'zh' | 'en', settings: ConversationSettings) => Engines;
  /** The shared device-facing listener: mount a path on it rather than open a port. */
  http: GatewayServer;
  /** For ports of a gateway's own; null where TLS is off. */
  tls: TlsIdentity | null;
  /** Told whose connection is whose as soon as that is known, and asked whether it may come in. */
  links?: LinkDoor;
  log: { error(details: object, message: string): void; warn(details: object, message: string): void };
}

export interface Gateway {
  /** Those it opened itself; a failed one leaves the others working. */
  readonly listeners: readonly ListenerState[];
  /** The running conversation of that id, if this gateway has it. */
  conversation(conversationId: string): Conversation | undefined;
  /** Rejects with TalkError 'not-found' (no such connection), 'unsupported', 'bad-request'. */
  resend?(message: WireAgain): Promise<void>;
  close(): Promise<void>;
}

/** A message of a wire that is sent once more, maybe edited: down to its board, or up as if the board had sent it. */
export interface WireAgain {
  channel: 'mqtt' | 'websocket' | 'http' | 'tcp' | 'udp';
  direction: 'up' | 'down';
  /** As it was recorded: topic, path or type. */
  name: string;
  deviceId?: string;
  conversationId?: string;
  text?: string;
  /** Where the message was not text. */
  bytes?: Uint8Array;
}
