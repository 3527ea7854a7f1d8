import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CommandName,
  dataBlock,
  encodeRequest,
  opcodes,
  parseResponse,
  statusReason,
  syncPayload,
  words,
} from '../../../../../../main/core/flash/esp/commands.ts';
import { encodeSlip, SlipReader } from '../../../../../../main/core/flash/esp/slip.ts';
import { readTrace } from '../../../../../fakes/esptool-trace.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('loader commands on the wire', () => {
  it('are esptool’s, byte for byte', () => {
    expect(hex(encodeSlip(encodeRequest('sync', syncPayload)))).toBe(`c00008240000000000${'07071220'}${'55'.repeat(32)}c0`);
    expect(hex(encodeSlip(encodeRequest('readRegister', words(0x40001000))))).toBe('c0000a04000000000000100040c0');
    expect(hex(encodeSlip(encodeRequest('securityInfo')))).toBe('c00014000000000000c0');
    expect(hex(encodeSlip(encodeRequest('flashMd5', words(0x10000, 0x5dc, 0, 0))))).toBe(
      'c000131000000000000000' + '0100dc0500000000000000000000' + 'c0',
    );
  });

  it('checksum a block with the seed 0xEF and leave its header out', () => {
    const { data, checksum } = dataBlock(Uint8Array.of(0x01, 0x02, 0x04), 7);
    expect(checksum).toBe(0xef ^ 0x07);
    expect(hex(data)).toBe('03000000' + '07000000' + '00000000' + '00000000' + '010204');
  });

  it('read a response, and take nothing else for one', () => {
    expect(parseResponse(Buffer.from('010a0400831df00000000000', 'hex'))).toMatchObject({
      opcode: opcodes.readRegister,
      value: 0x00f01d83,
    });
    expect(parseResponse(Buffer.from('ESP-ROM:esp32s3-20210327'))).toBeNull();
    expect(parseResponse(encodeRequest('sync', syncPayload))).toBeNull(); // an echo
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => void parseResponse(noise)));
  });

  it('name the ROM’s and the stub’s refusals', () => {
    expect(statusReason(0x0107)).toBe('checksum mismatch');
    expect(statusReason(0xc700)).toBe('inflate failed');
    expect(statusReason(0x1234)).toBe('unknown error');
  });
});

const vectors = join(import.meta.dirname, '../../../../../../../shared/vectors');

describe.skipIf(!existsSync(vectors))('esptool 5.3.1 traces', () => {
  it.each(['esp32-rom-flash-id', 'esp32-rom-write', 'esp32-stub-write', 'esp32c3-stub-write'])('%s: encoded and decoded alike', (name) => {
    const events = readTrace(join(vectors, `esptool-trace-${name}.txt`));
    const [written, received] = (['written', 'received'] as const).map((way) =>
      events.filter(({ direction }) => direction === way).map(({ bytes }) => bytes),
    );
    if (written === undefined || received === undefined) throw new Error('no trace');
    expect(written.length).toBeGreaterThan(20);
    const names = new Map<number, CommandName>();
    for (const key of Object.keys(opcodes) as CommandName[]) names.set(opcodes[key], key);
    let encoded = 0;
    for (const wire of written) {
      const [request] = new SlipReader().push(wire);
      const command = names.get(request?.[1] ?? 0);
      if (request === undefined || command === undefined || request[0] !== 0) continue;
      const view = new DataView(request.buffer, request.byteOffset);
      const isBlock = command === 'flashData' || command === 'deflateData' || command === 'memoryData';
      const block = isBlock ? dataBlock(request.subarray(24), view.getUint32(12, true)) : null;
      const body = block?.data ?? request.subarray(8);
      expect(hex(encodeSlip(encodeRequest(command, body, block?.checksum ?? view.getUint32(4, true))))).toBe(hex(wire));
      encoded++;
    }
    expect(encoded).toBeGreaterThan(20);
    expect(received.filter((packet) => parseResponse(packet) !== null).length).toBeGreaterThan(20);
  });
});
