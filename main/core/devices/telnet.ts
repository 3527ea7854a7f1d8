/** Telnet framing (RFC 854, 855): the part of rfc2217.ts that is only bytes. */
export const telnet = { iac: 255, dont: 254, do: 253, wont: 252, will: 251, sb: 250, se: 240 } as const;

export type TelnetItem =
  | { kind: 'data'; bytes: Uint8Array }
  /** DO, DONT, WILL or WONT, and about which option. */
  | { kind: 'negotiate'; verb: number; option: number }
  /** IAC SB … IAC SE, unescaped; the first byte is the option. */
  | { kind: 'subnegotiation'; bytes: Uint8Array };

/** A peer that never ends its subnegotiation must not fill memory; COM-PORT-OPTION's longest is a signature text. */
const MAX_SUBNEGOTIATION_BYTES = 4096;

type State = 'data' | 'iac' | 'option' | 'sb' | 'sb-iac';

/** Splits a byte stream, cut anywhere, into data and commands, in order. */
export class TelnetDecoder {
  #state: State = 'data';
  #verb = 0;
  #subnegotiation: number[] = [];

  push(bytes: Uint8Array): TelnetItem[] {
    const items: TelnetItem[] = [];
    let data: number[] = [];
    const endData = () => {
      if (data.length > 0) items.push({ kind: 'data', bytes: Uint8Array.from(data) });
      data = [];
    };
    for (const byte of bytes) {
      switch (this.#state) {
        case 'data':
          if (byte === telnet.iac) this.#state = 'iac';
          else data.push(byte);
          break;
        case 'iac':
          if (byte === telnet.iac) {
            data.push(byte);
            this.#state = 'data';
          } else if (byte === telnet.sb) {
            this.#subnegotiation = [];
            this.#state = 'sb';
          } else if (byte >= telnet.will) {
            this.#verb = byte;
            this.#state = 'option';
          } else this.#state = 'data'; // NOP, AYT and other two-byte commands mean nothing here
          break;
        case 'option':
          endData();
          items.push({ kind: 'negotiate', verb: this.#verb, option: byte });
          this.#state = 'data';
          break;
        case 'sb':
          if (byte === telnet.iac) this.#state = 'sb-iac';
          else if (this.#subnegotiation.length < MAX_SUBNEGOTIATION_BYTES) this.#subnegotiation.push(byte);
          break;
        case 'sb-iac':
          if (byte === telnet.iac) {
            this.#subnegotiation.push(byte);
            this.#state = 'sb';
          } else {
            // SE ends it; anything else is a broken peer, and what was gathered is still the best reading.
            endData();
            items.push({ kind: 'subnegotiation', bytes: Uint8Array.from(this.#subnegotiation) });
            this.#state = 'data';
          }
          break;
      }
    }
    endData();
    return items;
  }
}

/** Doubles each 255 so that data is never taken for a command. */
export function escapeTelnet(data: Uint8Array): Uint8Array {
  if (!data.includes(telnet.iac)) return data;
  const out: number[] = [];
  for (const byte of data) {
    out.push(byte);
    if (byte === telnet.iac) out.push(byte);
  }
  return Uint8Array.from(out);
}

export function negotiation(verb: number, option: number): number[] {
  return [telnet.iac, verb, option];
}

export function subnegotiation(option: number, body: readonly number[]): number[] {
  return [telnet.iac, telnet.sb, option, ...escapeTelnet(Uint8Array.from(body)), telnet.iac, telnet.se];
}
