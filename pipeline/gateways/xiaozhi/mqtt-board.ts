import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { LinkDoor } from '../../link/door.ts';
import type { Observer } from '../../observer.ts';
import { deviceId } from '../devices.ts';
import type { MqttLink } from './broker.ts';
import type { BoardWire, Channel } from './channel.ts';
import { type Hello, helloReply, readHello } from './hello.ts';
import { readBoardMessage, withoutTokens } from './messages.ts';
import type { UdpListener, UdpSession } from './udp.ts';

export interface MqttBoardDeps {
  clock: Clock;
  observer: Observer;
  udp: UdpListener;
  links?: LinkDoor;
  audio: () => { sampleRate: 16000 | 24000; frameMs: 20 | 60 };
  /** Name or address that the board's datagrams go to. */
  server: () => string;
  idleUs: () => number;
  openChannel: (wire: BoardWire, hello: Hello) => Channel | null;
}

/** One board on MQTT: its JSON comes here, its audio over a UDP session that each hello opens anew (reference/voice.md §4.6). */
export class MqttBoard {
  readonly #link: MqttLink;
  readonly #deps: MqttBoardDeps;
  #session: { udp: UdpSession; channel: Channel; cancelIdle: () => void } | null = null;

  constructor(link: MqttLink, deps: MqttBoardDeps) {
    this.#link = link;
    this.#deps = deps;
  }

  receive(text: string): void {
    const receivedUs = this.#deps.clock.nowUs();
    const message = readBoardMessage(text);
    const channel = this.#session?.channel;
    if (message === null) {
      this.#record('up', 'malformed message', text.slice(0, 2000), { isUnknown: true, note: 'not a JSON object' });
    } else if (message.kind === 'hello') {
      this.#hello(readHello(message.body), text);
    } else if (channel?.isOpen === true) {
      // A goodbye of a session before is about nothing.
      if (message.kind === 'goodbye' && message.sessionId !== '' && message.sessionId !== channel.conversationId) {
        this.#record('up', 'goodbye', text, { note: 'of another session' });
      } else channel.receive(message, text, receivedUs);
    } else {
      this.#record('up', message.kind, text, { isUnknown: true, note: 'no session' });
      if (message.kind !== 'goodbye' && message.kind !== 'mcp') this.#goodbye(sessionOf(text));
    }
  }

  /** The connection is gone. */
  lost(): void {
    this.#drop('closed by the board');
  }

  /** A goodbye now would be taken for one to the session that is being opened. */
  #drop(reason: string): void {
    const session = this.#session;
    this.#session = null;
    session?.cancelIdle();
    session?.udp.close();
    session?.channel.end(reason);
  }

  #hello(hello: Hello, text: string): void {
    this.#drop('replaced by a new hello');
    const { udp, clock, links } = this.#deps;
    if (udp.listener.state !== 'listening') {
      this.#record('up', 'hello', text, { note: 'there is no UDP listener' });
      return;
    }
    let channel: Channel | null = null;
    const { device } = this.#link;
    const session = udp.open(
      (packet, receivedUs) => channel?.audio(packet, receivedUs),
      links && ((direction, bytes, deliver) => links.datagram(device, direction, bytes, deliver)),
    );
    const wire: BoardWire = {
      transport: 'udp',
      protocolVersion: 3,
      sendJson: (json) => this.#link.publish(json),
      sendAudio: (packet, timestampMs) => session.send(packet, timestampMs),
      bufferedBytes: () => 0,
      isReachable: () => session.isReachable(),
      close: () => {
        session.close();
        if (channel !== null) this.#goodbye(channel.conversationId);
      },
    };
    channel = this.#deps.openChannel(wire, hello);
    this.#record('up', 'hello', text, hello.notes.length > 0 ? { note: hello.notes.join('; ') } : {});
    if (channel === null) {
      session.close();
      return;
    }
    const opened = channel;
    let cancelTimer = () => {};
    const watch = () => {
      const dueUs = (session.lastUs + this.#deps.idleUs()) as MonoUs;
      cancelTimer = clock.at(dueUs, () => (clock.nowUs() - session.lastUs >= this.#deps.idleUs() ? opened.close('no datagrams') : watch()));
    };
    watch();
    void opened.closed.then(() => {
      cancelTimer();
      session.close();
    });
    this.#session = { udp: session, channel: opened, cancelIdle: () => cancelTimer() };
    const address = { server: this.#deps.server(), port: udp.listener.port, key: session.key, nonce: session.nonce };
    const reply = JSON.stringify(helloReply({ sessionId: opened.conversationId, ...this.#deps.audio(), udp: address }));
    this.#record('down', 'hello', reply);
    this.#link.publish(reply);
    opened.open();
  }

  #goodbye(sessionId: string): void {
    const text = JSON.stringify({ type: 'goodbye', session_id: sessionId });
    this.#record('down', 'goodbye', text);
    this.#link.publish(text);
  }

  #record(direction: 'up' | 'down', name: string, text: string, more: { isUnknown?: true; note?: string } = {}): void {
    const { clock, observer } = this.#deps;
    const conversation = this.#session === null ? {} : { conversationId: this.#session.channel.conversationId };
    observer.event({
      atUs: clock.nowUs(),
      kind: 'wire.message',
      ...conversation,
      gateway: 'xiaozhi',
      channel: 'mqtt',
      direction,
      name,
      deviceId: deviceId(this.#link.device),
      text: withoutTokens(text),
      ...more,
    });
  }
}

function sessionOf(text: string): string {
  const { session_id: session } = JSON.parse(text) as { session_id?: unknown };
  return typeof session === 'string' ? session.slice(0, 100) : '';
}
